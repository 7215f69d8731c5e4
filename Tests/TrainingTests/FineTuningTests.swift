import ApusGeneration
import ApusModelFiles
import ApusModels
import ApusTensors
import ApusTokenization
import Testing

@testable import ApusTraining

@Suite("Fine-tuning")
struct FineTuningTests {
    /// A new small model with a tokenizer of its own, written as a folder.
    private func base(_ folder: DataFolder) throws -> String {
        let corpus = folder.write(
            "corpus.txt", String(repeating: "the cat sat on the mat and saw the dog. ", count: 60))
        var settings = ModelSettings(layers: 2, width: 32, heads: 2, context: 48)
        settings.kvHeads = 1
        var training = Pretraining(
            corpus: [corpus], start: .fresh(settings), tokenizer: .trained(vocabulary: 280),
            folder: folder.path + "/base",
            steps: .steps(3))
        training.batch = 2
        training.heldOutShare = 0.1
        let (job, _) = try training.prepare()
        try job.trainer.run { _ in }
        try job.writeModel()
        return folder.path + "/base"
    }

    private func tuning(_ base: String, _ folder: DataFolder, _ rows: String) throws -> FineTuning {
        var tuning = FineTuning(
            base: try LoadedDecoder(path: base), data: [folder.write("rows.jsonl", rows)],
            folder: folder.path + "/tuned")
        tuning.rate = 5e-3
        return tuning
    }

    @Test("Facts are known by heart afterwards, the base stays as it was, and what is served is what was trained")
    func facts() throws {
        let folder = DataFolder()
        let base = try base(folder)
        let before = try FileMapping(path: base + "/model.safetensors").withBytes { Array($0) }
        let facts = [("the cat sat on", " the red mat"), ("the dog saw", " a tall man"), ("on the mat", " lay a coin")]
        var tuning = try tuning(
            base, folder, facts.map { "{\"prompt\": \"\($0)\", \"completion\": \"\($1)\"}\n" }.joined())
        tuning.epochs = 200
        let (job, data) = try tuning.prepare()
        #expect(data.count == 3)
        try job.trainer.run { _ in }
        try job.writeModel()
        #expect(try FileMapping(path: base + "/model.safetensors").withBytes { Array($0) } == before)

        let tuned = try LocalModel(path: folder.path + "/tuned")
        for (prompt, completion) in facts {
            let ids = try tuned.promptTokens(prompt)
            let cache = tuned.makeCache()
            let sequence = cache.makeSequence()
            var feed = ids
            var written: [TokenID] = []
            while written.count < 20 {
                let logits = try tuned.decoder.run([.init(sequence, feed)]).toArray()
                let next = TokenID(logits.indices.max { logits[$0] < logits[$1] } ?? 0)
                if tuned.endOfGeneration.contains(next) { break }
                written.append(next)
                feed = [next]
            }
            #expect(tuned.tokenizer.text(written) == completion)

            // The logits of training, computed over whole sequences, against those of serving, over a cache.
            let states = try Differentiation.paused {
                try job.model.decoder.states(Batch(sequences: [ids[...]], context: 48))
            }
            let trained = job.model.decoder.head.logits(states).toArray()
            let served = try tuned.decoder.run([.init(cache.makeSequence(), ids, outputs: ids.count)]).toArray()
            let largest = trained.map(\.magnitude).max() ?? 1
            #expect(zip(trained, served).allSatisfy { ($0 - $1).magnitude < 1e-4 * largest })
        }
        let lineage = try Fixture.json(folder.path + "/tuned/apus_training.json")
        #expect(lineage["base"]?.stringValue == base)
        #expect(lineage["rows"]?.intValue == 3)
    }

    @Test("What prompts predict changes nothing: only completions are learned")
    func completionsOnly() throws {
        let folder = DataFolder()
        let model = try TrainableModel(copying: LoadedDecoder(path: base(folder)))
        let tokens: [Int32] = [5, 9, 40, 77, 12, 8, 3]
        // The first three targets belong to the prompt.
        let learned: [Int32] = [-1, -1, -1, 12, 8, 3]
        func gradients(_ targets: [Int32]) throws -> [[Float]] {
            let batch = TokenBatch(sequences: [tokens.dropLast()], targets: targets)
            let objective = LanguageModelObjective(model, context: 48, batches: { _ in [batch] })
            model.parameters.clearGradients()
            _ = try objective.learn(step: 0)
            return model.parameters.parameters.map { $0.tensor.gradient?.toArray() ?? [] }
        }
        let expected = try gradients(learned)
        // A batch of rows leaves prompts out by itself; whatever they predict, gradients are the same.
        #expect(try gradients([-1, -7, -100, 12, 8, 3]) == expected)
        #expect(try gradients([9, 40, 77, 12, 8, 3]) != expected)
    }

