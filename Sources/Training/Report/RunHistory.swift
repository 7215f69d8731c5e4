import ApusModelFiles

/// What a run has been through: its curves, samples and roll-backs, in memory that grows with its measurements only.
public struct RunHistory: Sendable, Equatable {
    public struct HeldOut: Sendable, Equatable {
        public var step: Int
        /// In nats a token.
        public var loss: Double
    }

    public struct Sample: Sendable, Equatable {
        public var step: Int
        public var prompt: String
        public var text: String
    }

    public struct RollBack: Sendable, Equatable {
        public var from: Int
        public var to: Int
    }

    /// Mean losses of the steps, in nats a token.
    public internal(set) var loss = LossSeries()
    public internal(set) var rate = LossSeries()
    public internal(set) var gradientNorm = LossSeries()
    public internal(set) var heldOut: [HeldOut] = []
    public internal(set) var samples: [Sample] = []
    public internal(set) var rollBacks: [RollBack] = []
    /// The step whose state was taken where the run ended early.
    public internal(set) var stoppedEarlyFor: Int?
    /// Steps that are done.
    public internal(set) var step = 0
    /// Loss of the last step.
    public internal(set) var lastLoss: Double?
    /// Tokens that were read.
    public internal(set) var tokens = 0
    /// Since step 0, without the time between sittings.
    public internal(set) var seconds = 0.0
    /// Seconds and tokens of the steps alone, without measurements, samples and checkpoints.
    public internal(set) var stepSeconds = 0.0
    public internal(set) var stepTokens = 0
    /// Rows of the log that could not be read.
    public internal(set) var damagedRows = 0

    public init() {}

    public mutating func add(_ event: RunEvent) {
        switch event.kind {
        case .step(let stepLoss, let stepRate, let norm, let read):
            loss.add(step: event.step, value: stepLoss)
            rate.add(step: event.step, value: stepRate)
            gradientNorm.add(step: event.step, value: norm)
            lastLoss = stepLoss
            // A step takes the time since whatever was before it.
            if event.seconds >= seconds, read >= tokens {
                stepSeconds += event.seconds - seconds
                stepTokens += read - tokens
            }
            tokens = read
        case .heldOut(let value, _):
            if value.isFinite { heldOut.append(HeldOut(step: event.step, loss: value)) }
        case .checkpoint: break
        case .rolledBack(let to):
            rollBacks.append(RollBack(from: event.step, to: to))
            forget(after: to)
        case .cameDown(let to, _): forget(after: to)
        case .sample(let prompt, let text):
            samples.append(Sample(step: event.step, prompt: prompt, text: text))
        case .stoppedEarly(let best): stoppedEarlyFor = best
        }
        step = event.stepAfterwards
        seconds = max(seconds, event.seconds)
    }

    /// The run went back: what was behind that step is no part of it.
    private mutating func forget(after step: Int) {
        for series in [\RunHistory.loss, \.rate, \.gradientNorm] { self[keyPath: series].drop(after: step) }
        heldOut.removeAll { $0.step > step }
        samples.removeAll { $0.step > step }
    }

    /// The lowest held-out loss.
    public var best: HeldOut? { heldOut.min { $0.loss < $1.loss } }

    /// Tokens that a second of steps reads; nil before the first step.
    public var tokensPerSecond: Double? { stepSeconds > 0 ? Double(stepTokens) / stepSeconds : nil }
}
