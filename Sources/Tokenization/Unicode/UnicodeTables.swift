/// Properties of Unicode's characters, unpacked once from `UnicodeData` (which says the version).
enum UnicodeTables {
    /// General categories in the order of `UnicodeData.categoryNames`.
    static let categoryCount = UnicodeData.categoryNames.count

    /// What is known of a character: bits 0 to 4 are its category, the others properties.
    struct Flags {
        static let category: UInt32 = 0x1F
        static let whiteSpace: UInt32 = 1 << 5
        static let word: UInt32 = 1 << 6
        static let later: UInt32 = 1 << 7
        static let combiningMark: UInt32 = 1 << 8
        static let bertMark: UInt32 = 1 << 9
        static let bertControl: UInt32 = 1 << 10
        static let punctuation: UInt32 = 1 << 11
        static let numeric: UInt32 = 1 << 12
        /// Has a canonical, or a compatibility, decomposition.
        static let canonical: UInt32 = 1 << 13
        static let compatible: UInt32 = 1 << 14
        /// Has a combining class, or may be composed with a character before it.
        static let joins: UInt32 = 1 << 15
        static let alphabetic: UInt32 = 1 << 16
    }

    /// Flags by character: pages of 256, of which equal ones are kept once.
    private static let pages: (index: [UInt16], flags: [UInt32]) = unpack()

    /// The flags of a code point; those of an unassigned character beyond the last.
    @inline(__always)
    static func flags(_ scalar: UInt32) -> UInt32 {
        guard scalar < 0x110000 else { return 0 }
        return pages.flags[Int(pages.index[Int(scalar >> 8)]) << 8 | Int(scalar & 0xFF)]
    }

    /// Calls `body` with the tables themselves, for loops.
    static func withPages<Result>(
        _ body: (UnsafeBufferPointer<UInt16>, UnsafeBufferPointer<UInt32>) throws -> Result
    ) rethrows -> Result {
        try pages.index.withUnsafeBufferPointer { index in
            try pages.flags.withUnsafeBufferPointer { try body(index, $0) }
        }
    }

    /// The category's place in `UnicodeData.categoryNames`.
    static func category(_ scalar: UInt32) -> Int { Int(flags(scalar) & Flags.category) }
    static func isWhiteSpace(_ scalar: UInt32) -> Bool { flags(scalar) & Flags.whiteSpace != 0 }
    /// `\w` as in Rust's regex.
    static func isWord(_ scalar: UInt32) -> Bool { flags(scalar) & Flags.word != 0 }
    /// A mark that the tokenizers package's `StripAccents` takes away.
    static func isCombiningMark(_ scalar: UInt32) -> Bool { flags(scalar) & Flags.combiningMark != 0 }
    /// An accent, a control character, punctuation: as the tokenizers package's BERT steps see them.
    static func isBERTMark(_ scalar: UInt32) -> Bool { flags(scalar) & Flags.bertMark != 0 }
    static func isBERTControl(_ scalar: UInt32) -> Bool { flags(scalar) & Flags.bertControl != 0 }
    static func isBERTPunctuation(_ scalar: UInt32) -> Bool { flags(scalar) & Flags.punctuation != 0 }
    /// Rust's `char::is_numeric`, which the pre-tokenizer `Digits` uses.
    static func isNumeric(_ scalar: UInt32) -> Bool { flags(scalar) & Flags.numeric != 0 }

    /// The lower case of a character: one code point, but two for U+0130.
    static func lowerCase(_ scalar: UInt32) -> (UInt32, UInt32?) {
        if scalar < 0x80 { return (scalar >= 0x41 && scalar <= 0x5A ? scalar | 0x20 : scalar, nil) }
        if scalar == 0x130 { return (0x69, 0x307) }
        return (lower[scalar] ?? scalar, nil)
    }

    /// Simple case folding.
    static func folded(_ scalar: UInt32) -> UInt32 {
        if scalar < 0x80 { return scalar >= 0x41 && scalar <= 0x5A ? scalar | 0x20 : scalar }
        return fold[scalar] ?? scalar
    }

