import ApusConversion
import ApusModelFiles
import ApusTensors
import Testing

@testable import ApusModels
@testable import ApusTraining

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Adapters are trained, written and used again")
struct AdapterTrainingTests {
    private static let models = Fixture.folder("Tests/ModelsTests/Fixtures")
    private static let families = ["llama", "gpt2", "bloom", "gemma2", "phi3", "qwen3", "mixtral"]

    private static func base(_ name: String) throws -> LoadedDecoder { try LoadedDecoder(path: "\(models)/\(name)") }

    /// A model after some steps at a high rate, and the objective that trained it.
    private func trained(
        _ base: LoadedDecoder, _ settings: LoRASettings, batch: TokenBatch, context: Int, steps: Int = 4
    ) throws -> (model: TrainableModel, losses: [Double]) {
        let clock = Dropout.Clock(seed: 3)
        let model = try TrainableModel(adapting: base, settings, seed: 7, clock: clock)
        let objective = LanguageModelObjective(model, context: context, clock: clock, batches: { _ in [batch] })
        let trainer = try Trainer(
            objective, model.parameters,
            TrainingSettings(steps: steps, rate: LearningRate(.cosine, peak: 0.05, warmup: 0)))
        var losses: [Double] = []
        try trainer.run { if case .step(_, let loss, _, _) = $0 { losses.append(loss.loss) } }
        return (model, losses)
    }

