import ApusModelFiles
import ApusModels
import ApusTensors
import ApusTraining
import ArgumentParser

struct FinetuneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finetune",
        abstract: "Teach a model from examples of what it should say.",
        usage: "apus finetune [<model>] --data <file> --out <folder> [--full|--lora] [<options>]",
        discussion: """
            Examples are rows of JSONL: {"prompt", "completion"}, a chat {"messages": [{"role", "content"}, …]}, Alpaca's \
            {"instruction", "input", "output"}, or {"prompt", "chosen", "rejected"} for preferences (DPO). Only what the \
            model should say is learned, never the prompts. All rows are checked first, and a wrong one is an error with \
            its line. The folder becomes a model with tokenizer, chat template and a record of what it was made from.

            EXAMPLES:
              apus finetune --data Examples/finetune/facts.jsonl --out tuned --epochs 2
              apus finetune --data Examples/finetune/facts.jsonl --out t2 --rank 4
            """)

    @Argument(help: "The model to teach; without one, the model that comes with Apus.", completion: ModelCompletion.any)
    var model: String?

    @Option(help: ArgumentHelp("JSONL files.", valueName: "file"), completion: .file())
    var data: [String]

    @Option(
        help: ArgumentHelp("The folder that the result is written to.", valueName: "folder"), completion: .directory)
    var out: String

    @Flag(help: "Train all weights. (default for small models that are not quantised)")
    var full = false

    @Flag(help: "Train a low-rank adapter over weights that stay as they are, also quantised ones.")
    var lora = false

    @Option(help: ArgumentHelp("Rank of the adapter. (default: 16)", valueName: "R"))
    var rank: Int?

    @Option(
        help: ArgumentHelp("What the adapter is scaled by, with the rank. (default: twice the rank)", valueName: "α"))
    var alpha: Double?

    @Option(
        help: ArgumentHelp("Linear maps to adapt, such as q_proj; can be repeated. (default: all)", valueName: "name"))
    var target: [String] = []

    @Option(help: ArgumentHelp("Share of an adapted map's inputs that a step leaves out.", valueName: "D"))
    var dropout: Float?

    @Flag(help: "Write the adapter alone, in PEFT's form; otherwise the whole model too.")
    var adapterOnly = false

    @Flag(help: "Write the adapter as adapter.gguf too.")
    var adapterGguf = false

    @Option(help: ArgumentHelp("Passes over the data. (default: 3; up to 30 for fewer than 200 rows)", valueName: "E"))
    var epochs: Double?

    @Option(help: ArgumentHelp("Rows of a step. (default: 8)", valueName: "B"))
    var batch: Int?

    @Option(help: ArgumentHelp("Tokens that a row may have. (default: the model's context)", valueName: "N"))
    var context: Int?

    @Flag(help: "Cut rows that are longer at their end; otherwise they are errors.")
    var truncate = false

    @Option(
        help: ArgumentHelp(
            "Share of the rows that is held out to measure on. (default: 0.05 of 100 rows or more)", valueName: "S"))
    var heldOut: Double?

    @Option(
        help: ArgumentHelp("A chat template (.jinja) in place of the model's own.", valueName: "file"),
        completion: .file())
    var template: String?

    @Option(help: ArgumentHelp("How strongly preferences hold to the model as it was. (default: 0.1)", valueName: "β"))
    var beta: Double?

    @OptionGroup(title: "Learning") var learning: LearningArguments
    @OptionGroup var going: RunArguments
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if data.isEmpty { throw ValidationError("Give the examples with --data FILE.") }
        let adapts = [rank != nil, alpha != nil, !target.isEmpty, dropout != nil, adapterOnly, adapterGguf].contains(
            true)
        if full, lora || adapts {
            throw ValidationError("--full trains all weights; leave --lora and the options of adapters out.")
        }
        if adapterOnly, going.gguf != nil {
            throw ValidationError(
                "--gguf writes the whole model, --adapter-only has none; --adapter-gguf writes the adapter.")
        }
        for (name, value) in [("--rank", rank), ("--batch", batch), ("--context", context)] {
            if let value, value < 1 { throw ValidationError("\(name) takes a number from 1 on.") }
        }
        for (name, value) in [("--epochs", epochs), ("--beta", beta)] {
            if let value, !(value.isFinite && value > 0) { throw ValidationError("\(name) takes a positive number.") }
        }
    }

    func run() async throws {
        let console = Console.current
        if let threads = going.threads { WorkerPool.useThreads(threads) }
        var tuning = FineTuning(
            base: try LoadedDecoder(path: try await ModelLookup.path(model)), data: data, folder: out)
        if full { tuning.method = .full }
        let adapts = lora || rank != nil || alpha != nil || !target.isEmpty || dropout != nil || adapterOnly
        if adapts || adapterGguf || tuning.method != .full {
            var settings = LoRASettings(rank: rank ?? 16, alpha: alpha ?? 2 * Double(rank ?? 16))
            settings.targets = target
            settings.dropout = dropout ?? 0
            tuning.method = .lora(settings)
            tuning.isAdapterOnly = adapterOnly
            tuning.writesAdapterGGUF = adapterGguf
        }
        tuning.epochs = epochs
        if let batch { tuning.batch = batch }
        tuning.context = context
        tuning.truncates = truncate
        tuning.heldOutShare = heldOut
        if let beta { tuning.beta = beta }
        tuning.chatTemplate = try template.map { String(decoding: try InputFile.read($0), as: UTF8.self) }
        learning.apply(to: &tuning)
        let runner = TrainingRunner(console: console, format: output.format, isDry: going.dryRun, gguf: going.ggufType)
        let (prepared, resumes) = (tuning, going.resume)
        try await Interrupt.during {
            let (job, data) = try runner.prepare(prepared, resumes: resumes)
            runner.show(data.report)
            let method = prepared.summaryMethod(data.kind)
            try runner.run(job, method, data.report) { try prepared.comparisons(data, with: job.model) }
        }
        if let name = going.name, !going.dryRun { try runner.register(out, as: name) }
    }
}
