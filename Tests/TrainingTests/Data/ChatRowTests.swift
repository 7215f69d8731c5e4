import ApusModelFiles
import ApusTokenization
import Testing

@testable import ApusTraining

@Suite("Conversations through chat templates")
struct ChatRowTests {
    static let cases = DataFixture.json["cases"]?.arrayValue ?? []

    private func encoder(_ template: JSON?, form: String) throws -> (encoder: RowEncoder, tokenizer: Tokenizer) {
        let tokenizer = try DataFixture.tokenizer(
            bos: template?["bos"]?.stringValue, eos: template?["eos"]?.stringValue)
        let source = template?[form]?.stringValue ?? ""
        return (
            try RowEncoder(tokenizer: tokenizer, chatTemplate: ChatTemplate(source, name: form)), tokenizer
        )
    }

    @Test("Ids and masks are those of transformers, with marks in the template and without", arguments: cases.indices)
    func goldens(index: Int) throws {
        let expected = Self.cases[index]
        let name = expected["template"]?.stringValue ?? ""
        let template = DataFixture.json["templates"]?[name]
        let ids = expected["ids"]?.arrayValue?.compactMap { $0.intValue.map { TokenID($0) } } ?? []
        let mask = expected["mask"]?.arrayValue?.map { $0.intValue == 1 } ?? []
        #expect(!ids.isEmpty && mask.contains(true))
        let row = JSON.Object([("messages", expected["messages"] ?? .null)])
        for form in ["marked", "plain"] {
            let (encoder, tokenizer) = try encoder(template, form: form)
            let encoded = try encoder.encode(row, as: .chat)
            let example = try #require(encoded.sequences.first)
            #expect(example.tokens == ids, "\(name) \(form)")
            let learned = tokenizer.text(zip(example.tokens, example.learned).filter(\.1).map(\.0))
            #expect(example.learned == mask, "\(name) \(form): \(learned)")
        }
    }

    @Test("There are goldens for seven families")
    func count() {
        #expect(Self.cases.count == 27)
        #expect(Set(Self.cases.compactMap { $0["template"]?.stringValue }).count == 7)
    }

    private func learned(
        _ messages: String, template: String? = nil, eos: String = "<|im_end|>", more: String = ""
    ) throws -> (text: String, warnings: [EncodedRow.Warning], all: String) {
        let tokenizer = try DataFixture.tokenizer(bos: "<s>", eos: eos)
        let encoder = try RowEncoder(
            tokenizer: tokenizer, chatTemplate: template.map { try ChatTemplate($0, name: "mine") })
        let json = try JSON(parsing: "{\"messages\": [\(messages)]\(more)}")
        let encoded = try encoder.encode(json.objectValue ?? [:], as: .chat)
        let example = encoded.sequences[0]
        return (
            tokenizer.text(zip(example.tokens, example.learned).filter(\.1).map(\.0)), encoded.warnings,
            tokenizer.text(example.tokens)
        )
    }

    private static let chatML = """
        {% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}\
        {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
        """
    private static let twoTurns = """
        {"role": "user", "content": "a"}, {"role": "assistant", "content": "B"}, {"role": "user", "content": "c"}, \
        {"role": "assistant", "content": "D"}
        """

