import ApusConversion
import ApusModelFiles
import ApusModels
import ApusTensors

/// A run with all that belongs to it: what is learned, from what, and the folder where it ends up.
///
/// The folder becomes a Hugging Face folder. While the run goes on it holds `checkpoints/` and `log.jsonl`.
public final class TrainingJob {
    public let model: TrainableModel
    public let objective: any Objective
    public let trainer: Trainer
    public let folder: String
    /// Tokens that a step reads, and those of one measurement of the held-out loss.
    public let stepTokens: Int
    public let heldOutTokens: Int
    /// What the run takes, by what is known before it begins.
    public let memory: MemoryForecast
    private let base: TrainedFolder.Base
    /// The adapter that is trained in place of the model's own weights; nil where there is none.
    var adaptation: Adaptation?
    /// A chat template that the result carries in place of its base's own; nil for that.
    var chatTemplate: String?
    /// What the model is made from, for `apus_training.json`.
    public var lineage: JSON.Object

    init(
        model: TrainableModel, objective: any Objective, trainer: Trainer, folder: String, stepTokens: Int,
        heldOutTokens: Int, memory: MemoryForecast, base: TrainedFolder.Base, lineage: JSON.Object
    ) {
        self.model = model
        self.objective = objective
        self.trainer = trainer
        self.folder = folder
        self.stepTokens = stepTokens
        self.heldOutTokens = heldOutTokens
        self.memory = memory
        self.base = base
        self.lineage = lineage
        // What a step gives back at its end, the next one takes again.
        BufferPool.keep(max(256 << 20, memory.activations + memory.activations / 4))
    }

    deinit { BufferPool.keep(BufferPool.usualLimit) }

    /// Numbers that are trained, and numbers of the whole model.
    public var trainedParameters: Int { model.parameters.count }
    public var modelParameters: Int { model.parameters.count + frozenParameters }
    /// Numbers of a base that stays as it is.
    var frozenParameters = 0

    /// Where the checkpoints of a run in `folder` lie.
    static func checkpoints(in folder: String) -> String { "\(folder)/checkpoints" }

    /// Where the events of the run are written down.
    public var log: String { "\(folder)/log.jsonl" }

    /// How long the run will take, from one step of it that is computed and forgotten.
    ///
    /// - Throws: ``TrainingError/notEnoughMemory(needed:available:)`` before anything is computed.
    public func forecast(clock: () -> Double) throws -> Forecast {
        try memory.requireRoom()
        // The first step takes memory from the system, the second goes at the speed of the run.
        _ = try trainer.learn(step: trainer.state.step)
        model.parameters.clearGradients()
        let start = clock()
        _ = try trainer.learn(step: trainer.state.step)
        _ = trainer.gradientNorm()
        let seconds = clock() - start
        model.parameters.clearGradients()
        return Forecast(
            stepSeconds: seconds, stepTokens: stepTokens, heldOutTokens: heldOutTokens,
            parameters: model.parameters.count, settings: trainer.settings, done: trainer.state.step)
    }

    /// Writes the model as it is now.
    public func writeModel() throws {
        lineage["steps"] = .integer(trainer.state.step)
        lineage["tokens_read"] = .integer(trainer.state.tokens)
        if let best = trainer.state.bestHeldOut { lineage["best_held_out_loss"] = .number(best) }
        let weights: any WeightSource
        if let adaptation {
            guard let merged = try adaptation.write(model, to: folder) else {
                return try TrainedFolder.write(lineage, to: folder)
            }
            weights = merged
        } else if case .model(let loaded) = base {
            weights = TrainedWeights(model.parameters, base: loaded.weights)
        } else {
            weights = TrainedWeights(model.parameters, base: nil)
        }
        try TrainedFolder(
            model.decoder, weights: weights, base: base, lineage: lineage, card: card, chatTemplate: chatTemplate
        ).write(to: folder)
    }

