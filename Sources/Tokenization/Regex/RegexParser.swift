/// Reads a regular expression in the syntax that Oniguruma, Rust's regex and fancy-regex share, as far as tokenizers
/// use it. What it does not know it refuses.
struct RegexParser {
    private let pattern: [UInt32]
    private let offsets: [Int]
    private let text: String
    private let dialect: RegexDialect
    private var place = 0
    private var depth = 0
    private var options = Options()

    private struct Options {
        var ignoresCase = false
        var dotMatchesNewline = false
        var linewise = false
        var extended = false
    }

    static func parse(_ pattern: [UInt8], _ dialect: RegexDialect) throws(RegexError) -> RegexNode {
        var parser = RegexParser(pattern, dialect)
        let node = try parser.alternatives()
        guard parser.place == parser.pattern.count else {
            throw parser.malformed("a closing parenthesis has no opening one")
        }
        return node
    }

    private init(_ bytes: [UInt8], _ dialect: RegexDialect) {
        var pattern: [UInt32] = []
        var offsets: [Int] = []
        bytes.withUnsafeBufferPointer { bytes in
            var place = 0
            while place < bytes.count {
                let scalar = UTF8Scalar.at(place, in: bytes)
                pattern.append(scalar.value)
                offsets.append(place)
                place += scalar.length
            }
        }
        self.pattern = pattern
        self.offsets = offsets + [bytes.count]
        text = String(decoding: bytes, as: UTF8.self)
        self.dialect = dialect
        options.linewise = dialect == .oniguruma
    }

    private func error(_ problem: RegexError.Problem) -> RegexError {
        RegexError(pattern: text, offset: offsets[min(place, pattern.count)], problem: problem)
    }
    private func malformed(_ what: String) -> RegexError { error(.malformed(what)) }
    private func unsupported(_ what: String) -> RegexError { error(.unsupported(what)) }

    private func at(_ offset: Int) -> UInt32? { place + offset < pattern.count ? pattern[place + offset] : nil }
    private func sees(_ text: StaticString, offset: Int = 0) -> Bool {
        let bytes = CompactText.bytes(text)
        for (index, byte) in bytes.enumerated() where at(offset + index) != UInt32(byte) { return false }
        return true
    }
    private mutating func take(_ text: StaticString) -> Bool {
        guard sees(text) else { return false }
        place += text.utf8CodeUnitCount
        return true
    }

    // MARK: Structure

    private mutating func alternatives() throws(RegexError) -> RegexNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 200 else { throw malformed("groups are nested more than 200 deep") }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(RegexError) -> RegexNode {
        var items: [RegexNode] = []
        while let character = at(0), character != 0x7C, character != 0x29 {
            if options.extended, character == 0x20 || (character >= 9 && character <= 13) {
                place += 1
                continue
            }
            if options.extended, character == 0x23 {
                while let next = at(0), next != 0x0A {
                    _ = next
                    place += 1
                }
                continue
            }
            if sees("(?"), let group = try optionGroup() {
                // (?i) holds for the rest of the enclosing group, alternatives included.
                items.append(group)
                continue
            }
            items.append(try repeated(try atom()))
        }
        return items.count == 1 ? items[0] : .sequence(items)
    }

    /// `(?i)` without a colon; nil, taking nothing, for any other group.
    private mutating func optionGroup() throws(RegexError) -> RegexNode? {
        let start = place
        let before = options
        place += 2
        guard try readOptions(), take(")") else {
            place = start
            options = before
            return nil
        }
        let rest = try alternatives()
        options = before
        return rest
    }

    /// Letters such as `i` and `-s`; false where something else comes.
    private mutating func readOptions() throws(RegexError) -> Bool {
        var value = true
        var any = false
        while let character = at(0) {
            switch character {
            case 0x2D: value = false  // -
            case 0x69: options.ignoresCase = value  // i
            case 0x73: options.dotMatchesNewline = value  // s
            case 0x6D:  // m
                if dialect == .oniguruma { options.dotMatchesNewline = value } else { options.linewise = value }
            case 0x78: options.extended = value  // x
            case 0x75: break  // u
            default: return any
            }
            any = true
            place += 1
        }
        return any
    }

