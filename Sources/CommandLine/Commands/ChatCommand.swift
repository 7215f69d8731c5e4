import Apus
import ApusGeneration
import ApusModelFiles
import ArgumentParser

struct ChatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Talk with a model in the terminal.",
        discussion: """
            Lines can be edited and are kept in a history; Ctrl-C stops a reply. A model without a chat template \
            continues the text that you begin. Lines may also come from standard input.

            EXAMPLES:
              apus chat
              echo "What is a token?" | apus chat --temperature 0
            """)

    @Argument(help: "A model. (default: the one that comes with Apus)", completion: ModelCompletion.any)
    var model: String?

    @Option(help: ArgumentHelp("What the model is told before the conversation.", valueName: "text"))
    var system: String?

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("Tokens of a reply at most. (default: to its end, 200 for a continued text)", valueName: "N")
    )
    var maxTokens: Int?

    @OptionGroup(title: "Sampling") var sampling: SamplingArguments
    @OptionGroup(title: "Guesses") var speculation: SpeculationArguments
    @OptionGroup(title: "Adapters") var adapters: AdapterArguments
    @OptionGroup(title: "Engine") var engine: EngineArguments

    func validate() throws {
        if let maxTokens, maxTokens < 1 { throw ValidationError("-n takes a number from 1 on.") }
    }

    func run() async throws {
        let console = Console.current
        let loaded = try await ModelLookup.model(model, engine: engine, adapters: adapters)
        let name = model ?? ShippedModel.name
        let voice = LocalVoice(
            model: loaded, name: name, maxTokens: maxTokens, speculation: try await speculation.options(for: loaded))
        if system != nil, !voice.hasTemplate { throw CommandError.noTemplate(path: name) }
        let recommended = try loaded.loaded.recommendedSampling()
        var session = ChatSession(
            voice: voice, options: try options(recommended), system: system, console: console)
        try await session.run()
    }

    /// Whoever sets a temperature or a filter decides alone; otherwise what the model's files recommend counts. Without a
    /// filter from either, conversations go better without the least probable tokens.
    private func options(_ recommended: RecommendedSampling) throws -> SamplingOptions {
        var options = sampling.options
        func hasFilter() -> Bool {
            options.topK > 0 || options.topP < 1 || options.minP > 0 || options.typicalP < 1 || options.mirostat != nil
        }
        if sampling.temperature == nil, !hasFilter() {
            options.temperature = recommended.temperature ?? options.temperature
            options.topK = recommended.topK ?? 0
            options.topP = recommended.topP ?? 1
            options.minP = recommended.minP ?? 0
            if options.repeatPenalty == 1 { options.repeatPenalty = recommended.repeatPenalty ?? 1 }
        }
        if !hasFilter(), options.temperature > 0 { options.minP = 0.05 }
        try options.validate()
        return options
    }
}
