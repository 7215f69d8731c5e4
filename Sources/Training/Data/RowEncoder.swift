import ApusModelFiles
import ApusTokenization

/// Turns rows of data into tokens, with a mask of those that are learned.
///
/// The prompt's tokens are those that the model gets when it is asked: BOS where it wants one, then the prompt by itself.
/// The completion's follow as tokens in the middle of a text, then the end token, which is learned too. Control tokens
/// that are written in a text are letters. Conversations go through the model's own chat template.
public struct RowEncoder: Sendable {
    let tokenizer: Tokenizer
    let endOfGeneration: Set<TokenID>
    /// Tokens that a row may have; nil for any number.
    public let context: Int?
    /// Whether rows that are longer are cut at their end; otherwise they are errors.
    public let truncates: Bool
    private let conversation: ConversationEncoder
    private let inspection: TextInspection
    private let end: TokenID

    /// - Parameters:
    ///   - chatTemplate: the model's own; nil for the plain one, `ChatTemplate.plain()`.
    ///   - endOfGeneration: tokens that end an answer, where the model's files name more than the tokenizer's.
    ///   - clock: what a template that asks for the date is told.
    /// - Throws: ``DataError/noEndToken`` for a tokenizer without end token, ``DataError/setting(name:value:allowed:)``,
    ///   `ChatTemplateError`.
    public init(
        tokenizer: Tokenizer, chatTemplate: ChatTemplate?, endOfGeneration: Set<TokenID> = [], context: Int? = nil,
        truncates: Bool = false, clock: ChatClock = .system
    ) throws {
        if let context, context < 2 {
            throw DataError.setting(name: "the context", value: "\(context)", allowed: "2 or more")
        }
        let ends = tokenizer.endOfGeneration.union(endOfGeneration).union(tokenizer.eos.map { [$0] } ?? [])
        guard let end = tokenizer.eos ?? ends.min() else { throw DataError.noEndToken }
        self.end = end
        self.tokenizer = tokenizer
        self.endOfGeneration = ends
        self.context = context
        self.truncates = truncates
        conversation = ConversationEncoder(
            tokenizer: tokenizer, template: try chatTemplate ?? ChatTemplate.plain(), ends: ends, end: end, clock: clock
        )
        inspection = TextInspection(tokenizer)
    }

    /// - Throws: ``RowProblem``, which says what is wrong with the row.
    public func encode(_ row: JSON.Object, as kind: RowKind) throws(RowProblem) -> EncodedRow {
        var result = EncodedRow(sequences: [], warnings: [])
        note(row, kind, &result)
        switch kind {
        case .text: try encodeText(row, &result)
        case .completion: try encodeCompletion(row, &result)
        case .instruction: try encodeInstruction(row, &result)
        case .chat:
            let (messages, tools) = (try Conversation(row["messages"] ?? .null, key: "messages"), try tools(row))
            result.sequences = [try conversation.encode(messages, tools, &result.warnings)]
        case .preference: try encodePreference(row, &result)
        }
        try fit(&result)
        return result
    }

    // MARK: - Kinds

    private func encodeText(_ row: JSON.Object, _ result: inout EncodedRow) throws(RowProblem) {
        let text = try string(row, "text", .text)
        guard !text.allSatisfy(\.isWhitespace) else {
            result.warnings.append(.init(.emptyDocument))
            return
        }
        let start = tokenizer.addsBOS ? tokenizer.bos.map { [$0] } ?? [] : []
        let tokens = start + (try tokens(text)) + [end]
        result.sequences = [
            TrainingExample(tokens: tokens, learned: tokens.indices.map { $0 > 0 })
        ]
    }

    private func encodeCompletion(_ row: JSON.Object, _ result: inout EncodedRow) throws(RowProblem) {
        guard case .array = row["prompt"] ?? .null else {
            let prompt = try string(row, "prompt", .completion)
            result.sequences = try complete(prompt, try string(row, "completion", .completion), &result.warnings)
            return
        }
        let messages = try Conversation(row["prompt"] ?? .null, followedBy: row["completion"] ?? .null, "completion")
        result.sequences = [try conversation.encode(messages, try tools(row), &result.warnings)]
    }

    private func encodeInstruction(_ row: JSON.Object, _ result: inout EncodedRow) throws(RowProblem) {
        let instruction = try string(row, "instruction", .instruction)
        let input = row.has("input") && row["input"] != .null ? try string(row, "input", .instruction) : ""
        let output = try string(row, "output", .instruction)
        if instruction.allSatisfy(\.isWhitespace) { result.warnings.append(.init(.emptyPrompt)) }
        let prompt = AlpacaPrompt.text(instruction: instruction, input: input)
        result.sequences = try complete(prompt, output, &result.warnings)
    }

