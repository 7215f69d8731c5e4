/// A deterministic automaton over Unicode scalars: the texts in which a pattern is found.
struct CharacterAutomaton: Sendable {
    struct State: Sendable, Hashable {
        /// For each state that may come next, the scalars that lead there.
        var next: [(set: ScalarSet, target: Int)] = []
        var accepts = false

        static func == (a: State, b: State) -> Bool {
            a.accepts == b.accepts && a.next.count == b.next.count
                && zip(a.next, b.next).allSatisfy { $0.set == $1.set && $0.target == $1.target }
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(accepts)
            for edge in next { hasher.combine(edge.target) }
        }
    }

    /// The first is where a text begins. From each a text can come to an end that matches.
    private(set) var states: [State]

    static let mostStates = 10_000

    /// - Throws: `ConstraintError.tooLarge`.
    init(_ pattern: PatternNode) throws(ConstraintError) {
        states = try SubsetConstruction(pattern).states
        trim()
    }

    /// States that are known, none of which takes a scalar in two ways, and where a text begins.
    init(_ states: [State], start: Int) {
        self.states = states
        if start > 0, start < states.count {
            self.states.swapAt(0, start)
            func moved(_ index: Int) -> Int { index == 0 ? start : index == start ? 0 : index }
            for index in states.indices {
                for edge in self.states[index].next.indices {
                    self.states[index].next[edge].target = moved(self.states[index].next[edge].target)
                }
            }
        }
        trim()
    }

    /// Of these texts only those of so many scalars.
    mutating func restrict(_ limits: Grammar.Limits) throws(ConstraintError) {
        guard limits != .none else { return }
        // Once there are enough, and there is no most, counting ends.
        let cap = limits.high == .max ? limits.low : limits.high
        struct Pair: Hashable {
            var state: Int
            var count: Int32
        }
        var numbers = [Pair(state: 0, count: 0): 0]
        var queue = [Pair(state: 0, count: 0)]
        var product: [State] = []
        while product.count < queue.count {
            guard queue.count <= Self.mostStates else { throw Self.tooLarge }
            let pair = queue[product.count]
            var state = State()
            state.accepts = states[pair.state].accepts && pair.count >= limits.low
            if limits.high == .max || pair.count < limits.high {
                for edge in states[pair.state].next {
                    let next = Pair(state: edge.target, count: min(pair.count + 1, cap))
                    if numbers[next] == nil {
                        numbers[next] = queue.count
                        queue.append(next)
                    }
                    state.next.append((edge.set, numbers[next] ?? 0))
                }
            }
            product.append(state)
        }
        states = product
        trim()
    }

    static let tooLarge = ConstraintError.tooLarge("a pattern becomes more than \(mostStates) states")

    /// Removes states from which no end is reached.
    private mutating func trim() {
        var before = [[Int]](repeating: [], count: states.count)
        for (index, state) in states.enumerated() { for edge in state.next { before[edge.target].append(index) } }
        var queue = states.indices.filter { states[$0].accepts }
        var alive = [Bool](repeating: false, count: states.count)
        for index in queue { alive[index] = true }
        while let index = queue.popLast() {
            for other in before[index] where !alive[other] {
                alive[other] = true
                queue.append(other)
            }
        }
        for index in states.indices { states[index].next.removeAll { !alive[$0.target] } }
    }

    /// Whether no text matches.
    var isEmpty: Bool { !(states.first.map { $0.accepts || !$0.next.isEmpty } ?? false) }
}

/// Makes an automaton with one way for each text out of one with many (Rabin and Scott 1959).
private struct SubsetConstruction {
    var states: [CharacterAutomaton.State] = []

    private enum Edge {
        case free(Int)
        case textStart(Int)
        case textEnd(Int)
        case set(Int, Int)
    }

    private var edges: [[Edge]] = []
    private var sets: [ScalarSet] = []
    private var setNumbers: [ScalarSet: Int] = [:]
    private var work = 0

    private static let mostEdges = 50_000
    private static let mostWork = 1_500_000

    init(_ pattern: PatternNode) throws(ConstraintError) {
        // Found anywhere: anything may come before and after.
        let any = number(of: .all)
        let start = state()
        let first = state()
        edges[start].append(.set(any, start))
        edges[start].append(.free(first))
        let last = try add(pattern, from: first)
        edges[last].append(.set(any, last))
        try determine(start: start, last: last)
    }

    private mutating func state() -> Int {
        edges.append([])
        return edges.count - 1
    }

    private mutating func number(of set: ScalarSet) -> Int {
        if let known = setNumbers[set] { return known }
        sets.append(set)
        setNumbers[set] = sets.count - 1
        return sets.count - 1
    }

