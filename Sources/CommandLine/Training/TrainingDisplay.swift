import ApusTraining
import Synchronization

/// What a person sees while a model learns.
///
/// At a terminal: a line in place with step, losses, speed and time left, below it the curve of the loss, and above both
/// what the model writes on the way; at the end the curve stays. Otherwise a plain line now and then, and one with each
/// measurement of the held-out loss.
final class TrainingDisplay: Sendable {
    private struct State {
        var history: RunHistory
        var steps: Int
        /// The clock and the step when this sitting began.
        var start: (time: Double, step: Int)?
        /// What the steps of the last seconds took, for the speed.
        var samples: [(time: Double, seconds: Double, tokens: Int)] = []
        /// Seconds that were left by the clock of the last event.
        var left: (seconds: Double, time: Double)?
        var lineAt = -Double.infinity
        var curveAt = -Double.infinity
        var curve: [String] = []
        var hasShown = false
        var isFinished = false
    }

    private static let redrawInterval = 0.1
    private static let curveInterval = 1.0
    private static let plainInterval = 10.0
    /// The speed is that of this many last seconds.
    private static let speedWindow = 10.0
    /// A curve of fewer points says nothing.
    private static let fewestPoints = 8

    private let console: Console
    private let messages: MessageChannel
    private let now: @Sendable () -> Double
    private let state: Mutex<State>
    private let ticker: Ticker?

    /// - Parameters:
    ///   - total: steps of the whole run.
    ///   - history: what a resumed run went through before.
    init(
        total: Int, console: Console, history: RunHistory = RunHistory(),
        now: @escaping @Sendable () -> Double = ProgressBar.seconds
    ) {
        self.console = console
        messages = console.messages
        self.now = now
        state = Mutex(State(history: history, steps: total))
        // A step may take long; the time that is left goes down meanwhile.
        ticker = messages.terminal.movesCursor ? Ticker(every: 0.5) : nil
        ticker?.start { [weak self] in self?.draw() }
    }

    /// - Parameter steps: of the whole run, by now: a run of so many hours corrects its plan.
    func show(_ event: RunEvent, of steps: Int) {
        let time = now()
        state.withLock { state in
            state.history.add(event)
            state.steps = steps
            let done = state.history.step
            // What was before the first event is not this sitting's.
            let start = state.start ?? (time, done)
            state.start = start
            state.samples.append((time, state.history.stepSeconds, state.history.stepTokens))
            while state.samples.count > 2, time - state.samples[1].time > Self.speedWindow {
                state.samples.removeFirst()
            }
            if done > start.step {
                let each = (time - start.time) / Double(done - start.step)
                state.left = (each * Double(max(0, steps - done)), time)
            }
        }
        let words = console.words
        switch event.kind {
        case .step, .checkpoint: draw()
        case .heldOut: draw(isMeasurement: true)
        case .sample(_, let text): console.note(words.sample(step: event.step, text: text.withoutControls))
        case .rolledBack(let to): console.note(words.rolledBack(from: event.step, to: to))
        case .cameDown(let to, let last): console.note(words.cameDown(from: event.step, to: to, lastStep: last))
        case .stoppedEarly(let best): console.note(words.stoppedEarly(best: best))
        }
    }

    /// Takes the line away; the curve stays.
    func finish() {
        ticker?.stop()
        state.withLock { state in
            guard !state.isFinished else { return }
            state.isFinished = true
            guard state.hasShown else { return }
            if messages.terminal.movesCursor {
                messages.showStatus("")
                for row in curve(state) { messages.line(row) }
            } else {
                messages.line(line(state, at: now()).plainText)
            }
        }
    }

    /// Shows what holds now, when it is time to; inside the lock, so that nothing is drawn after the end.
    private func draw(isMeasurement: Bool = false) {
        let time = now()
        state.withLock { state in
            guard !state.isFinished, let start = state.start else { return }
            guard messages.terminal.movesCursor else {
                let isTime = time - max(state.lineAt, start.time) >= Self.plainInterval
                guard isTime || isMeasurement else { return }
                (state.lineAt, state.hasShown) = (time, true)
                return messages.line(line(state, at: time).plainText)
            }
            guard time - start.time >= 0.5, time - state.lineAt >= Self.redrawInterval else { return }
            (state.lineAt, state.hasShown) = (time, true)
            if time - start.time >= ProgressBar.patience, time - state.curveAt >= Self.curveInterval {
                state.curve = curve(state)
                state.curveAt = time
            }
            let line = line(state, at: time).bar(columns: messages.terminal.size.columns, style: messages.style)
            messages.showStatus(rows: [line] + state.curve)
        }
    }

    private func line(_ state: State, at time: Double) -> TrainingLine {
        var speed: Double?
        if let first = state.samples.first, let last = state.samples.last, last.seconds > first.seconds {
            speed = Double(last.tokens - first.tokens) / (last.seconds - first.seconds)
        }
        return TrainingLine(
            step: state.history.step, steps: state.steps, loss: recentLoss(state.history),
            heldOut: state.history.heldOut.last?.loss, tokensPerSecond: speed,
            secondsLeft: state.left.map { max(0, $0.seconds - (time - $0.time)) }, words: console.words)
    }

    /// The mean of the last steps: single ones jump.
    private func recentLoss(_ history: RunHistory) -> Double? {
        let points = history.loss.points
        let last = points.suffix(max(1, min(20, points.count / 10)))
        return last.isEmpty ? nil : last.reduce(0) { $0 + $1.value } / Double(last.count)
    }

    /// The rows of the curve in at most half the window; none where it has no room.
    private func curve(_ state: State) -> [String] {
        let size = messages.terminal.size
        guard size.rows >= 16, size.columns >= 40, state.history.loss.points.count >= Self.fewestPoints else {
            return []
        }
        let curve = LossCurve(
            state.history, columns: min(size.columns - 1, 100), height: min(14, size.rows / 2),
            language: console.words.language == .chinese ? .chinese : .english)
        let style = messages.style
        return curve.rows.map { row in
            row.map { span in
                switch span.role {
                case .frame: style.dim(span.text)
                case .training: style.cyan(span.text)
                case .heldOut: style.yellow(span.text)
                case .caption: span.text
                }
            }.joined()
        }
    }
}
