import ApusModels
import Testing

@testable import ApusTraining

@Suite("Settings of new models")
struct SettingsTests {
    @Test("Every family can be made anew, trained and written", arguments: ModelSettings.families)
    func families(family: String) throws {
        let folder = DataFolder()
        let settings = ModelSettings(family: family, layers: 2, width: 32, heads: 2, context: 32)
        let corpus = folder.write("corpus.txt", String(repeating: "one two three four five six seven. ", count: 80))
        var training = Pretraining(
            corpus: [corpus], start: .fresh(settings), tokenizer: .characters, folder: folder.path + "/model",
            steps: .steps(4))
        training.batch = 4
        let (job, report) = try training.prepare()
        #expect(report.rows == 1)
        var losses: [Double] = []
        try job.trainer.run { event in
            if case .step(_, let loss, _, _) = event { losses.append(loss.loss) }
        }
        #expect(losses.count == 4 && losses[3] < losses[0])
        try job.writeModel()
        let loaded = try LoadedDecoder(path: folder.path + "/model")
        #expect(loaded.configuration == job.model.configuration)
        for parameter in job.model.parameters.parameters {
            let stored = try loaded.weights.tensor(named: parameter.name).viewed(file: "model").toArray()
            let own = parameter.tensor.toArray()
            // Gemma's norms are stored less 1.
            #expect(zip(stored, own).allSatisfy { ($0 - $1).magnitude < 1e-6 }, "\(family) \(parameter.name)")
        }
    }

    @Test("Wrong sizes are one clear error before any work")
    func wrong() {
        func config(_ change: (inout ModelSettings) -> Void) throws {
            var settings = ModelSettings(layers: 2, width: 64, heads: 4, context: 32)
            change(&settings)
            _ = try TrainableModel(fresh: settings.config(vocabulary: 100), seed: 1)
        }
        #expect(throws: TrainingError.unknownFamily("lama", known: ModelSettings.families)) {
            try config { $0.family = "lama" }
        }
        for change: (inout ModelSettings) -> Void in [
            { $0.layers = 0 }, { $0.heads = 0 }, { $0.heads = 5 }, { $0.width = -64 }, { $0.context = 0 },
            { $0.kvHeads = 3 }, { $0.kvHeads = 0 }, { $0.feedForward = 0 }, { $0.width = .max },
            { ($0.family, $0.kvHeads) = ("gpt2", 2) }, { ($0.width, $0.heads) = (12, 4) },
        ] {
            #expect(throws: (any Error).self) { try config(change) }
        }
    }

    @Test("Rates rise, stay and fall as their shapes say")
    func rates() {
        let cosine = LearningRate(.cosine, peak: 1, warmup: 10, floor: 0.1)
        #expect(cosine.rate(step: 0, of: 110) == 1.0 / 11)
        #expect(cosine.rate(step: 10, of: 110) == 1)
        #expect((cosine.rate(step: 60, of: 110) - 0.55).magnitude < 1e-12)
        #expect((cosine.rate(step: 110, of: 110) - 0.1).magnitude < 1e-12)
        let stable = LearningRate(.stable, peak: 2, warmup: 0, floor: 0, decayShare: 0.25)
        #expect(stable.rate(step: 70, of: 100) == 2)
        #expect((stable.rate(step: 90, of: 100) - 0.8).magnitude < 1e-12)
        #expect(LearningRate(.constant, peak: 3, warmup: 0).rate(step: 99, of: 100) == 3)
        #expect((LearningRate(.linear, peak: 1, warmup: 0, floor: 0).rate(step: 25, of: 100) - 0.75).magnitude < 1e-12)
    }

    @Test("An hour plan reads a small corpus few times and takes a larger model for more time")
    func hours() throws {
        func plan(_ hours: Double, _ tokens: Int) throws -> HourPlan {
            // A machine that does 10^11 operations a second.
            try HourPlan(hours: hours, corpusTokens: tokens, context: 256, family: "llama") { model, _ in
                let parameters = model.layers * 12 * model.width * model.width + 4096 * model.width
                return (parameters, 1e11 / 6 / Double(parameters))
            }
        }
        let short = try plan(0.1, 50_000_000)
        let long = try plan(10, 50_000_000)
        #expect(short.best.parameters < long.best.parameters)
        #expect(long.best.predictedLoss < short.best.predictedLoss)
        #expect((short.seconds - 0.1 * 3600 * 0.94).magnitude < 1)
        #expect(short.steps * short.batch * 256 <= Int(short.best.tokens))
    }
}
