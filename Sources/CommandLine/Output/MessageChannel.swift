import Synchronization

/// Messages for the user on standard error: lines, and below them one status line that changes in place.
final class MessageChannel: Sendable {
    let terminal: Terminal
    private let sink: any ByteSink
    private let status = Mutex("")

    init(sink: any ByteSink, terminal: Terminal) {
        self.sink = sink
        self.terminal = terminal
    }

    var style: Style { Style(isOn: terminal.usesColour) }

    func line(_ text: String) {
        status.withLock { status in
            sink.write(status.isEmpty ? text + "\n" : "\r\u{1B}[K" + text + "\n" + status)
        }
    }

    /// Shows a status line, or takes it away with an empty text. Only for terminals.
    func showStatus(_ text: String) {
        guard terminal.movesCursor else { return }
        status.withLock { status in
            guard text != status else { return }
            sink.write("\r\u{1B}[K" + text)
            status = text
        }
    }
}
