/// Cuts text by the patterns of popular vocabularies without a regular expression engine.
///
/// A pattern is known by its exact text (`WordScannerPatterns`); tests hold each scanner to the engine's cuts.
struct WordScanner: Sendable, Equatable {
    /// What may come before the letters of a word.
    enum Prefix: Sendable { case space, anyButNewline }
    /// Which apostrophe endings are cut off: "'s", "'t", "'re", "'ve", "'m", "'ll", "'d".
    enum Endings: Sendable { case none, lowerCase, anyCase }
    /// What a word is made of.
    enum Letters: Int, Sendable, CaseIterable {
        /// Letters.
        case plain
        /// Letters and marks.
        case marked
        /// Upper case and then lower case, marks and other letters being both; endings belong to the word.
        case cased
        /// The same, where only ASCII's letters have a case, and without marks: llama.cpp's way.
        case casedASCII
    }

    var prefix: Prefix
    var endings: Endings
    var letters: Letters = .plain
    /// How many digits make a word; a space may come before them where there is no limit.
    var digits = Int.max
    /// What may follow a run of symbols.
    var newlinesAfterSymbols = false
    var slashesAfterSymbols = false
    /// White space that has line ends is cut after the last of them.
    var cutsAtNewlines = false
    /// White space at the text's end is one word whatever it has.
    var joinsAtEnd = false
    /// "'s" may be written with U+017F, the long s, in any case.
    var foldsLongS = false
    /// Characters assigned after Unicode 15.1 are unknown.
    var isUnicode15 = false

    // Classes of characters, as bits.
    private static let letter: UInt8 = 1
    private static let number: UInt8 = 2
    private static let space: UInt8 = 4
    private static let mark: UInt8 = 8
    private static let upper: UInt8 = 16
    private static let lower: UInt8 = 32

    /// Calls `body` with the ends of the words that begin at `start` and after, until it says false.
    func forEachEnd(
        of text: UnsafeBufferPointer<UInt8>, from start: Int, _ body: (Int) -> Bool
    ) {
        UnicodeTables.withPages { index, flags in
            WordScanner.tables[letters.rawValue].withUnsafeBufferPointer { classes in
                let scan = Scan(rules: self, text: text, index: index, flags: flags, classes: classes)
                var place = start
                while place < text.count {
                    place = scan.end(from: place)
                    guard body(place) else { return }
                }
            }
        }
    }

    /// See `WordSplitter`.
    func cut(_ text: UnsafeBufferPointer<UInt8>, from start: Int, limit: Int, ends: inout [Int]) {
        UnicodeTables.withPages { index, flags in
            WordScanner.tables[letters.rawValue].withUnsafeBufferPointer { classes in
                let scan = Scan(rules: self, text: text, index: index, flags: flags, classes: classes)
                var place = start
                var left = limit
                while place < text.count, left > 0 {
                    place = scan.end(from: place)
                    ends.append(place)
                    left -= 1
                }
            }
        }
    }

    /// The class tables of all kinds of letters.
    private static let tables = Letters.allCases.map(classTable)

    /// The classes of the 128 ASCII characters, then of the 32 general categories.
    private static func classTable(_ letters: Letters) -> [UInt8] {
        var byCategory = [UInt8](repeating: 0, count: 32)
        let cased = letters == .cased
        let ascii = letters == .casedASCII
        for (index, name) in UnicodeData.categoryNames.enumerated() {
            var bits: UInt8 = 0
            switch name {
            case "Lu", "Lt": bits = WordScanner.letter | (cased ? WordScanner.upper : 0)
            case "Ll": bits = WordScanner.letter | (cased ? WordScanner.lower : 0)
            case "Lm", "Lo": bits = WordScanner.letter | (cased ? WordScanner.upper | WordScanner.lower : 0)
            case "Mn", "Mc", "Me": bits = WordScanner.mark | (cased ? WordScanner.upper | WordScanner.lower : 0)
            case "Nd", "Nl", "No": bits = WordScanner.number
            default: break
            }
            if ascii, bits & WordScanner.letter != 0 { bits |= WordScanner.upper | WordScanner.lower }
            byCategory[index] = bits
        }
        var table = [UInt8](repeating: 0, count: 128)
        for scalar in UInt32(0)..<128 {
            table[Int(scalar)] = byCategory[UnicodeTables.category(scalar)]
            if UnicodeTables.isWhiteSpace(scalar) { table[Int(scalar)] = WordScanner.space }
            if ascii, scalar >= 0x41, scalar <= 0x5A { table[Int(scalar)] = WordScanner.letter | WordScanner.upper }
            if ascii, scalar >= 0x61, scalar <= 0x7A { table[Int(scalar)] = WordScanner.letter | WordScanner.lower }
        }
        return table + byCategory
    }