    /// All characters whose simple case folding is `scalar`, itself included.
    static func unfolded(_ scalar: UInt32) -> [UInt32] { [scalar] + (foldedFrom[scalar] ?? []) }

    /// The ranges of characters of a script by its name or short name, without regard to case, "_", "-" and spaces.
    static func script(_ name: some Collection<UInt8>) -> [ClosedRange<UInt32>]? {
        let key = name.compactMap { byte -> UInt8? in
            if byte == 0x20 || byte == 0x2D || byte == 0x5F { return nil }
            return byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
        }
        return scripts[key]
    }

    private static let lower = CompactText.stretched(UnicodeData.lowerCase)
    private static let fold = CompactText.stretched(UnicodeData.foldCase)
    private static let foldedFrom: [UInt32: [UInt32]] = {
        var result: [UInt32: [UInt32]] = [:]
        for scalar in UInt32(0x41)...0x5A { result[scalar | 0x20] = [scalar] }
        for (scalar, to) in fold.sorted(by: { $0.key < $1.key }) where scalar >= 0x80 {
            result[to, default: []].append(scalar)
        }
        return result
    }()

    private static let scripts: [[UInt8]: [ClosedRange<UInt32>]] = {
        var result: [[UInt8]: [ClosedRange<UInt32>]] = [:]
        for entry in CompactText.split(UnicodeData.scripts, ";") {
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let ranges = CompactText.ranges(entry[(equals + 1)...])
            for name in entry[..<equals].split(separator: UInt8(ascii: ",")) { result[Array(name)] = ranges }
        }
        return result
    }()

    private static func unpack() -> ([UInt16], [UInt32]) {
        var flags = [UInt32](repeating: 0, count: 0x110000)
        CompactText.forEachRun(UnicodeData.categories) { category, range in
            for scalar in range where scalar < flags.count { flags[scalar] = UInt32(category) }
        }
        func mark(_ ranges: [ClosedRange<UInt32>], _ bit: UInt32) {
            for range in ranges { for scalar in range where scalar < 0x110000 { flags[Int(scalar)] |= bit } }
        }
        mark(CompactText.ranges(UnicodeData.whiteSpace), Flags.whiteSpace)
        mark(CompactText.ranges(UnicodeData.word), Flags.word)
        mark(CompactText.ranges(UnicodeData.alphabetic), Flags.alphabetic)
        mark(CompactText.ranges(UnicodeData.later), Flags.later)
        mark(CompactText.ranges(UnicodeData.combiningMarks), Flags.combiningMark)
        mark(CompactText.ranges(UnicodeData.bertMarks), Flags.bertMark)
        mark(CompactText.ranges(UnicodeData.bertControls), Flags.bertControl)
        mark(CompactText.ranges(UnicodeData.punctuation), Flags.punctuation)
        mark(CompactText.ranges(UnicodeData.numeric), Flags.numeric)
        let normalization = NormalizationData.shared
        for scalar in normalization.canonical.keys { flags[Int(scalar)] |= Flags.canonical }
        for scalar in normalization.compatible.keys { flags[Int(scalar)] |= Flags.compatible }
        for scalar in normalization.classes.keys { flags[Int(scalar)] |= Flags.joins }
        for pair in normalization.pairs.keys { flags[Int(pair & 0x1F_FFFF)] |= Flags.joins }
        mark([0xAC00...0xD7A3], Flags.canonical)
        mark([0x1161...0x1175, 0x11A8...0x11C2], Flags.joins)

        var index: [UInt16] = []
        var kept: [UInt32] = []
        var seen: [[UInt32]: UInt16] = [:]
        for page in stride(from: 0, to: flags.count, by: 256) {
            let content = Array(flags[page..<page + 256])
            if let known = seen[content] {
                index.append(known)
            } else {
                let new = UInt16(kept.count >> 8)
                seen[content] = new
                index.append(new)
                kept += content
            }
        }
        return (index, kept)
    }
}
