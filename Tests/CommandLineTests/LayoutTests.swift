import Testing

@testable import ApusCommandLine

@Suite("Text on a terminal")
struct LayoutTests {
    @Test(
        "A character takes as many columns as terminals give it",
        arguments: [
            ("a", 1), ("é", 1), ("e\u{301}", 1), ("猫", 2), ("ｱ", 1), ("Ａ", 2), ("🐈", 2), ("👨‍👩‍👧", 2), ("🇩🇪", 2),
            ("❤", 1), ("❤\u{FE0F}", 2), ("한", 2), ("\u{1112}\u{1161}\u{11AB}", 2), ("\u{200B}", 0), ("–", 1), ("ا", 1),
        ] as [(Character, Int)])
    func widths(character: Character, columns: Int) {
        #expect(CharacterWidth.columns(character) == columns)
    }

    @Test("Rows break where the terminal does, also before a wide character that does not fit")
    func wrapping() {
        let layout = LineLayout(prompt: "> ", continuation: "… ", buffer: EditBuffer("abc猫猫"), columns: 6)
        #expect(layout.rows == ["> abc", "猫猫"])
        #expect(layout.cursorRow == 1)
        #expect(layout.cursorColumn == 4)
    }

    @Test("After a full row the cursor stands in the next one")
    func fullRow() {
        let layout = LineLayout(prompt: "> ", continuation: "… ", buffer: EditBuffer("abcd"), columns: 6)
        #expect(layout.rows == ["> abcd", ""])
        #expect(layout.cursorRow == 1)
        #expect(layout.cursorColumn == 0)
    }

    @Test("Lines of a text stand below each other, behind the continuation mark")
    func lines() {
        var buffer = EditBuffer("one\ntwo")
        _ = buffer.moveLine(by: -1)
        let layout = LineLayout(prompt: "> ", continuation: "… ", buffer: buffer, columns: 40)
        #expect(layout.rows == ["> one", "… two"])
        #expect(layout.cursorRow == 0)
        #expect(layout.cursorColumn == 5)
    }

    @Test("A text is cut and filled by columns, not by characters")
    func fitting() {
        #expect("猫猫猫猫".fitted(toColumns: 5) == "猫猫…")
        #expect("猫猫".fitted(toColumns: 4) == "猫猫")
        #expect("猫".padded(toColumns: 4) == "猫  ")
        #expect("猫".rightAligned(inColumns: 4) == "  猫")
    }

    @Test(
        "Colours follow NO_COLOR, CLICOLOR_FORCE, CLICOLOR and what the terminal is",
        arguments: [
            ([:], true, true), ([:], false, false), (["NO_COLOR": "1"], true, false), (["NO_COLOR": ""], true, true),
            (["CLICOLOR_FORCE": "1"], false, true), (["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], true, false),
            (["CLICOLOR": "0"], true, false), (["TERM": "dumb"], true, false),
        ] as [([String: String], Bool, Bool)])
    func colours(variables: [String: String], isTerminal: Bool, expected: Bool) {
        #expect(Terminal.allowsColour(isTerminal: isTerminal, environment: Environment(variables)) == expected)
    }

    @Test(
        "The language is that of the first locale variable that is set",
        arguments: [
            ([:], Language.english), (["LANG": "zh_CN.UTF-8"], .chinese),
            (["LANG": "zh_CN.UTF-8", "LC_ALL": "C"], .english),
            (["LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW.UTF-8"], .chinese),
            (["LC_ALL": "", "LANG": "zh"], .chinese),
        ] as [([String: String], Language)])
    func languages(variables: [String: String], expected: Language) {
        #expect(Language(environment: Environment(variables)) == expected)
    }
}
