import ApusModelFiles
import ApusModels
import ApusTensors
import Testing

@testable import ApusTraining

/// A small model with a small task, and a folder for its checkpoints.
struct SmallRun {
    static let config: JSON.Object = [
        "model_type": "llama", "vocab_size": 32, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
        "num_key_value_heads": 1, "intermediate_size": 24, "max_position_embeddings": 16, "tie_word_embeddings": true,
    ]

    let folder: DataFolder
    var settings: TrainingSettings
    /// Steps whose loss is not a number.
    var broken: Set<Int> = []

    init(steps: Int = 12) throws {
        folder = DataFolder()
        settings = TrainingSettings(
            steps: steps, rate: LearningRate(.cosine, peak: 1e-2, warmup: 2), evaluationInterval: 4,
            checkpointInterval: 3)
    }

    /// Windows in which each token follows from the one before it.
    static func batch(_ step: Int) -> TokenBatch {
        TokenBatch(
            windows: (0..<4).map { row in
                var token = Int32((step * 7 + row * 5) % 32)
                return (0...10).map { _ in
                    token = (token * 5 + 3) % 32
                    return token
                }[...]
            })
    }

    func trainer(
        objective: ((TrainableModel) -> any Objective)? = nil, identity: [String: String] = ["data": "small"]
    ) throws -> (Trainer, TrainableModel) {
        let model = try TrainableModel(fresh: Self.config, seed: 5)
        let usual = BreakableObjective(
            LanguageModelObjective(
                model, context: 16, batches: { [Self.batch($0)] }, heldOut: { [Self.batch(1000)] }), broken, folder)
        let trainer = try Trainer(
            objective?(model) ?? usual, model.parameters, settings,
            checkpoints: CheckpointFolder(path: folder.path + "/checkpoints", identity: identity))
        return (trainer, model)
    }
}

/// An objective whose loss is not a number at certain steps, the first time that they come.
private final class BreakableObjective: Objective {
    private let base: LanguageModelObjective
    private let broken: Set<Int>
    /// The folder of the run stays as long as the trainer.
    private let folder: DataFolder

    init(_ base: LanguageModelObjective, _ broken: Set<Int>, _ folder: DataFolder) {
        self.base = base
        self.broken = broken
        self.folder = folder
    }

    func learn(step: Int) throws -> StepLoss {
        var loss = try base.learn(step: step)
        if broken.contains(step) { loss.loss = .nan }
        return loss
    }

    func heldOutLoss() throws -> Double? { try base.heldOutLoss() }
}

/// Thrown to stop a run in its midst, as a signal would.
private struct Killed: Error {}

@Suite("The trainer")
struct TrainerTests {
    private func losses(_ trainer: Trainer, stopAfter: Int = .max) throws -> [Int: Double] {
        var losses: [Int: Double] = [:]
        do {
            try trainer.run { event in
                if case .step(let step, let loss, _, _) = event {
                    losses[step] = loss.loss
                    if step == stopAfter { throw Killed() }
                }
            }
        } catch is Killed {}
        return losses
    }

    @Test("A task that can be learned is learned")
    func learns() throws {
        let (trainer, _) = try SmallRun(steps: 80).trainer()
        let losses = try losses(trainer)
        #expect(try #require(losses[80]) < 0.3 * (try #require(losses[1])))
        #expect(try #require(trainer.state.bestHeldOut) < 1)
    }

    @Test("A run that was cut off anywhere goes on to the last bit", arguments: [1, 3, 4, 8, 11])
    func resumes(step: Int) throws {
        let (whole, model) = try SmallRun().trainer()
        let expected = try losses(whole)

        let run = try SmallRun()
        _ = try losses(run.trainer().0, stopAfter: step)
        let (resumed, other) = try run.trainer()
        try resumed.resume()
        // Checkpoints are made every three steps, at the start and at the end.
        #expect(resumed.state.step == (step - 1) / 3 * 3)
        let rest = try losses(resumed)
        for (step, loss) in rest { #expect(loss == expected[step], "step \(step)") }
        for (a, b) in zip(model.parameters.parameters, other.parameters.parameters) {
            #expect(a.tensor.toArray() == b.tensor.toArray(), "\(a.name)")
        }
        #expect(resumed.state == whole.state.with(seconds: resumed.state.seconds))
    }

    @Test("At most as many checkpoints stay as are asked for")
    func bounded() throws {
        let run = try SmallRun()
        _ = try losses(run.trainer().0)
        #expect(try Folder.names(run.folder.path + "/checkpoints").count == 2)
    }

    @Test(
        "A loss that is not a number goes back once, at half the rate, and then gives up with the last good state kept")
    func rollsBack() throws {
        var run = try SmallRun()
        run.broken = [7]
        let (trainer, _) = try run.trainer()
        var events: [String] = []
        #expect(throws: TrainingError.notFinite(step: 8, rate: 0.5e-2)) {
            try trainer.run { event in
                if case .rolledBack(let from, let to) = event { events.append("\(from)-\(to)") }
            }
        }
        #expect(events == ["8-6"])
        let (resumed, _) = try run.trainer()
        try resumed.resume()
        #expect(resumed.state.step == 6)
    }

