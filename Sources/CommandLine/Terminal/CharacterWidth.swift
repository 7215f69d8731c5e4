/// How many columns a terminal gives to text (Unicode Standard Annex 11, and the habits of today's terminals for emoji).
enum CharacterWidth {
    /// Columns of one character (a grapheme cluster): 0, 1 or 2.
    static func columns(_ character: Character) -> Int {
        var widest = 0
        for scalar in character.unicodeScalars {
            // Variation selector 16 asks for the coloured picture, which takes two columns.
            if scalar.value == 0xFE0F && widest > 0 { return 2 }
            widest = max(widest, columns(scalar))
        }
        return widest
    }

    /// Columns of a text without control characters.
    static func columns(_ text: some StringProtocol) -> Int {
        text.reduce(0) { $0 + columns($1) }
    }

    /// Columns of one scalar on its own: 0, 1 or 2.
    static func columns(_ scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value >= 0x20 && value < 0x7F { return 1 }
        if value < 0xA0 { return 0 }
        // Vowels and finals of Hangul written as separate letters join the syllable before them.
        if (0x1160...0x11FF).contains(value) { return 0 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        case .format: return value == 0xAD ? 1 : 0
        case .lineSeparator, .paragraphSeparator, .control: return 0
        default: break
        }
        if value < 0x1100 { return 1 }
        if scalar.properties.isEmojiPresentation || isWide(value) { return 2 }
        return 1
    }

    /// Blocks whose East_Asian_Width is W or F; wide emoji outside them are known by their own property.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
        0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F265, 0x20000...0x3FFFD,
    ]

    private static func isWide(_ value: UInt32) -> Bool {
        for range in wide {
            if value < range.lowerBound { return false }
            if value <= range.upperBound { return true }
        }
        return false
    }
}

extension String {
    /// The text cut at `columns` terminal columns, with an ellipsis in its last one when something was cut.
    func fitted(toColumns columns: Int) -> String {
        guard CharacterWidth.columns(self) > columns else { return self }
        guard columns > 0 else { return "" }
        var width = 0
        var kept = ""
        for character in self {
            let next = CharacterWidth.columns(character)
            if width + next > columns - 1 { break }
            kept.append(character)
            width += next
        }
        return kept + "…"
    }

    /// The text followed by as many spaces as fill `columns`.
    func padded(toColumns columns: Int) -> String {
        self + String(repeating: " ", count: max(0, columns - CharacterWidth.columns(self)))
    }

    /// The text with spaces before it that fill `columns`.
    func rightAligned(inColumns columns: Int) -> String {
        String(repeating: " ", count: max(0, columns - CharacterWidth.columns(self))) + self
    }
}
