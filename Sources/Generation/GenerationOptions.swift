import ApusTokenization

/// What to generate, how long, and what to report about it.
public struct GenerationOptions: Sendable {
    /// How tokens are chosen.
    public var sampling = SamplingOptions()
    /// New tokens at most; nil for as many as the context holds.
    public var maxTokens: Int?
    /// Generation ends before any of these; they are never shown.
    public var stops: [String] = []
    /// Whether tokens that end a text are taken as text, and generation goes on.
    public var ignoresEnd = false
    /// Continuations of the prompt, which share its computation.
    public var choices = 1
    /// Whether log-probabilities of the prompt's own tokens are wanted.
    public var scoresPrompt = false
    /// What happens when the window is full.
    public var whenFull = WhenFull.stop
    /// A file that keeps the prompt's cache for a later run of the same model.
    public var promptCache: String?
    /// What the text must be, such as JSON of a schema; nil for any text.
    public var constraint: Constraint?
    /// How the next tokens are guessed, which changes nothing but the time.
    public var speculation = SpeculationOptions.lookup
    /// For measurements: tokens that are written in any case, after which the text ends.
    package var answer: [TokenID]?
    /// Called while the prompt is read, with the tokens read so far and their number in all.
    public var onPrefill: (@Sendable (_ read: Int, _ total: Int) -> Void)?

    public enum WhenFull: Sendable, Equatable {
        /// Generation ends with the reason `length`.
        case stop
        /// The oldest half after the first `keeping` tokens is forgotten and the rest read again.
        case slide(keeping: Int)
    }

    public init() {}
}

/// Why a continuation ended.
public enum FinishReason: String, Sendable {
    /// An end token or a stop string.
    case stop
    /// The number of tokens asked for, or the end of the window.
    case length
}

/// A token that was generated, and what the model thought of it.
public struct GeneratedToken: Sendable, Equatable {
    public let id: TokenID
    /// The token's own bytes.
    public let bytes: [UInt8]
    /// Natural logarithm of the model's probability; nil unless log-probabilities are asked for.
    public let logprob: Double?
    /// The most probable tokens in its place, as many as asked for.
    public let top: [TokenLogprob]
}

/// What one step of a continuation adds.
public struct GeneratedPiece: Sendable, CustomStringConvertible {
    /// Which continuation: 0 unless several were asked for.
    public let choice: Int
    /// Text that can be shown now: whole characters, nothing of a stop string.
    public let text: String
    /// The token that was chosen; nil for one that ended the continuation.
    public let token: GeneratedToken?
    /// Set on the last piece of a continuation.
    public let finishReason: FinishReason?

    public var description: String { text }
}

/// Counts and rates of a generation.
public struct GenerationStatistics: Sendable {
    /// Tokens of the prompt, and how many of them were there before: from a text that began in the same way, or from a
    /// prompt cache.
    public internal(set) var promptTokens = 0
    public internal(set) var cachedTokens = 0
    /// Tokens generated, of all continuations.
    public internal(set) var completionTokens = 0
    public internal(set) var prefillSeconds = 0.0
    public internal(set) var decodeSeconds = 0.0
    /// Tokens generated after the first of each continuation.
    public internal(set) var decodedTokens = 0
    /// Tokens that were guessed, and how many of them were right.
    public internal(set) var draftedTokens = 0
    public internal(set) var acceptedTokens = 0

    /// Nothing done yet.
    public init() {}

    /// Prompt tokens computed per second; nil where none were.
    public var prefillTokensPerSecond: Double? {
        prefillSeconds > 0 && promptTokens > cachedTokens ? Double(promptTokens - cachedTokens) / prefillSeconds : nil
    }

    /// Tokens per second after the first; nil where there was no second.
    public var decodeTokensPerSecond: Double? {
        decodeSeconds > 0 && decodedTokens > 0 ? Double(decodedTokens) / decodeSeconds : nil
    }
}

/// What a generation can't do.
public enum GenerationError: Error, Equatable, CustomStringConvertible {
    case emptyPrompt
    case promptTooLong(tokens: Int, context: Int)
    case outOfRange(parameter: String, value: Int, allowed: String)
    case contextTooLarge(asked: Int, model: Int)
    case noChatTemplate(model: String)
    case promptCache(file: String, reason: String)
    case draftVocabulary(draft: String, model: String, reason: String)

    public var description: String {
        switch self {
        case .emptyPrompt:
            "the prompt has no tokens and the model has no token to begin a text with; give at least one character"
        case .promptTooLong(let tokens, let context):
            "the prompt has \(tokens) tokens, but the context holds \(context); shorten it or set a larger --context"
        case .outOfRange(let parameter, let value, let allowed):
            "\(parameter) is \(value), but must be \(allowed)"
        case .contextTooLarge(let asked, let model):
            "a context of \(asked) tokens is asked for, but the model's positions end at \(model)"
        case .noChatTemplate(let model):
            "\(model) has no chat template; give the text to continue instead of messages"
        case .promptCache(let file, let reason):
            "\(file): the prompt cache can't be used: \(reason)"
        case .draftVocabulary(let draft, let model, let reason):
            "\(draft) can't draft for \(model), whose tokens differ: \(reason); name a model of the same vocabulary"
        }
    }
}
