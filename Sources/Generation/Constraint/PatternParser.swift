/// A regular expression of a schema as a tree, over Unicode scalars.
indirect enum PatternNode: Sendable {
    case empty
    case set(ScalarSet)
    case sequence([PatternNode])
    case alternatives([PatternNode])
    case `repeat`(PatternNode, Int, Int?)
    case textStart
    case textEnd
}

/// Ascending ranges of Unicode scalars that don't touch.
struct ScalarSet: Sendable, Hashable {
    private(set) var ranges: [ClosedRange<UInt32>]

    static let all = ScalarSet([0...0xD7FF, 0xE000...0x10FFFF])

    init(_ ranges: [ClosedRange<UInt32>]) {
        var merged: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound &+ 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        self.ranges = merged
    }

    func contains(_ scalar: UInt32) -> Bool { ranges.contains { $0.contains(scalar) } }

    /// All other scalars, of which surrogates are none.
    var inverted: ScalarSet {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= 0x10FFFF { result.append(next...0x10FFFF) }
        return ScalarSet(result).withoutSurrogates
    }

    var withoutSurrogates: ScalarSet {
        var result: [ClosedRange<UInt32>] = []
        for range in ranges {
            if range.lowerBound < 0xD800 { result.append(range.lowerBound...min(range.upperBound, 0xD7FF)) }
            if range.upperBound > 0xDFFF { result.append(max(range.lowerBound, 0xE000)...range.upperBound) }
        }
        return ScalarSet(result)
    }
}

/// Reads the part of ECMA-262's regular expressions (which JSON Schema uses) that describes regular languages: no
/// looking around, no references back, no word boundaries.
struct PatternParser {
    struct Failure: Error {
        var reason: String
        /// In scalars.
        var place: Int
        var isUnsupported: Bool
    }

    private let pattern: [UInt32]
    private var place = 0
    private var depth = 0

    static func parse(_ text: String) throws(Failure) -> PatternNode {
        var parser = PatternParser(pattern: text.unicodeScalars.map(\.value))
        let node = try parser.alternatives()
        guard parser.place == parser.pattern.count else { throw parser.malformed("a parenthesis closes nothing") }
        return node
    }

    private init(pattern: [UInt32]) { self.pattern = pattern }

    private func malformed(_ reason: String) -> Failure { Failure(reason: reason, place: place, isUnsupported: false) }
    private func unsupported(_ what: String) -> Failure {
        Failure(reason: "\(what) is not supported", place: place, isUnsupported: true)
    }

    private var next: Unicode.Scalar? { place < pattern.count ? Unicode.Scalar(pattern[place]) : nil }

    private mutating func take(_ text: String) -> Bool {
        let wanted = text.unicodeScalars.map(\.value)
        guard place + wanted.count <= pattern.count, pattern[place..<place + wanted.count].elementsEqual(wanted) else {
            return false
        }
        place += wanted.count
        return true
    }

    // MARK: - Structure

    private mutating func alternatives() throws(Failure) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 100 else { throw malformed("groups are nested more than 100 deep") }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(Failure) -> PatternNode {
        var items: [PatternNode] = []
        while let character = next, character != "|", character != ")" { items.append(try repeated(try atom())) }
        return items.count == 1 ? items[0] : .sequence(items)
    }

    private mutating func repeated(_ atom: PatternNode) throws(Failure) -> PatternNode {
        var low = 1
        var high: Int? = 1
        if take("*") {
            (low, high) = (0, nil)
        } else if take("+") {
            high = nil
        } else if take("?") {
            low = 0
        } else if next == "{", let interval = try interval() {
            (low, high) = interval
        } else {
            return atom
        }
        switch atom {
        case .textStart, .textEnd: throw malformed("a repetition of a place repeats nothing")
        default: break
        }
        // Lazy or not, the same texts match.
        _ = take("?")
        if let character = next, character == "*" || character == "+" || character == "?" {
            throw malformed("a repetition has nothing to repeat")
        }
        return .repeat(atom, low, high)
    }

    /// `{m}`, `{m,}`, `{m,n}`; nil, taking nothing, where the brace is itself.
    private mutating func interval() throws(Failure) -> (Int, Int?)? {
        let start = place
        place += 1
        guard let low = try number() else {
            place = start
            return nil
        }
        var high: Int? = low
        if take(",") { high = try number() }
        guard take("}") else {
            place = start
            return nil
        }
        if let high, high < low { throw malformed("a repetition ends below its beginning") }
        return (low, high)
    }

    private mutating func number() throws(Failure) -> Int? {
        var value: Int?
        while let digit = next?.value, digit >= 0x30, digit <= 0x39 {
            let more = (value ?? 0) * 10 + Int(digit - 0x30)
            guard more <= 10_000 else { throw malformed("a repetition of more than 10000") }
            value = more
            place += 1
        }
        return value
    }