    private func encodePreference(_ row: JSON.Object, _ result: inout EncodedRow) throws(RowProblem) {
        for key in ["chosen", "rejected"] where !row.has(key) { throw .missingKey(key, kind: .preference) }
        var sequences: [TrainingExample] = []
        for key in ["chosen", "rejected"] {
            if case .array = row[key] {
                // With a list as prompt the answers follow it; otherwise each is a whole conversation.
                let messages: Conversation
                if case .array = row["prompt"] ?? .null {
                    messages = try Conversation(row["prompt"] ?? .null, followedBy: row[key] ?? .null, key)
                } else {
                    messages = try Conversation(row[key] ?? .null, key: key).learningLastTurn()
                }
                sequences.append(try conversation.encode(messages, try tools(row), &result.warnings))
            } else {
                let prompt = try string(row, "prompt", .preference)
                sequences += try complete(prompt, try string(row, key, .preference), &result.warnings)
            }
        }
        guard sequences.count == 2 else { return }
        if sequences[0] == sequences[1] {
            result.warnings.append(.init(.sameAnswers))
            return
        }
        result.sequences = sequences
    }

    // MARK: - Parts

    private func tokens(_ text: String, addSpecial: Bool = false) throws(RowProblem) -> [TokenID] {
        do throws(TokenizationError) {
            return try tokenizer.encode(text, addSpecial: addSpecial)
        } catch { throw .tokens(error) }
    }

    private func continuation(_ text: String) throws(RowProblem) -> [TokenID] {
        do throws(TokenizationError) {
            return try tokenizer.encodeContinuation(Array(text.utf8))
        } catch { throw .tokens(error) }
    }

    /// A prompt and what follows; nothing for an empty completion.
    private func complete(
        _ prompt: String, _ completion: String, _ warnings: inout [EncodedRow.Warning]
    ) throws(RowProblem) -> [TrainingExample] {
        guard !completion.allSatisfy(\.isWhitespace) else {
            warnings.append(.init(.emptyCompletion))
            return []
        }
        if prompt.allSatisfy(\.isWhitespace) { warnings.append(.init(.emptyPrompt)) }
        var before = try tokens(prompt, addSpecial: true)
        if tokenizer.addsEOS, before.last == tokenizer.eos { before.removeLast() }
        let after = prompt.isEmpty ? try tokens(completion) : try continuation(completion)
        return [
            TrainingExample(
                tokens: before + after + [end],
                learned: before.map { _ in false } + after.map { _ in true } + [true])
        ]
    }

    private func string(_ row: JSON.Object, _ key: String, _ kind: RowKind) throws(RowProblem) -> String {
        guard let value = row[key] else { throw .missingKey(key, kind: kind) }
        guard let text = value.stringValue else {
            throw .wrongType(key: key, expected: "a string", found: value.kind)
        }
        return text
    }

    private func tools(_ row: JSON.Object) throws(RowProblem) -> JSON? {
        guard let tools = row["tools"], !tools.isNull else { return nil }
        guard case .array(let list) = tools else {
            throw .wrongType(key: "tools", expected: "an array", found: tools.kind)
        }
        return list.isEmpty ? nil : tools
    }

    private func fit(_ result: inout EncodedRow) throws(RowProblem) {
        guard let context else { return }
        for index in result.sequences.indices where result.sequences[index].tokens.count > context {
            let count = result.sequences[index].tokens.count
            guard truncates else { throw .tooManyTokens(tokens: count, context: context) }
            result.warnings.append(.init(.cut, "\(count)"))
            result.sequences[index].tokens.removeLast(count - context)
            result.sequences[index].learned.removeLast(count - context)
        }
        if result.sequences.contains(where: { $0.learnedTokens == 0 }) {
            result.warnings.append(.init(.cutAway))
            result.sequences = []
        }
    }

    /// What catches the eye in the row's texts and keys.
    private func note(_ row: JSON.Object, _ kind: RowKind, _ result: inout EncodedRow) {
        for key in row.keys where !kind.keys.contains(key) { result.warnings.append(.init(.unusedKeys, key)) }
        for key in row.duplicateKeys { result.warnings.append(.init(.repeatedKey, key)) }
        for key in kind.keys.sorted() where key != "tools" {
            if let value = row[key] { note(value, &result.warnings) }
        }
    }

    private func note(_ value: JSON, _ warnings: inout [EncodedRow.Warning]) {
        switch value {
        case .string(let text):
            for finding in inspection.findings(in: text) where finding.kind != .carriageReturns {
                let warning = EncodedRow.Warning(finding.kind, finding.detail)
                if !warnings.contains(warning) { warnings.append(warning) }
            }
        case .array(let elements):
            for element in elements { note(element, &warnings) }
        case .object(let object):
            for key in object.duplicateKeys { warnings.append(.init(.repeatedKey, key)) }
            if let content = object["content"] { note(content, &warnings) }
            if let text = object["text"] { note(text, &warnings) }
        default: break
        }
    }
}
