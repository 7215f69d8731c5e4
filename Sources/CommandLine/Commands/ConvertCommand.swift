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
            The direction follows from what MODEL is. Tokenizer, chat template, end tokens, sampling and licence travel \
            with the weights. SIZE is a number of bytes with k, M or G behind it (thousands).

            EXAMPLES:
              apus convert apus-primer primer
              apus convert primer primer.gguf --type F16
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

    @Option(help: ArgumentHelp("The model's licence in its metadata. (default: what its card says)", valueName: "name"))
    var license: String?

    @Option(help: ArgumentHelp("Write GGUF in parts of at most this size.", valueName: "size"))
    var split: ByteSize?

    @Option(help: ArgumentHelp("The most weights in one file of a folder. (default: 5G)", valueName: "size"))
    var shardSize: ByteSize?

    @Flag(help: "Replace a file that is there already.")
    var force = false

    @OptionGroup(title: "Adapters that are merged into the weights") var adapters: AdapterArguments
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = Console.current
        let path = try await ModelLookup.path(model)
        if !force { try GGUFDestination.requireFree(destination, inParts: split != nil) }
        let loaded = try LoadedDecoder(path: path, adapters: adapters.references).merged
        let bar = ProgressBar(destination.lastPathComponent, total: 1000, unit: .share, console: console)
        defer { bar.finish() }
        let (destination, type, name) = (destination, try type.map(Self.type(named:)), name)
        let (license, split, shardSize) = (license, split?.bytes, shardSize?.bytes)
        let written = try await Interrupt.during {
            let progress = { (share: Double) throws in
                try Task.checkCancellation()
                bar.update(Int(share * 1000))
            }
            switch loaded.format {
            case .huggingFace(let folder):
                if shardSize != nil { throw CommandError.onlyFromGGUF(option: "--shard-size") }
                let called = name ?? folder.card["model_name"] ?? path.split(separator: "/").last.map(String.init)
                return try GGUFConverter(loaded, folder, type: type).write(
                    to: destination, name: called ?? "model", licence: license, partBytes: split, progress: progress)
            case .gguf(let file):
                for (option, isGiven) in [
                    ("--type", type != nil), ("--name", name != nil), ("--license", license != nil),
                    ("--split", split != nil),
                ] where isGiven { throw CommandError.onlyToGGUF(option: option) }
                try HuggingFaceExporter(loaded, file).write(
                    to: destination, shardBytes: shardSize ?? 5_000_000_000, progress: progress)
                return [destination]
            }
        }
        bar.finish()
        // Of parts, the first stands for the model.
        let first = written.first ?? destination
        let summary = try ModelSummary(path: first, context: nil)
        if output.format == .json {
            console.print(json: [
                "path": .string(first), "format": .string(summary.format), "bytes": .integer(summary.fileBytes),
                "parameters": .integer(summary.parameters),
            ])
        } else {
            console.print(console.words.converted(first, summary.format, Quantity.bytes(summary.fileBytes)))
        }
    }

    private static func type(named name: String) throws -> DType {
        try QuantizationRecipe(named: name).base
    }
}
