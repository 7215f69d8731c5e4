/// A regular expression as instructions for `RegexMatcher`.
struct RegexProgram: Sendable {
    enum Operation: Sendable {
        /// One character of a set.
        case set(Int)
        /// As many characters of a set as there are, between two counts.
        case run(set: Int, low: Int, high: Int, greed: RegexNode.Greed)
        /// Goes on at the first place, or, should that fail, at the second.
        case split(Int, Int)
        case jump(Int)
        case assert(RegexNode.Assertion)
        /// The body follows; its end and what comes next is `next`.
        case look(ahead: Bool, negated: Bool, low: Int, high: Int, next: Int)
        case atomic(next: Int)
        /// Remembers the position in a register, and leaves a loop whose last turn has not moved on from it.
        case mark(Int)
        case leaveIfStill(Int, exit: Int)
        case done
    }

    private(set) var operations: [Operation] = []
    private(set) var sets: [CharacterSet] = []
    private(set) var registers = 0
    /// Bytes with which a match may begin; nil where it may be empty.
    private(set) var firstBytes: [Bool]?

    private static let largest = 50_000

    init(_ node: RegexNode, pattern: [UInt8]) throws(RegexError) {
        guard emit(node) else {
            throw RegexError(
                pattern: String(decoding: pattern, as: UTF8.self), offset: 0, problem: problem ?? .tooLarge)
        }
        operations.append(.done)
        var first = [Bool](repeating: false, count: 256)
        firstBytes = RegexProgram.first(node, into: &first) ? nil : first
    }

    private var problem: RegexError.Problem?

    private mutating func index(of set: CharacterSet) -> Int {
        if let known = sets.firstIndex(of: set) { return known }
        sets.append(set)
        return sets.count - 1
    }

    /// Appends the instructions of a node; false where there would be too many, or one can't be.
    private mutating func emit(_ node: RegexNode) -> Bool {
        guard operations.count < RegexProgram.largest else { return false }
        switch node {
        case .empty: return true
        case .set(let set): operations.append(.set(index(of: set)))
        case .sequence(let nodes): for node in nodes { guard emit(node) else { return false } }
        case .assertion(let assertion): operations.append(.assert(assertion))
        case .alternatives(let branches):
            var ends: [Int] = []
            for (number, branch) in branches.enumerated() {
                let fork = operations.count
                if number < branches.count - 1 { operations.append(.split(fork + 1, 0)) }
                guard emit(branch) else { return false }
                guard number < branches.count - 1 else { break }
                ends.append(operations.count)
                operations.append(.jump(0))
                operations[fork] = .split(fork + 1, operations.count)
            }
            for end in ends { operations[end] = .jump(operations.count) }
        case .repeat(let body, let low, let high, let greed): return emit(body, low, high, greed)
        case .atomic(let body):
            let start = operations.count
            operations.append(.done)
            guard emit(body) else { return false }
            operations.append(.done)
            operations[start] = .atomic(next: operations.count)
        case .look(let ahead, let negated, let body):
            var lengths = (low: 0, high: 0)
            if !ahead {
                guard let (low, high) = RegexProgram.lengths(body), let high, high <= 255 else {
                    problem = .unsupported("looking behind without a limit")
                    return false
                }
                lengths = (low, high)
            }
            let start = operations.count
            operations.append(.done)
            guard emit(body) else { return false }
            operations.append(.done)
            operations[start] = .look(
                ahead: ahead, negated: negated, low: lengths.low, high: lengths.high, next: operations.count)
        }
        return operations.count < RegexProgram.largest
    }

    private mutating func emit(_ body: RegexNode, _ low: Int, _ high: Int?, _ greed: RegexNode.Greed) -> Bool {
        if case .set(let set) = body {
            operations.append(.run(set: index(of: set), low: low, high: high ?? Int.max, greed: greed))
            return true
        }
        if greed == .possessive { return emit(.atomic(.repeat(body, low, high, .greedy))) }
        for _ in 0..<low { guard emit(body) else { return false } }
        func fork(_ into: Int, _ out: Int) -> Operation { greed == .lazy ? .split(out, into) : .split(into, out) }
        guard let high else {
            let register = registers
            registers += 1
            let start = operations.count
            operations.append(.done)
            operations.append(.mark(register))
            guard emit(body) else { return false }
            operations.append(.leaveIfStill(register, exit: operations.count + 2))
            operations.append(.jump(start))
            operations[start] = fork(start + 1, operations.count)
            return true
        }
        var forks: [Int] = []
        for _ in low..<max(low, high) {
            forks.append(operations.count)
            operations.append(.done)
            guard emit(body) else { return false }
        }
        for place in forks { operations[place] = fork(place + 1, operations.count) }
        return true
    }

    /// How many characters a node takes at least and at most; nil as the most for no limit, nil at all for unknown.
    private static func lengths(_ node: RegexNode) -> (Int, Int?)? {
        switch node {
        case .empty, .assertion, .look: return (0, 0)
        case .set: return (1, 1)
        case .atomic(let body): return lengths(body)
        case .sequence(let nodes):
            var total: (Int, Int?) = (0, 0)
            for node in nodes {
                guard let (low, high) = lengths(node) else { return nil }
                total.0 += low
                if let sum = total.1, let high { total.1 = sum + high } else { total.1 = nil }
            }
            return total
        case .alternatives(let branches):
            var total: (Int, Int?) = (Int.max, 0)
            for branch in branches {
                guard let (low, high) = lengths(branch) else { return nil }
                total.0 = min(total.0, low)
                if let most = total.1, let high { total.1 = max(most, high) } else { total.1 = nil }
            }
            return total
        case .repeat(let body, let low, let high, _):
            guard let (least, most) = lengths(body) else { return nil }
            let (floor, tooMany) = least.multipliedReportingOverflow(by: low)
            guard !tooMany else { return nil }
            guard let most, let high else { return (floor, most == 0 ? 0 : nil) }
            let (top, tooHigh) = most.multipliedReportingOverflow(by: high)
            return (floor, tooHigh ? nil : top)
        }
    }

    /// Marks the bytes a node may begin with; true where it may take nothing.
    private static func first(_ node: RegexNode, into bytes: inout [Bool]) -> Bool {
        switch node {
        case .empty, .assertion, .look: return true
        case .set(let set):
            for byte in 0..<128 where set.contains(UInt32(byte)) { bytes[byte] = true }
            for byte in 128..<256 { bytes[byte] = true }
            return false
        case .atomic(let body): return first(body, into: &bytes)
        case .sequence(let nodes):
            for node in nodes where !first(node, into: &bytes) { return false }
            return true
        case .alternatives(let branches):
            var empty = false
            for branch in branches where first(branch, into: &bytes) { empty = true }
            return empty
        case .repeat(let body, let low, let high, _):
            if high == 0 { return true }
            return first(body, into: &bytes) || low == 0
        }
    }
}
