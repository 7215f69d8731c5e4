import ApusModelFiles
import ApusModels
import ApusTensors
import ApusTokenization

/// Training a model on examples of what it should say.
public struct FineTuning: Sendable {
    public var base: LoadedDecoder
    public var data: [String]
    public var folder: String
    /// What is trained.
    public var method: Method

    public enum Method: Sendable, Equatable {
        /// All weights.
        case full
        /// Low-rank matrices over weights that stay as they are.
        case lora(LoRASettings)
    }

    /// Write the adapter alone, and as GGUF too; see ``Adaptation``.
    public var isAdapterOnly = false
    public var writesAdapterGGUF = false
    /// Passes over the data; nil for as many as their number asks for.
    public var epochs: Double?
    public var rate: Double?
    /// Rows of a step.
    public var batch = 8
    /// Tokens that a row may have; nil for the model's context.
    public var context: Int?
    /// Cut longer rows at their end; otherwise they are errors.
    public var truncates = false
    public var seed: UInt64 = 1
    /// Share of the rows that is held out; nil for one in twenty of a hundred rows or more, none of fewer.
    public var heldOutShare: Double?
    /// A chat template for a model that has none, or in place of its own.
    public var chatTemplate: String?
    /// How strongly preference pairs hold the model to what it was (DPO's β).
    public var beta = 0.1
    public var schedule = LearningRate.Shape.cosine
    public var warmup: Int?
    public var optimizer = AdamW.Settings()
    public var clip: Double? = 1
    public var evaluationInterval: Int?
    public var checkpointInterval: Int?
    public var patience: Int?
    public var savesMemory = false
    /// Nil for the faster one here.
    public var precision: Precision?

    public init(base: LoadedDecoder, data: [String], folder: String) {
        self.base = base
        self.data = data
        self.folder = folder
        method = Self.usualMethod(base)
        optimizer.decay = 0.01
        optimizer.beta2 = 0.999
    }

    /// All weights of a small model in floats, an adapter over a large or quantised one.
    static func usualMethod(_ base: LoadedDecoder) -> Method {
        let tensors = base.weights.tensorNames.compactMap { try? base.weights.tensor(named: $0) }
        let isLarge = tensors.reduce(0) { $0 + $1.count } > 200_000_000
        return isLarge || tensors.contains { !$0.dtype.isFloat } ? .lora(LoRASettings()) : .full
    }

    /// A few facts are known by heart after some hundred readings, many varied rows are learned in three.
    public static func usualEpochs(rows: Int) -> Double { Double(max(3, min(30, 600 / max(1, rows)))) }

