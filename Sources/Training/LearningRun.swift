import ApusTensors

/// How a run learns, whatever it learns from.
public protocol LearningRun {
    /// The highest learning rate; nil for one by size.
    var rate: Double? { get set }
    var schedule: LearningRate.Shape { get set }
    /// Steps over which the rate rises; nil for a share of all.
    var warmup: Int? { get set }
    var optimizer: AdamW.Settings { get set }
    /// The norm that gradients are cut to.
    var clip: Double? { get set }
    var evaluationInterval: Int? { get set }
    var checkpointInterval: Int? { get set }
    var patience: Int? { get set }
    var seed: UInt64 { get set }
    var savesMemory: Bool { get set }
    /// What values are multiplied as; nil for the faster one here.
    var precision: Precision? { get set }
}

extension FineTuning: LearningRun {}
extension Pretraining: LearningRun {}