    private mutating func repeated(_ node: RegexNode) throws(RegexError) -> RegexNode {
        var node = node
        while let character = at(0) {
            var low = 0
            var high: Int?
            var isInterval = false
            switch character {
            case 0x2A: place += 1  // *
            case 0x2B:  // +
                low = 1
                place += 1
            case 0x3F:  // ?
                high = 1
                place += 1
            case 0x7B:  // {
                guard let interval = try interval() else { return node }
                (low, high) = interval
                isInterval = true
            default: return node
            }
            var greed = RegexNode.Greed.greedy
            if take("?") {
                greed = .lazy
            } else if !(isInterval && dialect == .oniguruma), take("+") {
                // In Ruby's syntax `{m,n}+` repeats the repetition.
                greed = .possessive
            }
            node = .repeat(node, low, high, greed)
        }
        return node
    }

    /// `{m}`, `{m,}`, `{m,n}`, `{,n}`; nil, taking nothing, where the brace is itself.
    private mutating func interval() throws(RegexError) -> (Int, Int?)? {
        let start = place
        place += 1
        let low = try number()
        var high = low
        if take(",") { high = try number() }
        guard take("}"), low != nil || high != nil else {
            place = start
            // The brace stands for itself: an atom of its own.
            return nil
        }
        if let low, let high, low > high { throw malformed("a repetition ends below its beginning") }
        return (low ?? 0, high)
    }

    private mutating func number() throws(RegexError) -> Int? {
        var value: Int?
        while let digit = at(0), digit >= 0x30, digit <= 0x39 {
            let next = (value ?? 0) * 10 + Int(digit - 0x30)
            guard next <= 100_000 else { throw malformed("a repetition of more than 100000") }
            value = next
            place += 1
        }
        return value
    }

    // MARK: Atoms

    private mutating func atom() throws(RegexError) -> RegexNode {
        guard let character = at(0) else { return .empty }
        switch character {
        case 0x28: return try group()
        case 0x5B:
            place += 1
            return .set(try bracket())
        case 0x5C: return try escape()
        case 0x2E:  // .
            place += 1
            var union = CharacterSet.Union(isNegated: true)
            if !options.dotMatchesNewline { union.ranges = [0x0A...0x0A] }
            return .set(CharacterSet([union], dialect: dialect))
        case 0x5E:  // ^
            place += 1
            return .assertion(options.linewise ? .lineStart : .textStart)
        case 0x24:  // $
            place += 1
            return .assertion(options.linewise ? .lineEnd : .textEnd)
        case 0x2A, 0x2B, 0x3F: throw malformed("a repetition has nothing to repeat")
        default:
            place += 1
            return literal(character)
        }
    }

    private func literal(_ character: UInt32) -> RegexNode {
        .set(CharacterSet([CharacterSet.Union(ranges: cased(character...character))], dialect: dialect))
    }

    /// A range with what its characters fold to and from, where case is ignored.
    private func cased(_ range: ClosedRange<UInt32>) -> [ClosedRange<UInt32>] {
        guard options.ignoresCase else { return [range] }
        var result = [range]
        for scalar in range.clamped(to: 0...0x1E943) {
            let folded = UnicodeTables.folded(scalar)
            for other in UnicodeTables.unfolded(folded) where other != scalar { result.append(other...other) }
        }
        return result
    }

    private mutating func group() throws(RegexError) -> RegexNode {
        let before = options
        defer { options = before }
        place += 1
        var wrap: (RegexNode) -> RegexNode = { $0 }
        if take("?") {
            if take(":") {
            } else if take("=") {
                wrap = { .look(ahead: true, negated: false, $0) }
            } else if take("!") {
                wrap = { .look(ahead: true, negated: true, $0) }
            } else if take("<=") {
                wrap = { .look(ahead: false, negated: false, $0) }
            } else if take("<!") {
                wrap = { .look(ahead: false, negated: true, $0) }
            } else if take(">") {
                wrap = { .atomic($0) }
            } else if take("#") {
                while let next = at(0), next != 0x29 {
                    _ = next
                    place += 1
                }
                guard take(")") else { throw malformed("a comment does not end") }
                return .empty
            } else if sees("<") || sees("P<") {
                while let next = at(0), next != 0x3E {
                    _ = next
                    place += 1
                }
                guard take(">") else { throw malformed("a group's name does not end") }
            } else {
                guard try readOptions(), take(":") else { throw unsupported("this kind of group") }
            }
        }
        let node = try alternatives()
        guard take(")") else { throw malformed("a group does not end") }
        return wrap(node)
    }