    @Test("A new adapter leaves the model as it is, and A begins as PEFT's", arguments: families)
    func start(name: String) throws {
        let base = try Self.base(name)
        let (batch, _) = try AdapterTraining.batch(base)
        let model = try TrainableModel(adapting: base, LoRASettings(rank: 4, alpha: 8), seed: 1)
        let tokens = Array(batch.sequences[0])
        #expect(try AdapterTraining.logits(model.decoder, tokens) == AdapterTraining.logits(base.decoder, tokens))
        for parameter in model.parameters.parameters {
            let values = parameter.tensor.toArray()
            if parameter.name.hasSuffix(".lora_b") {
                #expect(values.allSatisfy { $0 == 0 })
            } else {
                let bound = 1 / Float(parameter.tensor.columns).squareRoot()
                #expect(values.allSatisfy { $0.magnitude <= bound })
                // The deviation of a uniform distribution is its bound by √3.
                let deviation = (values.reduce(0) { $0 + $1 * $1 } / Float(values.count)).squareRoot()
                #expect((deviation * Float(3).squareRoot() / bound - 1).magnitude < 0.15)
            }
        }
        let again = try TrainableModel(adapting: base, LoRASettings(rank: 4, alpha: 8), seed: 1)
        #expect(again.parameters.names == model.parameters.names)
        #expect(
            again.parameters.parameters.map { $0.tensor.toArray() }
                == model.parameters.parameters.map { $0.tensor.toArray() })
    }

    @Test("All maps of attention and feed-forward networks are adapted unless some are named")
    func targets() throws {
        let base = try Self.base("llama")
        func kinds(_ targets: [String]) throws -> [String] {
            var settings = LoRASettings()
            settings.targets = targets
            return try settings.maps(of: base).map { String($0.name.dropLast(".weight".count)) }
        }
        let layer = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"]
        #expect(try Set(kinds([])) == Set((0..<2).flatMap { block in layer.map { "blk.\(block).\($0)" } }))
        #expect(try kinds(["all-linear"]) == kinds([]))
        #expect(try kinds(["q_proj", "v_proj"]) == ["blk.0.attn_q", "blk.0.attn_v", "blk.1.attn_q", "blk.1.attn_v"])
        #expect(try kinds(["attn_q", "attn_v"]) == kinds(["q_proj", "v_proj"]))
        #expect(try kinds(["self_attn.q_proj"]) == ["blk.0.attn_q", "blk.1.attn_q"])
        #expect(try kinds(["model.layers.1.mlp.up_proj", "blk.0.ffn_down"]) == ["blk.0.ffn_down", "blk.1.ffn_up"])
        do {
            _ = try kinds(["q_proj", "query"])
            Issue.record("an unknown target was taken")
        } catch {
            let message = "\(error)"
            #expect(message.contains("'query'"))
            #expect(message.contains("q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj"), "\(message)")
        }
    }

    @Test("Settings out of range are refused")
    func settings() throws {
        let base = try Self.base("llama")
        for change in [
            { $0.rank = 0 }, { $0.rank = 5000 }, { $0.alpha = .nan }, { $0.alpha = 0 }, { $0.dropout = 1 },
            { $0.dropout = -0.1 }, { $0.dropout = .nan },
        ] as [(inout LoRASettings) -> Void] {
            var settings = LoRASettings()
            change(&settings)
            #expect(throws: TrainingError.self) { try TrainableModel(adapting: base, settings, seed: 1) }
        }
    }

    @Test(
        "What was trained over either format gives the same logits over both, from both files", arguments: families,
        [false, true])
    func written(name: String, fromGGUF: Bool) throws {
        let folder = try AdapterTraining.temporaryFolder()
        defer { AdapterTraining.removeFolder(folder) }
        let hugging = try Self.base(name)
        guard case .huggingFace(let source) = hugging.format else { return }
        try GGUFConverter(hugging, source, type: .f32, tokenizer: []).write(to: "\(folder)/base.gguf", name: name)
        let gguf = try LoadedDecoder(path: "\(folder)/base.gguf")
        let base = fromGGUF ? gguf : hugging
        var settings = LoRASettings(rank: 3, alpha: 6)
        settings.isRankStabilised = name == "qwen3"
        if name == "gpt2" { settings.targets = ["attn.c_proj", "c_attn"] }
        let (batch, context) = try AdapterTraining.batch(hugging)
        let (model, losses) = try trained(base, settings, batch: batch, context: context)
        #expect(losses.last ?? .infinity < (losses.first ?? 0) * 0.95, "\(losses)")

        let adapter = try Adapter(trained: model, settings, path: folder)
        var peft = Adapter.PEFTSettings(base: "some/base")
        peft.isRankStabilised = settings.isRankStabilised
        try adapter.writePEFT(to: "\(folder)/peft", for: base, peft)
        try adapter.writeGGUF(to: "\(folder)/adapter.gguf", for: base, name: name)
        let tokens = Array(batch.sequences[0])
        let expected = try AdapterTraining.logits(model.decoder, tokens)
        #expect(try AdapterTraining.relativeError(AdapterTraining.logits(base.decoder, tokens), expected) > 1e-2)
        for model in [hugging, gguf] {
            for file in ["peft", "adapter.gguf"] {
                let again = try model.adapted(by: [AdapterReference(path: "\(folder)/\(file)")])
                let error = try AdapterTraining.relativeError(AdapterTraining.logits(again.decoder, tokens), expected)
                #expect(error < 1e-5, "\(file) over \(model.path): \(error)")
            }
        }
        let config = try Fixture.json("\(folder)/peft/adapter_config.json")
        if name == "gpt2" {
            let targets = config["target_modules"]?.arrayValue?.compactMap(\.stringValue) ?? []
            #expect(targets == ["c_attn", "transformer.h.0.attn.c_proj", "transformer.h.1.attn.c_proj"], "\(targets)")
        }
        #expect(config["lora_alpha"]?.intValue == 6)
        #expect(config["use_rslora"]?.boolValue == settings.isRankStabilised)

        // Merged, as a GGUF file and as a folder would have it.
        let whole = try base.adapted(by: [.init(adapter)]).merged
        let decoder = try type(of: base.decoder).init(
            base.configuration, Weights(whole.weights, file: base.decoder.weights.file))
        #expect(try AdapterTraining.relativeError(AdapterTraining.logits(decoder, tokens), expected) < 1e-5)
    }

    @Test("Over a quantised base gradients are those over what it stands for, but for rounding of activations")
    func quantised() throws {
        let folder = try AdapterTraining.temporaryFolder()
        defer { AdapterTraining.removeFolder(folder) }
        let hugging = try Self.base("llama")
        guard case .huggingFace(let source) = hugging.format else { return }
        try GGUFConverter(hugging, source, type: .q8_0, tokenizer: []).write(to: "\(folder)/q8.gguf", name: "q8")
        let base = try LoadedDecoder(path: "\(folder)/q8.gguf")
        #expect(try base.weights.tensor(named: "blk.0.attn_q.weight").dtype == .q8_0)
        let before = base.fingerprint
        let (batch, context) = try AdapterTraining.batch(hugging)
        let settings = LoRASettings(rank: 4, alpha: 8)
        let floats = base.with(Dequantised(base: base.weights))
        func gradients(_ model: LoadedDecoder) throws -> [(String, Tensor)] {
            let adapted = try TrainableModel(adapting: model, settings, seed: 7)
            _ = try LanguageModelObjective(adapted, context: context, batches: { _ in [batch] }).learn(step: 0)
            return adapted.parameters.parameters.compactMap { parameter in
                parameter.tensor.gradient.map { (parameter.name, $0) }
            }
        }
        for ((name, own), (_, exact)) in zip(try gradients(base), try gradients(floats)) {
            let difference = zip(own.toArray(), exact.toArray()).reduce(0) {
                $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1))
            }
            let norm = exact.toArray().reduce(0) { $0 + Double($1 * $1) }
            #expect(difference <= 0.1 * 0.1 * norm, "\(name): \((difference / norm).squareRoot())")
        }
        let (model, losses) = try trained(base, settings, batch: batch, context: context, steps: 6)
        #expect(losses.last ?? .infinity < (losses.first ?? 0) * 0.9, "\(losses)")
        let adapter = try Adapter(trained: model, settings, path: folder)
        try adapter.writePEFT(to: "\(folder)/peft", for: base, .init(base: "q8"))
        let again = try base.adapted(by: [AdapterReference(path: "\(folder)/peft")])
        let tokens = Array(batch.sequences[0])
        #expect(try AdapterTraining.logits(again.decoder, tokens) == AdapterTraining.logits(model.decoder, tokens))
        #expect(try LoadedDecoder(path: "\(folder)/q8.gguf").fingerprint == before)
        #expect(throws: TrainingError.self) { try TrainableModel(copying: base) }
    }

    @Test("Dropout draws follow from seed and step, are the same when blocks are computed twice, and end with training")
    func dropout() throws {
        let base = try Self.base("llama")
        let (batch, context) = try AdapterTraining.batch(base)
        var settings = LoRASettings(rank: 4, alpha: 8)
        settings.dropout = 0.3
        func run(step: Int, savesMemory: Bool) throws -> (loss: Double, gradients: [[Float]?], heldOut: Double?) {
            let clock = Dropout.Clock(seed: 5)
            let start = try Adapter(path: "\(Self.models)/adapters/llama", for: base)
            let model = try TrainableModel(adapting: base, settings, seed: 7, clock: clock, start: start)
            let objective = LanguageModelObjective(
                model, context: context, savesMemory: savesMemory, clock: clock, batches: { _ in [batch] },
                heldOut: { [batch] })
            let loss = try objective.learn(step: step).loss
            return (
                loss, model.parameters.parameters.map { $0.tensor.gradient?.toArray() }, try objective.heldOutLoss()
            )
        }
        let first = try run(step: 0, savesMemory: false)
        let saving = try run(step: 0, savesMemory: true)
        let second = try run(step: 1, savesMemory: false)
        #expect(first.loss == saving.loss)
        #expect(first.gradients == saving.gradients)
        #expect(first.loss != second.loss)
        #expect(first.heldOut == second.heldOut)
        #expect(first.loss != first.heldOut)
    }

    @Test("A run that is broken off goes on to the same bits")
    func resume() throws {
        let folder = try AdapterTraining.temporaryFolder()
        defer { AdapterTraining.removeFolder(folder) }
        let base = try Self.base("llama")
        let (batch, context) = try AdapterTraining.batch(base)
        var settings = LoRASettings(rank: 4, alpha: 8)
        settings.dropout = 0.1
        struct Broken: Error {}
        func run(_ name: String, resumes: Bool = false, breaksAt: Int? = nil) throws -> [[Float]] {
            let clock = Dropout.Clock(seed: 3)
            let model = try TrainableModel(adapting: base, settings, seed: 7, clock: clock)
            let objective = LanguageModelObjective(model, context: context, clock: clock, batches: { _ in [batch] })
            let trainer = try Trainer(
                objective, model.parameters,
                TrainingSettings(steps: 6, rate: LearningRate(.cosine, peak: 0.01, warmup: 0), checkpointInterval: 2),
                checkpoints: CheckpointFolder(path: "\(folder)/\(name)", identity: ["rank": "4"]))
            if resumes { try trainer.resume() }
            do {
                try trainer.run { event in
                    if case .step(let step, _, _, _) = event, step == breaksAt { throw Broken() }
                }
            } catch is Broken {}
            return model.parameters.parameters.map { $0.tensor.toArray() }
        }
        let whole = try run("whole")
        _ = try run("broken", breaksAt: 3)
        #expect(try run("broken", resumes: true) == whole)
    }

    @Test("An adapter to go on from must have the same maps and ranks")
    func goesOn() throws {
        let base = try Self.base("llama")
        let start = try Adapter(path: "\(Self.models)/adapters/llama", for: base)
        let settings = LoRASettings(rank: 4, alpha: 16)
        let (batch, _) = try AdapterTraining.batch(base)
        let tokens = Array(batch.sequences[0])
        let model = try TrainableModel(adapting: base, settings, seed: 1, start: start)
        let expected = try AdapterTraining.logits(base.adapted(by: [.init(start)]).decoder, tokens)
        #expect(try AdapterTraining.relativeError(AdapterTraining.logits(model.decoder, tokens), expected) < 1e-5)
        #expect(throws: TrainingError.self) {
            try TrainableModel(adapting: base, LoRASettings(rank: 8, alpha: 16), seed: 1, start: start)
        }
        var fewer = settings
        fewer.targets = ["q_proj"]
        #expect(throws: TrainingError.self) { try TrainableModel(adapting: base, fewer, seed: 1, start: start) }
    }
}

/// The float32 values that quantised weights stand for.
private struct Dequantised: WeightSource {
    let base: any WeightSource
    var tensorNames: [String] { base.tensorNames }
    var files: [String] { base.files }
    func has(_ name: String) -> Bool { base.has(name) }

    func tensor(named name: String) throws -> StoredTensor {
        let stored = try base.tensor(named: name)
        return try stored.viewed(file: name).withFloats {
            try StoredTensor(name: name, dtype: .f32, shape: stored.shape, copying: UnsafeRawBufferPointer($0))
        }
    }
}

extension AdapterTraining {
    /// A new folder for what a test writes.
    static func temporaryFolder() throws -> String {
        let template = try #require(strdup("/tmp/apus-training-XXXXXX"))
        defer { free(template) }
        try #require(mkdtemp(template) != nil)
        return String(cString: template)
    }

    /// Removes a folder with what is in it.
    static func removeFolder(_ path: String) {
        for name in (try? Folder.names(path)) ?? [] {
            let full = "\(path)/\(name)"
            if FileMapping.isFolder(full) { removeFolder(full) } else { unlink(full) }
        }
        rmdir(path)
    }
}
