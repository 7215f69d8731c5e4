import ApusModelFiles
import ApusModels
import ApusTensors
import ApusTokenization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Training on a corpus: a new model, or one that goes on learning.
public struct Pretraining: Sendable {
    /// Where the model begins.
    public enum Start: Sendable {
        case fresh(ModelSettings)
        /// From a model's files.
        case model(LoadedDecoder)
    }

    /// Where the tokens come from.
    public enum TokenizerChoice: Sendable {
        /// A byte-level BPE of so many tokens, learned from the corpus.
        case trained(vocabulary: Int)
        /// Single characters of the corpus.
        case characters
        /// The tokenizer of another model, by its path.
        case taken(path: String)
    }

    public var corpus: [String]
    public var documentSeparator: String?
    public var start: Start
    public var tokenizer: TokenizerChoice
    public var folder: String
    /// Windows of a step.
    public var batch: Int
    /// Windows that go through the model together; nil for as many as suit the processor's caches.
    public var microBatch: Int?
    /// Tokens of a window; nil for the model's context.
    public var context: Int?
    public var steps: StepCount
    public var rate: Double?
    public var schedule = LearningRate.Shape.cosine
    public var warmup: Int?
    public var heldOutShare = 0.05
    /// Tokens of the held-out text that are measured at most.
    public var heldOutLimit = 65_536
    public var evaluationInterval: Int?
    public var checkpointInterval: Int?
    public var patience: Int?
    public var optimizer = AdamW.Settings()
    public var clip: Double? = 1
    public var seed: UInt64 = 1
    public var savesMemory = false
    /// Nil for the faster one here.
    public var precision: Precision?
    /// Seconds that the steps may take together; see ``TrainingSettings/deadline``.
    public var deadline: Double?

    public enum StepCount: Sendable, Equatable {
        case steps(Int)
        case epochs(Double)
    }

    public init(corpus: [String], start: Start, tokenizer: TokenizerChoice, folder: String, steps: StepCount) {
        self.corpus = corpus
        self.start = start
        self.tokenizer = tokenizer
        self.folder = folder
        self.steps = steps
        batch = 16
    }

    /// What is done before step 1, for whoever shows it.
    public enum Stage: Sendable {
        case vocabulary(VocabularyTraining.Stage, done: Int, total: Int)
        case packing(done: Int, total: Int)
    }

    /// Trains the tokenizer where one is to be trained, packs the corpus, and makes or copies the model.
    ///
    /// - Parameter resumes: take up the newest checkpoint in the folder.
    /// - Throws: ``TrainingError``, ``DataError`` and the errors of model files, before any training.
    public func prepare(
        resumes: Bool = false, progress: @escaping @Sendable (Stage) -> Void = { _ in }
    ) throws -> (job: TrainingJob, data: DataReport) {
        let found = try Corpus(paths: corpus, documentSeparator: documentSeparator)
        try requireTokenizer(found)
        try requireRoom()
        try Folder.make(folder)
        let (tokenizer, files) = try tokenizer(found, progress)
        let packed = try pack(found, tokenizer, progress)
        let (model, base) = try model(tokenizer, files)
        let context = self.context ?? model.configuration.context
        guard context >= 1, context <= model.configuration.context || !model.configuration.hasLearnedPositions else {
            throw TrainingError.badSetting(
                "the context", value: "\(context)", expected: "at most the model's \(model.configuration.context)")
        }
        guard tokenizer.vocabularySize <= model.configuration.vocabulary else {
            throw TrainingError.tokenizerTooLarge(
                tokens: tokenizer.vocabularySize, vocabulary: model.configuration.vocabulary, file: folder)
        }
        let split = try CorpusSplit(packed.corpus, heldOutShare: heldOutShare, context: context, seed: seed)
        let sampler = try WindowSampler(split.training, context: context, batch: batch, seed: seed)
        var settings = try settings(windows: sampler.windows, parameters: model.parameters.count).validated()
        guard (1...1 << 20).contains(microBatch ?? 1) else {
            throw TrainingError.badSetting(
                "the micro-batch", value: "\(microBatch ?? 1)", expected: "from 1 to 1048576 windows")
        }
        let micro = (microBatch ?? max(1, Self.suitableTokens / context)) * context
        settings.precision =
            precision
            ?? .forRun(in: folder, resumes: resumes, model.configuration, tokens: min(micro, batch * context))
        let heldOutWindows = min(split.heldOut.windows(context: context), max(1, heldOutLimit / context))
        let objective = LanguageModelObjective(
            model, context: context, savesMemory: savesMemory,
            batches: { try TokenBatch(sampler.batch(step: $0)).parts(of: micro) },
            heldOut: { try TokenBatch(split.heldOut.batch(of: 0..<heldOutWindows, context: context)).parts(of: micro) })
        let checkpoints = try CheckpointFolder(
            path: TrainingJob.checkpoints(in: folder), identity: identity(model, tokenizer, packed.corpus, settings))
        if !resumes, let name = checkpoints.names.last, !name.isEmpty {
            throw TrainingError.runExists(folder: folder)
        }
        let trainer = try Trainer(objective, model.parameters, settings, checkpoints: checkpoints)
        if resumes { try trainer.resume() }
        let job = TrainingJob(
            model: model, objective: objective, trainer: trainer, folder: folder, stepTokens: batch * context,
            heldOutTokens: heldOutWindows * context,
            memory: MemoryForecast(
                model.configuration, trained: model.parameters.count, tokens: min(micro, batch * context),
                savesMemory: savesMemory),
            base: base, lineage: lineage(packed.corpus, tokenizer, settings))
        return (job, packed.report)
    }

