/// The pieces that all grammars of JSON begin with, always with the same numbers, so that what is known of the tokens
/// that fit them is known once and for all.
///
/// White space is bounded, so that a text always ends: at most one space after a colon and after a comma, as Python's
/// `json.dumps` writes, none elsewhere.
struct JSONGrammar: Sendable {
    typealias StateID = Grammar.StateID

    var builder = GrammarBuilder()
    /// Accepts at once; after a closing bracket or quotation mark.
    let end: StateID
    /// In a string whose characters are counted.
    let body: StateID
    /// Any string.
    let string: StateID
    let number: StateID
    /// Any value, and any object and array.
    let value: StateID
    let object: StateID
    let array: StateID

    /// States below this number are the same in every grammar.
    let count: Int

    /// Digits of a number before the point, after it, and of its exponent, so that every number can be read as a
    /// double and doesn't go on for ever.
    static let mostDigits = 15

    /// Built once; it is small and always the same.
    static let shared: JSONGrammar? = try? JSONGrammar()

    static func make() throws(ConstraintError) -> JSONGrammar {
        if let shared { return shared }
        return try JSONGrammar()
    }

    private init() throws(ConstraintError) {
        end = try builder.state(accepts: true)
        body = try Self.characters(&builder, end: end)
        string = try builder.state()
        builder.add("\"", from: string, to: body, .set)
        number = try Self.number(&builder)
        value = try builder.state()
        object = try Self.object(&builder, key: string, value: value, end: end)
        array = try Self.array(&builder, element: value, end: end)
        for start in [string, number, object, array] { builder.epsilon(value, start) }
        for word in ["true", "false", "null"] { try builder.literal(word.utf8, from: value, to: end) }
        count = builder.states.count
    }

    static let anyObject: Grammar = {
        guard let shared else { return Grammar(GrammarBuilder(), start: 0) }
        return Grammar(shared.builder, start: shared.object)
    }()

    // MARK: - Strings

    /// The characters of a string up to its end: UTF-8 and escapes, each counted once, at its first byte.
    private static func characters(_ builder: inout GrammarBuilder, end: StateID) throws(ConstraintError) -> StateID {
        let body = try builder.state()
        for range: ClosedRange<UInt8> in [0x20...0x21, 0x23...0x5B, 0x5D...0x7F] {
            builder.add(range, from: body, to: body, .take)
        }
        builder.add("\"", from: body, to: end, .close)
        // UTF-8, as the Unicode Standard's table of well-formed sequences has it.
        let last = try builder.state()
        let lastTwo = try builder.state()
        let lastThree = try builder.state()
        builder.add(0x80...0xBF, from: last, to: body)
        builder.add(0x80...0xBF, from: lastTwo, to: last)
        builder.add(0x80...0xBF, from: lastThree, to: lastTwo)
        builder.add(0xC2...0xDF, from: body, to: last, .take)
        for range: ClosedRange<UInt8> in [0xE1...0xEC, 0xEE...0xEF] {
            builder.add(range, from: body, to: lastTwo, .take)
        }
        builder.add(0xF1...0xF3, from: body, to: lastThree, .take)
        let special: [(lead: UInt8, second: ClosedRange<UInt8>, next: StateID)] = [
            (0xE0, 0xA0...0xBF, last), (0xED, 0x80...0x9F, last), (0xF0, 0x90...0xBF, lastTwo),
            (0xF4, 0x80...0x8F, lastTwo),
        ]
        for (lead, second, next) in special {
            let state = try builder.state()
            builder.add(lead...lead, from: body, to: state, .take)
            builder.add(second, from: state, to: next)
        }
        // Escapes; halves of surrogate pairs only together.
        let escape = try builder.state()
        builder.add("\\", from: body, to: escape, .take)
        for letter in "\"\\/bfnrt" { builder.add(letter, from: escape, to: body) }
        let one = try hexadecimal(&builder, to: body)
        let two = try hexadecimal(&builder, to: one)
        let three = try hexadecimal(&builder, to: two)
        let lowSecond = try builder.state()
        for range in ranges("C"..."F") { builder.add(range, from: lowSecond, to: two) }
        let lowFirst = try builder.state()
        for range in ranges("D"..."D") { builder.add(range, from: lowFirst, to: lowSecond) }
        let lowLetter = try builder.state()
        builder.add("u", from: lowLetter, to: lowFirst)
        let lowEscape = try builder.state()
        builder.add("\\", from: lowEscape, to: lowLetter)
        let highTwo = try hexadecimal(&builder, to: try hexadecimal(&builder, to: lowEscape))
        let afterD = try builder.state()
        builder.add(0x30...0x37, from: afterD, to: two)
        builder.add(0x38...0x39, from: afterD, to: highTwo)
        for range in ranges("A"..."B") { builder.add(range, from: afterD, to: highTwo) }
        let first = try builder.state()
        builder.add("u", from: escape, to: first)
        builder.add(0x30...0x39, from: first, to: three)
        for range in ranges("A"..."C") + ranges("E"..."F") { builder.add(range, from: first, to: three) }
        for range in ranges("D"..."D") { builder.add(range, from: first, to: afterD) }
        return body
    }

