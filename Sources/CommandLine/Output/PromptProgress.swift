import Synchronization

/// Shows how much of a long prompt a model has read.
final class PromptProgress: Sendable {
    private let console: Console
    private let bar = Mutex<ProgressBar?>(nil)

    init(console: Console) { self.console = console }

    /// Takes the place of the bar as soon as all is read, so that the reply begins on an empty row.
    func update(_ read: Int, of total: Int) {
        let current = bar.withLock { bar in
            let current =
                bar
                ?? ProgressBar(
                    console.words.readingPrompt, total: total, completed: read, unit: .tokens, ticks: true,
                    console: console)
            bar = current
            return current
        }
        if read < total { current.update(read) } else { finish() }
    }

    func finish() {
        let last = bar.withLock { bar in
            defer { bar = nil }
            return bar
        }
        last?.finish()
    }
}
