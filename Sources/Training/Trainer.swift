import ApusTensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a run learns: the loss of a model on some data. Language models, preference pairs and later heads of other kinds
/// go through the same ``Trainer``.
public protocol Objective: AnyObject {
    /// Computes step 0, 1, … : adds to the gradients of the parameters that are trained.
    ///
    /// What a step sees follows from its number alone, so that a resumed run goes on as an unbroken one.
    func learn(step: Int) throws -> StepLoss

    /// The mean loss on what is held out; nil where nothing is.
    func heldOutLoss() throws -> Double?
}

/// What a step learned from.
public struct StepLoss: Sendable, Equatable {
    /// Mean loss per learned token, in nats.
    public var loss: Double
    /// Tokens that were read.
    public var tokens: Int

    public init(loss: Double, tokens: Int) {
        self.loss = loss
        self.tokens = tokens
    }
}

/// How a run goes about learning.
public struct TrainingSettings: Sendable, Equatable {
    public var steps: Int
    public var rate: LearningRate
    public var optimizer = AdamW.Settings()
    /// The norm that all gradients together are cut to; nil for none.
    public var clip: Double? = 1
    /// Steps between measurements of the held-out loss.
    public var evaluationInterval: Int
    /// Steps between checkpoints.
    public var checkpointInterval: Int
    /// Measurements without a better held-out loss after which the run ends; nil for never.
    public var patience: Int?
    /// What values are multiplied as; parameters and moments are float32 always.
    public var precision = Precision.float32
    /// Seconds that the steps may take together: the number of steps follows the machine's speed until the rate begins
    /// to come down. Nil for the number that is planned.
    public var deadline: Double?

    public init(steps: Int, rate: LearningRate, evaluationInterval: Int = 100, checkpointInterval: Int = 100) {
        self.steps = steps
        self.rate = rate
        self.evaluationInterval = evaluationInterval
        self.checkpointInterval = checkpointInterval
    }

    /// What changes the course of a run, as text by name: a checkpoint goes on only with the same.
    var identity: [String: String] {
        [
            "steps": deadline.map { "those of \($0) s" } ?? "\(steps)",
            "learning rate":
                "\(rate.shape.rawValue) \(rate.peak), warm-up \(rate.warmup), floor \(rate.floor), end \(rate.decayShare)",
            "optimiser":
                "β \(optimizer.beta1) and \(optimizer.beta2), ε \(optimizer.epsilon), decay \(optimizer.decay)"
                + (optimizer.muonMomentum.map { ", Muon \($0)" } ?? ""),
            "precision": precision.rawValue, "clipping": clip.map { "\($0)" } ?? "none",
        ]
    }

    /// - Throws: ``TrainingError/badSetting(_:value:expected:)``.
    public func validated() throws(TrainingError) -> TrainingSettings {
        func check(_ holds: Bool, _ name: String, _ value: Any, _ expected: String) throws(TrainingError) {
            guard holds else { throw .badSetting(name, value: "\(value)", expected: expected) }
        }
        try check(steps >= 1, "the number of steps", steps, "at least 1")
        try check(rate.peak.isFinite && rate.peak > 0, "the learning rate", rate.peak, "a positive number")
        try check((0...1 << 40).contains(rate.warmup), "the number of warm-up steps", rate.warmup, "from 0 to 2^40")
        try check((0...1).contains(rate.floor), "the last rate's share", rate.floor, "from 0 to 1")
        try check((0...1).contains(rate.decayShare), "the share of decay", rate.decayShare, "from 0 to 1")
        try check(clip.map { $0.isFinite && $0 > 0 } ?? true, "the clipping norm", clip ?? 0, "a positive number")
        try check(evaluationInterval >= 1, "the interval of measurements", evaluationInterval, "at least 1")
        try check(checkpointInterval >= 1, "the interval of checkpoints", checkpointInterval, "at least 1")
        try check(patience ?? 1 >= 1, "the patience", patience ?? 0, "at least 1")
        try optimizer.check()
        return self
    }
}

