import Dispatch
import Glibc

/// Learns a unigram model (Kudo 2018) from words and their counts: it begins with all repeated substrings, estimates
/// their probabilities by expectation maximisation, and drops those that the likelihood needs least, until the
/// vocabulary has the size that was asked for.
///
/// Follows the tokenizers package's `UnigramTrainer` step by step and gives its pieces. Sums run over the words in another
/// order there (that of a hash table), so scores agree but for rounding.
public struct UnigramTrainer: Sendable {
    public struct Piece: Sendable, Equatable {
        public var spelling: [UInt8]
        public var score: Double
    }

    public struct Result: Sendable {
        public var pieces: [Piece]
        public var unknown: TokenID?
    }

    public var vocabularySize = 8_000
    public var subIterations = 2
    public var shrinkingFactor = 0.75
    public var specialTokens: [[UInt8]] = []
    public var initialAlphabet: Set<UInt32> = []
    /// The unknown token; put first where the special tokens do not have it.
    public var unknownToken: [UInt8]?
    public var maximumPieceLength = 16
    public var seedSize = 1_000_000
    public var threads = 2

    public init() {}

    public enum Problem: Error, Sendable, CustomStringConvertible {
        case vocabularyTooSmall(size: Int, characters: Int)

        public var description: String {
            switch self {
            case .vocabularyTooSmall(let size, let characters):
                "a vocabulary of \(size) is too small for the \(characters) characters of the text; "
                    + "ask for a larger one"
            }
        }
    }

    private typealias Word = (word: [UInt8], count: Int)

    public func train(_ words: WordCounts, progress: ((Int, Int) -> Void)? = nil) throws(Problem) -> Result {
        let words = words.sorted()
        let required = requiredCharacters(words)
        guard required.count <= vocabularySize else {
            throw Problem.vocabularyTooSmall(size: vocabularySize, characters: required.count)
        }
        var pieces = [Piece(spelling: Array("<UNK>".utf8), score: .nan)] + seeds(words)
        let desired = vocabularySize * 11 / 10
        let loops = max(0, Int((log(Double(desired)) - log(Double(pieces.count))) / log(shrinkingFactor))) + 1
        var done = 0
        while true {
            for _ in 0..<max(1, subIterations) {
                let expected = expectations(UnigramLattice(pieces), words, pieces.count)
                pieces = maximised(pieces, expected)
                done += 1
                progress?(done, max(done, loops * subIterations))
            }
            if pieces.count <= desired { break }
            let pruned = pruned(pieces, words)
            // Where nothing more can go, going on would never end.
            guard pruned.count < pieces.count else { break }
            pieces = pruned
        }
        return finished(pieces, required)
    }

    private func characters(of word: [UInt8]) -> [UInt32] {
        word.withUnsafeBufferPointer { bytes in
            var result: [UInt32] = []
            var index = 0
            while index < bytes.count {
                let (value, length) = character(bytes, index)
                result.append(value)
                index += length
            }
            return result
        }
    }

    private func requiredCharacters(_ words: [Word]) -> [UInt32] {
        var result = initialAlphabet
        for (word, _) in words { result.formUnion(characters(of: word)) }
        return result.sorted()
    }

    private func seeds(_ words: [Word]) -> [Piece] {
        var text: [UInt32] = []
        var counts: [UInt32: Int] = [:]
        for (word, count) in words {
            for value in characters(of: word) {
                text.append(value)
                if value != 0 { counts[value, default: 0] += count }
            }
            text.append(0)
        }
        var pieces: [(spelling: [UInt8], score: Double)] = []
        func spelling(_ values: ArraySlice<UInt32>) -> [UInt8] {
            var bytes: [UInt8] = []
            for value in values { bytes.append(character: value) }
            return bytes
        }
        let ordered = counts.sorted { $0.value > $1.value || ($0.value == $1.value && $0.key > $1.key) }
        for (value, count) in ordered { pieces.append((spelling([value]), Double(count))) }
        var found = RepeatedSubstrings.find(in: text, longest: maximumPieceLength)
        found.sort { a, b in
            let (x, y) = (a.count * a.length, b.count * b.length)
            if x != y { return x > y }
            return text[b.start..<b.start + b.length].lexicographicallyPrecedes(text[a.start..<a.start + a.length])
        }
        for substring in found {
            if pieces.count >= seedSize { break }
            let score = Double(substring.count * substring.length)
            pieces.append((spelling(text[substring.start..<substring.start + substring.length]), score))
        }
        let sum = log(pieces.reduce(0) { $0 + $1.score })
        return pieces.map { Piece(spelling: $0.spelling, score: log($0.score) - sum) }
    }

