import ApusModelFiles
import ApusModels
import ApusTensors
import ArgumentParser

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure how fast a model runs here.",
        discussion: """
            Runs a prompt and then single tokens several times, and gives medians, their spread, and the share of this \
            machine's memory reads that decoding reaches.

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

    @OptionGroup var output: OutputOptions

    func validate() throws {
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
        let path = try await ModelLookup.path(model)
        let (prompt, generate, batch, repeats) = (prompt, generate, batch, repeats)
        let result = try await Interrupt.during {
            try Benchmark(LoadedDecoder(path: path), prompt: prompt, generate: generate, batch: batch, repeats: repeats)
        }
        if output.format == .json {
            console.print(json: result.json)
            return
        }
        let words = console.words
        let percent = { (share: Double) in Quantity.decimal(share * 100, places: 1) + "%" }
        let rows = [
            (
                words.prefill(result.prompt, result.batch), words.tokensPerSecond(Quantity.rate(result.prefill)),
                percent(result.prefillSpread)
            ),
            (
                words.decode(result.generate, result.batch), words.tokensPerSecond(Quantity.rate(result.decode)),
                percent(result.decodeSpread)
            ),
        ]
        for (name, rate, spread) in rows { console.print("\(name)  \(rate)  ± \(spread)") }
        console.print(words.bandwidthShare(percent(result.bandwidthShare), Quantity.bytes(Int(result.bandwidth))))
    }
}
