import ApusModelFiles
import ApusModels
import Testing

@testable import ApusTensors
@testable import ApusTraining

// One after another: measuring lets go of the buffers that all models of the process share, which another test counts.
@Suite("Training from scratch", .serialized)
struct PretrainingTests {
    private func training(_ folder: DataFolder, _ settings: ModelSettings, _ text: String? = nil) -> Pretraining {
        let text = text ?? String(repeating: "the cat sat on the mat and saw the dog. ", count: 200)
        var training = Pretraining(
            corpus: [folder.write("corpus.txt", text)], start: .fresh(settings), tokenizer: .trained(vocabulary: 280),
            folder: folder.path + "/model", steps: .steps(3))
        training.batch = 2
        return training
    }

    private static let small = ModelSettings(layers: 2, width: 32, heads: 2, context: 48)

    private func error(_ body: () throws -> Void) -> (any Error)? {
        do {
            try body()
            return nil
        } catch { return error }
    }

    @Test(
        "The size of a model is known before there is one",
        arguments: ["llama", "gpt2", "mistral", "qwen2", "qwen3", "gemma", "bloom"])
    func size(family: String) throws {
        for layers in [1, 3] {
            let settings = ModelSettings(family: family, layers: layers, width: 32, heads: 2, context: 48)
            let size = try ModelSize(settings, vocabulary: 300)
            let model = try TrainableModel(fresh: settings.config(vocabulary: 300), seed: 1)
            #expect(size.parameters == model.parameters.count)
            #expect(size.configuration.layers == layers)
        }
    }

    @Test("A model that has no room is refused before any work, however large its sizes")
    func noRoom() throws {
        let folder = DataFolder()
        for settings in [
            ModelSettings(layers: 1 << 12, width: 1 << 14, heads: 128, context: 48),
            ModelSettings(layers: 2, width: 1 << 16, heads: 128, context: 48),
            ModelSettings(layers: 1 << 12, width: 1 << 17, heads: 256, context: 1 << 20),
            ModelSettings(family: "gpt2", layers: 2, width: 1 << 13, heads: 16, context: 1 << 24),
        ] {
            let error = error { _ = try training(folder, settings).prepare() }
            guard case .notEnoughMemory(let needed, _)? = error as? TrainingError else {
                Issue.record("\(settings): \(String(describing: error))")
                continue
            }
            #expect(needed > 1 << 36)
        }
        var large = training(folder, Self.small)
        large.batch = 1 << 20
        large.microBatch = 1 << 20
        large.context = 1 << 24
        #expect(error { _ = try large.prepare() } is TrainingError)
        #expect(!FileMapping.isFolder(folder.path + "/model"), "nothing is written")
    }

    @Test("A packed corpus needs the tokenizer that it was packed with")
    func packed() throws {
        let folder = DataFolder()
        _ = try training(folder, Self.small).prepare()
        let packed = folder.path + "/model/corpus.packed"
        var other = training(folder, Self.small)
        other.corpus = [packed]
        other.folder = folder.path + "/other"
        #expect(error { _ = try other.prepare() } as? TrainingError == .packedWithoutTokenizer(file: packed))
        other.tokenizer = .characters
        #expect(error { _ = try other.prepare() } as? TrainingError == .packedWithoutTokenizer(file: packed))
        #expect(error { _ = try other.planned(hours: 1) } as? TrainingError == .packedWithoutTokenizer(file: packed))
        other.tokenizer = .taken(path: folder.path + "/model")
        _ = try other.prepare()
    }

    @Test(
        "A corpus of one line is one clear error", arguments: ["Just one line.\n", "Just one line.", "\n\n word \n\n"])
    func oneLine(text: String) throws {
        let folder = DataFolder()
        let error = error { _ = try training(folder, Self.small, text).prepare() }
        guard case .tooFewTokens? = error as? DataError else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect("\(String(describing: error))".contains("documents") == false)
    }

    @Test("A run that was given a time goes on with what it picked, without measuring again")
    func kept() throws {
        let folder = DataFolder()
        let training = training(folder, Self.small)
        var measured: [String] = []
        let (planned, plan) = try training.planned(hours: 1e-4) { measured.append($0) }
        #expect(measured.count >= 3 && plan != nil)
        #expect(planned.patience == (plan?.readsOften == true ? 3 : nil))
        let (again, none) = try training.planned(hours: 1e-4, resumes: true) { _ in Issue.record("measured again") }
        #expect(none == nil)
        #expect(again.deadline == planned.deadline && again.batch == planned.batch && again.steps == planned.steps)
        guard case .fresh(let a) = again.start, case .fresh(let b) = planned.start else {
            Issue.record("no new model")
            return
        }
        #expect(a == b)
        #expect(error { _ = try training.planned(hours: 2e-4, resumes: true) } is TrainingError)
        _ = folder.write("model/plan.json", "{\"hours\": 0.0001}")
        #expect(error { _ = try training.planned(hours: 1e-4, resumes: true) } is TrainingError)
    }

    @Test("What measuring takes is part of the time")
    func measuringCounts() throws {
        var now = 0.0
        func clock() -> Double { now }
        let plan = try HourPlan(hours: 1, corpusTokens: 1_000_000, context: 256, family: "llama", clock: clock) {
            model, _ in
            now += 60
            let parameters = model.layers * 12 * model.width * model.width + 4096 * model.width
            return (parameters, 1e11 / 6 / Double(parameters))
        }
        #expect(plan.seconds == 3600 * HourPlan.stepShare - now)
        #expect(now <= 3600 * HourPlan.measuringShare + 60)
    }

    @Test("The second step takes no large buffer from the system")
    func allocations() throws {
        // Hidden layers of 2,048 rows and 1,056 numbers: more than 8 MiB, as in no other test.
        var config = SmallRun.config
        config["intermediate_size"] = 1056
        config["max_position_embeddings"] = 64
        let model = try TrainableModel(fresh: config, seed: 1)
        let windows = (0..<32).map { row in (0...64).map { Int32(($0 * 7 + row) % 32) }[...] }
        let objective = LanguageModelObjective(
            model, context: 64, batches: { _ in [TokenBatch(windows: windows)] }, heldOut: { [] })
        let trainer = try Trainer(
            objective, model.parameters,
            TrainingSettings(steps: 4, rate: LearningRate(.constant, peak: 1e-3, warmup: 0)))
        var counts: [Int] = []
        try trainer.run { event in
            if case .step = event { counts.append(BufferPool.shared.allocations(ofAtLeast: 8 << 20)) }
        }
        #expect(counts[0] > 0)
        #expect(counts[1...].allSatisfy { $0 == counts[0] }, "\(counts)")
    }
}
