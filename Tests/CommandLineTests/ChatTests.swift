import ApusTokenization
import Testing

@testable import ApusCommandLine

@Suite("Chat")
struct ChatTests {
    @Test(
        "A line that begins with a slash is a command, everything else is said",
        arguments: [
            ("hello", ChatLine.say("hello")), (" /help", .say(" /help")), ("", .say("")), ("/help", .help),
            ("/?", .help),
            ("/system", .system(nil)), ("/system You are  brief", .system("You are  brief")),
            ("/system -", .system("")),
            ("/temperature 0.5", .temperature("0.5")), ("/save a b.md", .save("a b.md")), ("/save", .save(nil)),
            ("/clear", .clear), ("/stats", .stats), ("/exit", .exit), ("/quit", .exit),
            ("/usr/bin", .unknown("/usr/bin")),
        ])
    func lines(line: String, expected: ChatLine) {
        #expect(ChatLine(line) == expected)
    }

    @Test("A conversation gives the model all turns, with the system message first")
    func turns() {
        var conversation = Conversation(hasTemplate: true, system: "Be brief.")
        conversation.add(line: "Hi", reply: "Hello.")
        #expect(
            conversation.prompt(adding: "And?")
                == .conversation([
                    ChatMessage(role: "system", content: "Be brief."), ChatMessage(role: "user", content: "Hi"),
                    ChatMessage(role: "assistant", content: "Hello."), ChatMessage(role: "user", content: "And?"),
                ]))
        #expect(conversation.markdown.contains("## assistant\n\nHello."))
        #expect(conversation.json["messages"]?[2]?["content"] == "Hello.")
        conversation.clear()
        #expect(conversation.isEmpty)
        #expect(conversation.system == "Be brief.")
    }

    @Test("A model without a template continues one growing text")
    func text() {
        var conversation = Conversation(hasTemplate: false)
        #expect(conversation.prompt(adding: "Once") == .text("Once"))
        conversation.add(line: "Once", reply: " upon a time.")
        #expect(conversation.prompt(adding: "Then") == .text("Once upon a time. Then"))
        #expect(conversation.prompt(adding: "") == .text("Once upon a time."))
        #expect(conversation.markdown == "Once upon a time.\n")
    }

    @Test("A long conversation forgets its older half, and saves all of it")
    func forgetting() {
        var conversation = Conversation(hasTemplate: true, system: "Be brief.")
        func expectForgetting(_ exchanges: Int) {
            let forgotten = conversation.forgetOlderHalf()
            #expect(forgotten == exchanges)
        }
        expectForgetting(0)
        for number in 1...5 { conversation.add(line: "q\(number)", reply: "a\(number)") }
        expectForgetting(3)
        let expected = [
            ("system", "Be brief."), ("user", "q4"), ("assistant", "a4"), ("user", "q5"), ("assistant", "a5"),
        ]
        #expect(
            conversation.prompt(adding: "q6")
                == .conversation((expected + [("user", "q6")]).map { ChatMessage(role: $0.0, content: $0.1) }))
        #expect(conversation.markdown.contains("q1"))
        expectForgetting(1)
        conversation.add(line: "q6", reply: "a6")
        conversation.clear()
        conversation.add(line: "q7", reply: "a7")
        expectForgetting(1)
    }

    @Test("What a model says cannot steer the terminal")
    func controls() {
        #expect("a\u{1B}[31mb\u{07}\nc\t\u{9B}d".withoutControls == "a[31mb\nc\td")
    }

    @Test("Every message is there in both languages", arguments: [Language.english, .chinese])
    func messages(language: Language) {
        let words = Messages(language: language)
        var figures = ReplyFigures(completionTokens: 41, decodeSeconds: 2)
        #expect(words.replyFigures(figures).contains("20.0"))
        figures.ending = .interrupted
        #expect(words.replyFigures(figures).contains(language == .chinese ? "已中断" : "stopped"))
        for hasTemplate in [true, false] {
            #expect(words.chatHelp(hasTemplate: hasTemplate).contains("/system") == hasTemplate)
            #expect(words.chatWelcome("m", hasTemplate: hasTemplate).contains("Ctrl-C"))
        }
    }
}