    /// Runs `body` over stretches of the words, one a thread, and returns what each gave.
    private func inParallel<Part: Sendable>(
        _ words: [Word], _ body: @Sendable @escaping (Range<Int>) -> Part
    ) -> [Part] {
        let threads = max(1, min(threads, words.count))
        let size = (words.count + threads - 1) / max(1, threads)
        let results = PartialResults<Part>(count: threads)
        DispatchQueue.concurrentPerform(iterations: threads) { index in
            let low = min(words.count, index * size)
            results.set(index, body(low..<min(words.count, low + size)))
        }
        return results.values
    }

    private func expectations(_ lattice: UnigramLattice, _ words: [Word], _ count: Int) -> [Double] {
        let parts = inParallel(words) { range in
            var expected = [Double](repeating: 0, count: count)
            var scratch = UnigramLattice.Scratch()
            for (word, frequency) in words[range] {
                word.withUnsafeBufferPointer { lattice.fill($0, &scratch) }
                _ = lattice.addExpectations(word.count, frequency: Double(frequency), &scratch, &expected)
            }
            return expected
        }
        guard var sum = parts.first else { return [] }
        for part in parts.dropFirst() { for index in sum.indices { sum[index] += part[index] } }
        return sum
    }

    private func maximised(_ pieces: [Piece], _ expected: [Double]) -> [Piece] {
        var result: [Piece] = []
        var sum = 0.0
        for (index, piece) in pieces.enumerated() {
            if index == 0 {
                result.append(Piece(spelling: piece.spelling, score: .nan))
            } else if expected[index] >= 0.5 {
                result.append(Piece(spelling: piece.spelling, score: expected[index]))
                sum += expected[index]
            }
        }
        // The digamma function makes this a sparse prior: "Bayesianified" EM.
        let logSum = UnigramTrainer.digamma(sum)
        for index in result.indices { result[index].score = UnigramTrainer.digamma(result[index].score) - logSum }
        return result
    }

    private static func digamma(_ x: Double) -> Double {
        var x = x
        var result = 0.0
        while x < 7 {
            result -= 1 / x
            x += 1
        }
        x -= 0.5
        let y = 1 / x
        let y2 = y * y
        let y4 = y2 * y2
        // One sum, in the order of the reference: equal losses are told apart by their last bits.
        let head = log(x) + (1.0 / 24.0) * y2 - 7.0 / 960.0 * y4
        return result + (head + (31.0 / 8064.0) * y4 * y2 - (127.0 / 30720.0) * y4 * y4)
    }