/// Where a run is. Together with parameters and moments this is all that a resumed run needs.
public struct TrainingState: Sendable, Equatable {
    /// Steps that are done.
    public var step = 0
    /// Tokens that were read.
    public var tokens = 0
    /// Halved when the loss was not a number.
    public var rateFactor = 1.0
    public var bestHeldOut: Double?
    public var bestStep = 0
    /// Measurements since the best one.
    public var staleMeasurements = 0
    /// Steps of the whole run.
    public var steps = 0
    /// Seconds that the steps so far took.
    public var seconds = 0.0
    /// Whether the rate comes down before its time, since the held-out loss got no better.
    public var comesDown = false

    public init() {}
}

/// Runs the steps of training: gradients, clipping, the optimiser, measurements on held-out data, checkpoints.
public final class Trainer {
    /// What happens, in order, for whoever shows it.
    public enum Event: Sendable {
        case step(Int, StepLoss, rate: Double, gradientNorm: Double)
        case heldOut(step: Int, loss: Double, isBest: Bool)
        case checkpoint(step: Int)
        /// The loss was not a number: back to the last checkpoint, at half the rate.
        case rolledBack(from: Int, to: Int)
        /// No better held-out loss for as many measurements as the settings allow, while the rate was high: back to the
        /// best state, from where the rate comes down until the last step.
        case cameDown(from: Int, to: Int, lastStep: Int)
        /// No better held-out loss for as many measurements as the settings allow.
        case stoppedEarly(step: Int, best: Int)
    }

    public let settings: TrainingSettings
    public private(set) var state: TrainingState
    private let objective: any Objective
    private let optimizer: AdamW
    private let checkpoints: CheckpointFolder?
    private let clock: () -> Double

    /// - Parameters:
    ///   - checkpoints: nil for a run that keeps its state in memory only.
    ///   - clock: seconds of a clock that only goes forward.
    public init(
        _ objective: any Objective, _ parameters: ParameterSet, _ settings: TrainingSettings,
        checkpoints: CheckpointFolder? = nil, clock: @escaping () -> Double = monotonicSeconds
    ) throws {
        self.objective = objective
        self.settings = try settings.validated()
        self.checkpoints = checkpoints
        self.clock = clock
        optimizer = AdamW(parameters, settings.optimizer)
        state = TrainingState()
        state.steps = settings.steps
    }

    /// Takes up the newest checkpoint.
    ///
    /// - Throws: ``TrainingError/noCheckpoint(folder:)``, ``TrainingError/damagedCheckpoint(file:reason:)``.
    public func resume() throws {
        guard let checkpoints else { return }
        state = try checkpoints.restoreNewest(into: optimizer)
    }

    /// Runs to the end, to an early stop, or until `report` throws. The state is then in the newest checkpoint.
    ///
    /// - Throws: what `report` throws; ``TrainingError/notFinite(step:rate:)``; errors of writing a checkpoint.
    public func run(_ report: (Event) throws -> Void) throws {
        if state.step == 0 { try save(report) }
        while state.step < state.steps {
            let step = state.step
            let start = clock()
            let loss = try learn(step: step)
            let norm = optimizer.gradientNorm()
            guard loss.loss.isFinite, norm.isFinite else {
                try rollBack(from: step, report)
                continue
            }
            let rate = settings.rate.rate(step: step, of: state.steps) * state.rateFactor
            let factor = settings.clip.map { norm > $0 ? $0 / norm : 1 } ?? 1
            optimizer.update(step: step, rate: rate, gradientFactor: factor)
            state.step += 1
            state.tokens += loss.tokens
            try report(.step(state.step, loss, rate: rate, gradientNorm: norm))
            let isLast = state.step == state.steps
            var ends = isLast
            if isLast || state.step % settings.evaluationInterval == 0 { ends = try measure(report) || ends }
            if ends || state.step % settings.checkpointInterval == 0 { try save(report) }
            state.seconds += clock() - start
            keepDeadline()
            if ends { break }
        }
    }

