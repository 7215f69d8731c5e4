import ApusGeneration
import ApusTokenization

/// The answers of a model on this machine.
///
/// A prompt that is a text is what a user says, where the model has a chat template; other models continue it as it is.
public struct LocalAnswers: EvaluatedModel {
    public let name: String
    public let model: LocalModel
    /// Whether prompts go through the model's chat template.
    public let usesTemplate: Bool

    /// - Parameter raw: whether texts are continued as they are, also by a model with a chat template.
    public init(_ model: LocalModel, name: String, raw: Bool = false) {
        self.model = model
        self.name = name
        usesTemplate = !raw && model.chatTemplateSource != nil
    }

    public func answer(_ question: Question) async throws -> Answer {
        var options = GenerationOptions()
        options.sampling.temperature = question.temperature
        options.sampling.seed = question.seed
        options.maxTokens = question.maxTokens
        let prompt = try tokens(question.prompt)
        let texts = try await model.generate(tokens: prompt, options).collect()
        guard let text = texts.first else { throw CancellationError() }
        return Answer(
            text: text.text, promptTokens: prompt.count, completionTokens: text.tokens.count,
            finishReason: text.finishReason)
    }

    public func check(_ question: Question) throws {
        let tokens = try tokens(question.prompt)
        guard !tokens.isEmpty else { throw GenerationError.emptyPrompt }
        // The answer needs a place of its own.
        guard tokens.count < model.context else {
            throw GenerationError.promptTooLong(tokens: tokens.count, context: model.context)
        }
    }

    /// - Throws: ``EvaluationError/messagesWithoutTemplate(model:)``, `ChatTemplateError`.
    func tokens(_ prompt: EvaluationTask.Prompt) throws -> [TokenID] {
        switch prompt {
        case .text(let text) where usesTemplate:
            try model.chatTokens([ChatMessage(role: "user", content: text)])
        case .text(let text): try model.promptTokens(text)
        case .conversation(let messages):
            if usesTemplate {
                try model.chatTokens(messages)
            } else {
                throw EvaluationError.messagesWithoutTemplate(model: name)
            }
        }
    }
}