    /// Reads and checks the data and copies the model.
    ///
    /// - Throws: ``DataError`` with file and line for a row that is wrong, ``TrainingError``, before any training.
    public func prepare(
        resumes: Bool = false, progress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws -> (job: TrainingJob, data: FineTuningData) {
        let tokenizer = try Tokenizer.load(path: base.path)
        let source = try chatTemplate ?? base.chatTemplateSource()
        let template = try source.map { try ChatTemplate($0, name: base.path) }
        let limit = min(context ?? base.configuration.context, base.configuration.context)
        guard limit >= 2 else {
            throw TrainingError.badSetting("the context", value: "\(limit)", expected: "2 or more")
        }
        let encoder = try RowEncoder(
            tokenizer: tokenizer, chatTemplate: template, endOfGeneration: base.endTokens, context: limit,
            truncates: truncates)
        let all = try FineTuningData(paths: data, encoder: encoder, progress: progress)
        let share = heldOutShare ?? (all.count < 100 ? 0 : 0.05)
        let (training, heldOut) = try all.split(heldOutShare: share, seed: seed)
        let clock = Dropout.Clock(seed: seed)
        let frozen = try frozen()
        let stepTokens = training.count == 0 ? 0 : training.tokens / max(1, training.count) * min(batch, training.count)
        func memory(trained: Int) -> MemoryForecast {
            MemoryForecast(
                base.configuration, trained: trained, tokens: min(stepTokens, Pretraining.suitableTokens),
                savesMemory: savesMemory, frozen: frozen.bytes)
        }
        try memory(trained: trainedCount()).requireRoom()
        let model =
            switch method {
            case .full: try TrainableModel(copying: base)
            case .lora(let settings): try TrainableModel(adapting: base, settings, seed: seed, clock: clock)
            }
        let epochs = epochs ?? Self.usualEpochs(rows: training.count)
        let batches = try StepBatches(
            RowBatches(training, tokenBudget: .max, rowLimit: batch, seed: seed), epochs: epochs)
        var settings = try settings(steps: batches.count, parameters: model.parameters.count).validated()
        settings.precision =
            precision ?? .forRun(in: folder, resumes: resumes, model.configuration, tokens: stepTokens)
        let objective: any Objective = try Differentiation.multiplying(in: settings.precision) {
            try self.objective(model, training, heldOut, batches, limit, clock)
        }
        try Folder.make(folder)
        let baseHash = try base.contentFingerprint()
        let checkpoints = try CheckpointFolder(
            path: TrainingJob.checkpoints(in: folder),
            identity: [
                "data": training.content.description, "method": "\(method)", "base": baseHash.description,
                "parameters": "\(model.parameters.count)", "batch": "\(batch)", "seed": "\(seed)",
                "held-out share": "\(share)", "β of preferences": "\(beta)",
            ].merging(settings.identity) { own, _ in own })
        if !resumes, !checkpoints.names.isEmpty { throw TrainingError.runExists(folder: folder) }
        let trainer = try Trainer(objective, model.parameters, settings, checkpoints: checkpoints)
        if resumes { try trainer.resume() }
        let job = TrainingJob(
            model: model, objective: objective, trainer: trainer, folder: folder, stepTokens: stepTokens,
            heldOutTokens: heldOut.tokens,
            memory: memory(trained: model.parameters.count),
            base: .model(base), lineage: lineage(all, settings, epochs, baseHash))
        if case .lora(let settings) = method {
            job.adaptation = Adaptation(
                settings: settings, base: base, isAdapterOnly: isAdapterOnly, writesGGUF: writesAdapterGGUF)
            job.frozenParameters = frozen.count
        }
        job.chatTemplate = all.kind == .chat ? source ?? ChatTemplate.plainSource : chatTemplate
        return (job, all)
    }

    /// What reports call this kind of training.
    public func summaryMethod(_ kind: RowKind) -> RunSummary.Method {
        if kind == .preference { return .dpo }
        if method == .full { return .full }
        let names = base.weights.tensorNames
        return names.contains { (try? base.weights.tensor(named: $0))?.dtype.isFloat == false } ? .qlora : .lora
    }

    /// What the base and the trained model say to some prompts that were held out; to rows that were learned where none
    /// were.
    public func comparisons(
        _ data: FineTuningData, with model: TrainableModel, most: Int = 8
    ) throws -> [RunSummary.Comparison] {
        let tokenizer = try Tokenizer.load(path: base.path)
        let share = heldOutShare ?? (data.count < 100 ? 0 : 0.05)
        let (training, heldOut) = try data.split(heldOutShare: share, seed: seed)
        let rows = heldOut.count > 0 ? heldOut : training
        let ends = base.endTokens.union(tokenizer.endOfGeneration)
        return try stride(from: 0, to: rows.count, by: max(1, rows.count / most)).prefix(most).map { row in
            let prompt = rows.prompt(of: row)
            let example = rows[row][0]
            let expected = zip(example.tokens, example.learned).filter(\.1).map(\.0).filter { !ends.contains($0) }
            func answer(_ decoder: any Decoder) throws -> String {
                tokenizer.text(
                    try decoder.greedy(prompt, ends: ends, most: max(16, 2 * expected.count)), skipSpecial: true)
            }
            return RunSummary.Comparison(
                prompt: tokenizer.text(prompt, skipSpecial: true),
                expected: tokenizer.text(expected, skipSpecial: true), base: try answer(base.decoder),
                tuned: try answer(model.decoder))
        }
    }

    private func objective(
        _ model: TrainableModel, _ training: FineTuningData, _ heldOut: FineTuningData, _ batches: StepBatches,
        _ context: Int, _ clock: Dropout.Clock
    ) throws -> any Objective {
        let most = Pretraining.suitableTokens
        let whole = try RowBatches(heldOut, tokenBudget: most, seed: seed).epoch(nil)
        guard training.kind == .preference else {
            return LanguageModelObjective(
                model, context: context, savesMemory: savesMemory, clock: clock,
                batches: { TokenBatch(batches[$0]).parts(of: most) },
                heldOut: { (0..<whole.count).map { TokenBatch(whole[$0]) } })
        }
        // What the model says before it learns, of every pair.
        var reference: [Int: [Double]] = [:]
        for data in [training, heldOut] {
            let all = try RowBatches(data, tokenBudget: most, seed: seed).epoch(nil)
            for index in 0..<all.count {
                let batch = all[index]
                let logs = try PreferenceObjective.logProbabilities(TokenBatch(batch), model, context: context)
                for (sequence, row) in batch.rows.enumerated() where sequence % 2 == 0 {
                    reference[data.number(of: row)] = Array(logs[sequence..<sequence + 2])
                }
            }
        }
        let known = reference
        func pairs(_ batch: RowBatch, _ data: FineTuningData) -> PreferenceObjective.Pairs {
            let rows = stride(from: 0, to: batch.rows.count, by: 2).map { batch.rows[$0] }
            return .init(
                batch: TokenBatch(batch), reference: rows.flatMap { known[data.number(of: $0)] ?? [0, 0] })
        }
        return PreferenceObjective(
            model, beta: beta, context: context, savesMemory: savesMemory, clock: clock,
            pairs: { [pairs(batches[$0], training)] },
            heldOut: { (0..<whole.count).map { pairs(whole[$0], heldOut) } })
    }

    /// Numbers that will be trained.
    private func trainedCount() throws -> Int {
        guard case .lora(let settings) = method else {
            return try base.weights.tensorNames.reduce(0) { try $0 + base.weights.tensor(named: $1).count }
        }
        return try settings.validated().maps(of: base).reduce(0) { $0 + settings.rank * ($1.inputs + $1.outputs) }
    }

    /// Numbers and bytes of the weights that stay as they are.
    private func frozen() throws -> (count: Int, bytes: Int) {
        guard case .lora = method else { return (0, 0) }
        return try base.weights.tensorNames.reduce((0, 0)) { sum, name in
            let tensor = try base.weights.tensor(named: name)
            return (sum.0 + tensor.count, sum.1 + tensor.bytes.count)
        }
    }

    private func settings(steps: Int, parameters: Int) throws -> TrainingSettings {
        // Adapters bear higher rates than the weights below them (Hu et al. 2022).
        let (frozen, factor) = (try frozen().count, method == .full ? 1.0 : 5.0)
        let usual = factor * min(1e-3, 1e-3 / (Double(frozen > 0 ? frozen : parameters) / 3e6).squareRoot())
        let rate = LearningRate(schedule, peak: rate ?? usual, warmup: warmup ?? min(100, steps / 20), floor: 0.05)
        var settings = TrainingSettings(
            steps: steps, rate: rate, evaluationInterval: evaluationInterval ?? max(1, min(200, steps / 10)),
            checkpointInterval: checkpointInterval ?? max(1, min(200, steps / 4)))
        settings.optimizer = optimizer
        settings.clip = clip
        settings.patience = patience
        return settings
    }

    private func lineage(
        _ data: FineTuningData, _ settings: TrainingSettings, _ epochs: Double, _ baseHash: Fingerprint
    ) -> JSON.Object {
        [
            "made_by": "apus finetune", "base": .string(base.path), "base_hash": .string(baseHash.description),
            "data_fingerprint": .string(data.content.description), "data_kind": .string(data.kind.rawValue),
            "method": .string(method == .full ? "full" : "lora"), "rows": .integer(data.count),
            "epochs": .number(epochs), "batch": .integer(batch),
            "learning_rate": .number(settings.rate.peak), "schedule": .string(settings.rate.shape.rawValue),
            "weight_decay": .number(settings.optimizer.decay), "seed": .integer(Int(clamping: seed)),
            "planned_steps": .integer(settings.steps), "precision": .string(settings.precision.rawValue),
        ]
    }
}