    /// Writes the model that ``writeModel()`` wrote as a GGUF file into its folder too.
    ///
    /// - Parameter type: the type of matrices.
    /// - Returns: the file.
    public func writeGGUF(_ type: DType) throws -> String {
        let loaded = try LoadedDecoder(path: folder)
        let name = folder.split(separator: "/").last.map(String.init) ?? "model"
        let file = "\(folder)/\(name)-\(type).gguf"
        guard case .huggingFace(let source) = loaded.format else { return folder }
        try GGUFConverter(loaded, source, type: type).write(to: file, name: name)
        return file
    }

    /// Whether the folder holds an adapter alone, which is used over its base.
    public var isAdapterAlone: Bool { adaptation?.isAdapterOnly == true }

    private var card: String {
        let c = model.configuration
        var lines = [
            "---", "library_name: transformers", "pipeline_tag: text-generation", "---", "",
            "A model of the family \(c.architecture) with \(model.parameters.count) trained numbers "
                + "(\(c.layers) layers, width \(c.width), vocabulary \(c.vocabulary)), made by `apus`.", "",
            "`apus_training.json` says what it was made from.",
        ]
        if let best = trainer.state.bestHeldOut {
            lines += ["", "Best loss on held-out text: \(best) nats a token, at step \(trainer.state.bestStep)."]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// What becomes of an adapter that was trained.
public struct Adaptation: Sendable {
    public var settings: LoRASettings
    let base: LoadedDecoder
    /// Write the adapter alone, into the folder itself; otherwise the whole model too, with the adapter in `adapter/`.
    public var isAdapterOnly = false
    /// Write the adapter as `adapter.gguf` too.
    public var writesGGUF = false

    /// - Returns: the weights of the whole model, with the adapter worked in; nil where only the adapter is wanted.
    func write(_ model: TrainableModel, to folder: String) throws -> (any WeightSource)? {
        let target = isAdapterOnly ? folder : "\(folder)/adapter"
        try Folder.make(target)
        let adapter = try Adapter(trained: model, settings, path: target)
        var peft = Adapter.PEFTSettings(base: base.path)
        peft.isRankStabilised = settings.isRankStabilised
        peft.dropout = settings.dropout
        try adapter.writePEFT(to: target, for: base, peft)
        if writesGGUF { try adapter.writeGGUF(to: "\(folder)/adapter.gguf", for: base, name: "adapter") }
        return isAdapterOnly ? nil : try base.adapted(by: [.init(adapter)]).merged.weights
    }
}

/// What a run will take.
public struct Forecast: Sendable, Equatable {
    /// Seconds of one step, without what is done now and then.
    public let stepSeconds: Double
    public let stepTokens: Int
    /// Seconds of the whole run.
    public let seconds: Double
    /// Bytes that the run leaves: the model, and the checkpoints while it goes on.
    public let modelBytes: Int
    public let checkpointBytes: Int

    public var tokensPerSecond: Double { Double(stepTokens) / stepSeconds }

    init(
        stepSeconds: Double, stepTokens: Int, heldOutTokens: Int, parameters: Int, settings: TrainingSettings, done: Int
    ) {
        self.stepSeconds = stepSeconds
        self.stepTokens = stepTokens
        let steps = Double(max(0, settings.steps - done))
        // Reading alone takes a third of the work of learning.
        let measuring = stepSeconds * Double(heldOutTokens) / Double(max(1, stepTokens)) / 3
        let bytes = parameters * MemoryLayout<Float>.size
        modelBytes = bytes
        checkpointBytes = 3 * bytes
        let saving = Double(checkpointBytes) / Self.diskRate
        seconds =
            steps * stepSeconds + steps / Double(settings.evaluationInterval) * measuring
            + (steps / Double(settings.checkpointInterval) + 1) * saving
    }

    /// Bytes a second that reach the disk, hash and all.
    private static let diskRate = 4e8
}