    /// Sizes, batch and steps such that the run takes so many hours of this machine with the best loss that they can buy.
    /// They are kept in the folder.
    ///
    /// - Parameters:
    ///   - resumes: take what was picked when the run began; the plan is nil then.
    ///   - measuring: called with each size before it is measured; may throw to stop.
    public func planned(
        hours: Double, resumes: Bool = false, measuring: (String) throws -> Void = { _ in }
    ) throws -> (Pretraining, HourPlan?) {
        guard case .fresh(let settings) = start else {
            throw TrainingError.badSetting("--hours", value: "\(hours)", expected: "given for a new model only")
        }
        if resumes, let kept = try KeptPlan.kept(in: folder, hours: hours) { return (following(kept), nil) }
        let begun = (try? Folder.names(TrainingJob.checkpoints(in: folder))) ?? []
        if !resumes, !begun.isEmpty { throw TrainingError.runExists(folder: folder) }
        let corpus = try Corpus(paths: corpus, documentSeparator: documentSeparator)
        try requireTokenizer(corpus)
        var vocabulary = 4096
        switch tokenizer {
        case .trained: vocabulary = corpus.bytes < 2 << 20 ? 1024 : corpus.bytes < 200 << 20 ? 4096 : 16_384
        case .characters: vocabulary = 128
        case .taken(let path): vocabulary = try Tokenizer.load(path: path).vocabularySize
        }
        // A token stands for about so many bytes of text in a vocabulary of that size; packed it has 2 or 4.
        let packedBytes = vocabulary <= 65_536 ? 2.0 : 4
        let textBytes = vocabulary < 300 ? 1 : 1.4 + 0.16 * log2(Double(vocabulary))
        let bytesPerToken = corpus.packedFile == nil ? textBytes : packedBytes
        let plan = try HourPlan(
            hours: hours, corpusTokens: Int(Double(corpus.bytes) / bytesPerToken), context: context ?? settings.context,
            family: settings.family
        ) { model, windows in
            try measuring("\(model.layers) x \(model.width)")
            // What a size took would else stay for the sizes after it.
            defer { BufferPool.clear() }
            return try measure(model, windows: windows, vocabulary: vocabulary)
        }
        let kept = KeptPlan(
            hours: hours, model: plan.best.model, vocabulary: vocabulary, batch: plan.batch, steps: plan.steps,
            seconds: plan.seconds, readsOften: plan.readsOften)
        try kept.keep(in: folder)
        return (following(kept), plan)
    }

    private func following(_ plan: KeptPlan) -> Pretraining {
        var planned = self
        planned.start = .fresh(plan.model)
        planned.batch = plan.batch
        planned.steps = .steps(plan.steps)
        planned.deadline = plan.seconds
        planned.schedule = .stable
        if case .trained = tokenizer { planned.tokenizer = .trained(vocabulary: plan.vocabulary) }
        if plan.readsOften, patience == nil {
            planned.patience = 3
            planned.evaluationInterval = evaluationInterval ?? max(1, plan.steps / 40)
        }
        return planned
    }

