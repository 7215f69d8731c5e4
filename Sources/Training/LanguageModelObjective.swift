import ApusModels
import ApusTensors

/// Learning to predict the next token.
public final class LanguageModelObjective: Objective {
    private let model: TrainableModel
    private let context: Int
    private let savesMemory: Bool
    private let clock: Dropout.Clock?
    private let batches: (_ step: Int) throws -> [TokenBatch]
    private let heldOut: () throws -> [TokenBatch]

    /// - Parameters:
    ///   - context: what rotary scalings that depend on the length go by.
    ///   - savesMemory: compute each block twice rather than keep its activations.
    ///   - clock: the clock of the model's dropout, if it has any.
    ///   - batches: what a step reads, in parts that fit memory; its loss is the mean over all tokens of all parts.
    ///   - heldOut: what the held-out loss is measured on; none for no measurement.
    public init(
        _ model: TrainableModel, context: Int, savesMemory: Bool = false, clock: Dropout.Clock? = nil,
        batches: @escaping (_ step: Int) throws -> [TokenBatch], heldOut: @escaping () throws -> [TokenBatch] = { [] }
    ) {
        self.model = model
        self.context = context
        self.savesMemory = savesMemory
        self.clock = clock
        self.batches = batches
        self.heldOut = heldOut
    }

    public func learn(step: Int) throws -> StepLoss {
        let parts = try batches(step)
        let learned = parts.reduce(0) { $0 + $1.learned }
        var sum = 0.0
        for (number, part) in parts.enumerated() {
            clock?.begin(step: step, part: number)
            sum += try Differentiation.recording {
                let (states, targets) = part.predicting(try states(part))
                let factors = [Float](repeating: 1 / Float(max(1, learned)), count: targets.count)
                let losses = try model.decoder.head.losses(states, targets: targets, factors: factors)
                states.passBack()
                return losses.reduce(0, +)
            }
        }
        return StepLoss(loss: sum / Double(max(1, learned)), tokens: parts.reduce(0) { $0 + $1.tokens })
    }

    public func heldOutLoss() throws -> Double? {
        var sum = 0.0
        var learned = 0
        for part in try heldOut() {
            sum += try Differentiation.paused {
                let (states, targets) = part.predicting(try states(part))
                return try model.decoder.head.losses(states, targets: targets).reduce(0, +)
            }
            learned += part.learned
        }
        return learned == 0 ? nil : sum / Double(learned)
    }

    private func states(_ part: TokenBatch) throws -> Tensor {
        try model.decoder.states(Batch(sequences: part.sequences, context: context, savesMemory: savesMemory))
    }
}
