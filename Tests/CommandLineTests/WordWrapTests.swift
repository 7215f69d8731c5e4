import Testing

@testable import ApusCommandLine

@Suite("Wrapping of replies")
struct WordWrapTests {
    /// The rows that a terminal of some width would show for pieces that are written one after the other.
    private func rows(_ pieces: [String], columns: Int) -> [String] {
        var wrap = WordWrap()
        var rows: [[Character]] = [[]]
        for piece in pieces {
            var rest = wrap.feed(piece, columns: columns)[...]
            while let character = rest.popFirst() {
                if character == "\n" {
                    rows.append([])
                } else if character == "\u{1B}" {
                    let code = rest.prefix { $0 != "G" && $0 != "K" }
                    let end = rest.dropFirst(code.count).first
                    rest = rest.dropFirst(code.count + 1)
                    guard end == "G", let column = Int(code.dropFirst()) else { continue }
                    while CharacterWidth.columns(String(rows[rows.count - 1])) > column - 1 {
                        rows[rows.count - 1].removeLast()
                    }
                } else {
                    rows[rows.count - 1].append(character)
                }
            }
        }
        return rows.map { String($0) }
    }

    @Test(
        "Rows end between words",
        arguments: [
            ("the quick brown fox", 10, ["the quick ", "brown fox"]),
            ("the quick brown fox", 9, ["the quick", "brown fox"]),
            ("one\ntwo three", 5, ["one", "two ", "three"]),
            ("a well-known word", 8, ["a well-", "known ", "word"]),
            ("see --flags", 8, ["see ", "--flags"]),
            ("abcdefghijkl mn", 5, ["abcde", "fghij", "kl mn"]),
            ("ab   cd", 4, ["ab  ", "cd"]),
            ("  indented text", 10, ["  indented", "text"]),
            ("你好世界今天天气", 8, ["你好世界", "今天天气"]),
            ("你好世界，今天。", 8, ["你好世", "界，今", "天。"]),
            ("他说「你好」吧", 6, ["他说", "「你", "好」吧"]),
            ("用 Apus 运行模型", 8, ["用 Apus ", "运行模型"]),
            ("猫cats猫", 6, ["猫cats", "猫"]),
            ("e\u{301}e\u{301}e\u{301} 👨‍👩‍👧 x", 5, ["e\u{301}e\u{301}e\u{301} ", "👨‍👩‍👧 x"]),
        ] as [(String, Int, [String])])
    func words(text: String, columns: Int, expected: [String]) {
        #expect(rows([text], columns: columns) == expected)
        #expect(rows(text.map(String.init), columns: columns) == expected)
        // Pieces may also part a character into its scalars.
        #expect(rows(text.unicodeScalars.map { String(Character($0)) }, columns: columns) == expected)
        for row in expected { #expect(CharacterWidth.columns(row) <= columns) }
    }

    @Test("Text that goes anywhere but to a terminal stays as it is, at a terminal it is wrapped")
    func onlyAtTerminals() {
        for isTerminal in [true, false] {
            let sink = MemorySink()
            let messages = MessageChannel(sink: MemorySink(), terminal: .none)
            let terminal = Terminal(descriptor: -1, isTerminal: isTerminal, usesColour: false)
            let writer = ReplyWriter(console: Console(results: sink, messages: messages, terminal: terminal))
            let long = String(repeating: "word ", count: 50) + "\u{1B}[31m"
            writer.write(long)
            #expect((sink.text == long) == !isTerminal)
            #expect(sink.text.contains("\n") == isTerminal)
        }
    }
}