    private mutating func escape() throws(RegexError) -> RegexNode {
        place += 1
        guard let character = at(0) else { throw malformed("the pattern ends with a backslash") }
        if character >= 0x31, character <= 0x39 { throw unsupported("a reference to a group") }
        switch character {
        case 0x41:  // A
            place += 1
            return .assertion(.textStart)
        case 0x7A:  // z
            place += 1
            return .assertion(.textEnd)
        case 0x5A:  // Z
            place += 1
            return .assertion(.textEndOrNewline)
        case 0x62:  // b
            place += 1
            return .assertion(.wordBoundary)
        case 0x42:  // B
            place += 1
            return .assertion(.notWordBoundary)
        case 0x52 where dialect != .llamaCpp:  // R
            place += 1
            let pair = RegexNode.sequence([literal(0x0D), literal(0x0A)])
            let one = CharacterSet.Union(ranges: [0x0A...0x0D, 0x85...0x85, 0x2028...0x2029])
            return .atomic(.alternatives([pair, .set(CharacterSet([one], dialect: dialect))]))
        default:
            var union = CharacterSet.Union()
            if let range = try element(afterBackslash: &union) { union.ranges = cased(range) }
            return .set(CharacterSet([union], dialect: dialect))
        }
    }

    /// What follows a backslash, in brackets or outside: a class, which is added to `union`, or a character.
    private mutating func element(afterBackslash union: inout CharacterSet.Union) throws(RegexError) -> ClosedRange<
        UInt32
    >? {
        guard let character = at(0) else { throw malformed("the pattern ends with a backslash") }
        place += 1
        switch character {
        case 0x73: union.flags |= UnicodeTables.Flags.whiteSpace  // s
        case 0x53: union.absent |= UnicodeTables.Flags.whiteSpace  // S
        case 0x64: addDigits(to: &union, negated: false)  // d
        case 0x44: addDigits(to: &union, negated: true)  // D
        case 0x77: addWords(to: &union, negated: false)  // w
        case 0x57: addWords(to: &union, negated: true)  // W
        case 0x70: try property(negated: false, &union)  // p
        case 0x50: try property(negated: true, &union)  // P
        case 0x68 where dialect == .oniguruma: union.ranges += [0x30...0x39, 0x41...0x46, 0x61...0x66]  // h
        case 0x68 where dialect == .rust: union.ranges += [0x09...0x09, 0x20...0x20]
        case 0x6E: return 0x0A...0x0A  // n
        case 0x72: return 0x0D...0x0D  // r
        case 0x74: return 0x09...0x09  // t
        case 0x66: return 0x0C...0x0C  // f
        case 0x76: return 0x0B...0x0B  // v
        case 0x61: return 0x07...0x07  // a
        case 0x65 where dialect != .llamaCpp: return 0x1B...0x1B  // e
        case 0x30: return 0...0
        case 0x78: return try hexadecimal(2)  // x
        case 0x75: return try hexadecimal(4)  // u
        case 0x55: return try hexadecimal(8)  // U
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A:
            place -= 1
            throw unsupported("\\\(Unicode.Scalar(character).map(String.init) ?? "?")")
        default: return character...character
        }
        return nil
    }

    private mutating func hexadecimal(_ digits: Int) throws(RegexError) -> ClosedRange<UInt32> {
        var value: UInt32 = 0
        var count = 0
        let braced = take("{")
        while let digit = at(0), braced || count < digits, let one = RegexParser.hexadecimalValue(digit), count < 8 {
            value = value << 4 | one
            count += 1
            place += 1
        }
        guard count > 0, !braced || take("}"), value < 0x110000 else {
            throw malformed("a code point in hexadecimal is missing")
        }
        return value...value
    }

