/// A pattern of `rank_pattern` and `alpha_pattern`: Python's regular expression `(.*\.)?(PATTERN)$`, matched in time
/// linear in pattern and name, whatever the pattern is.
///
/// Known are characters, `.`, classes in brackets, `\d`, `\w`, `\s` and escaped signs, groups, `|`, `*`, `+`, `?`, counts in
/// braces, `^` and `$`: all that names of modules ask for.
struct ModulePattern: Sendable {
    private indirect enum Node {
        case set([Bool])
        case sequence([Node])
        case choice([Node])
        case repeated(Node, least: Int, most: Int?)
        case start
        case end
    }

    private enum Step: Sendable {
        case take([Bool])
        case fork(Int, Int)
        case start
        case end
        case match
    }

    private var steps: [Step] = []
    /// Nodes that were unfolded, empty ones too.
    private var unfolded = 0
    /// Steps and nodes that counts may unfold to.
    private static let most = 4000

    /// nil for what is not known, or is too large.
    init?(_ text: String) {
        var reader = Reader(Array(text.utf8))
        guard let tree = reader.choice(), reader.isDone else { return nil }
        let dot = Self.only(UInt8(ascii: "."))
        let any = Node.repeated(.set(Self.any), least: 0, most: nil)
        let outer = Node.repeated(.sequence([any, .set(dot)]), least: 0, most: 1)
        guard add(.sequence([outer, tree, .end])) else { return nil }
        steps.append(.match)
    }

    func matches(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        var current = Set<Int>()
        follow(0, at: 0, of: bytes.count, into: &current)
        for (index, byte) in bytes.enumerated() {
            var next = Set<Int>()
            for place in current {
                if case .take(let set) = steps[place], set[Int(byte)] {
                    follow(place + 1, at: index + 1, of: bytes.count, into: &next)
                }
            }
            current = next
        }
        return current.contains { if case .match = steps[$0] { true } else { false } }
    }

    private func follow(_ place: Int, at index: Int, of count: Int, into set: inout Set<Int>) {
        var waiting = [place]
        while let place = waiting.popLast() {
            guard set.insert(place).inserted else { continue }
            switch steps[place] {
            case .fork(let first, let second): waiting += [first, second]
            case .start: if index == 0 { waiting.append(place + 1) }
            case .end: if index == count { waiting.append(place + 1) }
            case .take, .match: break
            }
        }
    }

    /// Appends the steps of a node; false where they become too many.
    private mutating func add(_ node: Node) -> Bool {
        unfolded += 1
        guard unfolded < Self.most else { return false }
        switch node {
        case .set(let set): steps.append(.take(set))
        case .start: steps.append(.start)
        case .end: steps.append(.end)
        case .sequence(let nodes):
            for node in nodes where !add(node) { return false }
        case .choice(let nodes):
            var ends: [Int] = []
            for (index, node) in nodes.enumerated() {
                let fork = steps.count
                if index < nodes.count - 1 { steps.append(.fork(fork + 1, fork + 1)) }
                guard add(node) else { return false }
                guard index < nodes.count - 1 else { break }
                ends.append(steps.count)
                steps.append(.fork(0, 0))
                steps[fork] = .fork(fork + 1, steps.count)
            }
            for end in ends { steps[end] = .fork(steps.count, steps.count) }
        case .repeated(let node, let least, let most):
            for _ in 0..<least { guard add(node) else { return false } }
            if let most {
                for _ in least..<max(least, most) {
                    let fork = steps.count
                    steps.append(.fork(fork + 1, fork + 1))
                    guard add(node) else { return false }
                    steps[fork] = .fork(fork + 1, steps.count)
                }
            } else {
                let fork = steps.count
                steps.append(.fork(fork + 1, fork + 1))
                guard add(node) else { return false }
                steps.append(.fork(fork, fork))
                steps[fork] = .fork(fork + 1, steps.count)
            }
        }
        return steps.count < Self.most
    }

    private static let any = [Bool](repeating: true, count: 256)

