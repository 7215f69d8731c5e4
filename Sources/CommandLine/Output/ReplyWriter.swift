import Synchronization

/// Writes what a model says, as it comes: broken between words at a terminal, and exactly as it is anywhere else.
final class ReplyWriter: Sendable {
    private let console: Console
    private let wrap = Mutex(WordWrap())

    init(console: Console) { self.console = console }

    func write(_ piece: String) {
        let terminal = console.terminal
        if terminal.movesCursor {
            let columns = terminal.size.columns
            console.write(wrap.withLock { $0.feed(piece.withoutControls, columns: columns) })
        } else {
            console.write(piece)
        }
        console.flush()
    }
}

extension String {
    /// Without control characters except newlines and tabs: what a model says must not steer the terminal.
    var withoutControls: String {
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar == "\n" || scalar == "\t" || !(scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)) {
                result.append(scalar)
            }
        }
        return String(result)
    }
}
