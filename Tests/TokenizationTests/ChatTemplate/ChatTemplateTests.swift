import ApusModelFiles
import Testing

@testable import ApusTokenization

@Suite("Chat templates for callers")
struct ChatTemplateTests {
    @Test("A conversation is rendered with the variables of transformers")
    func conversation() throws {
        let template = try ChatTemplate(
            "{{ bos_token }}{% for m in messages %}{{ m.role }}={{ m.content }};{% endfor %}{{ tools }}{{ documents }}"
                + "{{ add_generation_prompt }}{{ eos_token is defined }}{{ enable_thinking }}",
            name: "mine")
        let text = try template.render(
            messages: [ChatMessage(role: "system", content: "s"), ChatMessage(role: "user", content: "ü")],
            addGenerationPrompt: true, bosToken: "<s>", extra: ["enable_thinking": false])
        #expect(text == "<s>system=s;user=ü;NoneNoneTrueFalseFalse")
    }

    @Test("Reasoning is found under the names that templates read")
    func reasoning() {
        let message = ChatMessage(role: "assistant", content: "a", fields: ["reasoning": "r"])
        #expect(message.json["reasoning_content"] == "r")
        #expect(message.json["thinking"] == "r")
        #expect(ChatMessage(role: "assistant", content: "a").json["thinking"] == nil)
    }

    @Test("Generation blocks are told as ranges of bytes")
    func generations() throws {
        let source =
            "{% for m in messages %}[{% if m.role == 'assistant' %}{% generation %}{{ m.content }}é"
            + "{% endgeneration %}{% else %}{{ m.content }}{% endif %}]{% endfor %}"
        let rendering = try ChatTemplate(source, name: "g").renderNotingGenerations([
            "messages": [["role": "user", "content": "ü"], ["role": "assistant", "content": "ab"]]
        ])
        #expect(rendering.text == "[ü][abé]")
        #expect(rendering.generations == [5..<9])
    }

    @Test("A generation block within a macro renders, but has no known place")
    func nestedGeneration() throws {
        let template = try ChatTemplate(
            "{% macro m() %}{% generation %}x{% endgeneration %}{% endmacro %}\n{{ m() }}", name: "g")
        #expect(try template.render([:]) == "x")
        #expect(throws: ChatTemplateError.self) { try template.renderNotingGenerations([:]) }
    }

    @Test("Strings name characters as in Python")
    func characterNames() throws {
        let source =
            #"{{ '\N{BULLET}\N{latin small letter e with acute}\N{CJK UNIFIED IDEOGRAPH-4E00}\N{Grinning Face}' }}"#
        #expect(try ChatTemplate(source, name: "n").render([:]) == "•é一😀")
        let names = ["SPACE", "DIGIT ONE", "DIGIT TWO", "DIGIT THREE", "BULLET", "EM DASH", "EN DASH", "COMMA"]
        let many = names.map { #"\N{\#($0)}"# }.joined()
        #expect(try ChatTemplate("{{ '\(many)\(many)' }}", name: "n").render([:]).hasPrefix(" 123•—–, 1"))
        #expect(throws: ChatTemplateError.self) {
            try ChatTemplate("{{ '\(many)" + #"\N{COLON}"# + "' }}", name: "n").render([:])
        }
    }

    @Test(
        "Errors tell kind, line and reason",
        arguments: [
            ("a\n{% if %}", "syntax", 2), ("\n\n{{ raise_exception('no') }}", "raised", 3),
            ("{% set a = 1 %}\n{{ b.c }}", "undefined", 2), ("{{ 1 }}\n{{ 1 + 'a' }}", "failed", 2),
            ("\n{{ [].append(1) }}", "forbidden", 2), ("\n{{ 'a' * 99999999 }}", "limit", 2),
            ("\n{{ lipsum() }}", "unsupported", 2), ("\n{{ '\\N{NO SUCH}' }}", "syntax", 2),
            ("{{ '\\N{BULLET' }}", "syntax", 1),
            ("\n{{ 'x'|urlize }}", "unsupported", 2), ("{{ 2 ** 64 }}", "limit", 1),
            ("{% autoescape true %}{{ 'x' }}{% endautoescape %}", "unsupported", 1), ("\n{{ x|nope }}", "syntax", 2),
            ("{% macro m() %}\n{{ 1 / 0 }}{% endmacro %}\n{{ m() }}", "failed", 2),
        ])
    func errors(source: String, kind: String, line: Int) {
        do throws(ChatTemplateError) {
            let text = try ChatTemplate(source, name: "file.jinja").render([:])
            Issue.record("rendered \(text)")
        } catch {
            #expect("\(error)".hasPrefix("file.jinja, line \(line): "))
            let found =
                switch error {
                case .syntax: "syntax"
                case .raised: "raised"
                case .undefined: "undefined"
                case .failed: "failed"
                case .forbidden: "forbidden"
                case .limit: "limit"
                case .unsupported: "unsupported"
                }
            #expect(found == kind)
        }
    }

    @Test("The message of raise_exception reaches the caller unchanged")
    func raised() throws {
        let template = try ChatTemplate("{{ raise_exception('roles must alternate') }}", name: "t")
        #expect(
            throws: ChatTemplateError.raised(.init(template: "t", line: 1), message: "roles must alternate")
        ) { try template.render([:]) }
    }

    @Test("One template renders on many threads at once")
    func concurrency() async throws {
        let template = try ChatTemplate(ChatTemplateFixture.source("Qwen-Qwen3-0.6B"), name: "q")
        let messages = [ChatMessage(role: "user", content: "hi"), ChatMessage(role: "assistant", content: "yo")]
        let expected = try template.render(messages: messages)
        let results = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<64 { group.addTask { try? template.render(messages: messages) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.count == 64 && results.allSatisfy { $0 == expected })
    }
}