    private static func hexadecimalValue(_ digit: UInt32) -> UInt32? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }

    private func addDigits(to union: inout CharacterSet.Union, negated: Bool) {
        if dialect == .llamaCpp {
            union.ranges += negated ? [0...0x2F, 0x3A...0x10FFFF] : [0x30...0x39]
        } else {
            let mask = RegexParser.categories("Nd")
            union.categories |= negated ? ~mask : mask
        }
    }

    /// Oniguruma counts other numbers of Latin-1 as word characters, and no joiners.
    private func words() -> CharacterSet.Union {
        switch dialect {
        case .llamaCpp: return CharacterSet.Union(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
        case .rust: return CharacterSet.Union(flags: UnicodeTables.Flags.word)
        case .oniguruma:
            let all = CharacterSet.Union(
                flags: UnicodeTables.Flags.word,
                ranges: [0xB2...0xB3, 0xB9...0xB9, 0xBC...0xBE])
            let joiners = CharacterSet.Union(ranges: [0x200C...0x200D], isNegated: true)
            return CharacterSet.Union(nested: [CharacterSet([all, joiners], dialect: dialect)])
        }
    }

    private func addWords(to union: inout CharacterSet.Union, negated: Bool) {
        add(words(), negated: negated, to: &union)
    }

    // MARK: Properties

    static func categories(_ name: String) -> UInt32 {
        var mask: UInt32 = 0
        for (index, category) in UnicodeData.categoryNames.enumerated()
        where category == name || (name.utf8.count == 1 && category.hasPrefix(name)) {
            mask |= 1 << UInt32(index)
        }
        return mask
    }

    private mutating func property(negated: Bool, _ union: inout CharacterSet.Union) throws(RegexError) {
        var name: [UInt8] = []
        var negated = negated
        if take("{") {
            if take("^") { negated.toggle() }
            while let next = at(0), next != 0x7D, next < 0x80 {
                name.append(UInt8(next))
                place += 1
            }
            guard take("}") else { throw malformed("a property's name does not end") }
        } else if let next = at(0), next < 0x80 {
            name = [UInt8(next)]
            place += 1
        }
        guard let found = namedProperty(name) else {
            throw unsupported("the property «\(String(decoding: name, as: UTF8.self))»")
        }
        add(found, negated: negated, to: &union)
    }

    /// Adds a class to a union, without nesting where that is possible: nested sets cost time at each character.
    private func add(_ set: CharacterSet.Union, negated: Bool, to union: inout CharacterSet.Union) {
        if set.nested.isEmpty, set.absent == 0, !set.isNegated {
            if !negated {
                union.categories |= set.categories
                union.flags |= set.flags
                union.ranges += set.ranges
                return
            }
            if set.flags == 0, set.ranges.isEmpty {
                union.categories |= ~set.categories
                return
            }
            if set.categories == 0, set.ranges.isEmpty, set.flags.nonzeroBitCount == 1 {
                union.absent |= set.flags
                return
            }
        }
        var set = set
        set.isNegated = negated
        union.nested.append(CharacterSet([set], dialect: dialect))
    }

    private static let longNames: [String: String] = [
        "letter": "L", "mark": "M", "number": "N", "punctuation": "P", "symbol": "S", "separator": "Z", "other": "C",
        "uppercaseletter": "Lu", "lowercaseletter": "Ll", "titlecaseletter": "Lt", "modifierletter": "Lm",
        "otherletter": "Lo", "nonspacingmark": "Mn", "spacingmark": "Mc", "enclosingmark": "Me", "decimalnumber": "Nd",
        "letternumber": "Nl", "othernumber": "No", "control": "Cc", "format": "Cf", "spaceseparator": "Zs",
        "lineseparator": "Zl", "paragraphseparator": "Zp", "mathsymbol": "Sm", "currencysymbol": "Sc",
        "modifiersymbol": "Sk", "othersymbol": "So", "dashpunctuation": "Pd", "openpunctuation": "Ps",
        "closepunctuation": "Pe", "initialpunctuation": "Pi", "finalpunctuation": "Pf", "connectorpunctuation": "Pc",
        "otherpunctuation": "Po", "unassigned": "Cn", "privateuse": "Co",
    ]

    private func namedProperty(_ name: [UInt8]) -> CharacterSet.Union? {
        let key = String(
            decoding: name.filter { $0 != 0x20 && $0 != 0x2D && $0 != 0x5F }.map {
                $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0
            },
            as: UTF8.self)
        var short = key
        for prefix in ["generalcategory=", "gc="] where short.hasPrefix(prefix) { short.removeFirst(prefix.count) }
        if let long = RegexParser.longNames[short] { short = long }
        if (1...2).contains(short.utf8.count) {
            let capital = short.prefix(1).uppercased() + short.dropFirst()
            if capital == "Lc" || capital == "L&" {
                return CharacterSet.Union(
                    categories: ["Lu", "Ll", "Lt"].reduce(0) { $0 | RegexParser.categories($1) })
            }
            var mask = RegexParser.categories(capital)
            // llama.cpp knows five classes: L and its parts are one.
            if dialect == .llamaCpp, capital.hasPrefix("L") { mask = RegexParser.categories("L") }
            if mask != 0 { return CharacterSet.Union(categories: mask) }
        }
        switch key {
        case "any": return CharacterSet.Union(ranges: [0...0x10FFFF])
        case "assigned": return CharacterSet.Union(categories: ~RegexParser.categories("Cn"))
        case "ascii": return CharacterSet.Union(ranges: [0...0x7F])
        case "alnum":
            return CharacterSet.Union(
                categories: RegexParser.categories("Nd"), flags: UnicodeTables.Flags.alphabetic)
        case "alpha", "alphabetic": return CharacterSet.Union(flags: UnicodeTables.Flags.alphabetic)
        case "whitespace", "space", "wspace": return CharacterSet.Union(flags: UnicodeTables.Flags.whiteSpace)
        case "word": return words()
        case "digit": return CharacterSet.Union(categories: RegexParser.categories("Nd"))
        case "punct":
            let symbols = dialect == .oniguruma ? RegexParser.categories("S") : 0
            return CharacterSet.Union(categories: RegexParser.categories("P") | symbols)
        case "lower", "lowercase": return CharacterSet.Union(categories: RegexParser.categories("Ll"))
        case "upper", "uppercase": return CharacterSet.Union(categories: RegexParser.categories("Lu"))
        case "cntrl": return CharacterSet.Union(categories: RegexParser.categories("Cc"))
        case "xdigit": return CharacterSet.Union(ranges: [0x30...0x39, 0x41...0x46, 0x61...0x66])
        case "blank": return CharacterSet.Union(categories: RegexParser.categories("Zs"), ranges: [0x09...0x09])
        default: break
        }
        var script = key
        for prefix in ["script=", "sc=", "is"] where script.hasPrefix(prefix) { script.removeFirst(prefix.count) }
        return (UnicodeTables.script(script.utf8) ?? UnicodeTables.script(key.utf8)).map {
            CharacterSet.Union(ranges: $0)
        }
    }

    // MARK: Brackets

    /// A bracket expression, after its opening bracket.
    private mutating func bracket() throws(RegexError) -> CharacterSet {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 200 else { throw malformed("brackets are nested more than 200 deep") }
        let negated = take("^")
        var parts: [CharacterSet.Union] = []
        var union = CharacterSet.Union()
        var isFirst = true
        while true {
            guard let character = at(0) else { throw malformed("a bracket expression does not end") }
            if character == 0x5D, !isFirst {
                place += 1
                break
            }
            isFirst = false
            if dialect != .llamaCpp, take("&&") {
                parts.append(union)
                union = CharacterSet.Union()
                continue
            }
            if sees("[:"), try posix(&union) { continue }
            if dialect != .llamaCpp, take("[") {
                union.nested.append(try bracket())
                continue
            }
            guard let start = try bracketCharacter(&union) else { continue }
            if sees("-"), let after = at(1), after != 0x5D {
                place += 1
                if dialect != .llamaCpp, sees("[") {
                    // [a-[b]]: the hyphen is itself.
                    union.ranges += cased(start) + [0x2D...0x2D]
                    continue
                }
                guard let end = try bracketCharacter(&union) else {
                    union.ranges += cased(start) + [0x2D...0x2D]
                    continue
                }
                guard end.lowerBound >= start.lowerBound else { throw malformed("a range ends below its beginning") }
                union.ranges += cased(start.lowerBound...end.lowerBound)
            } else {
                union.ranges += cased(start)
            }
        }
        parts.append(union)
        if !negated { return CharacterSet(parts, dialect: dialect) }
        if parts.count == 1 {
            parts[0].isNegated = true
            return CharacterSet(parts, dialect: dialect)
        }
        let whole = CharacterSet(parts, dialect: dialect)
        return CharacterSet([CharacterSet.Union(nested: [whole], isNegated: true)], dialect: dialect)
    }

    /// One character in brackets, or nil for a class, which is added to `union`.
    private mutating func bracketCharacter(_ union: inout CharacterSet.Union) throws(RegexError) -> ClosedRange<UInt32>?
    {
        guard let character = at(0) else { throw malformed("a bracket expression does not end") }
        place += 1
        guard character == 0x5C else { return character...character }
        if at(0) == 0x62 {  // \b in brackets is a backspace
            place += 1
            return 0x08...0x08
        }
        return try element(afterBackslash: &union)
    }

    /// `[:alpha:]` in brackets; false, taking nothing, where it is none.
    private mutating func posix(_ union: inout CharacterSet.Union) throws(RegexError) -> Bool {
        let start = place
        place += 2
        let negated = take("^")
        var name: [UInt8] = []
        while let next = at(0), next >= 0x61, next <= 0x7A {
            name.append(UInt8(next))
            place += 1
        }
        guard take(":]") else {
            place = start
            return false
        }
        guard let set = namedProperty(name) else {
            throw unsupported("the class «[:\(String(decoding: name, as: UTF8.self)):]»")
        }
        add(set, negated: negated, to: &union)
        return true
    }
}
