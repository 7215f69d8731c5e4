import ApusModelFiles
import ApusModels
import ApusTensors
import ApusTokenization
import ArgumentParser

struct PerplexityCommand: AsyncParsableCommand {
    enum Method: String, ExpressibleByArgument, CaseIterable {
        case windows
        case llamaCpp = "llama.cpp"
    }

    static let configuration = CommandConfiguration(
        commandName: "perplexity",
        abstract: "Measure how well a model predicts a text.",
        usage: "apus perplexity [<model>] <file> [--context <N>] [--method windows|llama.cpp] [<options>]",
        discussion: """
            The file's tokens, after BOS where the model asks for one, are cut into windows that do not overlap; in each \
            window every token but the first is predicted. With --cache-type q8_0 or f32 the text is measured with an f16 \
            cache too, to show what the type costs.

            EXAMPLES:
              apus perplexity README.md
              apus perplexity README.md --context 128 --format json
              apus perplexity README.md --cache-type q8_0
            """)

    @Argument(
        help: ArgumentHelp("A model, which may be left out, and a text file.", valueName: "model> <file"),
        completion: ModelCompletion.any)
    var arguments: [String]

    @Option(help: ArgumentHelp("Tokens per window. (default: 512, at most the model's context)", valueName: "N"))
    var context: Int?

    @Option(help: ArgumentHelp("How the text is cut and what counts.", valueName: "windows|llama.cpp"))
    var method = Method.windows

    @Option(help: ArgumentHelp("How keys and values are kept. (default: f32)", valueName: CacheType.names))
    var cacheType: CacheType?

    @Option(help: ArgumentHelp("Threads. (default: the processors that this process may use)", valueName: "N"))
    var threads: Int?

    @OptionGroup(title: "Adapters") var adapters: AdapterArguments
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if arguments.count > 2 { throw ValidationError("Give a model and one text file.") }
        if let context, context < 2 { throw ValidationError("--context takes a number from 2 on.") }
        if let threads, threads < 1 { throw ValidationError("--threads takes a number from 1 on.") }
    }

    func run() async throws {
        let console = Console.current
        if let threads { WorkerPool.useThreads(threads) }
        let model = arguments.count == 2 ? arguments[0] : nil
        let file = arguments[arguments.count - 1]
        let path = try await ModelLookup.path(model)
        let loaded = try LoadedDecoder(path: path, adapters: adapters.references)
        let limit = loaded.configuration.context
        let window = context ?? min(512, limit)
        guard window <= limit else { throw CommandError.windowTooLong(window: window, context: limit) }
        let text = try TextTokens(file: file, tokenizer: Tokenizer.load(path: path))
        let ids = text.ids
        let method: Perplexity.Method = method == .windows ? .windows : .llamaCpp(bos: text.bos)
        func measure(_ cacheType: CacheType) async throws -> Perplexity {
            let bar = ProgressBar(file.lastPathComponent, total: ids.count, unit: .tokens, console: console)
            defer { bar.finish() }
            return try await Interrupt.during {
                try Perplexity(
                    loaded.decoder, tokens: ids, context: window, method: method, cacheType: cacheType.dtype
                ) { share in
                    try Task.checkCancellation()
                    bar.update(Int(share * Double(ids.count)))
                }
            }
        }
        let result = try await measure(cacheType ?? .f32)
        guard result.tokens > 0 else { throw CommandError.tooFewTokens(path: file, tokens: ids.count) }
        // What a cache type costs shows beside the usual one on the same text.
        let usual = try await cacheType == nil || cacheType == .f16 ? nil : measure(.f16)
        if output.format == .json {
            var object: JSON.Object = [
                "nll": .number(result.nll), "tokens": .integer(result.tokens), "perplexity": .number(result.perplexity),
                "windows": .array(result.windows.map { ["nll": .number($0.nll), "tokens": .integer($0.tokens)] }),
            ]
            if let cacheType { object["cache_type"] = .string(cacheType.rawValue) }
            if let usual { object["perplexity_f16_cache"] = .number(usual.perplexity) }
            console.print(json: .object(object))
        } else {
            console.print(
                console.words.perplexity(
                    Quantity.decimal(result.perplexity, places: 4), Quantity.decimal(result.nll, places: 2),
                    Quantity.grouped(result.tokens), result.windows.count))
            if let cacheType, let usual {
                let change = (result.perplexity / usual.perplexity - 1) * 100
                console.print(
                    console.words.cacheCost(
                        cacheType.rawValue, Quantity.decimal(usual.perplexity, places: 4),
                        (change < 0 ? "" : "+") + Quantity.decimal(change, places: 3) + "%"))
            }
        }
    }
}
