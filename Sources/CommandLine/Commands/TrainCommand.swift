import ApusModelFiles
import ApusModels
import ApusTensors
import ApusTraining
import ArgumentParser

struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a language model from scratch, or go on training one.",
        usage: """
            apus train <corpus> ... --out <folder> [--hours <H>] [<options>]
            apus train <corpus> ... --out <folder> --layers 6 --width 256 --heads 8 --context 256 --steps 2000
            apus train <corpus> ... --out <folder> --from <model>
            """,
        discussion: """
            A corpus is made of files (.txt and .md: a document each; .jsonl: rows with "text"), folders of them, or a file \
            that was packed before. The tokenizer is learned from it (--vocabulary), made of its characters \
            (--characters), or another model's (--tokenizer). With --hours the machine is measured, and sizes, batch and \
            steps are picked such that the run ends in that time. The folder becomes a model that apus and transformers \
            load; until then it holds checkpoints, and --resume goes on after a break of any kind.

            EXAMPLES:
              apus train README.md docs --out tiny --layers 2 --width 64 --steps 20
              apus train README.md docs --out tiny2 --characters --steps 5 --dry-run
            """)

    @Argument(help: "Texts: files, folders, JSONL, or a packed file.", completion: .file())
    var corpus: [String]

    @Option(help: ArgumentHelp("The folder that the model is written to.", valueName: "folder"), completion: .directory)
    var out: String

    @Option(help: ArgumentHelp("Pick everything so that the run takes this long.", valueName: "H"))
    var hours: Double?

    @OptionGroup(title: "The model") var model: NewModelArguments
    @OptionGroup(title: "Learning") var learning: LearningArguments

    @Option(help: ArgumentHelp("Windows of a step. (default: 16)", valueName: "N"))
    var batch: Int?

    @Option(help: ArgumentHelp("Windows that go through the model together; a step adds up several.", valueName: "N"))
    var microBatch: Int?

    @Option(help: ArgumentHelp("Steps. (default: one pass over the corpus)", valueName: "N"))
    var steps: Int?

    @Option(help: ArgumentHelp("Passes over the corpus.", valueName: "E"))
    var epochs: Double?

    @Option(help: ArgumentHelp("Share of the corpus that is held out to measure on. (default: 0.05)", valueName: "S"))
    var heldOut: Double?

    @Option(help: ArgumentHelp("Tokens of it that are measured at most. (default: 65536)", valueName: "N"))
    var heldOutTokens: Int?

    @Option(help: ArgumentHelp("Print a sample every so many steps. (default: none)", valueName: "N"))
    var sampleEvery: Int?

    @Option(help: ArgumentHelp("What samples begin with.", valueName: "text"))
    var samplePrompt = ""

    @OptionGroup var going: RunArguments
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if steps != nil, epochs != nil { throw ValidationError("Give --steps or --epochs, not both.") }
        if hours != nil, steps != nil || epochs != nil || model.namesSizes || batch != nil {
            throw ValidationError("--hours picks sizes, batch and steps; leave those options out.")
        }
        if let hours, !(hours.isFinite && hours > 0) { throw ValidationError("--hours takes a positive number.") }
        let counts = [
            ("--batch", batch), ("--steps", steps), ("--sample-every", sampleEvery), ("--micro-batch", microBatch),
            ("--held-out-tokens", heldOutTokens),
        ]
        for (name, value) in counts {
            if let value, value < 1 { throw ValidationError("\(name) takes a number from 1 on.") }
        }
    }

    func run() async throws {
        let console = Console.current
        if let threads = going.threads { WorkerPool.useThreads(threads) }
        var training = try await pretraining(console)
        let runner = TrainingRunner(console: console, format: output.format, isDry: going.dryRun, gguf: going.ggufType)
        if let hours { training = try await runner.plan(training, hours: hours, resumes: going.resume) }
        let prepared = training
        let (resumes, sampleEvery, samplePrompt) = (going.resume, sampleEvery, samplePrompt)
        try await Interrupt.during {
            let (job, data) = try runner.prepare(prepared, resumes: resumes)
            runner.show(data)
            let isNew = if case .fresh = prepared.start { true } else { false }
            try runner.run(
                job, isNew ? .scratch : .continued, data, sampleEvery: sampleEvery, samplePrompt: samplePrompt)
        }
        if let name = going.name, !going.dryRun { try runner.register(out, as: name) }
    }

    private func pretraining(_ console: Console) async throws -> Pretraining {
        let start: Pretraining.Start
        let tokenizer: Pretraining.TokenizerChoice
        if let from = model.from {
            let path = try await ModelLookup.path(from)
            start = .model(try LoadedDecoder(path: path))
            tokenizer = .taken(path: path)
        } else {
            start = .fresh(try model.settings())
            tokenizer = try await model.tokenizerChoice()
        }
        var training = Pretraining(
            corpus: corpus, start: start, tokenizer: tokenizer, folder: out,
            steps: steps.map { .steps($0) } ?? .epochs(epochs ?? 1))
        training.context = model.context
        training.documentSeparator = model.documentSeparator
        if let batch { training.batch = batch }
        if let heldOut { training.heldOutShare = heldOut }
        if let heldOutTokens { training.heldOutLimit = heldOutTokens }
        learning.apply(to: &training)
        training.microBatch = microBatch
        return training
    }
}