    private func pruned(_ pieces: [Piece], _ words: [Word]) -> [Piece] {
        let lattice = UnigramLattice(pieces)
        var alwaysKeep = [Bool](repeating: true, count: pieces.count)
        var alternatives = [[Int]](repeating: [], count: pieces.count)
        alwaysKeep[0] = false
        var scratch = UnigramLattice.Scratch()
        for id in pieces.indices.dropFirst() {
            pieces[id].spelling.withUnsafeBufferPointer { lattice.fill($0, &scratch) }
            let best = lattice.twoBest(pieces[id].spelling.count, &scratch)
            guard best.count == 2 else { continue }
            alwaysKeep[id] = best[0].count == 1
            if best[0].count == 1 { alternatives[id] = best[1] }
        }
        let parts = inParallel(words) { range in
            var frequency = [Double](repeating: 0, count: pieces.count)
            var scratch = UnigramLattice.Scratch()
            for (word, count) in words[range] {
                word.withUnsafeBufferPointer { lattice.fill($0, &scratch) }
                lattice.bestPath(word.count, &scratch) { frequency[$0] += Double(count) }
            }
            return frequency
        }
        var frequency = [Double](repeating: 0, count: pieces.count)
        for part in parts { for id in pieces.indices { frequency[id] += part[id] } }
        let total = Double(words.reduce(0) { $0 + $1.count })
        let sum = frequency.reduce(0, +)
        let logSum = log(sum)
        var kept = [pieces[0]]
        var candidates: [(id: Int, loss: Double)] = []
        for id in pieces.indices.dropFirst() {
            if frequency[id] == 0, !alwaysKeep[id] { continue }
            if alternatives[id].isEmpty {
                kept.append(pieces[id])
                continue
            }
            guard frequency[id] > 0 else { continue }
            // What the likelihood loses when all occurrences are written with the alternative instead.
            let logPiece = log(frequency[id]) - logSum
            // The tokenizers package counts all pieces here where its paper counts those of the alternative; so the same.
            let logAlternativeSum = log(sum + frequency[id] * Double(pieces.count - 1))
            let logAlternative = alternatives[id].reduce(0.0) {
                $0 + log(frequency[$1] + frequency[id]) - logAlternativeSum
            }
            candidates.append((id, frequency[id] / total * (logPiece - logAlternative)))
        }
        let size = max(vocabularySize * 11 / 10, Int(Double(pieces.count) * shrinkingFactor))
        candidates.sort { $0.loss > $1.loss || ($0.loss == $1.loss && $0.id < $1.id) }
        for candidate in candidates {
            if kept.count == size { break }
            kept.append(pieces[candidate.id])
        }
        return kept
    }

    private func finished(_ pieces: [Piece], _ required: [UInt32]) -> Result {
        var result: [Piece] = []
        var inserted: Set<[UInt8]> = [Array("<UNK>".utf8)]
        var known: [[UInt8]: Double] = [:]
        for piece in pieces { known[piece.spelling] = piece.score }
        let lowest = pieces.reduce(Double.infinity) { $1.score < $0 ? $1.score : $0 }
        var penalty = 0.0
        for value in required {
            var spelling: [UInt8] = []
            spelling.append(character: value)
            inserted.insert(spelling)
            if let score = known[spelling] {
                result.append(Piece(spelling: spelling, score: score))
            } else {
                result.append(Piece(spelling: spelling, score: lowest + penalty))
                penalty += 0.0001
            }
        }
        var unknown: TokenID?
        var special = specialTokens
        if let unknownToken {
            unknown = TokenID(specialTokens.firstIndex(of: unknownToken) ?? 0)
            if !specialTokens.contains(unknownToken) { special.insert(unknownToken, at: 0) }
        }
        let size = vocabularySize - special.count
        for piece in pieces where inserted.insert(piece.spelling).inserted {
            result.append(Piece(spelling: piece.spelling, score: piece.score.isNaN ? 0 : piece.score))
            if result.count == size { break }
        }
        // Stable, as the package's sort is.
        let order = result.indices.sorted {
            result[$0].score > result[$1].score || (result[$0].score == result[$1].score && $0 < $1)
        }
        return Result(
            pieces: special.map { Piece(spelling: $0, score: 0) } + order.map { result[$0] }, unknown: unknown)
    }
}

/// The results of threads, each with a place of its own.
///
/// Unchecked: each index is written by one thread only, and read once all are done.
private final class PartialResults<Value: Sendable>: @unchecked Sendable {
    private let storage: UnsafeMutablePointer<Value?>
    private let count: Int

    init(count: Int) {
        self.count = count
        storage = .allocate(capacity: count)
        storage.initialize(repeating: nil, count: count)
    }

    deinit {
        storage.deinitialize(count: count)
        storage.deallocate()
    }

    func set(_ index: Int, _ value: Value) { storage[index] = value }
    var values: [Value] { (0..<count).compactMap { storage[$0] } }
}