    /// One pass over one text.
    private struct Scan {
        let rules: WordScanner
        let text: UnsafeBufferPointer<UInt8>
        let index: UnsafeBufferPointer<UInt16>
        let flags: UnsafeBufferPointer<UInt32>
        let classes: UnsafeBufferPointer<UInt8>

        /// The class of the character at a place inside the text, and its length.
        @inline(__always)
        private func look(_ place: Int) -> (kind: UInt8, length: Int) {
            let byte = text[place]
            if byte < 0x80 { return (classes[Int(byte)], 1) }
            return lookBeyondASCII(place)
        }

        private func lookBeyondASCII(_ place: Int) -> (kind: UInt8, length: Int) {
            let scalar = UTF8Scalar.at(place, in: text)
            let known = flags[Int(index[Int(scalar.value >> 8)]) << 8 | Int(scalar.value & 0xFF)]
            if known & UnicodeTables.Flags.whiteSpace != 0 { return (WordScanner.space, scalar.length) }
            if rules.isUnicode15, known & UnicodeTables.Flags.later != 0 { return (0, scalar.length) }
            return (classes[128 + Int(known & UnicodeTables.Flags.category)], scalar.length)
        }

        /// Where a run of characters of a class ends.
        @inline(__always)
        private func run(_ kind: UInt8, from start: Int) -> Int {
            var place = start
            while place < text.count {
                let (found, length) = look(place)
                guard found & kind != 0 else { break }
                place += length
            }
            return place
        }

        /// Where a run of characters ends that are of none of the classes.
        @inline(__always)
        private func runWithout(_ kinds: UInt8, from start: Int) -> Int {
            var place = start
            while place < text.count {
                let (found, length) = look(place)
                guard found & kinds == 0 else { break }
                place += length
            }
            return place
        }

        func end(from start: Int) -> Int {
            rules.prefix == .space ? endSpaced(start) : endPrefixed(start)
        }

        /// GPT-2's pattern: a space may come before letters, numbers or symbols.
        private func endSpaced(_ start: Int) -> Int {
            let (first, firstLength) = look(start)
            var kind = first
            var place = start
            if text[start] == 0x20 {
                guard start + 1 < text.count else { return start + 1 }
                place += 1
                kind = look(place).kind
            } else if text[start] == 0x27, rules.endings != .none {
                let end = ending(start)
                if end > start { return end }
            }
            if kind & WordScanner.letter != 0 { return run(WordScanner.letter, from: place) }
            if kind & WordScanner.number != 0 { return run(WordScanner.number, from: place) }
            if kind & WordScanner.space == 0 {
                return runWithout(WordScanner.letter | WordScanner.number | WordScanner.space, from: place)
            }
            return whiteSpace(start, firstLength)
        }

