import Glibc

/// All ways to cut words into the pieces of a unigram model that is being trained: probabilities of each piece
/// (forward-backward), the best way, and the second best.
struct UnigramLattice {
    let trie: ByteTrie
    let scores: [Double]
    /// The piece for characters that are no piece themselves.
    static let unknown: Int32 = 0

    private let unknownScore: Double

    init(_ pieces: [UnigramTrainer.Piece]) {
        trie = ByteTrie(pieces.map(\.spelling), values: pieces.indices.map(Int32.init))
        scores = pieces.map(\.score)
        unknownScore = pieces.reduce(Double.infinity) { $1.score < $0 ? $1.score : $0 } - 10
    }

    struct Edge {
        var start: Int32
        var end: Int32
        var piece: Int32
        var score: Double
    }

    /// What a word needs while it is looked at; kept between words.
    struct Scratch {
        var edges: [Edge] = []
        var alpha: [Double] = []
        var beta: [Double] = []
        var isReached: [Bool] = []
        /// By edge: the score of the best way up to its end, and the edge before it on that way.
        var best: [Double] = []
        var before: [Int32] = []
        /// The edges that end at each place, as lists.
        var firstEdge: [Int32] = []
        var lastEdge: [Int32] = []
        var nextEdge: [Int32] = []
        var agenda = HypothesisHeap()
        var taken: [Hypothesis] = []
    }

    /// Lists the pieces that fit anywhere, by where they begin.
    func fill(_ word: UnsafeBufferPointer<UInt8>, _ scratch: inout Scratch) {
        scratch.edges.removeAll(keepingCapacity: true)
        trie.units.withUnsafeBufferPointer { units in
            var start = 0
            while start < word.count {
                let length = characterLength(word, start)
                var single = false
                var node = ByteTrie.root
                var end = start
                while end < word.count, let next = ByteTrie.step(units, node, word[end]) {
                    node = next
                    end += 1
                    let piece = units[Int(node)].value
                    guard piece >= 0 else { continue }
                    scratch.edges.append(
                        Edge(start: Int32(start), end: Int32(end), piece: piece, score: scores[Int(piece)]))
                    if end - start == length { single = true }
                }
                if !single {
                    scratch.edges.append(
                        Edge(
                            start: Int32(start), end: Int32(start + length), piece: UnigramLattice.unknown,
                            score: unknownScore))
                }
                start += length
            }
        }
    }

    /// log(eˣ + eʸ)
    @inline(__always)
    private static func logSum(_ x: Double, _ y: Double) -> Double {
        let low = min(x, y)
        let high = max(x, y)
        return high > low + 50 ? high : high + log(exp(low - high) + 1)
    }

    /// Adds to `expected` how often each piece is to be expected in `frequency` occurrences of the word that was
    /// filled in; returns the word's log-likelihood times `frequency`.
    func addExpectations(_ size: Int, frequency: Double, _ scratch: inout Scratch, _ expected: inout [Double]) -> Double
    {
        scratch.alpha.removeAll(keepingCapacity: true)
        scratch.beta.removeAll(keepingCapacity: true)
        scratch.isReached.removeAll(keepingCapacity: true)
        scratch.alpha.append(contentsOf: repeatElement(0, count: size + 1))
        scratch.beta.append(contentsOf: repeatElement(0, count: size + 1))
        scratch.isReached.append(contentsOf: repeatElement(false, count: size + 1))
        scratch.isReached[0] = true
        for edge in scratch.edges {
            let value = edge.score + scratch.alpha[Int(edge.start)]
            let end = Int(edge.end)
            scratch.alpha[end] = scratch.isReached[end] ? UnigramLattice.logSum(scratch.alpha[end], value) : value
            scratch.isReached[end] = true
        }
        for index in 0..<size { scratch.isReached[index] = false }
        scratch.isReached[size] = true
        // From the end, and of the pieces that begin at one place the shortest first.
        var high = scratch.edges.count
        while high > 0 {
            let start = Int(scratch.edges[high - 1].start)
            var low = high
            while low > 0, Int(scratch.edges[low - 1].start) == start { low -= 1 }
            for edge in scratch.edges[low..<high] {
                let value = edge.score + scratch.beta[Int(edge.end)]
                scratch.beta[start] =
                    scratch.isReached[start] ? UnigramLattice.logSum(scratch.beta[start], value) : value
                scratch.isReached[start] = true
            }
            high = low
        }
        let total = scratch.alpha[size]
        for edge in scratch.edges {
            let log = scratch.alpha[Int(edge.start)] + edge.score + scratch.beta[Int(edge.end)] - total
            expected[Int(edge.piece)] += frequency * exp(log)
        }
        return frequency * total
    }

