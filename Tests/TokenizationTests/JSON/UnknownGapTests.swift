import ApusModelFiles
import Testing

@testable import ApusTokenization

@Suite("Text that a vocabulary without unknown token does not cover")
struct UnknownGapTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var tokenizer: JSON
        /// A text and its ids, or nil where the package raises an error.
        var rows: [(text: String, ids: [TokenID]?)]
        var testDescription: String { name }
    }

    static let cases: [Case] = {
        guard let json = try? Fixture.json("unknown-gaps.json"), let texts = json["texts"]?.arrayValue else {
            return []
        }
        return (json["cases"]?.arrayValue ?? []).compactMap { element in
            guard let name = element["name"]?.stringValue, let tokenizer = element["tokenizer"],
                let rows = element["rows"]?.arrayValue
            else { return nil }
            return Case(
                name: name, tokenizer: tokenizer,
                rows: zip(texts, rows).map { ($0.stringValue ?? "", $1.isNull ? nil : Fixture.ids($1)) })
        }
    }()

    @Test("is an error where the package raises one, and nothing where it drops it", arguments: cases)
    func matches(_ example: Case) throws {
        let tokenizer = Tokenizer(try TokenizerJSON.parts(example.tokenizer))
        for (text, ids) in example.rows {
            #expect((try? tokenizer.encode(text)) == ids, "\(text.debugDescription)")
            #expect((try? tokenizer.encode(Array(text.utf8))) == ids, "\(text.debugDescription)")
            #expect((try? tokenizer.pieces(text).map(\.id)) == ids, "\(text.debugDescription)")
            #expect((try? tokenizer.encode(text, addSpecial: true, parseSpecial: true)) == ids)
        }
    }

    @Test("there are all the cases")
    func complete() { #expect(Self.cases.count == 12 && Self.cases.allSatisfy { $0.rows.count == 11 }) }

    @Test(
        "the error has the text, its place, and what is missing",
        arguments: [
            ("WordLevel", "ab é", "é", 3, UnknownTokenGap.absent(Array("[UNK]".utf8))),
            ("WordPiece", "b é!", "é!", 2, .absent(Array("[UNK]".utf8))),
            ("Unigram", "ab aéb", "é", 4, .unnamed), ("Unigram with bytes", "é", "é", 0, .unnamed),
            ("BPE", "a éab", "é", 2, .absent(Array("[UNK]".utf8))),
            ("BPE, fused", "zééa", "zéé", 0, .absent(Array("[UNK]".utf8))),
            ("BPE with bytes", "aéz", "z", 3, .absent(Array("[UNK]".utf8))),
        ])
    func places(_ name: String, _ text: String, _ piece: String, _ offset: Int, _ gap: UnknownTokenGap) throws {
        let example = try #require(Self.cases.first { $0.name == name })
        let tokenizer = Tokenizer(try TokenizerJSON.parts(example.tokenizer))
        let expected = TokenizationError.noUnknownToken(text: Array(piece.utf8), offset: offset, gap)
        #expect(throws: expected) { try tokenizer.encode(text) }
        #expect(throws: expected) { try tokenizer.pieces(Array(text.utf8)) }
        #expect(throws: expected) { try tokenizer.encode(Array(text.utf8), parsingSpecialWithout: [1]) }
        #expect(throws: expected) { try tokenizer.pieces(pair: "ab".utf8, text.utf8) }
        #expect(expected.description.contains("at byte \(offset)"))
    }
}
