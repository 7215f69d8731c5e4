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
    /// Control tokens that the template writes are those tokens; the same letters in what somebody said are text.
    ///
    /// - Throws: ``GenerationError/noChatTemplate(model:)``, `ChatTemplateError`.
    public func chatTokens(_ messages: [ChatMessage], tools: JSON? = nil) throws -> [TokenID] {
        guard let template = try chatTemplate() else { throw GenerationError.noChatTemplate(model: path) }
        let mark = BrokenTokens.mark(absentFrom: messages)
        let broken = BrokenTokens(tokenizer, mark: mark)
        let rendered = try template.render(
            messages: messages.map(broken.breaking), tools: tools, addGenerationPrompt: true,
            bosToken: tokenizer.bos.flatMap(spelling), eosToken: tokenizer.eos.flatMap(spelling))
        // The template writes BOS itself where the model wants one, so none is added.
        return rendered.unicodeScalars.split(separator: mark, omittingEmptySubsequences: true).flatMap {
            tokenizer.encode(String(String.UnicodeScalarView($0)), parseSpecial: true)
        }
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

/// Breaks the spellings of control tokens in what people say, so that they come out of the template as text: a scalar
/// that no text has is put behind their first one, and the rendered text is cut there.
private struct BrokenTokens {
    /// The scalars of each spelling.
    private let spellings: [[Unicode.Scalar]]
    private let mark: Unicode.Scalar

    init(_ tokenizer: Tokenizer, mark: Unicode.Scalar) {
        self.mark = mark
        spellings = tokenizer.addedTokens.filter { $0.special && $0.content.count > 1 }.compactMap {
            String(validating: $0.content, as: UTF8.self).map { Array($0.unicodeScalars) }
        }
    }

    /// One of Unicode's noncharacters that the messages don't have.
    static func mark(absentFrom messages: [ChatMessage]) -> Unicode.Scalar {
        let noncharacters = (0xFDD0...0xFDEF).compactMap { (value: UInt32) in Unicode.Scalar(value) }
        let texts = messages.map { $0.json.serialized() }
        return noncharacters.first { scalar in !texts.contains { $0.unicodeScalars.contains(scalar) } } ?? "\u{E000}"
    }

    func breaking(_ message: ChatMessage) -> ChatMessage {
        ChatMessage(role: message.role, content: breaking(message.content), fields: message.fields)
    }

    private func breaking(_ content: JSON) -> JSON {
        switch content {
        case .string(let text): return .string(breaking(text))
        case .array(let parts): return .array(parts.map(breaking))
        case .object(var object):
            if let text = object["text"] { object["text"] = breaking(text) }
            return .object(object)
        default: return content
        }
    }

    private func breaking(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            result.append(scalar)
            if spellings.contains(where: { scalars[index...].starts(with: $0) }) { result.append(mark) }
        }
        return String(result)
    }
}
