import Glibc

/// Draws an edited text in place, row over row, with one write each time.
struct Screen {
    private let output: Terminal
    private let style: Style
    /// The row of the last picture in which the cursor was left.
    private var cursorRow = 0
    private var cursorColumn = 0
    /// Columns of each row of the last picture.
    private var widths: [Int] = []

    init(output: Terminal) {
        self.output = output
        style = Style(isOn: output.usesColour)
    }

    mutating func show(prompt: String, continuation: String, buffer: EditBuffer) {
        let size = output.size
        let layout = LineLayout(prompt: prompt, continuation: continuation, buffer: buffer, columns: size.columns)
        // A text taller than the screen is shown around its cursor.
        let first = max(0, min(layout.cursorRow - size.rows + 1 + size.rows / 4, layout.rows.count - size.rows))
        let visible = layout.rows.dropFirst(first).prefix(size.rows)
        var picture =
            toFirstRow
            + visible.enumerated().map { coloured($1, prompt, continuation, first + $0) }
            .joined(separator: "\r\n")
        let last = visible.count - 1
        let cursor = layout.cursorRow - first
        if last > cursor { picture += "\u{1B}[\(last - cursor)A" }
        picture += "\r"
        if layout.cursorColumn > 0 { picture += "\u{1B}[\(layout.cursorColumn)C" }
        cursorRow = cursor
        cursorColumn = layout.cursorColumn
        widths = visible.map { CharacterWidth.columns($0) }
        send(picture)
    }

    /// Draws the text a last time and goes to the line below it.
    mutating func leave(prompt: String, continuation: String, buffer: EditBuffer, mark: String = "") {
        let size = output.size
        let layout = LineLayout(prompt: prompt, continuation: continuation, buffer: buffer, columns: size.columns)
        let rows = layout.rows.enumerated().map { coloured($1, prompt, continuation, $0) }
        send(toFirstRow + rows.joined(separator: "\r\n") + mark + "\r\n")
        cursorRow = 0
    }

    mutating func clear() {
        send("\u{1B}[H\u{1B}[2J")
        cursorRow = 0
    }

    /// The window has another size: today's terminals break rows that have become too long, and the cursor went with its
    /// character.
    mutating func resize() {
        let columns = max(1, output.size.columns)
        let above = widths.prefix(cursorRow).reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
        cursorRow = above + cursorColumn / columns
    }

    /// Something else has been written: the next picture begins where the cursor is.
    mutating func forget() { cursorRow = 0 }

    func bell() { send("\u{07}") }

    private var toFirstRow: String { (cursorRow > 0 ? "\u{1B}[\(cursorRow)A" : "") + "\r\u{1B}[J" }

    private func coloured(_ row: String, _ prompt: String, _ continuation: String, _ index: Int) -> String {
        if index == 0, row.hasPrefix(prompt) { return style.cyan(prompt) + row.dropFirst(prompt.count) }
        if index > 0, row.hasPrefix(continuation) { return style.dim(continuation) + row.dropFirst(continuation.count) }
        return row
    }

    private func send(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(output.descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno != EINTR {
                return
            }
        }
    }
}