    /// Tokens a second that a step of a new model learns from.
    private func measure(
        _ settings: ModelSettings, windows: Int, vocabulary: Int
    ) throws -> (parameters: Int, tokensPerSecond: Double) {
        let model = try TrainableModel(fresh: settings.config(vocabulary: vocabulary), seed: 1)
        var random = RandomGenerator(seed: 1)
        let rows = (0..<windows).map { _ in
            (0...settings.context).map { _ in Int32(random.next() % UInt64(vocabulary)) }[...]
        }
        let batch = TokenBatch(windows: rows)
        let objective = LanguageModelObjective(model, context: settings.context, batches: { _ in [batch] })
        var settings = TrainingSettings(steps: 8, rate: LearningRate(.constant, peak: 1e-4, warmup: 0))
        settings.precision = precision ?? .forRun(model.configuration, tokens: batch.tokens)
        let trainer = try Trainer(objective, model.parameters, settings)
        var times: [Double] = []
        var last = monotonicSeconds()
        let began = last
        do {
            try trainer.run { event in
                guard case .step = event else { return }
                let now = monotonicSeconds()
                times.append(now - last)
                last = now
                if times.count >= 4, now - began > 2 { throw MeasuredEnough() }
            }
        } catch is MeasuredEnough {}
        // The first steps take memory from the system.
        let usual = times.dropFirst(2).sorted()[(times.count - 2) / 2]
        return (model.parameters.count, Double(batch.tokens) / usual)
    }

    /// Slow steps are known after four.
    private struct MeasuredEnough: Error {}

    /// Tokens that go through a model together unless told otherwise: enough for products to run at full speed.
    static let suitableTokens = 4096

    // Checks --------------------------------------------------------------------------------------------------------

    /// - Throws: ``TrainingError/packedWithoutTokenizer(file:)``.
    private func requireTokenizer(_ corpus: Corpus) throws(TrainingError) {
        guard let file = corpus.packedFile else { return }
        if case .taken = tokenizer { return }
        throw .packedWithoutTokenizer(file: file)
    }

    /// - Throws: ``TrainingError/notEnoughMemory(needed:available:)`` before a tokenizer is trained or a model made.
    private func requireRoom() throws {
        let configuration: DecoderConfiguration
        let parameters: Int
        switch start {
        case .model(let loaded):
            configuration = loaded.configuration
            parameters = try loaded.weights.tensorNames.reduce(0) { try $0 + loaded.weights.tensor(named: $1).count }
        case .fresh(var settings):
            if let context { settings.context = context }
            let vocabulary =
                switch tokenizer {
                case .trained(let vocabulary): vocabulary
                case .characters: 128
                case .taken(let path): try Tokenizer.load(path: path).vocabularySize
                }
            let size = try ModelSize(settings, vocabulary: vocabulary)
            (configuration, parameters) = (size.configuration, size.parameters)
        }
        let context = context ?? configuration.context
        let windows = min(batch, microBatch ?? max(1, Self.suitableTokens / max(1, context)))
        let (tokens, overflow) = windows.multipliedReportingOverflow(by: context)
        try MemoryForecast(
            configuration, trained: parameters, tokens: overflow ? .max : max(0, tokens), savesMemory: savesMemory
        ).requireRoom()
    }

    // Parts ---------------------------------------------------------------------------------------------------------

    private func tokenizer(
        _ corpus: Corpus, _ progress: @escaping @Sendable (Stage) -> Void
    ) throws -> (Tokenizer, files: [(name: String, contents: String)]) {
        let trained: JSON
        switch tokenizer {
        case .taken(let path): return (try Tokenizer.load(path: path), try TokenizerFiles.of(path))
        case .characters: trained = try CharacterVocabulary.tokenizer(files: corpus.files.map(\.path))
        case .trained(let vocabulary):
            var training = VocabularyTraining(.byteLevelBPE, vocabularySize: vocabulary)
            training.threads = WorkerPool.shared.threads
            // A resumed run finds the tokenizer that it began with.
            let kept = "\(folder)/tokenizer.json"
            if FileMapping.isFile(kept) {
                trained = try JSON(parsing: FileMapping(path: kept).withBytes { Array($0) }, source: kept)
            } else {
                trained = try training.train(files: corpus.files.map(\.path)) {
                    progress(.vocabulary($0, done: $1, total: $2))
                }
            }
        }
        let config: JSON = [
            "tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|endoftext|>", "bos_token": .null,
            "clean_up_tokenization_spaces": false,
        ]
        let files = [
            (name: "tokenizer.json", contents: trained.serialized() + "\n"),
            (name: "tokenizer_config.json", contents: config.serialized(pretty: true) + "\n"),
        ]
        for file in files {
            let output = try OutputFile(path: "\(folder)/\(file.name)")
            try output.write(Array(file.contents.utf8))
            try output.finish()
        }
        return (try Tokenizer.folder(folder), files)
    }

