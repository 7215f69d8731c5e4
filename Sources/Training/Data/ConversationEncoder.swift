import ApusModelFiles
import ApusTokenization

/// Turns conversations into tokens through a chat template, and finds those that the assistant wrote.
///
/// Where the template marks them (`{% generation %}`), the marks count, as in transformers'
/// `return_assistant_tokens_mask`. Otherwise a turn is what the model would have to write: from where the conversation
/// before it, rendered with a generation prompt, ends, to the first token that ends generation. Templates that render
/// the past differently are asked where they put each answer by marking its ends.
struct ConversationEncoder: Sendable {
    let tokenizer: Tokenizer
    let template: ChatTemplate
    /// Tokens that end generation; `end` is put where the template writes none.
    let ends: Set<TokenID>
    let end: TokenID
    let clock: ChatClock
    let spellings: LiteralText.Spellings
    private let marksGenerations: Bool

    init(tokenizer: Tokenizer, template: ChatTemplate, ends: Set<TokenID>, end: TokenID, clock: ChatClock) {
        self.tokenizer = tokenizer
        self.template = template
        self.ends = ends
        self.end = end
        self.clock = clock
        spellings = LiteralText.Spellings(tokenizer)
        marksGenerations = template.source.contains("endgeneration")
    }

    func encode(
        _ conversation: Conversation, _ tools: JSON?, _ warnings: inout [EncodedRow.Warning]
    ) throws(RowProblem) -> TrainingExample {
        if conversation.isUnanswered { warnings.append(.init(.unanswered)) }
        for (message, isLearned) in zip(conversation.messages, conversation.learned) where isLearned {
            if message.content.stringValue?.allSatisfy(\.isWhitespace) ?? false, message.fields["tool_calls"] == nil {
                warnings.append(.init(.emptyCompletion, "a turn of the assistant"))
            }
        }
        let view = ConversationView(self, conversation, tools)
        return marksGenerations
            ? try marked(conversation, view, &warnings) : try unmarked(conversation, view, &warnings)
    }

    private func marked(
        _ conversation: Conversation, _ view: ConversationView, _ warnings: inout [EncodedRow.Warning]
    ) throws(RowProblem) -> TrainingExample {
        let rendering = try view.renderingWithGenerations()
        let (text, letters) = view.literal.unmarked(rendering.text)
        var spans = view.literal.unmarked(rendering.generations, letters: letters).filter { !$0.isEmpty }
        guard !spans.isEmpty else { throw .noSpans("the template marks nothing in these messages") }
        let turns = conversation.messages.indices.filter { conversation.messages[$0].role == "assistant" }
        if turns.contains(where: { !conversation.learned[$0] }) {
            guard spans.count == turns.count else {
                throw .noSpans("it marks \(spans.count) stretches, but the assistant has \(turns.count) turns")
            }
            spans = zip(spans, turns).filter { conversation.learned[$0.1] }.map(\.0)
        }
        let pieces = try pieces(text, letters)
        let example = Self.example(pieces, spans)
        let learnsEnds = spans.allSatisfy { span in
            pieces.contains { ends.contains($0.id) && span.overlaps($0.range) }
        }
        if !learnsEnds { warnings.append(.init(.endNotLearned)) }
        return example
    }

    private func unmarked(
        _ conversation: Conversation, _ view: ConversationView, _ warnings: inout [EncodedRow.Warning]
    ) throws(RowProblem) -> TrainingExample {
        let whole = try view.render(conversation.messages.count, prompting: false)
        let bytes = Array(whole.utf8)
        let (text, letters) = view.literal.unmarked(whole)
        let pieces = try pieces(text, letters)
        // Costs a rendering, which a conversation of one turn seldom needs.
        lazy var contents = view.contents(in: bytes)
        func place(_ marked: Int) -> Int { view.literal.unmarked([marked..<marked], letters: letters)[0].lowerBound }
        var spans: [Range<Int>] = []
        var appendsEnd = false
        for index in conversation.messages.indices where conversation.learned[index] {
            let before = Array(try view.render(index, prompting: true).utf8)
            let start: Int
            if bytes.starts(with: before) {
                start = place(before.count)
            } else if let content = contents[index] {
                start = place(content.lowerBound)
                warnings.append(.init(.otherGenerationPrompt))
            } else {
                throw .noSpans(
                    "message \(index + 1): the template renders what is before it differently later, and changes its text"
                )
            }
            let isLast = index == conversation.messages.count - 1
            // Not beyond where the next message begins.
            let limit = isLast ? text.count : contents[index + 1].map { place($0.lowerBound) } ?? text.count
            if let stop = pieces.first(where: { ends.contains($0.id) && $0.range.lowerBound >= start }),
                stop.range.upperBound <= limit
            {
                spans.append(start..<stop.range.upperBound)
            } else if isLast {
                spans.append(start..<text.count)
                appendsEnd = true
            } else if let content = contents[index] {
                spans.append(min(start, place(content.upperBound))..<place(content.upperBound))
                warnings.append(.init(.endNotLearned))
            } else {
                throw .noSpans("message \(index + 1) has no token that ends it, and the template changes its text")
            }
        }
        var example = Self.example(pieces, spans)
        if appendsEnd {
            example.tokens.append(end)
            example.learned.append(true)
        }
        return example
    }

    private func pieces(_ text: [UInt8], _ letters: [Int]) throws(RowProblem) -> [Piece] {
        do throws(TokenizationError) {
            return try tokenizer.pieces(text, parsingSpecialWithout: letters)
        } catch { throw .tokens(error) }
    }

    /// Tokens that have a byte in one of the spans are learned. Pieces and spans are in order.
    private static func example(_ pieces: [Piece], _ spans: [Range<Int>]) -> TrainingExample {
        var learned = [Bool](repeating: false, count: pieces.count)
        var span = 0
        for (index, piece) in pieces.enumerated() {
            while span < spans.count, spans[span].upperBound <= piece.range.lowerBound { span += 1 }
            guard span < spans.count else { break }
            learned[index] = piece.range.overlaps(spans[span])
        }
        return TrainingExample(tokens: pieces.map(\.id), learned: learned)
    }
}
