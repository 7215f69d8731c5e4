import Synchronization

/// Messages for the user on standard error: lines, and below them a status of one or more rows that changes in place.
final class MessageChannel: Sendable {
    let terminal: Terminal
    private let sink: any ByteSink
    private let status = Mutex<[String]>([])

    init(sink: any ByteSink, terminal: Terminal) {
        self.sink = sink
        self.terminal = terminal
    }

    var style: Style { Style(isOn: terminal.usesColour) }

    func line(_ text: String) {
        status.withLock { rows in
            let erasing = rows.isEmpty ? "" : toFirst(of: rows) + (rows.count == 1 ? "\u{1B}[K" : "\u{1B}[J")
            sink.write(erasing + text + "\n" + rows.joined(separator: "\r\n"))
        }
    }

    /// Shows a status line, or takes it away with an empty text. Only for terminals.
    func showStatus(_ text: String) { showStatus(rows: text.isEmpty ? [] : [text]) }

    /// Shows a status of several rows, none of which may fill its row; of more than the window has, the first.
    func showStatus(rows new: [String]) {
        guard terminal.movesCursor else { return }
        let new = Array(new.prefix(max(1, terminal.size.rows - 1)))
        status.withLock { rows in
            guard new != rows else { return }
            if rows.count > 1, rows.count == new.count, height(of: rows) == rows.count {
                // Only what has changed, so that nothing flickers.
                let changed = zip(rows, new).map { $0 == $1 ? "" : $1 + "\u{1B}[K" }
                sink.write(toFirst(of: rows) + changed.joined(separator: "\r\n"))
            } else {
                let erasing = rows.count <= 1 && new.count <= 1 ? "\u{1B}[K" : "\u{1B}[J"
                sink.write(toFirst(of: rows) + erasing + new.joined(separator: "\r\n"))
            }
            rows = new
        }
    }

    /// From the end of the status to the beginning of its first row.
    private func toFirst(of rows: [String]) -> String {
        let height = rows.count > 1 ? height(of: rows) : 1
        return (height > 1 ? "\u{1B}[\(height - 1)A" : "") + "\r"
    }

    /// Rows of the window that a status takes: when the window has become narrower, its rows were broken.
    private func height(of rows: [String]) -> Int {
        let columns = max(1, terminal.size.columns)
        return rows.reduce(0) { $0 + max(1, (CharacterWidth.columns($1.withoutStyle) + columns - 1) / columns) }
    }
}

extension String {
    /// Without the sequences that set colours and weights (ECMA-48 SGR).
    var withoutStyle: String {
        guard utf8.contains(0x1B) else { return self }
        var result = String.UnicodeScalarView()
        var isInside = false
        for scalar in unicodeScalars {
            if scalar == "\u{1B}" {
                isInside = true
            } else if isInside {
                if scalar == "m" { isInside = false }
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }
}