    private static func hexadecimal(_ builder: inout GrammarBuilder, to next: StateID) throws(ConstraintError)
        -> StateID
    {
        let state = try builder.state()
        builder.add(0x30...0x39, from: state, to: next)
        for range in ranges("A"..."F") { builder.add(range, from: state, to: next) }
        return state
    }

    /// Letters in both cases.
    private static func ranges(_ letters: ClosedRange<Unicode.Scalar>) -> [ClosedRange<UInt8>] {
        let (low, high) = (
            UInt8(truncatingIfNeeded: letters.lowerBound.value), UInt8(truncatingIfNeeded: letters.upperBound.value)
        )
        return [low...high, (low | 0x20)...(high | 0x20)]
    }

    /// A string of so many characters.
    mutating func string(_ limits: Grammar.Limits) throws(ConstraintError) -> StateID {
        if limits == .none { return string }
        let start = try builder.state()
        builder.add("\"", from: start, to: body, .set, limits: limits)
        return start
    }

    // MARK: - Numbers

    /// A chain that takes up to `count` digits, each state of which accepts; gives its states, the one without digits
    /// first.
    private static func digits(
        _ builder: inout GrammarBuilder, upTo count: Int, accepts: Bool
    ) throws(ConstraintError) -> [StateID] {
        var states = [try builder.state(accepts: accepts)]
        for _ in 0..<count {
            let next = try builder.state(accepts: true)
            if let last = states.last { builder.add(0x30...0x39, from: last, to: next) }
            states.append(next)
        }
        return states
    }

    private static func number(_ builder: inout GrammarBuilder) throws(ConstraintError) -> StateID {
        let start = try builder.state()
        let minus = try builder.state()
        builder.add("-", from: start, to: minus)
        let zero = try builder.state(accepts: true)
        let whole = try digits(&builder, upTo: mostDigits - 1, accepts: true)
        for state in [start, minus] {
            builder.add("0", from: state, to: zero)
            builder.add(0x31...0x39, from: state, to: whole[0])
        }
        let fraction = try digits(&builder, upTo: mostDigits, accepts: false)
        let exponent = try digits(&builder, upTo: 2, accepts: false)
        let afterE = try builder.state()
        for sign: Character in ["+", "-"] { builder.add(sign, from: afterE, to: exponent[0]) }
        builder.add(0x30...0x39, from: afterE, to: exponent[1])
        for state in [zero] + whole { builder.add(".", from: state, to: fraction[0]) }
        for state in [zero] + whole + fraction.dropFirst() {
            for letter: Character in ["E", "e"] { builder.add(letter, from: state, to: afterE) }
        }
        return start
    }

    // MARK: - Any object and array

    /// After a comma or colon: a space or none.
    private static func spaced(_ builder: inout GrammarBuilder, _ next: StateID) throws(ConstraintError) -> StateID {
        let state = try builder.state()
        builder.add(" ", from: state, to: next)
        builder.epsilon(state, next)
        return state
    }

    mutating func spaced(_ next: StateID) throws(ConstraintError) -> StateID { try Self.spaced(&builder, next) }

    private static func object(
        _ builder: inout GrammarBuilder, key: StateID, value: StateID, end: StateID
    ) throws(ConstraintError) -> StateID {
        let start = try builder.state()
        let first = try builder.state()
        let member = try builder.state()
        let colon = try builder.state()
        let next = try builder.state()
        let content = try builder.state()
        builder.add("{", from: start, to: first)
        builder.add("}", from: first, to: end)
        builder.epsilon(first, member)
        builder.call(key, from: member, back: colon)
        builder.add(":", from: colon, to: try spaced(&builder, content))
        builder.call(value, from: content, back: next)
        builder.add(",", from: next, to: try spaced(&builder, member))
        builder.add("}", from: next, to: end)
        return start
    }

    private static func array(
        _ builder: inout GrammarBuilder, element: StateID, end: StateID
    ) throws(ConstraintError) -> StateID {
        let start = try builder.state()
        let first = try builder.state()
        let item = try builder.state()
        let next = try builder.state()
        builder.add("[", from: start, to: first)
        builder.add("]", from: first, to: end)
        builder.epsilon(first, item)
        builder.call(element, from: item, back: next)
        builder.add(",", from: next, to: try spaced(&builder, item))
        builder.add("]", from: next, to: end)
        return start
    }

    // MARK: - For those who go on

    func grammar(start: StateID) -> Grammar { Grammar(builder, start: start) }
}
