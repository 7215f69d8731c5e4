/// A regular expression over UTF-8, as tokenizers use them to cut text: the leftmost match, of several that begin there
/// the one by the first alternative. Bytes that are not UTF-8 count as U+FFFD each.
///
/// Patterns that popular vocabularies have are run by scanners written for them, all others by a backtracking engine.
/// The engine's steps are limited to a thousand for each byte of a text: a pattern that goes past that (none that a
/// published tokenizer has does) finds nothing more in the text.
public struct TokenizerRegex: Sendable {
    public let pattern: [UInt8]
    public let dialect: RegexDialect
    private let program: RegexProgram
    let scanner: WordScanner?

    /// - Throws: `RegexError` for what is malformed, or not supported (references to groups, conditions, …).
    public init(_ pattern: some Collection<UInt8>, dialect: RegexDialect) throws(RegexError) {
        try self.init(pattern, dialect: dialect, usesScanner: true)
    }

    public init(_ pattern: String, dialect: RegexDialect = .oniguruma) throws(RegexError) {
        try self.init(pattern.utf8, dialect: dialect)
    }

    /// - Parameter usesScanner: false to run the engine whatever the pattern, to compare the two.
    init(_ pattern: some Collection<UInt8>, dialect: RegexDialect, usesScanner: Bool) throws(RegexError) {
        self.pattern = Array(pattern)
        self.dialect = dialect
        program = try RegexProgram(try RegexParser.parse(self.pattern, dialect), pattern: self.pattern)
        scanner = usesScanner ? WordScanner(pattern: self.pattern, dialect: dialect) : nil
    }

    /// All matches from left to right; they do not overlap, and an empty one does not touch the end of one before it.
    public func matches(in text: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        var result: [Range<Int>] = []
        forEachMatch(in: text, from: 0) {
            result.append($0)
            return true
        }
        return result
    }

    /// Whether the pattern matches somewhere in a text; nil where the engine's steps do not suffice to know.
    public func isFound(in text: [UInt8]) -> Bool? {
        var isFound = false
        let isKnown = text.withUnsafeBufferPointer { text in
            forEachMatch(in: text, from: 0) { _ in
                isFound = true
                return false
            }
        }
        return isFound || isKnown ? isFound : nil
    }

    /// Calls `body` with the matches from left to right that begin at `start` or later, until it says false.
    ///
    /// - Returns: false where the steps were used up before the text's end.
    @discardableResult
    func forEachMatch(in text: UnsafeBufferPointer<UInt8>, from start: Int, _ body: (Range<Int>) -> Bool) -> Bool {
        if let scanner {
            var place = start
            scanner.forEachEnd(of: text, from: start) { end in
                defer { place = end }
                return body(place..<end)
            }
            return true
        }
        return program.operations.withUnsafeBufferPointer { operations in
            program.sets.withUnsafeBufferPointer { sets -> Bool in
                var matcher = RegexMatcher(
                    operations: operations, sets: sets, registers: program.registers, text: text, dialect: dialect)
                var place = start
                var last = -1
                while place <= text.count, matcher.steps > 0 {
                    if let first = program.firstBytes {
                        while place < text.count, !first[Int(text[place])] { place += 1 }
                        guard place < text.count else { return true }
                    }
                    // Continuation bytes begin no match.
                    if let end = matcher.match(at: place), end > place || place != last {
                        guard body(place..<end) else { return true }
                        last = end
                        if end > place {
                            place = end
                            continue
                        }
                    }
                    guard matcher.steps > 0, place < text.count else { break }
                    place += UTF8Scalar.at(place, in: text).length
                }
                return matcher.steps > 0
            }
        }
    }
}
