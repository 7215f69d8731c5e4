/// Breaks a stream of text between words at a terminal's width.
///
/// Each piece is shown at once. Where a word turns out not to fit, what stands of it is taken back from the end of its
/// row and written on the next one. Ideographs and kana may be parted anywhere except before closing and after opening
/// punctuation (the line-breaking habits of Unicode Standard Annex 14 that matter in running text).
struct WordWrap {
    /// The column that the next character takes, from 0 on.
    private var column = 0
    /// What was written since the last place where the row may be broken.
    private var word = ""
    private var wordColumns = 0
    /// The last character, which the next piece may go on with (an accent, a joined emoji).
    private var last: Character?

    /// A whole text for a terminal.
    static func wrapped(_ text: String, columns: Int) -> String {
        var wrap = WordWrap()
        return wrap.feed(text, columns: columns)
    }

    /// What to send to the terminal for the next piece of text.
    mutating func feed(_ piece: String, columns: Int) -> String {
        let columns = max(columns, 4)
        var output = ""
        for character in joined(piece, &output) { add(character, columns, &output) }
        return output
    }

    /// The characters of a piece, without those scalars at its beginning that belong to the last character.
    private mutating func joined(_ piece: String, _ output: inout String) -> Substring {
        guard let last, let first = (String(last) + piece).first, first != last, last != "\n" else { return piece[...] }
        let rest = String(String.UnicodeScalarView(first.unicodeScalars.dropFirst(last.unicodeScalars.count)))
        guard piece.unicodeScalars.starts(with: rest.unicodeScalars) else { return piece[...] }
        output += rest
        let change = CharacterWidth.columns(first) - CharacterWidth.columns(last)
        (column, wordColumns) = (column + change, max(0, wordColumns + change))
        if word.last == last { word += rest }
        self.last = first
        return String(piece.unicodeScalars.dropFirst(rest.unicodeScalars.count))[...]
    }

    private mutating func add(_ character: Character, _ columns: Int, _ output: inout String) {
        defer { last = character }
        if character == "\n" {
            output += "\n"
            (column, word, wordColumns) = (0, "", 0)
            return
        }
        if character == " " || character == "\t" {
            (word, wordColumns) = ("", 0)
            let width = character == "\t" ? min(8 - column % 8, max(0, columns - column)) : 1
            // At the end of a row a space is not seen, and must not open the next row.
            guard column < columns else { return }
            output += String(repeating: " ", count: width)
            column += width
            return
        }
        if mayBreak(before: character) { (word, wordColumns) = ("", 0) }
        let width = CharacterWidth.columns(character)
        if column + width > columns {
            if wordColumns > 0, wordColumns < column, wordColumns + width <= columns {
                // ECMA-48: to the word's first column, then erase to the end of the row.
                output += "\u{1B}[\(column - wordColumns + 1)G\u{1B}[K\n" + word
                column = wordColumns
            } else {
                output += "\n"
                (column, word, wordColumns) = (0, "", 0)
            }
        }
        output.append(character)
        word.append(character)
        column += width
        wordColumns += width
    }

    private func mayBreak(before character: Character) -> Bool {
        guard let last, !word.isEmpty else { return false }
        if Self.closing.contains(character) || Self.opening.contains(last) { return false }
        if Self.isIdeograph(character) || Self.isIdeograph(last) || Self.closing.contains(last) { return true }
        // "well-known" may be parted, "--flag" and "-5" not.
        return last == "-" && character.isLetter && word.dropLast().last?.isLetter == true
    }

    /// Characters between which a row may be broken without a space.
    private static func isIdeograph(_ character: Character) -> Bool {
        guard let value = character.unicodeScalars.first?.value else { return false }
        return (0x2E80...0x2FDF).contains(value) || (0x3040...0x9FFF).contains(value)
            || (0xF900...0xFAFF).contains(value) || (0x20000...0x3FFFD).contains(value) || opening.contains(character)
    }

    private static let opening: Set<Character> = ["（", "「", "『", "【", "《", "〈", "〔", "［", "｛", "“", "‘"]
    /// Not at a row's beginning; after the wide ones a row may be broken.
    private static let closing: Set<Character> = [
        "，", "。", "、", "！", "？", "；", "：", "）", "」", "』", "】", "》", "〉", "〕", "］", "｝", "”", "’", "…", "—",
        "ー", "々", "～", "％", "·",
    ]
}
