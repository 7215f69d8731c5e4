import ApusConversion
import ApusModelFiles
import ApusModels
import ApusTensors
import ArgumentParser
import Glibc

struct ConvertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a Hugging Face folder as GGUF, or a GGUF file as a folder.",
        discussion: """
            The direction follows from what MODEL is. Tokenizer, chat template and end tokens travel with the weights. \
            The way back is there for the Llama family.

            EXAMPLES:
              apus convert books-3m story
              apus convert story story.gguf --type F16
            """)

    @Argument(help: "A Hugging Face folder, or a GGUF file.", completion: ModelCompletion.any)
    var model: String

    @Argument(help: "The file or folder to write.", completion: .file())
    var destination: String

    @Option(
        help: ArgumentHelp("The type of matrices: F32, F16, BF16, Q8_0, … (default: as they are)", valueName: "type"))
    var type: String?

    @Option(help: ArgumentHelp("The model's name in its metadata. (default: the folder's)", valueName: "name"))
    var name: String?

    @Flag(help: "Replace a file that is there already.")
    var force = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = Console.current
        let path = try await ModelLookup.path(model)
        if !force, InputFile.exists(destination) { throw CommandError.exists(path: destination) }
        let loaded = try LoadedDecoder(path: path)
        let bar = ProgressBar(destination.lastPathComponent, total: 1000, unit: .share, console: console)
        defer { bar.finish() }
        let (destination, type, name) = (destination, try type.map(Self.type(named:)), name)
        try await Interrupt.during {
            let progress = { (share: Double) throws in
                try Task.checkCancellation()
                bar.update(Int(share * 1000))
            }
            switch loaded.format {
            case .huggingFace(let folder):
                let called = name ?? path.split(separator: "/").last.map(String.init) ?? "model"
                try GGUFConverter(loaded, folder, type: type).write(to: destination, name: called, progress: progress)
            case .gguf(let file):
                if type != nil { throw CommandError.onlyToGGUF(option: "--type") }
                try HuggingFaceExporter(loaded, file).write(to: destination, progress: progress)
            }
        }
        bar.finish()
        let summary = try ModelSummary(path: destination, context: nil)
        if output.format == .json {
            console.print(json: [
                "path": .string(destination), "format": .string(summary.format), "bytes": .integer(summary.fileBytes),
                "parameters": .integer(summary.parameters),
            ])
        } else {
            console.print(console.words.converted(destination, summary.format, Quantity.bytes(summary.fileBytes)))
        }
    }

    private static func type(named name: String) throws -> DType {
        try QuantizationRecipe(named: name).base
    }
}
