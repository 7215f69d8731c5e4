import ApusModelFiles
import ApusTokenization

/// A conversation as a template shows it: whole, in part, and with the ends of its texts marked.
struct ConversationView {
    /// Keeps control tokens that somebody has written apart from the template's.
    let literal: LiteralText
    private let encoder: ConversationEncoder
    private let messages: [ChatMessage]
    private let tools: JSON?

    init(_ encoder: ConversationEncoder, _ conversation: Conversation, _ tools: JSON?) {
        self.encoder = encoder
        literal = LiteralText(
            encoder.spellings, absentFrom: conversation.messages.map(\.json) + [tools ?? .null])
        messages = conversation.messages.map(literal.marking)
        self.tools = tools.map(literal.marking)
    }

    /// The first `count` messages, and whether the beginning of the assistant's next turn follows.
    func render(_ count: Int, prompting: Bool) throws(RowProblem) -> String {
        try text(Array(messages[..<count]), prompting: prompting)
    }

    func renderingWithGenerations() throws(RowProblem) -> ChatTemplate.Rendering {
        do throws(ChatTemplateError) {
            return try encoder.template.renderNotingGenerations(
                variables(messages, prompting: false), clock: encoder.clock)
        } catch {
            throw .template(error.description)
        }
    }

    /// Where the text of each message lies in `whole`, all of them rendered; nil for one that the template changes.
    ///
    /// Each text is put between two characters of its own that no text has, and these are looked for.
    func contents(in whole: [UInt8]) -> [Range<Int>?] {
        let none = [Range<Int>?](repeating: nil, count: messages.count)
        let text = String(decoding: whole, as: UTF8.self)
        guard messages.count < 0x4000,
            let first = [0xF_0000, 0x10_0000].first(where: { first in
                !text.unicodeScalars.contains { (first..<first + 0x8000).contains($0.value) }
            })
        else { return none }
        let marked = messages.enumerated().map { index, message -> ChatMessage in
            guard let content = message.content.stringValue,
                let open = Unicode.Scalar(first + UInt32(2 * index)), let close = Unicode.Scalar(open.value + 1)
            else { return message }
            // White space at the ends stays outside, where templates may take it away.
            let scalars = Array(content.unicodeScalars)
            let isInk = { (scalar: Unicode.Scalar) in !scalar.properties.isWhitespace }
            guard let start = scalars.firstIndex(where: isInk), let end = scalars.lastIndex(where: isInk) else {
                return message
            }
            var result = String.UnicodeScalarView()
            result.append(contentsOf: scalars[..<start])
            result.append(open)
            result.append(contentsOf: scalars[start...end])
            result.append(close)
            result.append(contentsOf: scalars[(end + 1)...])
            return ChatMessage(role: message.role, content: .string(String(result)), fields: message.fields)
        }
        // A template that minds the marks is none that they can find anything in.
        guard let rendered = try? self.text(marked, prompting: false) else { return none }
        var plain: [UInt8] = []
        var places = [[Int]](repeating: [], count: 2 * messages.count)
        for scalar in rendered.unicodeScalars {
            if scalar.value >= first, scalar.value < first + UInt32(places.count) {
                places[Int(scalar.value - first)].append(plain.count)
            } else {
                plain += UTF8.encode(scalar).map { Array($0) } ?? []
            }
        }
        guard plain == whole else { return none }
        return messages.indices.map { index in
            let (open, close) = (places[2 * index], places[2 * index + 1])
            guard open.count == 1, close.count == 1, open[0] <= close[0] else { return nil }
            return open[0]..<close[0]
        }
    }

    private func text(_ messages: [ChatMessage], prompting: Bool) throws(RowProblem) -> String {
        do throws(ChatTemplateError) {
            return try encoder.template.render(variables(messages, prompting: prompting), clock: encoder.clock)
        } catch {
            throw .template(error.description)
        }
    }

    private func variables(_ messages: [ChatMessage], prompting: Bool) -> JSON.Object {
        func spelling(_ id: TokenID?) -> String? {
            id.flatMap { encoder.tokenizer.spelling(of: $0) }.map { String(decoding: $0, as: UTF8.self) }
        }
        return ChatTemplate.variables(
            messages: messages, tools: tools, addGenerationPrompt: prompting,
            bosToken: spelling(encoder.tokenizer.bos), eosToken: spelling(encoder.tokenizer.eos))
    }
}
