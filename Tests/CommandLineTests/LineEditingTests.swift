import Testing

@testable import ApusCommandLine

@Suite("Editing a line")
struct LineEditingTests {
    private func edit(_ keys: [Key], history: [String] = []) -> LineEditing {
        var editing = LineEditing(history: history)
        for key in keys { _ = editing.handle(key) }
        return editing
    }

    private func type(_ text: String) -> [Key] { text.unicodeScalars.map { .scalar($0) } }

    @Test(
        "Keys move and cut as in a shell",
        arguments: [
            ([Key.home, .scalar("X")], "Xone two three", ""),
            ([.wordLeft, .scalar("X")], "one two Xthree", ""),
            ([.wordLeft, .wordLeft, .killToEnd], "one ", ""),
            ([.wordLeft, .killToStart], "three", ""),
            ([.killWordBefore], "one two ", ""),
            ([.killWordBefore, .killWordBefore, .yank, .yank], "one two threetwo three", ""),
            ([.home, .wordRight, .scalar("X")], "oneX two three", ""),
            ([.home, .killWordAfter], " two three", ""),
            ([.home, .delete, .right, .backspace], "e two three", ""),
            ([.left, .left, .transpose], "one two there", ""),
            ([.transpose], "one two three", ""),
            ([.killWordBefore, .scalar("a"), .scalar("b"), .transpose], "one two ba", ""),
            ([.home, .right, .transpose], "noe two three", ""),
            ([.wordLeft, .endOfInput], "one two hree", ""),
        ])
    func shellKeys(keys: [Key], text: String, _: String) {
        #expect(edit(type("one two three") + keys).buffer.text == text)
    }

    @Test("A character of several scalars is one step and one deletion")
    func graphemes() {
        let family = "👨‍👩‍👧"
        #expect(edit(type("a" + family + "é") + [.backspace, .backspace]).buffer.text == "a")
        #expect(edit(type("e\u{301}x") + [.left, .left, .scalar("b")]).buffer.text == "be\u{301}x")
        #expect(edit(type("ab") + [.left, .scalar("e"), .scalar("\u{301}")]).buffer.before == "ae\u{301}")
    }

    @Test("Enter hands over the text, Ctrl-D ends only an empty line")
    func endings() {
        var editing = edit(type("hi"))
        #expect(editing.handle(.enter) == .submitted("hi"))
        editing = edit([])
        #expect(editing.handle(.endOfInput) == .ended)
        editing = edit(type("hi"))
        #expect(editing.handle(.endOfInput) == .refused)
        #expect(editing.handle(.interrupt) == .interrupted)
    }

    @Test("Up and down go through the history and come back to the draft")
    func history() {
        var editing = edit(type("dra"), history: ["first", "second"])
        for key in [Key.up, .up, .up] { _ = editing.handle(key) }
        #expect(editing.buffer.text == "first")
        for key in [Key.down, .down] { _ = editing.handle(key) }
        #expect(editing.buffer.text == "dra")
        #expect(editing.handle(.down) == .refused)
    }

    @Test("Up and down move within a text of several lines first")
    func lines() {
        let editing = edit([.paste("abcdef\nxy\nlong line"), .up, .up, .scalar("|")], history: ["old"])
        // From the end of the last line to column 2 of the middle one, then to that column of the first.
        #expect(editing.buffer.text == "ab|cdef\nxy\nlong line")
        #expect(edit([.paste("ab\ncd"), .up, .up], history: ["old"]).buffer.text == "old")
    }

    @Test("Ctrl-R finds the newest entry that holds the query, then older ones")
    func search() {
        let history = ["the cat", "a dog", "the cow"]
        var editing = edit([.searchHistory] + type("the"), history: history)
        #expect(editing.shown.text == "the cow")
        _ = editing.handle(.searchHistory)
        #expect(editing.shown.text == "the cat")
        #expect(editing.handle(.enter) == .submitted("the cat"))
        editing = edit(type("new") + [.searchHistory] + type("dog") + [.interrupt], history: history)
        #expect(editing.buffer.text == "new")
        #expect(editing.search == nil)
        editing = edit([.searchHistory] + type("dog") + [.home, .scalar("X")], history: history)
        #expect(editing.buffer.text == "Xa dog")
    }

    @Test("Tab completes as far as all candidates agree")
    func completion() {
        var editing = LineEditing(history: []) { text in ["/save", "/stats", "/system"].filter { $0.hasPrefix(text) } }
        for key in type("/sy") { _ = editing.handle(key) }
        #expect(editing.handle(.tab) == .editing)
        #expect(editing.buffer.text == "/system")
        #expect(editing.handle(.tab) == .refused)
    }

    @Test("A backslash at a line's end and three quotes continue the message")
    func multiline() {
        var editing = edit(type("one\\"))
        #expect(editing.handle(.enter) == .editing)
        for key in type("two") { _ = editing.handle(key) }
        #expect(editing.handle(.enter) == .submitted("one\ntwo"))

        editing = edit(type("\"\"\"one"))
        #expect(editing.handle(.enter) == .editing)
        for key in type("two\"\"\"") { _ = editing.handle(key) }
        #expect(editing.handle(.enter) == .submitted("one\ntwo"))
    }

    @Test(
        "Messages of several lines are told from whole ones",
        arguments: [
            ("plain", MultilineInput.State.complete("plain")),
            ("ends in two \\\\", .complete("ends in two \\\\")),
            ("\"\"\"", .continues),
            ("\"\"\"\"", .continues),
            ("\"\"\"\nbody\n\"\"\"", .complete("body")),
            ("  \"\"\"x\"\"\"  ", .complete("x")),
            ("a\\\nb\\\nc", .complete("a\nb\nc")),
            ("a\\\nb\\", .continues),
            ("", .complete("")),
        ])
    func states(text: String, state: MultilineInput.State) {
        #expect(MultilineInput.state(of: text) == state)
    }
}
