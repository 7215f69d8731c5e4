/// Where each character of an edited text stands on the screen.
struct LineLayout: Equatable, Sendable {
    /// The rows from the prompt on, each at most as wide as the terminal.
    private(set) var rows: [String] = []
    private(set) var cursorRow = 0
    private(set) var cursorColumn = 0

    /// - Parameters:
    ///   - prompt: before the first line, without colours.
    ///   - continuation: before every other line of the text.
    ///   - columns: the terminal's width.
    init(prompt: String, continuation: String, buffer: EditBuffer, columns: Int) {
        let columns = max(columns, 4)
        var row = ""
        var width = 0
        func add(_ text: String, _ textWidth: Int, _ layout: inout LineLayout) {
            if width + textWidth > columns {
                layout.rows.append(row)
                row = ""
                width = 0
            }
            row += text
            width += textWidth
        }
        func add(characters: String, _ layout: inout LineLayout) {
            for character in characters {
                if character == "\n" {
                    layout.rows.append(row)
                    row = ""
                    width = 0
                    add(continuation, CharacterWidth.columns(continuation), &layout)
                } else {
                    let visible = Self.visible(character)
                    add(visible, CharacterWidth.columns(visible), &layout)
                }
            }
        }
        add(prompt, CharacterWidth.columns(prompt), &self)
        add(characters: buffer.before, &self)
        if width == columns {
            // The cursor stands where the next character will be.
            rows.append(row)
            row = ""
            width = 0
        }
        cursorRow = rows.count
        cursorColumn = width
        add(characters: buffer.after, &self)
        rows.append(row)
    }

    /// What is shown for a character: tabs as spaces, control characters as `^X`.
    private static func visible(_ character: Character) -> String {
        guard let scalar = character.unicodeScalars.first, scalar.value < 0x20 || scalar.value == 0x7F else {
            return String(character)
        }
        if scalar == "\t" { return "    " }
        return "^" + String(Unicode.Scalar(UInt8(truncatingIfNeeded: scalar.value) ^ 0x40))
    }
}
