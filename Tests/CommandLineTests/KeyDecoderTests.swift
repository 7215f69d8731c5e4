import Testing

@testable import ApusCommandLine

@Suite("Keys from a terminal's bytes")
struct KeyDecoderTests {
    private func keys(_ bytes: [UInt8]) -> [Key] {
        var decoder = KeyDecoder()
        return bytes.compactMap { decoder.feed($0) }
    }

    @Test(
        "A sequence of bytes is the key that terminals mean by it",
        arguments: [
            ("\u{1B}[A", Key.up), ("\u{1B}[B", .down), ("\u{1B}[C", .right), ("\u{1B}[D", .left),
            ("\u{1B}OH", .home), ("\u{1B}[1~", .home), ("\u{1B}OF", .end), ("\u{1B}[4~", .end), ("\u{1B}[3~", .delete),
            ("\u{1B}[1;5C", .wordRight), ("\u{1B}[1;3D", .wordLeft), ("\u{1B}b", .wordLeft), ("\u{1B}f", .wordRight),
            ("\u{01}", .home), ("\u{05}", .end), ("\u{0B}", .killToEnd), ("\u{15}", .killToStart),
            ("\u{17}", .killWordBefore), ("\u{0C}", .clearScreen), ("\u{12}", .searchHistory), ("\u{04}", .endOfInput),
            ("\u{03}", .interrupt), ("\u{7F}", .backspace), ("\r", .enter), ("\u{1B}\r", .newline),
        ])
    func sequences(text: String, key: Key) {
        #expect(keys(Array(text.utf8)) == [key])
    }

    @Test("Characters of two, three and four bytes come out whole")
    func unicode() {
        #expect(keys(Array("é猫🐈".utf8)) == [.scalar("é"), .scalar("猫"), .scalar("🐈")])
    }

    @Test("A character that breaks off does not swallow the next one")
    func brokenUnicode() {
        #expect(keys([0xE7, 0x8C, 0x61]) == [.scalar("a")])
        #expect(keys([0xFF, 0x61]) == [.unknown, .scalar("a")])
    }

    @Test("A pasted text is one key, with newlines and without control characters")
    func paste() {
        #expect(
            keys(Array("\u{1B}[200~one\r\ntwo\rthree\u{07}\u{1B}[201~x".utf8)) == [
                .paste("one\ntwo\nthree"), .scalar("x"),
            ])
    }

    @Test("An escape alone is a key only when nothing follows")
    func escape() {
        var decoder = KeyDecoder()
        #expect(decoder.feed(0x1B) == nil)
        #expect(decoder.isWaitingAfterEscape)
        #expect(decoder.timeout() == .escape)
        #expect(decoder.feed(0x61) == .scalar("a"))
    }

    @Test("An unknown or endless sequence ends and typing goes on")
    func unknownSequence() {
        #expect(keys(Array("\u{1B}[99;99za".utf8)) == [.unknown, .scalar("a")])
        #expect(
            keys(Array("\u{1B}[".utf8) + [UInt8](repeating: 0x31, count: 40) + Array("a".utf8)).last == .scalar("a"))
    }
}