    @Test("Damage in a checkpoint is found, wherever it is")
    func damaged() throws {
        let run = try SmallRun(steps: 3)
        _ = try losses(run.trainer().0)
        let name = try #require(Folder.names(run.folder.path + "/checkpoints").last)
        let path = run.folder.path + "/checkpoints/" + name
        let bytes = try FileMapping(path: path).withBytes { Array($0) }
        for place in [3, 40, bytes.count / 2, bytes.count - 1] {
            var changed = bytes
            changed[place] ^= 0x40
            try run.folder.write("checkpoints/" + name, changed)
            #expect(throws: TrainingError.self, "byte \(place)") { try run.trainer().0.resume() }
        }
        for length in [0, 7, 100, bytes.count - 4] {
            try run.folder.write("checkpoints/" + name, Array(bytes.prefix(length)))
            #expect(throws: TrainingError.self, "\(length) bytes") { try run.trainer().0.resume() }
        }
    }

    @Test("A checkpoint of other data or settings is refused by name")
    func otherRun() throws {
        let run = try SmallRun(steps: 3)
        _ = try losses(run.trainer().0)
        #expect(throws: TrainingError.self) { try run.trainer(identity: ["data": "other"]).0.resume() }
        let empty = try SmallRun()
        #expect(throws: TrainingError.noCheckpoint(folder: empty.folder.path + "/checkpoints")) {
            try empty.trainer().0.resume()
        }
    }

    @Test("A folder that vanishes ends a run with a message")
    func vanishedFolder() throws {
        let run = try SmallRun()
        let (trainer, _) = try run.trainer()
        #expect(throws: FileError.self) {
            try trainer.run { event in
                if case .step(2, _, _, _) = event { DataFolder.remove(run.folder.path + "/checkpoints") }
            }
        }
    }

    @Test("A run ends early where the held-out loss gets no better, with the best state")
    func early() throws {
        var run = try SmallRun(steps: 400)
        run.settings.rate = LearningRate(.constant, peak: 3, warmup: 0)
        run.settings.patience = 2
        let (trainer, model) = try run.trainer()
        var stopped: (Int, Int)?
        try trainer.run { event in
            if case .stoppedEarly(let step, let best) = event { stopped = (step, best) }
        }
        let (step, best) = try #require(stopped)
        #expect(step == best + 8 && step < 400)
        let objective = LanguageModelObjective(
            model, context: 16, batches: { _ in [] }, heldOut: { [SmallRun.batch(1000)] })
        #expect(try objective.heldOutLoss() == trainer.state.bestHeldOut)
    }

    @Test("Wrong settings are errors before any work")
    func wrongSettings() throws {
        for change: (inout TrainingSettings) -> Void in [
            { $0.steps = 0 }, { $0.rate.peak = .nan }, { $0.rate.peak = -1 }, { $0.rate.floor = 2 },
            { $0.rate.warmup = -1 }, { $0.clip = .nan }, { $0.checkpointInterval = 0 }, { $0.evaluationInterval = 0 },
            { $0.patience = 0 }, { $0.optimizer.beta1 = 1 }, { $0.optimizer.decay = -.infinity },
        ] {
            var run = try SmallRun()
            change(&run.settings)
            #expect(throws: TrainingError.self) { try run.trainer() }
        }
    }

    @Test("Gradients that are longer than the limit are cut to it")
    func clips() throws {
        // With a tiny limit, Adam's first step is the same, but its second moments are tiny too.
        let (trainer, _) = try SmallRun().trainer()
        var norms: [Double] = []
        try trainer.run { event in
            if case .step(_, _, _, let norm) = event { norms.append(norm) }
        }
        #expect(norms.allSatisfy { $0.isFinite && $0 > 0 })
    }
}

extension TrainingState {
    fileprivate func with(seconds: Double) -> TrainingState {
        var copy = self
        copy.seconds = seconds
        return copy
    }
}
