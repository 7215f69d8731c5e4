import ApusModelFiles
import ArgumentParser

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what a model is.",
        discussion: """
            Architecture, parameters, context, how each group of tensors is quantised, memory for weights and for the \
            cache, tokenizer, template, licence. Reads the heads of files only.

            EXAMPLES:
              apus show
              apus show --tensors --format json
            """)

    @Argument(help: "A model. (default: the one that comes with Apus)", completion: ModelCompletion.any)
    var model: String?

    @Option(
        help: ArgumentHelp("The context to compute the cache's memory for. (default: the model's own)", valueName: "N"))
    var context: Int?

    @Flag(help: "List all tensors.")
    var tensors = false

    @Flag(help: "List all metadata.")
    var metadata = false

    @Flag(help: "Compute the SHA-256 of each file.")
    var sha256 = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let context, context < 1 { throw ValidationError("--context takes a number from 1 on.") }
    }

    func run() async throws {
        let console = Console.current
        let path = try await ModelLookup.path(model)
        let summary = try ModelSummary(path: path, context: context)
        let sums = sha256 ? try FileSums.sha256(of: summary.files, console: console) : []
        if output.format == .json {
            console.print(json: summary.json(tensors: tensors, metadata: metadata, sums: sums))
            return
        }
        ModelSummaryText(summary: summary, sums: sums, console: console).print(tensors: tensors, metadata: metadata)
    }
}
