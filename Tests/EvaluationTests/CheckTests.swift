import ApusModelFiles
import Testing

@testable import ApusEvaluation

@Suite("Checks")
struct CheckTests {
    @Test(
        "Contains ignores case, width and how accents are composed, and nothing else",
        arguments: [
            (#"{"contains": "temperature"}"#, "The TEMPERATURE is 0.7.", true),
            (#"{"contains": "0.7"}"#, "温度是０．７。", true),
            (#"{"contains": "温度，"}"#, "先设温度,再运行", true),
            (#"{"contains": "ガ"}"#, "ｶﾞ", true),
            (#"{"contains": "café"}"#, "Le CAFE\u{301} noir", true),
            (#"{"contains": "cafe"}"#, "café", false),
            (#"{"contains": "102"}"#, "10²", false),
            (#"{"contains": "STRASSE"}"#, "die Straße", true),
            (#"{"contains": "a b"}"#, "a\u{3000}b", true),
            (#"{"contains": "a"}"#, "", false),
            (#"{"contains": "a", "not": true}"#, "", true),
            (#"{"contains": ["red", "green"]}"#, "Green", true),
            (#"{"contains": ["red", "green"]}"#, "blue", false),
            (#"{"contains": ["red", "green"], "not": true}"#, "green", false),
            (#"{"contains_all": ["red", "green"]}"#, "green and red", true),
            (#"{"contains_all": ["red", "green"]}"#, "green", false),
            (#"{"contains_all": ["red", "green"], "not": true}"#, "green", true),
            (#"{"contains": "👩‍👧"}"#, "Hi 👩‍👧!", true),
        ])
    func contains(check: String, answer: String, passes: Bool) throws {
        #expect(try Fixture.check(check).judge(answer).passed == passes)
    }

    @Test(
        "Equals trims both ends and counts case and width unless told otherwise",
        arguments: [
            (#"{"equals": "Four"}"#, " Four\n", true),
            (#"{"equals": "Four"}"#, "four", false),
            (#"{"equals": "Four", "ignore_case": true}"#, "FOUR", true),
            (#"{"equals": "Four", "ignore_case": true}"#, "Ｆｏｕｒ", false),
            (#"{"equals": "Four", "ignore_case": true}"#, "Four.", false),
            (#"{"equals": "é"}"#, "e\u{301}", true),
            (#"{"equals": ""}"#, " \n\u{3000}", true),
            (#"{"equals": "", "not": true}"#, "", false),
            (#"{"equals": " x "}"#, "x", true),
        ])
    func equals(check: String, answer: String, passes: Bool) throws {
        #expect(try Fixture.check(check).judge(answer).passed == passes)
    }

    @Test(
        "A pattern is looked for in the trimmed answer",
        arguments: [
            (#"{"regex": "^(I don't know|我不知道)"}"#, "\n我不知道。", true),
            (#"{"regex": "^(I don't know|我不知道)"}"#, "Well, I don't know", false),
            (#"{"regex": "(?i)\\bparis\\b"}"#, "PARIS!", true),
            (#"{"regex": "\\bparis\\b"}"#, "PARIS", false),
            (#"{"regex": "^$"}"#, "  ", true),
            (#"{"regex": "^b"}"#, "a\nb", false),
            (#"{"regex": "(?m)^b$"}"#, "a\nb\nc", true),
            (#"{"regex": "\\d{3}", "not": true}"#, "12", true),
            (#"{"regex": "[一-龥]{2}"}"#, "温度", true),
        ])
    func regex(check: String, answer: String, passes: Bool) throws {
        #expect(try Fixture.check(check).judge(answer).passed == passes)
    }

    @Test("A pattern that takes too many steps is undecided and never passed", arguments: [false, true])
    func runaway(not: Bool) throws {
        let check = try Fixture.check(#"{"regex": "^(a+)+$", "not": \#(not)}"#)
        let outcome = check.judge(String(repeating: "a", count: 40) + "b")
        #expect(outcome.isUndecided)
        #expect(!outcome.passed)
    }

    @Test("A choice takes the likeliest text, by byte where that is asked for")
    func choice() throws {
        let texts = ["yes", "certainly", "不"]
        let plain = Check.Choice(texts, answer: 0)
        let byByte = Check.Choice(texts, answer: 1, normalization: .bytes)
        let likelihoods = [-3.0, -4.5, -6]
        let first = Check(.choice(plain)).judge(plain, likelihoods: likelihoods)
        #expect(first.passed && first.chosen == 0 && first.scores == likelihoods)
        let second = Check(.choice(byByte)).judge(byByte, likelihoods: likelihoods)
        #expect(second.passed && second.chosen == 1 && second.scores == [-1, -0.5, -2])
        #expect(!Check(.choice(plain), isNegated: true).judge(plain, likelihoods: likelihoods).passed)
    }

    @Test("Folding is Unicode's, for every character that has another case or width")
    func folding() throws {
        let data = try Fixture.json("folding.json")
        let characters = try #require(data["characters"]?.stringValue).unicodeScalars
        let folded = try #require(data["folded"]?.arrayValue).compactMap(\.stringValue)
        #expect(characters.count == folded.count && characters.count > 1500)
        func fold(_ text: String) -> [UInt8] { FoldedText(text, ignoresCase: true, ignoresWidth: true).bytes }
        let wrong = zip(characters, folded).filter { fold(String($0)) != fold($1) }
        #expect(wrong.map(\.0).isEmpty)
        // As many stay apart as with Unicode's own folding.
        #expect(Set(characters.map { fold(String($0)) }).count == Set(folded.map { Array($0.utf8) }).count)
        let texts = try #require(data["texts"]?.arrayValue).compactMap(\.stringValue)
        let foldedTexts = try #require(data["foldedTexts"]?.arrayValue).compactMap(\.stringValue)
        for (a, foldedA) in zip(texts, foldedTexts) {
            for (b, foldedB) in zip(texts, foldedTexts) {
                #expect((fold(a) == fold(b)) == foldedA.utf8.elementsEqual(foldedB.utf8), "\(a), \(b)")
            }
        }
    }

    @Test("The 95% interval is that of statsmodels and scipy")
    func wilson() throws {
        let rows = try #require(try Fixture.json("wilson.json")["rows"]?.arrayValue)
        #expect(rows.count >= 18)
        for row in rows {
            let successes = try #require(row[0]?.intValue)
            let trials = try #require(row[1]?.intValue)
            let interval = try #require(WilsonInterval(successes: successes, of: trials))
            #expect(abs(interval.lower - (row[2]?.doubleValue ?? .nan)) < 1e-12)
            #expect(abs(interval.upper - (row[3]?.doubleValue ?? .nan)) < 1e-12)
            #expect(interval.lower >= 0 && interval.upper <= 1)
        }
        #expect(WilsonInterval(successes: 0, of: 0) == nil)
        #expect(WilsonInterval(successes: 2, of: 1) == nil)
        #expect(WilsonInterval(successes: -1, of: 1) == nil)
    }
}