    @Test("A batch of several sequences has the gradients of each by itself, added up")
    func sequencesApart() throws {
        let folder = DataFolder()
        let model = try TrainableModel(copying: LoadedDecoder(path: base(folder)))
        func gradients(_ windows: [[Int32]]) throws -> [[Float]] {
            let batch = TokenBatch(windows: windows.map { $0[...] })
            let objective = LanguageModelObjective(model, context: 48, batches: { _ in [batch] })
            model.parameters.clearGradients()
            _ = try objective.learn(step: 0)
            return model.parameters.parameters.map { $0.tensor.gradient?.toArray() ?? [] }
        }
        let first: [Int32] = [1, 2, 3, 4, 5]
        let second: [Int32] = [9, 8, 7, 6, 5]
        let both = try gradients([first, second])
        let apart = zip(try gradients([first]), try gradients([second])).map { zip($0, $1).map { ($0 + $1) / 2 } }
        for (a, b) in zip(both, apart) {
            let largest = b.map(\.magnitude).max() ?? 0
            #expect(zip(a, b).allSatisfy { ($0 - $1).magnitude <= 1e-5 * largest + 1e-9 })
        }
    }

    @Test("Preference pairs make the chosen answer likelier than the rejected one")
    func preferences() throws {
        let folder = DataFolder()
        let base = try base(folder)
        let row = "{\"prompt\": \"the cat\", \"chosen\": \" sat\", \"rejected\": \" dog\"}\n"
        var tuning = try tuning(base, folder, row + row.replacing("the cat", with: "the dog"))
        tuning.epochs = 60
        let (job, data) = try tuning.prepare()
        #expect(data.kind == .preference)
        var losses: [Double] = []
        try job.trainer.run { event in
            if case .step(_, let loss, _, _) = event { losses.append(loss.loss) }
        }
        // Before anything is learned, the loss of a pair is ln 2.
        #expect((try #require(losses.first) - 0.693147).magnitude < 1e-5)
        #expect(try #require(losses.last) < 0.3)
    }

    @Test("Few rows are read often, many rows three times")
    func epochs() {
        #expect(FineTuning.usualEpochs(rows: 8) == 30)
        #expect(FineTuning.usualEpochs(rows: 24) == 25)
        #expect(FineTuning.usualEpochs(rows: 100) == 6)
        #expect(FineTuning.usualEpochs(rows: 10_000) == 3)
        #expect(FineTuning.usualEpochs(rows: 0) == 30)
    }

    @Test("An adapter alone says what it was made from, and a whole model is written as GGUF too")
    func results() throws {
        let folder = DataFolder()
        let base = try base(folder)
        let row = "{\"prompt\": \"the cat\", \"completion\": \" sat\"}\n"
        var tuning = try tuning(base, folder, row + row.replacing("cat", with: "dog"))
        tuning.epochs = 2
        tuning.method = .lora(LoRASettings(rank: 2, alpha: 4))
        tuning.isAdapterOnly = true
        let (job, _) = try tuning.prepare()
        #expect(job.isAdapterAlone)
        try job.trainer.run { _ in }
        try job.writeModel()
        let names = try Folder.names(folder.path + "/tuned")
        #expect(names.contains("adapter_model.safetensors") && !names.contains("config.json"))
        let lineage = try Fixture.json(folder.path + "/tuned/apus_training.json")
        #expect(lineage["base"]?.stringValue == base)
        let hash = try LoadedDecoder(path: base).contentFingerprint().description
        #expect(lineage["base_hash"]?.stringValue == hash)

        tuning.folder = folder.path + "/whole"
        tuning.isAdapterOnly = false
        let (whole, _) = try tuning.prepare()
        try whole.trainer.run { _ in }
        try whole.writeModel()
        let file = try whole.writeGGUF(.q8_0)
        #expect(file == folder.path + "/whole/whole-Q8_0.gguf")
        let loaded = try LoadedDecoder(path: file)
        #expect(try loaded.weights.tensor(named: "blk.0.attn_q.weight").dtype == .q8_0)
        #expect(loaded.configuration.layers == 2 && loaded.configuration.width == 32)
    }

    @Test("Every byte of a base counts for its fingerprint")
    func baseFingerprint() throws {
        let folder = DataFolder()
        let base = try base(folder)
        let before = try LoadedDecoder(path: base).contentFingerprint()
        #expect(try LoadedDecoder(path: base).contentFingerprint() == before)
        let path = base + "/model.safetensors"
        var bytes = try FileMapping(path: path).withBytes { Array($0) }
        for place in [bytes.count - 1, bytes.count - 4097, bytes.count - 12_345] {
            bytes[place] ^= 1
            _ = folder.write("base/model.safetensors", bytes)
            #expect(try LoadedDecoder(path: base).contentFingerprint() != before)
            bytes[place] ^= 1
        }
    }

    @Test("A run that was begun is not begun anew, and a quantised base is not trained whole")
    func refused() throws {
        let folder = DataFolder()
        let base = try base(folder)
        let tuning = try tuning(base, folder, "{\"prompt\": \"a\", \"completion\": \"b\"}\n")
        let (job, _) = try tuning.prepare()
        try job.trainer.saveNow()
        #expect(throws: TrainingError.runExists(folder: folder.path + "/tuned")) { try tuning.prepare() }
    }
}
