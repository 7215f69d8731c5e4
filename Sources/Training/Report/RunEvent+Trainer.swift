extension RunEvent {
    /// What a trainer reports.
    ///
    /// - Parameters:
    ///   - tokens: that the run has read by now; the trainer's state knows.
    ///   - seconds: since step 0, those of earlier sittings included.
    public init(_ event: Trainer.Event, tokens: Int, seconds: Double) {
        switch event {
        case .step(let step, let loss, let rate, let norm):
            let kind = Kind.step(loss: loss.loss, rate: rate, gradientNorm: norm, tokens: tokens)
            self.init(kind, step: step, seconds: seconds)
        case .heldOut(let step, let loss, let isBest):
            self.init(.heldOut(loss: loss, isBest: isBest), step: step, seconds: seconds)
        case .checkpoint(let step): self.init(.checkpoint, step: step, seconds: seconds)
        case .rolledBack(let from, let to): self.init(.rolledBack(to: to), step: from, seconds: seconds)
        case .cameDown(let from, let to, let last):
            self.init(.cameDown(to: to, lastStep: last), step: from, seconds: seconds)
        case .stoppedEarly(let step, let best): self.init(.stoppedEarly(best: best), step: step, seconds: seconds)
        }
    }
}