    /// One step's gradients, in the precision of the run.
    func learn(step: Int) throws -> StepLoss {
        try Differentiation.multiplying(in: settings.precision) { try objective.learn(step: step) }
    }

    /// As many steps as the deadline leaves time for at the speed so far. Once the rate comes down, the end is fixed.
    private func keepDeadline() {
        guard let deadline = settings.deadline, !state.comesDown, state.step >= 10, state.step % 10 == 0 else { return }
        guard Double(state.step) < Double(state.steps) * (1 - settings.rate.decayShare) else { return }
        let each = state.seconds / Double(state.step)
        state.steps = max(state.step + 1, Int(deadline / max(each, 1e-9)))
    }

    /// Measures the held-out loss; true where the run is to end early.
    private func measure(_ report: (Event) throws -> Void) throws -> Bool {
        let heldOut = try Differentiation.multiplying(in: settings.precision) { try objective.heldOutLoss() }
        guard let loss = heldOut else { return false }
        let isBest = state.bestHeldOut.map { loss < $0 } ?? true
        if isBest {
            state.bestHeldOut = loss
            state.bestStep = state.step
            state.staleMeasurements = 0
            if settings.patience != nil { try checkpoints?.saveBest(optimizer, state) }
        } else {
            state.staleMeasurements += 1
        }
        try report(.heldOut(step: state.step, loss: loss, isBest: isBest))
        guard let patience = settings.patience else { return false }
        let isLate = state.step == state.steps && !isBest
        guard state.staleMeasurements >= patience || isLate else { return false }
        if !isLate, try comeDown(report) { return false }
        // The best state is what the run ends with.
        if let checkpoints { _ = try checkpoints.restoreBest(into: optimizer) }
        try report(.stoppedEarly(step: state.step, best: state.bestStep))
        return true
    }

    /// Where the rate has a plateau, most is gained when it comes down at last: back to the best state, and down from there
    /// in the time that the plateau before it allows.
    private func comeDown(_ report: (Event) throws -> Void) throws -> Bool {
        let rate = settings.rate
        guard rate.shape == .stable, !state.comesDown, let checkpoints,
            Double(state.step) < Double(state.steps) * (1 - rate.decayShare)
        else { return false }
        let (from, seconds, planned) = (state.step, state.seconds, state.steps)
        state = try checkpoints.restoreBest(into: optimizer)
        state.comesDown = true
        state.seconds = seconds
        state.staleMeasurements = 0
        let whole = Double(max(0, state.step - rate.warmup)) / max(1 - rate.decayShare, 0.1)
        state.steps = min(planned, max(state.step + settings.evaluationInterval, rate.warmup + Int(whole)))
        checkpoints.drop(after: state.step)
        try report(.cameDown(from: from, to: state.step, lastStep: state.steps))
        try save(report)
        return true
    }

    /// The length of all gradients as one vector.
    func gradientNorm() -> Double { optimizer.gradientNorm() }

    /// Keeps the state as it is now: for a run that is stopped between two steps.
    public func saveNow() throws { try checkpoints?.save(optimizer, state) }

    private func save(_ report: (Event) throws -> Void) throws {
        guard let checkpoints else { return }
        try checkpoints.save(optimizer, state)
        try report(.checkpoint(step: state.step))
    }

    private func rollBack(from step: Int, _ report: (Event) throws -> Void) throws {
        let rate = settings.rate.peak * state.rateFactor
        guard state.rateFactor == 1, let checkpoints else { throw TrainingError.notFinite(step: step + 1, rate: rate) }
        optimizer.clearGradients()
        state = try checkpoints.restoreNewest(into: optimizer)
        state.rateFactor = 0.5
        try report(.rolledBack(from: step + 1, to: state.step))
    }
}

/// Seconds of a clock that only goes forward.
public func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