    /// Gives the state behind a node that begins at `from`.
    private mutating func add(_ node: PatternNode, from: Int) throws(ConstraintError) -> Int {
        // Nothing, repeated, adds no state but takes its time.
        work += 1
        guard edges.count < Self.mostEdges, work < Self.mostWork else { throw CharacterAutomaton.tooLarge }
        switch node {
        case .empty: return from
        case .set(let set):
            let next = state()
            edges[from].append(.set(number(of: set), next))
            return next
        case .textStart:
            let next = state()
            edges[from].append(.textStart(next))
            return next
        case .textEnd:
            let next = state()
            edges[from].append(.textEnd(next))
            return next
        case .sequence(let nodes):
            var place = from
            for node in nodes { place = try add(node, from: place) }
            return place
        case .alternatives(let branches):
            let end = state()
            for branch in branches {
                let start = state()
                edges[from].append(.free(start))
                edges[try add(branch, from: start)].append(.free(end))
            }
            return end
        case .repeat(let body, let low, let high):
            var place = from
            for _ in 0..<low { place = try add(body, from: place) }
            guard let high else {
                let loop = state()
                edges[place].append(.free(loop))
                edges[try add(body, from: loop)].append(.free(loop))
                let end = state()
                edges[loop].append(.free(end))
                return end
            }
            let end = state()
            for _ in low..<high {
                edges[place].append(.free(end))
                let start = state()
                edges[place].append(.free(start))
                place = try add(body, from: start)
            }
            edges[place].append(.free(end))
            return end
        }
    }

    /// All that states are as well, where the text begins or ends here or does neither; ascending.
    private mutating func closure(_ seeds: [Int], atStart: Bool, atEnd: Bool) throws(ConstraintError) -> [Int] {
        var seen = Set(seeds)
        var queue = seeds
        while let index = queue.popLast() {
            work += 1
            for edge in edges[index] {
                let next: Int
                switch edge {
                case .free(let target): next = target
                case .textStart(let target) where atStart: next = target
                case .textEnd(let target) where atEnd: next = target
                default: continue
                }
                if seen.insert(next).inserted { queue.append(next) }
            }
        }
        guard work < Self.mostWork else { throw CharacterAutomaton.tooLarge }
        return seen.sorted()
    }

    private mutating func determine(start: Int, last: Int) throws(ConstraintError) {
        let classes = self.classes()
        let classesOfSet = sets.indices.map { set in classes.indices.filter { classes[$0].isIn[set] } }
        let first = try closure([start], atStart: true, atEnd: false)
        var numbers: [[Int]: Int] = [first: 0]
        var queue = [first]
        while states.count < queue.count {
            guard queue.count <= CharacterAutomaton.mostStates else { throw CharacterAutomaton.tooLarge }
            let subset = queue[states.count]
            var state = CharacterAutomaton.State()
            // Nothing but an end is behind a place that is the text's end.
            state.accepts = try closure(subset, atStart: states.isEmpty, atEnd: true).contains(last)
            var ranges: [Int: [ClosedRange<UInt32>]] = [:]
            var order: [Int] = []
            var targets = [[Int]](repeating: [], count: classes.count)
            for index in subset {
                for case .set(let set, let target) in edges[index] {
                    work += classesOfSet[set].count
                    for group in classesOfSet[set] { targets[group].append(target) }
                }
            }
            var known: [[Int]: Int] = [:]
            for (group, found) in targets.enumerated() where !found.isEmpty {
                let number: Int
                if let same = known[found] {
                    number = same
                } else {
                    let next = try closure(found, atStart: false, atEnd: false)
                    number = numbers[next] ?? queue.count
                    if number == queue.count {
                        numbers[next] = number
                        queue.append(next)
                    }
                    known[found] = number
                }
                if ranges[number] == nil { order.append(number) }
                ranges[number, default: []] += classes[group].ranges
            }
            state.next = order.map { (ScalarSet(ranges[$0] ?? []), $0) }
            states.append(state)
        }
    }

    /// Scalars that no set of the pattern tells apart.
    private func classes() -> [(ranges: [ClosedRange<UInt32>], isIn: [Bool])] {
        var borders: Set<UInt32> = []
        for set in sets {
            for range in set.ranges {
                borders.insert(range.lowerBound)
                borders.insert(range.upperBound + 1)
            }
        }
        let sorted = borders.sorted()
        var groups: [(ranges: [ClosedRange<UInt32>], isIn: [Bool])] = []
        var numbers: [[Bool]: Int] = [:]
        for (low, next) in zip(sorted, sorted.dropFirst()) {
            let isIn = sets.map { $0.contains(low) }
            guard isIn.contains(true) else { continue }
            if let known = numbers[isIn] {
                groups[known].ranges.append(low...(next - 1))
            } else {
                numbers[isIn] = groups.count
                groups.append(([low...(next - 1)], isIn))
            }
        }
        return groups
    }
}
