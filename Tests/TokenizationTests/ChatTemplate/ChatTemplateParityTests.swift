import ApusModelFiles
import Testing

@testable import ApusTokenization

@Suite("Chat templates render as jinja2 3.1.6 in transformers 5 does")
struct ChatTemplateParityTests {
    private let clock = ChatClock.fixed(secondsSince1970: 1_700_000_000)

    @Test(
        "Published templates give the same bytes, or raise, for every conversation",
        arguments: ChatTemplateFixture.names)
    func publishedTemplates(name: String) throws {
        let template = try ChatTemplate(ChatTemplateFixture.source(name), name: name)
        let options = try #require(ChatTemplateFixture.json["options"]?.arrayValue)
        let conversations = try #require(ChatTemplateFixture.json["conversations"]?.arrayValue)
        let expected = try #require(ChatTemplateFixture.json["templates"]?[name]?.arrayValue)
        #expect(options.count == expected.count && conversations.count >= 20)
        for (option, row) in zip(options, expected) {
            for (index, messages) in conversations.enumerated() {
                var variables = try #require(option.objectValue)
                variables["messages"] = messages
                let text = try? template.render(variables, clock: clock)
                let wanted = try #require(row[index])
                #expect(ChatTemplateFixture.matches(text, wanted), "conversation \(index): \(text ?? "an error")")
            }
        }
    }

    @Test("Small templates of every feature give the same bytes, or raise")
    func snippets() throws {
        let variables = try #require(ChatTemplateFixture.json["variables"]?.objectValue)
        let snippets = try #require(ChatTemplateFixture.json["snippets"]?.arrayValue)
        #expect(snippets.count > 800)
        for snippet in snippets {
            let source = try #require(snippet["template"]?.stringValue)
            let wanted = try #require(snippet["expected"])
            let text = try? ChatTemplate(source, name: "snippet").render(variables, clock: clock)
            #expect(ChatTemplateFixture.matches(text, wanted), "\(source) gave \(text ?? "an error")")
        }
    }

    @Test("Every beginning of a template is an error or renders as in Python", arguments: ChatTemplateFixture.names)
    func truncations(name: String) throws {
        let source = Array(ChatTemplateFixture.source(name).unicodeScalars)
        var variables = try #require(ChatTemplateFixture.json["options"]?[0]?.objectValue)
        variables["messages"] = ChatTemplateFixture.json["conversations"]?[3]
        var good: [Int: String] = [:]
        for pair in try #require(ChatTemplateFixture.json["truncations"]?[name]?.arrayValue) {
            good[try #require(pair[0]?.intValue)] = pair[1]?.stringValue
        }
        var text = ""
        for length in source.indices {
            let result = try? ChatTemplate(text, name: "part").render(variables, clock: clock)
            #expect(result.map(ChatTemplateFixture.fnv) == good[length], "the first \(length) characters")
            text.unicodeScalars.append(source[length])
        }
    }
}
