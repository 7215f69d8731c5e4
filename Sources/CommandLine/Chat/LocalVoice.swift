import ApusGeneration
import ApusTokenization

/// A model on this machine as a partner in a chat.
struct LocalVoice: ChatVoice {
    /// A text can be continued for ever; a model that ends its own replies needs no limit.
    private static let continuationTokens = 200

    let name: String
    let hasTemplate: Bool
    private let model: LocalModel
    private let maxTokens: Int?
    private let speculation: SpeculationOptions

    init(model: LocalModel, name: String, maxTokens: Int?, speculation: SpeculationOptions) {
        self.model = model
        self.name = name
        self.speculation = speculation
        hasTemplate = model.chatTemplateSource != nil
        self.maxTokens = maxTokens ?? (hasTemplate ? nil : Self.continuationTokens)
    }

    var context: Int { model.context }

    func speak(
        _ prompt: ChatPrompt, options: SamplingOptions, read: @escaping @Sendable (Int, Int) -> Void,
        hear: @Sendable (String) -> Void
    ) async throws -> ReplyFigures {
        var generationOptions = GenerationOptions()
        generationOptions.sampling = options
        generationOptions.maxTokens = maxTokens
        generationOptions.speculation = speculation
        generationOptions.onPrefill = read
        let generation =
            switch prompt {
            case .text(let text): try model.generate(text, generationOptions)
            case .conversation(let messages): try model.chat(messages, generationOptions)
            }
        var figures = ReplyFigures()
        do {
            for try await piece in generation {
                hear(piece.text)
                if piece.finishReason == .length { figures.ending = .length }
            }
        } catch is CancellationError {
            figures.ending = .interrupted
        }
        let statistics = generation.statistics
        figures.promptTokens = statistics.promptTokens
        figures.prefilledTokens = statistics.promptTokens - statistics.cachedTokens
        figures.completionTokens = statistics.completionTokens
        figures.prefillSeconds = statistics.prefillSeconds
        figures.decodeSeconds = statistics.decodeSeconds
        return figures
    }
}