    /// The corpus as tokens, kept beside the model for the next time.
    private func pack(
        _ corpus: Corpus, _ tokenizer: Tokenizer, _ progress: @escaping @Sendable (Stage) -> Void
    ) throws -> (corpus: PackedCorpus, report: DataReport) {
        try CorpusPacker(tokenizer: tokenizer).pack(corpus, to: "\(folder)/corpus.packed") {
            progress(.packing(done: $0, total: $1))
        }
    }

    private func model(
        _ tokenizer: Tokenizer, _ files: [(name: String, contents: String)]
    ) throws -> (TrainableModel, TrainedFolder.Base) {
        switch start {
        case .fresh(var settings):
            if let context { settings.context = context }
            let config = try settings.config(vocabulary: tokenizer.vocabularySize)
            return (
                try TrainableModel(fresh: config, seed: seed), .tokenizer(files: files, special: tokenizer.special)
            )
        case .model(let loaded): return (try TrainableModel(copying: loaded), .model(loaded))
        }
    }

    private func settings(windows: Int, parameters: Int) throws(TrainingError) -> TrainingSettings {
        let count: Int
        switch steps {
        case .steps(let steps): count = steps
        case .epochs(let epochs):
            guard epochs.isFinite, epochs > 0, epochs < 1e6 else {
                throw .badSetting("the number of epochs", value: "\(epochs)", expected: "a positive number")
            }
            count = max(1, Int((epochs * Double(windows) / Double(batch)).rounded()))
        }
        let rate = LearningRate(
            schedule, peak: self.rate ?? Self.usualRate(parameters: parameters),
            warmup: warmup ?? min(200, count / 20))
        var settings = TrainingSettings(
            steps: count, rate: rate, evaluationInterval: evaluationInterval ?? max(1, min(500, count / 20)),
            checkpointInterval: checkpointInterval ?? max(1, min(500, count / 10)))
        settings.optimizer = optimizer
        settings.clip = clip
        settings.patience = patience
        settings.deadline = deadline
        return settings
    }

    /// Small models bear higher rates: 3e-3 at a million parameters, falling with the fourth root of their number.
    static func usualRate(parameters: Int) -> Double {
        let millions = max(0.1, Double(parameters) / 1e6)
        return min(4e-3, 3e-3 / millions.squareRoot().squareRoot())
    }

    /// What a checkpoint must have been made with.
    private func identity(
        _ model: TrainableModel, _ tokenizer: Tokenizer, _ corpus: PackedCorpus, _ settings: TrainingSettings
    ) -> [String: String] {
        [
            "corpus": corpus.content.description, "tokenizer": tokenizer.fingerprint.description,
            "parameters": "\(model.parameters.count)", "batch": "\(batch)", "seed": "\(seed)",
            "context": "\(context ?? model.configuration.context)", "held-out share": "\(heldOutShare)",
        ].merging(settings.identity) { own, _ in own }
    }

    private func lineage(
        _ corpus: PackedCorpus, _ tokenizer: Tokenizer, _ settings: TrainingSettings
    ) -> JSON.Object {
        var object: JSON.Object = [
            "made_by": "apus train", "corpus_fingerprint": .string(corpus.content.description),
            "corpus_tokens": .integer(corpus.tokens), "corpus_documents": .integer(corpus.documents),
            "tokenizer_fingerprint": .string(tokenizer.fingerprint.description), "seed": .integer(Int(clamping: seed)),
            "batch": .integer(batch), "learning_rate": .number(settings.rate.peak),
            "precision": .string(settings.precision.rawValue),
            "schedule": .string(settings.rate.shape.rawValue), "planned_steps": .integer(settings.steps),
        ]
        if case .model(let loaded) = start { object["base"] = .string(loaded.path) }
        return object
    }
}

/// The files in which a folder keeps its tokenizer.
enum TokenizerFiles {
    static let names = [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
        "vocab.txt", "merges.txt",
    ]

    /// The tokenizer of a model, or a `tokenizer.json` by itself, as files of a Hugging Face folder.
    static func of(_ path: String) throws -> [(name: String, contents: String)] {
        if FileMapping.isFolder(path) {
            return try names.filter { FileMapping.isFile("\(path)/\($0)") }.map {
                (name: $0, contents: try text("\(path)/\($0)"))
            }
        }
        if path.hasSuffix(".json") { return [(name: "tokenizer.json", contents: try text(path))] }
        return try GGUFTokenizerExport.huggingFaceFiles(GGUFFile(path: path).metadata).map {
            (name: $0.0, contents: $0.1)
        }
    }

    private static func text(_ path: String) throws -> String {
        String(decoding: try FileMapping(path: path).withBytes { Array($0) }, as: UTF8.self)
    }
}