        /// The patterns of cl100k and those after it: any character may come before letters.
        private func endPrefixed(_ start: Int) -> Int {
            let (kind, length) = look(start)
            let byte = text[start]
            let isCased = rules.letters == .cased || rules.letters == .casedASCII
            if !isCased, byte == 0x27, rules.endings != .none {
                let end = ending(start)
                if end > start { return end }
            }
            let takesPrefix =
                kind & (WordScanner.letter | WordScanner.number) == 0 && byte != 0x0A && byte != 0x0D
            if isCased {
                if let end = casedWord(start, takesPrefix ? start + length : nil) { return ending(end) }
            } else {
                let letters = WordScanner.letter | (rules.letters == .marked ? WordScanner.mark : 0)
                if takesPrefix, start + length < text.count, look(start + length).kind & letters != 0 {
                    return run(letters, from: start + length)
                }
                if kind & letters != 0 { return run(letters, from: start) }
            }
            if kind & WordScanner.number != 0 {
                var place = start
                var count = 0
                while place < text.count, count < rules.digits {
                    let (found, length) = look(place)
                    guard found & WordScanner.number != 0 else { break }
                    place += length
                    count += 1
                }
                return place
            }
            if let end = symbols(start, kind) { return end }
            return whiteSpace(start, length)
        }

        private func symbols(_ start: Int, _ kind: UInt8) -> Int? {
            var words = WordScanner.letter | WordScanner.number | WordScanner.space
            if rules.letters == .marked { words |= WordScanner.mark }
            var place = start
            var first = kind
            if text[start] == 0x20, start + 1 < text.count {
                place += 1
                first = look(place).kind
            }
            guard first & words == 0 else { return nil }
            place = runWithout(words, from: place)
            while place < text.count {
                let byte = text[place]
                guard
                    (rules.newlinesAfterSymbols && (byte == 0x0A || byte == 0x0D))
                        || (rules.slashesAfterSymbols && byte == 0x2F)
                else { break }
                place += 1
            }
            return place
        }

        /// A word of upper and then lower case, without its ending. `prefixed` is where it begins after a prefix, if
        /// it may have one. In the pattern's order: with lower case (prefixed, plain), then without.
        private func casedWord(_ start: Int, _ prefixed: Int?) -> Int? {
            var onlyUpper: Int?
            for begin in [prefixed, start] {
                guard let begin else { continue }
                var place = begin
                var afterLastLower: Int?
                while place < text.count {
                    let (found, length) = look(place)
                    guard found & WordScanner.upper != 0 else { break }
                    place += length
                    if found & WordScanner.lower != 0 { afterLastLower = place }
                }
                let end = run(WordScanner.lower, from: place)
                if end > place { return end }
                if let afterLastLower { return afterLastLower }
                if onlyUpper == nil, place > begin { onlyUpper = place }
            }
            return onlyUpper
        }

        /// Where an apostrophe ending ends that begins at `place`; `place` itself where there is none.
        private func ending(_ place: Int) -> Int {
            guard rules.endings != .none, place + 1 < text.count, text[place] == 0x27 else { return place }
            var first = text[place + 1]
            if rules.endings == .anyCase {
                if rules.foldsLongS, first == 0xC5, place + 2 < text.count, text[place + 2] == 0xBF { return place + 3 }
                if first >= 0x41, first <= 0x5A { first |= 0x20 }
            }
            switch first {
            case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return place + 2
            case UInt8(ascii: "r"), UInt8(ascii: "v"), UInt8(ascii: "l"):
                guard place + 2 < text.count else { return place }
                var second = text[place + 2]
                if rules.endings == .anyCase, second >= 0x41, second <= 0x5A { second |= 0x20 }
                return second == (first == UInt8(ascii: "l") ? first : UInt8(ascii: "e")) ? place + 3 : place
            default: return place
            }
        }

        /// White space: before another word all but the last character, which may belong to that word.
        private func whiteSpace(_ start: Int, _ firstLength: Int) -> Int {
            var place = start
            var last = start
            var afterNewline = -1
            while place < text.count {
                let (found, length) = look(place)
                guard found & WordScanner.space != 0 else { break }
                last = place
                place += length
                if text[last] == 0x0A || text[last] == 0x0D { afterNewline = place }
            }
            if rules.joinsAtEnd, place == text.count { return place }
            if rules.cutsAtNewlines, afterNewline > 0 { return afterNewline }
            if place == text.count { return place }
            return last > start ? last : start + firstLength
        }
    }
}