    // MARK: - Atoms

    private mutating func atom() throws(Failure) -> PatternNode {
        guard let character = next else { return .empty }
        switch character {
        case "(":
            place += 1
            if take("?") {
                if !take(":") { throw unsupported("a group that looks around or has a name") }
            }
            let inner = try alternatives()
            guard take(")") else { throw malformed("a group doesn't end") }
            return inner
        case "[":
            place += 1
            return .set(try bracket())
        case "\\":
            place += 1
            return .set(try escape(inBracket: false))
        case ".":
            place += 1
            return .set(ScalarSet([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029]).inverted)
        case "^":
            place += 1
            return .textStart
        case "$":
            place += 1
            return .textEnd
        case "*", "+", "?": throw malformed("a repetition has nothing to repeat")
        default:
            place += 1
            return .set(ScalarSet([character.value...character.value]))
        }
    }

    private mutating func bracket() throws(Failure) -> ScalarSet {
        let negated = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        while true {
            guard next != nil else { throw malformed("a bracket doesn't end") }
            if take("]") { break }
            let start = try bracketElement()
            guard next == "-", place + 1 < pattern.count, pattern[place + 1] != 0x5D else {
                ranges += start.ranges
                continue
            }
            place += 1
            let end = try bracketElement()
            guard let low = start.only, let high = end.only else { throw malformed("a range of a class") }
            guard low <= high else { throw malformed("a range ends below its beginning") }
            ranges.append(low...high)
        }
        let set = ScalarSet(ranges).withoutSurrogates
        return negated ? set.inverted : set
    }

    private mutating func bracketElement() throws(Failure) -> ScalarSet {
        guard let character = next else { throw malformed("a bracket doesn't end") }
        place += 1
        if character == "\\" { return try escape(inBracket: true) }
        return ScalarSet([character.value...character.value])
    }

    private static let digits = ScalarSet([0x30...0x39])
    private static let word = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    private static let asciiSpace = ScalarSet([0x09...0x0D, 0x20...0x20])
    private static let space = ScalarSet([
        0x09...0x0D, 0x20...0x20, 0x85...0x85, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029,
        0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF, 0x1C...0x1F,
    ])

    /// After a backslash.
    private mutating func escape(inBracket: Bool) throws(Failure) -> ScalarSet {
        guard let character = next else { throw malformed("an escape ends with the pattern") }
        place += 1
        func one(_ value: UInt32) -> ScalarSet { ScalarSet([value...value]) }
        switch character {
        case "d": return Self.digits
        case "D": return Self.digits.inverted
        case "w": return Self.word
        case "W": return Self.word.inverted
        // Only what every dialect takes for white space, and for none.
        case "s": return Self.asciiSpace
        case "S": return Self.space.inverted
        case "t": return one(0x09)
        case "n": return one(0x0A)
        case "v": return one(0x0B)
        case "f": return one(0x0C)
        case "r": return one(0x0D)
        case "0": return one(0)
        case "b" where inBracket: return one(0x08)
        case "b", "B": throw unsupported("a word boundary")
        case "x": return one(try hexadecimal(2))
        case "u":
            if take("{") {
                var value: UInt32 = 0
                while let digit = next.flatMap({ Character($0).hexDigitValue }), value <= 0x10FFFF {
                    value = value * 16 + UInt32(digit)
                    place += 1
                }
                guard take("}"), Unicode.Scalar(value) != nil else { throw malformed("no character has this number") }
                return one(value)
            }
            let first = try hexadecimal(4)
            if (0xD800...0xDBFF).contains(first), take("\\u") {
                let second = try hexadecimal(4)
                guard (0xDC00...0xDFFF).contains(second) else { throw malformed("half of a surrogate pair") }
                return one(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            }
            guard Unicode.Scalar(first) != nil else { throw malformed("half of a surrogate pair") }
            return one(first)
        case "p", "P": throw unsupported("a Unicode property")
        case "1"..."9": throw unsupported("a reference to a group")
        case "k", "c": throw unsupported("the escape \\\(character)")
        default:
            guard !(("a"..."z").contains(character) || ("A"..."Z").contains(character)) else {
                throw unsupported("the escape \\\(character)")
            }
            return one(character.value)
        }
    }

    private mutating func hexadecimal(_ count: Int) throws(Failure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = next.flatMap({ Character($0).hexDigitValue }) else {
                throw malformed("an escape needs \(count) hexadecimal digits")
            }
            value = value * 16 + UInt32(digit)
            place += 1
        }
        return value
    }
}

extension ScalarSet {
    fileprivate var only: UInt32? {
        guard ranges.count == 1, let range = ranges.first, range.count == 1 else { return nil }
        return range.lowerBound
    }
}