    @Test("Without a template, roles are headings")
    func plain() throws {
        let result = try learned(Self.twoTurns)
        #expect(
            result.all
                == "<s>### User\na\n\n### Assistant\nB<|im_end|>\n\n### User\nc\n\n### Assistant\nD<|im_end|>\n\n")
        #expect(result.text == "B<|im_end|>D<|im_end|>")
        #expect(result.warnings.isEmpty)
    }

    @Test("Changing what the user says changes no learned token")
    func userTurns() throws {
        let changed = Self.twoTurns.split(separator: "\"a\"").joined(separator: "\"something else <|im_end|>\"")
        for template in [nil, Self.chatML] {
            let a = try learned(Self.twoTurns, template: template)
            let b = try learned(changed, template: template)
            #expect(a.text == b.text && a.all != b.all)
            #expect(a.text == "B<|im_end|>D<|im_end|>")
            #expect(b.warnings == [.init(.controlToken, "<|im_end|>")])
        }
    }

    @Test("A turn of weight 0 is not learned, and one that nobody answers is warned of")
    func weights() throws {
        let messages = """
            {"role": "user", "content": "a"}, {"role": "assistant", "content": "B", "weight": 0}, {"role": "user", \
            "content": "c"}, {"role": "assistant", "content": "D", "weight": 1}, {"role": "user", "content": "e"}
            """
        for template in [nil, Self.chatML] {
            let result = try learned(messages, template: template)
            #expect(result.text == "D<|im_end|>")
            #expect(result.warnings == [.init(.unanswered)])
        }
    }

    @Test("A call of a tool is learned, its result is not")
    func tools() throws {
        let source = DataFixture.json["templates"]?["Qwen-Qwen2.5-7B-Instruct"]?["plain"]?.stringValue ?? ""
        let result = try learned(
            """
            {"role": "user", "content": "a"}, {"role": "assistant", "content": null, "tool_calls": [{"type": "function", \
            "function": {"name": "f", "arguments": {"x": 1}}}]}, {"role": "tool", "content": "7"}, {"role": "assistant", \
            "content": "It is 7."}
            """, template: source, more: ", \"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"f\"}}]")
        // The break after the role is the generation prompt's.
        #expect(
            result.text
                == "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": 1}}\n</tool_call><|im_end|>It is 7.<|im_end|>"
        )
        #expect(result.all.contains("# Tools"))
    }

    @Test("A template that begins generated answers otherwise is warned of, not guessed at")
    func otherPrompt() throws {
        let source = DataFixture.json["templates"]?["mistralai-Mistral-Nemo-Instruct-2407"]?["plain"]?.stringValue ?? ""
        let result = try learned(
            "{\"role\": \"system\", \"content\": \"S\"}, " + Self.twoTurns, template: source, eos: "</s>")
        #expect(result.text == "B</s>D</s>")
        #expect(result.warnings == [.init(.otherGenerationPrompt), .init(.otherGenerationPrompt)])
    }

    @Test("Where a template ends no turn, the last one gets an end token, and others are warned of")
    func endless() throws {
        let template = """
            {% for m in messages %}{{ m.role + ': ' + m.content + '\\n' }}{% endfor %}\
            {% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}
            """
        let result = try learned(Self.twoTurns, template: template, eos: "</s>")
        // The space before "D" is one token with it.
        #expect(result.text == "B D\n</s>")
        #expect(result.warnings == [.init(.endNotLearned)])
        // The user's end token is not the assistant's.
        let odd = """
            {% for m in messages %}{{ m.role + ': ' + m.content }}{% if m.role == 'user' %}{{ '</s>' }}{% endif %}\
            {% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}
            """
        let other = try learned(Self.twoTurns, template: odd, eos: "</s>")
        #expect(!other.text.contains("c") && !other.text.contains("user"))
    }

    @Test("Where the assistant's words can't be found, it is said how to mark them")
    func lost() throws {
        let counted = "{% for m in messages %}{{ loop.length }}{{ m.content | length }}{% endfor %}"
        #expect {
            try learned(Self.twoTurns, template: counted)
        } throws: { error in
            guard case .noSpans? = error as? RowProblem else { return false }
            return "\(error)".contains("generation %}")
        }
        let unmarked = "{% if false %}{% generation %}{% endgeneration %}{% endif %}x"
        #expect(throws: RowProblem.noSpans("the template marks nothing in these messages")) {
            try learned(Self.twoTurns, template: unmarked)
        }
        #expect {
            try learned(Self.twoTurns, template: "{{ raise_exception('no such thing') }}")
        } throws: { error in
            "\(error)".contains("no such thing") && "\(error)".contains("mine, line 1")
        }
    }
}
