import ApusModelFiles
import ApusTokenization

extension LocalModel {
    /// The model's chat template, parsed; nil where it has none.
    ///
    /// - Throws: `ChatTemplateError` for a template that can't be honoured; it is never swapped for another.
    public func chatTemplate() throws -> ChatTemplate? {
        try chatTemplateSource.map { try ChatTemplate($0, name: path) }
    }

    /// The tokens of a conversation, up to where the assistant speaks next.
    ///
    /// Control tokens that the template writes are those tokens; the same letters in what somebody said, or in the
    /// description of a tool, are text.
    ///
    /// - Throws: ``GenerationError/noChatTemplate(model:)``, `ChatTemplateError`, `TokenizationError`.
    public func chatTokens(_ messages: [ChatMessage], tools: JSON? = nil) throws -> [TokenID] {
        guard let template = try chatTemplate() else { throw GenerationError.noChatTemplate(model: path) }
        let literal = LiteralText(tokenizer, absentFrom: messages.map(\.json) + [tools ?? .null])
        let rendered = try template.render(
            messages: messages.map(literal.marking), tools: tools.map(literal.marking), addGenerationPrompt: true,
            bosToken: tokenizer.bos.flatMap(spelling), eosToken: tokenizer.eos.flatMap(spelling))
        // The template writes BOS itself where the model wants one, so none is added.
        let (text, letters) = literal.unmarked(rendered)
        return try tokenizer.encode(text, parsingSpecialWithout: letters)
    }

    /// Answers a conversation.
    ///
    /// - Throws: as ``chatTokens(_:tools:)`` and ``generate(tokens:_:)`` do.
    public func chat(
        _ messages: [ChatMessage], tools: JSON? = nil, _ options: GenerationOptions = GenerationOptions()
    ) throws -> Generation {
        try generate(tokens: chatTokens(messages, tools: tools), options)
    }

    private func spelling(_ id: TokenID) -> String? {
        tokenizer.spelling(of: id).map { String(decoding: $0, as: UTF8.self) }
    }
}
