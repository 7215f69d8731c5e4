import ApusModels
import ApusTensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Learning which of two answers is better (direct preference optimisation, Rafailov et al. 2023): the loss of a pair is
/// `−ln σ(β ((ln π(w) − ln ref(w)) − (ln π(l) − ln ref(l))))` with the better answer w, the worse l, and the model as it
/// was before training as the reference.
public final class PreferenceObjective: Objective {
    /// A batch of pairs: sequences in turn better and worse, and the reference's log-probabilities of their answers.
    public struct Pairs: Sendable {
        public var batch: TokenBatch
        public var reference: [Double]

        public init(batch: TokenBatch, reference: [Double]) {
            self.batch = batch
            self.reference = reference
        }
    }

    private let model: TrainableModel
    private let beta: Double
    private let context: Int
    private let savesMemory: Bool
    private let clock: Dropout.Clock?
    private let pairs: (_ step: Int) throws -> [Pairs]
    private let heldOut: () throws -> [Pairs]

    public init(
        _ model: TrainableModel, beta: Double, context: Int, savesMemory: Bool = false, clock: Dropout.Clock? = nil,
        pairs: @escaping (_ step: Int) throws -> [Pairs], heldOut: @escaping () throws -> [Pairs] = { [] }
    ) {
        self.model = model
        self.beta = beta
        self.context = context
        self.savesMemory = savesMemory
        self.clock = clock
        self.pairs = pairs
        self.heldOut = heldOut
    }

    /// ln of the probability of each sequence's learned tokens.
    public static func logProbabilities(
        _ batch: TokenBatch, _ model: TrainableModel, context: Int
    ) throws -> [Double] {
        try Differentiation.paused {
            let (states, targets) = batch.predicting(
                try model.decoder.states(Batch(sequences: batch.sequences, context: context)))
            return sums(try model.decoder.head.losses(states, targets: targets), batch).map { -$0 }
        }
    }

    public func learn(step: Int) throws -> StepLoss {
        let parts = try pairs(step)
        let count = parts.reduce(0) { $0 + $1.reference.count / 2 }
        var sum = 0.0
        for (number, part) in parts.enumerated() {
            clock?.begin(step: step, part: number)
            sum += try Differentiation.recording {
                let (states, targets) = part.batch.predicting(
                    try model.decoder.states(
                        Batch(sequences: part.batch.sequences, context: context, savesMemory: savesMemory)))
                let losses = try model.decoder.head.losses(states, targets: targets)
                let (loss, slopes) = weigh(Self.sums(losses, part.batch).map { -$0 }, part.reference)
                var factors: [Float] = []
                for (slope, rows) in zip(slopes, Self.rowCounts(losses, part.batch)) {
                    factors += repeatElement(Float(slope / Double(max(1, count))), count: rows)
                }
                _ = try model.decoder.head.losses(states, targets: targets, factors: factors)
                states.passBack()
                return loss
            }
        }
        return StepLoss(loss: sum / Double(max(1, count)), tokens: parts.reduce(0) { $0 + $1.batch.tokens })
    }

    public func heldOutLoss() throws -> Double? {
        var sum = 0.0
        var count = 0
        for part in try heldOut() {
            let logs = try Self.logProbabilities(part.batch, model, context: context)
            sum += weigh(logs, part.reference).loss
            count += part.reference.count / 2
        }
        return count == 0 ? nil : sum / Double(count)
    }

    /// The loss of all pairs, and for each sequence how much it falls with a nat of the sequence's log-probability: what
    /// the loss of its tokens is multiplied by.
    private func weigh(_ logs: [Double], _ reference: [Double]) -> (loss: Double, slopes: [Double]) {
        var loss = 0.0
        var slopes = [Double](repeating: 0, count: logs.count)
        for better in stride(from: 0, to: logs.count - 1, by: 2) {
            let margin =
                beta * ((logs[better] - reference[better]) - (logs[better + 1] - reference[better + 1]))
            // −ln σ(x), without overflow on either side.
            loss += max(-margin, 0) + log1p(exp(-margin.magnitude))
            let slope = beta / (1 + exp(margin))
            slopes[better] = slope
            slopes[better + 1] = -slope
        }
        return (loss, slopes)
    }

    /// The sum over each sequence's rows.
    private static func sums(_ losses: [Double], _ batch: TokenBatch) -> [Double] {
        var first = 0
        return rowCounts(losses, batch).map { rows in
            defer { first += rows }
            return losses[first..<first + rows].reduce(0, +)
        }
    }

    /// How many of the losses are each sequence's; see ``TokenBatch/predicting(_:)``.
    private static func rowCounts(_ losses: [Double], _ batch: TokenBatch) -> [Int] {
        losses.count == batch.tokens ? batch.sequences.map(\.count) : batch.learnedInSequences
    }
}
