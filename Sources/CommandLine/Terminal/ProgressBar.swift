import Glibc
import Synchronization

/// Shows how far a long task is: a bar in place at a terminal once the task takes over two seconds, and a plain line now
/// and then otherwise.
final class ProgressBar: Sendable {
    private struct State {
        var label: String
        var completed = 0
        var shownAt = -Double.infinity
        var hasShown = false
        var isFinished = false
        /// Moments and amounts of the last seconds, for the rate.
        var samples: [(time: Double, completed: Int)] = []
    }

    /// A task shorter than this shows nothing.
    static let patience = 2.0
    private static let redrawInterval = 0.1
    private static let lineInterval = 10.0
    /// The rate is that of this many last seconds.
    private static let rateWindow = 5.0

    private let total: Int?
    private let unit: ProgressLine.Unit
    private let messages: MessageChannel
    private let words: Messages
    private let now: @Sendable () -> Double
    private let start: Double
    private let state: Mutex<State>
    private let ticker: Ticker?

    /// - Parameters:
    ///   - total: the amount at the end, where it is known.
    ///   - completed: what was done earlier, such as the part of a file that a former download left.
    ///   - ticks: whether the bar looks at the clock by itself, for tasks that take long between two updates.
    init(
        _ label: String, total: Int?, completed: Int = 0, unit: ProgressLine.Unit, ticks: Bool = false,
        console: Console = .current, now: @escaping @Sendable () -> Double = ProgressBar.seconds
    ) {
        self.total = total
        self.unit = unit
        messages = console.messages
        words = console.words
        self.now = now
        start = now()
        state = Mutex(State(label: label, completed: completed, samples: [(start, completed)]))
        ticker = ticks && messages.terminal.movesCursor ? Ticker(every: 0.25) : nil
        ticker?.start { [weak self] in self?.draw() }
    }

    /// How much is done by now.
    func update(_ completed: Int) { change { $0.completed = completed } }

    func advance(by amount: Int) { change { $0.completed += amount } }

    /// What is being done now, for tasks of several parts.
    func rename(_ label: String) { change { $0.label = label } }

    /// Takes the bar away; where plain lines were written, adds a closing one.
    func finish() {
        ticker?.stop()
        state.withLock { state in
            if state.hasShown, !messages.terminal.movesCursor { messages.line(line(state, at: now()).plainText) }
            (state.hasShown, state.isFinished) = (false, true)
            messages.showStatus("")
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let time = now()
        state.withLock { state in
            body(&state)
            if time - (state.samples.last?.time ?? 0) >= Self.redrawInterval {
                state.samples.append((time, state.completed))
                while state.samples.count > 2, time - state.samples[1].time > Self.rateWindow {
                    state.samples.removeFirst()
                }
            }
        }
        draw()
    }

    /// Shows what holds now, when it is time to; inside the lock, so that nothing is drawn after the end.
    private func draw() {
        let time = now()
        state.withLock { state in
            let interval = messages.terminal.movesCursor ? Self.redrawInterval : Self.lineInterval
            guard !state.isFinished, isLong(state, at: time), time - state.shownAt >= interval else { return }
            state.shownAt = time
            state.hasShown = true
            let line = line(state, at: time)
            if messages.terminal.movesCursor {
                messages.showStatus(line.bar(columns: messages.terminal.size.columns, style: messages.style))
            } else {
                messages.line(line.plainText)
            }
        }
    }

    /// Past the patience, or (after a moment, at a terminal) sure to go past it.
    private func isLong(_ state: State, at time: Double) -> Bool {
        let elapsed = time - start
        if elapsed >= Self.patience { return true }
        guard messages.terminal.movesCursor, elapsed >= 0.5, let total, let first = state.samples.first else {
            return false
        }
        let share = Double(state.completed - first.completed) / Double(max(1, total - first.completed))
        return share < elapsed / (2 * Self.patience)
    }

    private func line(_ state: State, at time: Double) -> ProgressLine {
        let first = state.samples.first ?? (start, 0)
        let span = time - first.time
        let rate = span > 0 ? Double(state.completed - first.completed) / span : 0
        return ProgressLine(
            label: state.label, completed: state.completed, total: total, rate: rate, elapsed: time - start, unit: unit,
            words: words)
    }

    /// Seconds of a clock that only goes forward.
    @Sendable static func seconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