    /// The pieces of the best way through the word that was filled in, from its end.
    ///
    /// Each piece is compared with its own score added, as the tokenizers package does: ways that are equally likely
    /// differ by rounding only, and which of them wins decides what is pruned.
    func bestPath(_ size: Int, _ scratch: inout Scratch, _ visit: (Int) -> Void) {
        let count = scratch.edges.count
        scratch.firstEdge.removeAll(keepingCapacity: true)
        scratch.lastEdge.removeAll(keepingCapacity: true)
        scratch.best.removeAll(keepingCapacity: true)
        scratch.before.removeAll(keepingCapacity: true)
        scratch.nextEdge.removeAll(keepingCapacity: true)
        scratch.firstEdge.append(contentsOf: repeatElement(-1, count: size + 1))
        scratch.lastEdge.append(contentsOf: repeatElement(-1, count: size + 1))
        scratch.best.append(contentsOf: repeatElement(0, count: count))
        scratch.before.append(contentsOf: repeatElement(-1, count: count))
        scratch.nextEdge.append(contentsOf: repeatElement(-1, count: count))
        func best(before position: Int, _ score: Double) -> (edge: Int, score: Double) {
            guard position > 0 else { return (-1, score) }
            var result = (edge: -1, score: 0.0)
            var edge = Int(scratch.firstEdge[position])
            while edge >= 0 {
                let sum = scratch.best[edge] + score
                if result.edge < 0 || sum > result.score { result = (edge, sum) }
                edge = Int(scratch.nextEdge[edge])
            }
            return result
        }
        for number in 0..<count {
            let edge = scratch.edges[number]
            let found = best(before: Int(edge.start), edge.score)
            scratch.best[number] = found.score
            scratch.before[number] = Int32(found.edge)
            let end = Int(edge.end)
            if scratch.lastEdge[end] < 0 {
                scratch.firstEdge[end] = Int32(number)
            } else {
                scratch.nextEdge[Int(scratch.lastEdge[end])] = Int32(number)
            }
            scratch.lastEdge[end] = Int32(number)
        }
        var edge = best(before: size, 0).edge
        while edge >= 0 {
            visit(Int(scratch.edges[edge].piece))
            edge = Int(scratch.before[edge])
        }
    }

    /// The two best ways through the word that was filled in (A* from the end, with the best scores as bounds).
    func twoBest(_ size: Int, _ scratch: inout Scratch) -> [[Int]] {
        bestPath(size, &scratch) { _ in }
        scratch.agenda.removeAll()
        scratch.taken.removeAll(keepingCapacity: true)
        scratch.agenda.push(Hypothesis(total: 0, score: 0, position: Int32(size), edge: -1, next: -1))
        var paths: [[Int]] = []
        while let top = scratch.agenda.pop() {
            if top.position < 0 {
                paths.append(path(from: top, scratch))
                if paths.count == 2 { break }
                continue
            }
            scratch.taken.append(top)
            let next = Int32(scratch.taken.count - 1)
            if top.position == 0 {
                // Whole; it still has to come out before all others.
                scratch.agenda.push(Hypothesis(total: top.score, score: top.score, position: -1, edge: -1, next: next))
            }
            var edge = scratch.firstEdge[Int(top.position)]
            while edge >= 0 {
                scratch.agenda.push(
                    Hypothesis(
                        total: scratch.best[Int(edge)] + top.score, score: scratch.edges[Int(edge)].score + top.score,
                        position: scratch.edges[Int(edge)].start, edge: edge, next: next))
                edge = scratch.nextEdge[Int(edge)]
            }
            if scratch.agenda.count > UnigramLattice.longestAgenda { shorten(&scratch.agenda) }
        }
        return paths
    }

    private static let longestAgenda = 100_000

    private func path(from whole: Hypothesis, _ scratch: Scratch) -> [Int] {
        var path: [Int] = []
        var next = whole.next
        while next >= 0, scratch.taken[Int(next)].edge >= 0 {
            path.append(Int(scratch.edges[Int(scratch.taken[Int(next)].edge)].piece))
            next = scratch.taken[Int(next)].next
        }
        return path
    }

    /// Keeps the twenty best.
    private func shorten(_ agenda: inout HypothesisHeap) {
        var kept = HypothesisHeap()
        for _ in 0..<20 {
            if let best = agenda.pop() { kept.push(best) }
        }
        agenda = kept
    }
}