    private static func only(_ byte: UInt8) -> [Bool] {
        var set = [Bool](repeating: false, count: 256)
        set[Int(byte)] = true
        return set
    }

    /// Reads the pattern's text by recursive descent.
    private struct Reader {
        private let bytes: [UInt8]
        private var index = 0
        private var depth = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var isDone: Bool { index == bytes.count }
        private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

        private mutating func skip(_ sign: Character) -> Bool {
            guard let next, next == sign.asciiValue else { return false }
            index += 1
            return true
        }

        mutating func choice() -> Node? {
            depth += 1
            defer { depth -= 1 }
            guard depth < 50 else { return nil }
            var branches: [Node] = []
            repeat {
                var parts: [Node] = []
                while let next, next != UInt8(ascii: "|"), next != UInt8(ascii: ")") {
                    guard let part = repeated() else { return nil }
                    parts.append(part)
                }
                branches.append(.sequence(parts))
            } while skip("|")
            return .choice(branches)
        }

        private mutating func repeated() -> Node? {
            guard let node = single() else { return nil }
            var result = node
            if skip("*") {
                result = .repeated(node, least: 0, most: nil)
            } else if skip("+") {
                result = .repeated(node, least: 1, most: nil)
            } else if skip("?") {
                return .repeated(node, least: 0, most: 1)
            } else if skip("{") {
                guard let least = number() else { return nil }
                var most: Int? = least
                if skip(",") { most = number() }
                guard skip("}"), most.map({ $0 >= least }) ?? true else { return nil }
                result = .repeated(node, least: least, most: most)
            } else {
                return node
            }
            // How greedy a repetition is does not change whether there is a match.
            _ = skip("?")
            return result
        }

        private mutating func number() -> Int? {
            var value: Int?
            while let next, (48...57).contains(next), (value ?? 0) < 1000 {
                value = (value ?? 0) * 10 + Int(next - 48)
                index += 1
            }
            return value
        }

        private mutating func single() -> Node? {
            guard let byte = next else { return nil }
            index += 1
            switch Character(UnicodeScalar(byte)) {
            case ".": return .set(ModulePattern.any)
            case "^": return .start
            case "$": return .end
            case "(":
                if skip("?"), !skip(":") { return nil }
                guard let inner = choice(), skip(")") else { return nil }
                return inner
            case "[": return bracket().map(Node.set)
            case "\\": return escape().map(Node.set)
            case "*", "+", "?", "{": return nil
            default: return .set(ModulePattern.only(byte))
            }
        }

        /// What follows a backslash.
        private mutating func escape() -> [Bool]? {
            guard let byte = next else { return nil }
            index += 1
            let sign = Character(UnicodeScalar(byte))
            guard sign.isLetter || sign.isNumber else { return ModulePattern.only(byte) }
            let contains: (UInt8) -> Bool
            switch Character(sign.lowercased()) {
            case "d": contains = { (48...57).contains($0) }
            case "w":
                contains = {
                    (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95 || $0 > 127
                }
            case "s": contains = { $0 == 32 || (9...13).contains($0) }
            default: return nil
            }
            return (0..<256).map { contains(UInt8($0)) != sign.isUppercase }
        }

        private mutating func bracket() -> [Bool]? {
            var set = [Bool](repeating: false, count: 256)
            let isNegated = skip("^")
            var isFirst = true
            while let byte = next, isFirst || byte != UInt8(ascii: "]") {
                isFirst = false
                index += 1
                if byte == UInt8(ascii: "\\") {
                    guard let escaped = escape() else { return nil }
                    for (place, isIn) in escaped.enumerated() where isIn { set[place] = true }
                } else if next == UInt8(ascii: "-"), index + 1 < bytes.count, bytes[index + 1] != UInt8(ascii: "]") {
                    let last = bytes[index + 1]
                    index += 2
                    guard byte <= last, last != UInt8(ascii: "\\") else { return nil }
                    for place in byte...last { set[Int(place)] = true }
                } else {
                    set[Int(byte)] = true
                }
            }
            guard skip("]") else { return nil }
            return isNegated ? set.map { !$0 } : set
        }
    }
}
