/// A set of characters as regular expressions write them: unions of ranges, general categories and properties,
/// negated or intersected.
struct CharacterSet: Sendable, Equatable {
    /// One bracket expression: what is in any of its parts, or, negated, what is in none.
    struct Union: Sendable, Equatable {
        /// A bit for each general category, in the order of `UnicodeData.categoryNames`.
        var categories: UInt32 = 0
        /// `UnicodeTables.Flags` of which one is enough.
        var flags: UInt32 = 0
        /// `UnicodeTables.Flags` of which one that is absent is enough: `\S`, `\W`.
        var absent: UInt32 = 0
        var ranges: [ClosedRange<UInt32>] = []
        /// Brackets within brackets.
        var nested: [CharacterSet] = []
        var isNegated = false

        func contains(_ scalar: UInt32, _ known: UInt32) -> Bool {
            var found = categories >> (known & UnicodeTables.Flags.category) & 1 != 0
            found = found || known & flags != 0 || ~known & absent != 0
            if !found, !ranges.isEmpty { found = CharacterSet.contains(scalar, in: ranges) }
            if !found { for set in nested where set.contains(scalar, known) { found = true } }
            return found != isNegated
        }
    }

    /// All of these must contain a character.
    private(set) var unions: [Union]
    let dialect: RegexDialect
    /// The answer for ASCII.
    private var low: (UInt64, UInt64) = (0, 0)

    init(_ unions: [Union], dialect: RegexDialect) {
        self.unions = unions.map { union in
            var union = union
            union.ranges = CharacterSet.merged(union.ranges)
            return union
        }
        self.dialect = dialect
        for scalar in UInt32(0)..<128 where evaluate(scalar) {
            if scalar < 64 { low.0 |= 1 << UInt64(scalar) } else { low.1 |= 1 << UInt64(scalar - 64) }
        }
    }

    static func == (a: CharacterSet, b: CharacterSet) -> Bool { a.unions == b.unions && a.dialect == b.dialect }

    @inline(__always)
    func contains(_ scalar: UInt32) -> Bool {
        if scalar < 64 { return low.0 >> UInt64(scalar) & 1 != 0 }
        if scalar < 128 { return low.1 >> UInt64(scalar - 64) & 1 != 0 }
        return evaluate(scalar)
    }

    private func evaluate(_ scalar: UInt32) -> Bool {
        var scalar = scalar
        var known = UnicodeTables.flags(scalar)
        if dialect == .llamaCpp {
            if known & UnicodeTables.Flags.later != 0 { known = 0 }
            // llama.cpp's matcher sees every white space beyond ASCII as a vertical tab.
            if scalar >= 128, known & UnicodeTables.Flags.whiteSpace != 0 {
                scalar = 0x0B
                known = UnicodeTables.flags(scalar)
            }
        }
        return contains(scalar, known)
    }

    private func contains(_ scalar: UInt32, _ known: UInt32) -> Bool {
        for union in unions where !union.contains(scalar, known) { return false }
        return true
    }

    private static func contains(_ scalar: UInt32, in ranges: [ClosedRange<UInt32>]) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < scalar { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].lowerBound <= scalar
    }

    private static func merged(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound <= last.upperBound &+ 1 {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }
}

/// Whose regular expressions: they differ in what `\w` and `$` mean and in a few spellings.
public enum RegexDialect: Sendable {
    /// Oniguruma with Ruby's syntax, which the tokenizers package uses: `^` and `$` are at lines.
    case oniguruma
    /// Rust's regex and fancy-regex, which tiktoken uses.
    case rust
    /// What llama.cpp makes of its patterns: Unicode 15.1, every `\p{L…}` is any letter, `\d` and `\w` are ASCII.
    case llamaCpp
}
