import ApusGeneration
import ApusModelFiles
import ApusModels
import ApusTensors
import ArgumentParser

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure how fast a model runs here.",
        discussion: """
            Runs a prompt and then single tokens several times. Gives the medians and their spread, and what binds them: \
            the share of this machine's memory reads that writing reaches, and the share of its arithmetic that reading a \
            prompt does. Rates are those of all sequences together. With a text to read, it measures the \
            writing of one after it, with and without guesses of the next tokens.

            EXAMPLES:
              apus bench
              apus bench --prompt 256 --generate 64 --threads 1 --format json
            """)

    @Argument(help: "A model. (default: the one that comes with Apus)", completion: ModelCompletion.any)
    var model: String?

    @Option(help: ArgumentHelp("Tokens of the prompt. (default: 512, at most what the context leaves)", valueName: "N"))
    var prompt: Int?

    @Option(
        help: ArgumentHelp(
            "Tokens to generate after it. (default: 128, at most what the context leaves)", valueName: "N"))
    var generate: Int?

    @Option(help: ArgumentHelp("Sequences at the same time.", valueName: "N"))
    var batch = 1

    @Option(help: ArgumentHelp("How often each is measured.", valueName: "N"))
    var repeats = 5

    @Option(help: ArgumentHelp("Threads. (default: the processors that this process may use)", valueName: "N"))
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "How keys and values are kept. (default: f32 for float32 weights, f16 for others)",
            valueName: CacheType.names))
    var cacheType: CacheType?

    @Option(help: ArgumentHelp("A text to read, in place of N tokens.", valueName: "file"), completion: .file())
    var promptFile: String?

    @Option(
        help: ArgumentHelp(
            "The text that is written after it. (default: what the model writes at temperature 0)", valueName: "file"),
        completion: .file())
    var answerFile: String?

    @Option(help: .hidden) var matrix: [String] = []

    @OptionGroup(title: "Guesses, with --prompt-file") var speculation: SpeculationArguments
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if promptFile == nil {
            if answerFile != nil { throw ValidationError("--answer-file needs --prompt-file.") }
            if speculation.draft != nil || !speculation.lookup {
                throw ValidationError("--draft and --no-lookup need --prompt-file.")
            }
        } else if prompt != nil || batch != 1 {
            throw ValidationError("--prompt-file can't be given together with --prompt or --batch.")
        }
        for (name, value) in [
            ("--prompt", prompt), ("--generate", generate), ("--batch", batch), ("--repeats", repeats),
            ("--threads", threads),
        ] {
            if let value, value < 1 { throw ValidationError("\(name) takes a number from 1 on.") }
        }
    }

    func run() async throws {
        let console = Console.current
        if let threads { WorkerPool.useThreads(threads) }
        if !matrix.isEmpty {
            let results = try matrix.map { shape in
                guard let result = MatrixBenchmark(shape: shape) else {
                    throw ValidationError(
                        "--matrix takes y:, dx: or dw: and sizes as in y:4096x1536x384, or y.bfloat16: and so on.")
                }
                return result.json
            }
            console.print(json: .array(results))
            return
        }
        if let promptFile { return try await measureText(promptFile, console) }
        let path = try await ModelLookup.path(model)
        let (prompt, generate, batch, repeats) = (prompt, generate, batch, repeats)
        let cacheType = cacheType?.dtype
        let result = try await Interrupt.during {
            let bar = ProgressBar(console.words.measuringSpeed, total: repeats + 1, unit: .items, ticks: true)
            defer { bar.finish() }
            return try Benchmark(
                LoadedDecoder(path: path), prompt: prompt, generate: generate, batch: batch, repeats: repeats,
                cacheType: cacheType
            ) { done, _ in bar.update(done) }
        }
        if output.format == .json {
            console.print(json: result.json)
            return
        }
        for line in Self.lines(result, console.words) { console.print(line) }
    }

    static func lines(_ result: Benchmark, _ words: Messages) -> [String] {
        let percent = { (share: Double) in Quantity.decimal(share * 100, places: share < 0.1 ? 1 : 0) + "%" }
        let row = { (name: String, rate: Double, spread: Double, share: String) in
            [name, words.tokensPerSecond(Quantity.rate(rate)), "± " + percent(spread), share]
        }
        let arithmetic = result.arithmeticShare.flatMap { share in
            result.peak.map { words.arithmeticShare(percent(share), result.kind.name, Quantity.operations($0)) }
        }
        let memory = words.bandwidthShare(percent(result.bandwidthShare), Quantity.bytes(Int(result.bandwidth)))
        let rows = [
            row(words.prefill(result.prompt, result.batch), result.prefill, result.prefillSpread, arithmetic ?? ""),
            row(words.decode(result.generate, result.batch), result.decode, result.decodeSpread, memory),
        ]
        let widths = (0..<3).map { column in rows.map { CharacterWidth.columns($0[column]) }.max() ?? 0 }
        return rows.map { row in
            ([row[0].padded(toColumns: widths[0])]
                + [row[1].rightAligned(inColumns: widths[1]), row[2].padded(toColumns: widths[2]), row[3]])
                .filter { !$0.isEmpty }.joined(separator: "  ")
        } + [words.bounds(reading: result.prefillBound, writing: result.decodeBound)]
    }

    private func measureText(_ promptFile: String, _ console: Console) async throws {
        let model = try LocalModel(path: try await ModelLookup.path(model), cacheType: cacheType?.dtype)
        let speculation = try await speculation.options(for: model)
        let prompt = try InputFile.read(promptFile)
        let answer = try answerFile.map { try InputFile.read($0) }
        let (generate, repeats, name) = (generate, repeats, answerFile ?? promptFile)
        let result = try await Interrupt.during {
            try await TextBenchmark(
                model, prompt: prompt, answer: answer, generate: generate, speculation: speculation, repeats: repeats,
                name: name)
        }
        if output.format == .json {
            console.print(json: result.json)
        } else {
            let words = console.words
            let rates = (
                words.tokensPerSecond(Quantity.rate(result.guessed)), words.tokensPerSecond(Quantity.rate(result.plain))
            )
            console.print(words.textBenchmark(result, rates))
        }
    }
}
