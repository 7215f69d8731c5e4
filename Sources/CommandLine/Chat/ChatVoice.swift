import ApusGeneration
import ApusTokenization

/// What a chat needs of a model: replies to a conversation, or the continuation of a text.
protocol ChatVoice: Sendable {
    /// How the model is called in messages.
    var name: String { get }
    /// Whether the model has a chat template; one without continues text.
    var hasTemplate: Bool { get }
    /// The window, in tokens.
    var context: Int { get }

    /// Speaks: calls `read` with the tokens of the prompt that are read and all there are, then `hear` with each
    /// stretch of text as it comes, whole characters only.
    ///
    /// - Returns: figures of the reply, also where the task was cancelled midway.
    /// - Throws: what the engine throws, such as a prompt longer than the window.
    func speak(
        _ prompt: ChatPrompt, options: SamplingOptions, read: @escaping @Sendable (Int, Int) -> Void,
        hear: @Sendable (String) -> Void
    ) async throws -> ReplyFigures
}

/// What a model is asked to answer or to continue.
enum ChatPrompt: Sendable, Equatable {
    case conversation([ChatMessage])
    case text(String)
}

/// Figures of one reply.
struct ReplyFigures: Sendable, Equatable {
    enum Ending: Sendable, Equatable {
        /// The model ended, or a stop string came.
        case stop
        /// The limit of tokens or the window is reached.
        case length
        /// Ctrl-C.
        case interrupted
    }

    var promptTokens = 0
    /// Prompt tokens that were computed for this reply; the others were there from earlier turns.
    var prefilledTokens = 0
    var completionTokens = 0
    var prefillSeconds = 0.0
    var decodeSeconds = 0.0
    var ending = Ending.stop

    var decodeTokensPerSecond: Double {
        decodeSeconds > 0 ? Double(max(0, completionTokens - 1)) / decodeSeconds : 0
    }
    var prefillTokensPerSecond: Double { prefillSeconds > 0 ? Double(prefilledTokens) / prefillSeconds : 0 }
}
