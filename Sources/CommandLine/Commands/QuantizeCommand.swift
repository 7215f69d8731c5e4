import ApusConversion
import ApusModelFiles
import ApusModels
import ApusTensors
import ApusTokenization
import ArgumentParser
import Synchronization

struct QuantizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Write a GGUF file with smaller weights.",
        discussion: """
            TYPE is F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K or the mixed recipe Q4_K_M. A tensor whose \
            rows do not divide into the type's blocks gets the next best type, and that is said. With --text the \
            perplexity is measured before and after. --calibrate takes a text, or an importance file that --save-importance \
            or llama.cpp wrote.

            EXAMPLES:
              apus quantize apus-primer q4.gguf Q4_0 --allow-requantize
              apus quantize apus-primer q5.gguf Q5_1 --allow-requantize --text README.md
            """)

    @Argument(help: "A GGUF file, or a name of the store.", completion: ModelCompletion.any)
    var model: String

    @Argument(help: "The file to write.", completion: .file())
    var destination: String

    @Argument(help: "The type of matrices, or Q4_K_M.")
    var type: String

    @Option(
        help: ArgumentHelp("Weigh errors by how much each column matters on this text.", valueName: "file"),
        completion: .file())
    var calibrate: String?

    @Option(
        help: ArgumentHelp("Keep what --calibrate found, in llama.cpp's form.", valueName: "file"), completion: .file())
    var saveImportance: String?

    @Option(help: ArgumentHelp("Write the file in parts of at most this size (500M, 4G).", valueName: "size"))
    var split: ByteSize?

    @Option(
        help: ArgumentHelp("Measure the perplexity of this text before and after.", valueName: "file"),
        completion: .file())
    var text: String?

    @Flag(help: "Quantise weights that are quantised already; quality is lost twice.")
    var allowRequantize = false

    @Flag(help: "Replace a file that is there already.")
    var force = false

    @Option(help: ArgumentHelp("Threads. (default: the processors that this process may use)", valueName: "N"))
    var threads: Int?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if saveImportance != nil, calibrate == nil {
            throw ValidationError("--save-importance keeps what --calibrate finds; give both.")
        }
    }

    func run() async throws {
        let console = Console.current
        if let threads { WorkerPool.useThreads(threads) }
        let recipe: QuantizationRecipe
        do { recipe = try QuantizationRecipe(named: type) } catch { throw ValidationError(error.description) }
        if !force {
            try GGUFDestination.requireFree(destination, inParts: split != nil)
            if let saveImportance { try GGUFDestination.requireFree(saveImportance, inParts: false) }
        }
        let path = try await ModelLookup.path(model)
        let loaded = try LoadedDecoder(path: path)
        guard case .gguf(let file) = loaded.format else { throw CommandError.notGGUF(path: path) }
        // What is refused is refused before anything long begins.
        _ = try Quantizer(loaded, file, recipe, allowsRequantizing: allowRequantize)
        let before = try await perplexity(path, console)
        let importance = try await importance(loaded, path, console)
        let bar = ProgressBar(destination.lastPathComponent, total: file.tensors.count, unit: .items, console: console)
        let (destination, requantize, split) = (destination, allowRequantize, split?.bytes)
        let result = try await Interrupt.during {
            defer { bar.finish() }
            let quantizer = try Quantizer(
                loaded, file, recipe, importance: importance, allowsRequantizing: requantize)
            return try quantizer.write(to: destination, partBytes: split) { step in
                try Task.checkCancellation()
                bar.update(step.index + 1)
                if let wanted = step.insteadOf {
                    console.note(
                        console.words.otherType(step.name, "\(wanted)".uppercased(), "\(step.to)".uppercased()))
                }
            }
        }
        let after = try await perplexity(result.paths.first ?? destination, console)
        print(result, recipe, before: before, after: after, console)
    }

    /// Nil where no text was given.
    private func perplexity(_ path: String, _ console: Console) async throws -> Perplexity? {
        guard let text else { return nil }
        let loaded = try LoadedDecoder(path: path)
        let tokens = try TextTokens(file: text, tokenizer: Tokenizer.load(path: path)).ids
        let bar = ProgressBar(
            console.words.measuring(text.lastPathComponent), total: tokens.count, unit: .tokens, console: console)
        defer { bar.finish() }
        return try await Interrupt.during {
            try Perplexity(loaded.decoder, tokens: tokens, context: min(512, loaded.configuration.context)) { share in
                try Task.checkCancellation()
                bar.update(Int(share * Double(tokens.count)))
            }
        }
    }

    private func importance(_ loaded: LoadedDecoder, _ path: String, _ console: Console) async throws -> Importance? {
        guard let calibrate else { return nil }
        var importance: Importance
        if Importance.isFile(calibrate) {
            importance = try Importance(file: calibrate)
        } else {
            importance = try await measuredImportance(loaded, path, calibrate, console)
            importance.sources = [calibrate]
        }
        if let saveImportance { try importance.write(to: saveImportance) }
        return importance
    }

    private func measuredImportance(
        _ loaded: LoadedDecoder, _ path: String, _ calibrate: String, _ console: Console
    ) async throws -> Importance {
        let tokens = try TextTokens(file: calibrate, tokenizer: Tokenizer.load(path: path)).ids
        let bar = ProgressBar(
            console.words.calibrating(calibrate.lastPathComponent), total: tokens.count, unit: .tokens, console: console
        )
        defer { bar.finish() }
        return try await Interrupt.during {
            try Importance(loaded, tokens: tokens) { share in
                try Task.checkCancellation()
                bar.update(Int(share * Double(tokens.count)))
            }
        }
    }

    private func print(
        _ result: Quantizer.Result, _ recipe: QuantizationRecipe, before: Perplexity?, after: Perplexity?,
        _ console: Console
    ) {
        if output.format == .json {
            var object: JSON.Object = [
                "path": .string(result.paths.first ?? destination), "type": .string(recipe.name.uppercased()),
                "bytes_before": .integer(result.bytesBefore), "bytes_after": .integer(result.bytesAfter),
                "fallbacks": .array(
                    result.steps.filter { $0.insteadOf != nil }.map { step in
                        ["tensor": .string(step.name), "type": .string("\(step.to)".uppercased())]
                    }),
            ]
            if let before, let after {
                object["perplexity_before"] = .number(before.perplexity)
                object["perplexity_after"] = .number(after.perplexity)
            }
            console.print(json: .object(object))
            return
        }
        console.print(
            console.words.quantized(destination, Quantity.bytes(result.bytesBefore), Quantity.bytes(result.bytesAfter)))
        if let before, let after {
            console.print(
                console.words.perplexityChange(
                    Quantity.decimal(before.perplexity, places: 4), Quantity.decimal(after.perplexity, places: 4)))
        }
    }
}
