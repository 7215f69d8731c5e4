import ApusGeneration

/// What an evaluation needs of a model: an answer to a prompt, as text. A model on this machine is one kind, see
/// ``LocalAnswers``.
public protocol EvaluatedModel: Sendable {
    /// How the model is called in reports.
    var name: String { get }

    /// Answers a question.
    ///
    /// - Throws: `CancellationError` soon after the task is cancelled, and what the model throws.
    func answer(_ question: Question) async throws -> Answer

    /// Looks whether a question can be put, before the first of many is answered.
    ///
    /// - Throws: why not, such as a prompt longer than the model's context.
    func check(_ question: Question) throws
}

extension EvaluatedModel {
    public func check(_ question: Question) throws {}
}

/// A model that says how likely texts are, as tasks with choices need.
public protocol LikelihoodModel: EvaluatedModel {
    /// The log-likelihood of each text as the continuation of a prompt, in nats.
    func logLikelihoods(of continuations: [String], after question: Question) async throws -> [Double]
}

/// A prompt, and how it is to be answered.
public struct Question: Sendable {
    public var prompt: EvaluationTask.Prompt
    /// New tokens at most.
    public var maxTokens: Int
    /// 0 is greedy.
    public var temperature: Double
    public var seed: UInt64

    public init(prompt: EvaluationTask.Prompt, maxTokens: Int = 256, temperature: Double = 0, seed: UInt64 = 0) {
        self.prompt = prompt
        self.maxTokens = maxTokens
        self.temperature = temperature
        self.seed = seed
    }
}

/// What a model answered.
public struct Answer: Sendable, Equatable {
    public var text: String
    public var promptTokens: Int
    public var completionTokens: Int
    /// Whether the model ended the answer, or the limit of tokens did.
    public var finishReason: FinishReason

    public init(text: String, promptTokens: Int, completionTokens: Int, finishReason: FinishReason) {
        self.text = text
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.finishReason = finishReason
    }
}
