import ApusGeneration
import ApusModelFiles
import ApusTensors
import ArgumentParser
import Glibc

struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Continue a text.",
        usage: "apus generate [<model>] -p <text> [-n <N>] [<options>]",
        discussion: """
            The prompt is TEXT, or what standard input holds (without its last line end). Temperature 0 gives the same \
            bytes each time; a seed makes any temperature repeatable.

            EXAMPLES:
              printf '### Assistant\\nA token is' | apus generate -n 60
              echo "The king said" | apus generate -n 9 --logprobs 3 --format json
            """)

    @Argument(help: "A model. (default: the one that comes with Apus)", completion: ModelCompletion.any)
    var model: String?

    @Option(name: [.customShort("p"), .long], help: ArgumentHelp("The text to continue.", valueName: "text"))
    var prompt: String?

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("New tokens at most. (default: to the end token or the context's end)", valueName: "N"))
    var maxTokens: Int?

    @OptionGroup(title: "Sampling") var sampling: SamplingArguments

    @Option(help: ArgumentHelp("End before this text, which is not shown. May be repeated.", valueName: "S"))
    var stop: [String] = []

    @Option(
        help: ArgumentHelp(
            "Report log-probabilities and the K most probable tokens (with --format json).", valueName: "K"))
    var logprobs: Int?

    @Flag(help: "Put the prompt before the text, and into the log-probabilities.")
    var echo = false

    @Option(help: ArgumentHelp("Continuations; they share the prompt's computation.", valueName: "N"))
    var choices = 1

    @Flag(help: "Go on after tokens that end a text.")
    var ignoreEos = false

    @Option(
        help: ArgumentHelp(
            "When the window is full, keep its first N tokens, forget half of the others and go on.", valueName: "N"))
    var slide: Int?

    @Option(
        help: ArgumentHelp("Keep the prompt's cache in a file, and take it up again from there.", valueName: "file"),
        completion: .file())
    var promptCache: String?

    @OptionGroup(title: "Form") var form: ConstraintArguments
    @OptionGroup(title: "Guesses") var speculation: SpeculationArguments
    @OptionGroup(title: "Adapters") var adapters: AdapterArguments
    @OptionGroup(title: "Engine") var engine: EngineArguments
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let maxTokens, maxTokens < 0 { throw ValidationError("-n takes a number from 0 on.") }
        if choices < 1 { throw ValidationError("--choices takes a number from 1 on.") }
        if let logprobs, logprobs < 0 { throw ValidationError("--logprobs takes a number from 0 on.") }
        if let slide, slide < 0 { throw ValidationError("--slide takes a number from 0 on.") }
        if logprobs != nil, output.format != .json { throw ValidationError("--logprobs needs --format json.") }
        if stop.contains(where: \.isEmpty) { throw ValidationError("--stop takes a text that is not empty.") }
        if form.jsonSchema != nil, ignoreEos {
            throw ValidationError(
                "--json-schema and --ignore-eos exclude each other: the text ends where its JSON does.")
        }
        if prompt == nil, form.jsonSchema == "-" {
            throw ValidationError("Standard input can't hold both the schema and the prompt; give the prompt with -p.")
        }
        if prompt == nil, isatty(STDIN_FILENO) == 1 {
            throw ValidationError("Give the text to continue with -p, or on standard input.")
        }
    }

    func run() async throws {
        let console = Console.current
        let text = try prompt.map { Array($0.utf8) } ?? Self.withoutLastLineEnd(InputFile.readStandardInput())
        var options = options
        options.constraint = try form.constraint()
        let start = ProgressBar.seconds()
        let model = try await ModelLookup.model(model, engine: engine, adapters: adapters)
        let loadSeconds = ProgressBar.seconds() - start
        let tokens = try model.tokenizer.encode(text, addSpecial: true)
        let progress = PromptProgress(console: console)
        options.onPrefill = { progress.update($0, of: $1) }
        options.speculation = try await speculation.options(for: model)
        let generation = try model.generate(tokens: tokens, options)
        let report = GenerationReport(
            model: model, prompt: tokens, text: text, echo: echo, logprobs: logprobs != nil, loadSeconds: loadSeconds)
        let (choices, format, echo, isJSON) = (choices, output.format, echo, form.jsonSchema != nil)
        try await Interrupt.during {
            defer { progress.finish() }
            if format == .json {
                let texts = try await generation.collect()
                for line in report.json(texts, generation) { console.print(json: line) }
                if isJSON, texts.contains(where: { $0.finishReason == .length }) { Self.noteCut(console) }
            } else if choices == 1 {
                defer {
                    progress.finish()
                    console.print()
                }
                let writer = ReplyWriter(console: console)
                if echo {
                    if console.terminal.isTerminal {
                        writer.write(String(decoding: text, as: UTF8.self))
                    } else {
                        console.write(bytes: text)
                    }
                }
                var isCut = false
                for try await piece in generation {
                    writer.write(piece.text)
                    if piece.finishReason == .length { isCut = true }
                }
                if isJSON, isCut { Self.noteCut(console) }
            } else {
                let texts = try await generation.collect()
                for (index, choice) in texts.enumerated() {
                    console.print(console.style.bold("[\(index + 1)]"))
                    console.print((echo ? String(decoding: text, as: UTF8.self) : "") + choice.text)
                }
                if isJSON, texts.contains(where: { $0.finishReason == .length }) { Self.noteCut(console) }
            }
        }
    }

    private var options: GenerationOptions {
        var options = GenerationOptions()
        options.sampling = sampling.options
        options.sampling.logprobs = logprobs
        options.maxTokens = maxTokens
        options.stops = stop
        options.ignoresEnd = ignoreEos
        options.choices = choices
        options.scoresPrompt = echo && logprobs != nil
        if let slide { options.whenFull = .slide(keeping: slide) }
        options.promptCache = promptCache
        return options
    }

    private static func noteCut(_ console: Console) {
        console.note("apus: " + console.words.jsonIsCut)
    }

    /// What `echo` adds is not meant.
    private static func withoutLastLineEnd(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        if bytes.last == 0x0A { bytes.removeLast() }
        if bytes.last == 0x0D { bytes.removeLast() }
        return bytes
    }
}
