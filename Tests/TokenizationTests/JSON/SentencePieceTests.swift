import ApusModelFiles
import Testing

@testable import ApusTokenization

@Suite("SentencePiece models give what the sentencepiece package gives")
struct SentencePieceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var model: [UInt8]
        var rows: [(text: String, ids: [TokenID], decoded: String)]
        var testDescription: String { name }
    }

    static let cases: [Case] = {
        guard let json = try? Fixture.json("sentencepiece.json"), let strings = json["strings"]?.arrayValue else {
            return []
        }
        return (json["cases"]?.arrayValue ?? []).compactMap { element in
            guard let name = element["name"]?.stringValue, let text = element["model"]?.stringValue,
                let model = Base64.decode(text.utf8), let rows = element["rows"]?.arrayValue
            else { return nil }
            return Case(
                name: name, model: model,
                rows: zip(strings, rows).map { text, row in
                    (text.stringValue ?? "", Fixture.ids(row[0]), row[1]?.stringValue ?? "")
                })
        }
    }()

    @Test("every kind of model is in the fixture")
    func complete() { #expect(SentencePieceTests.cases.count == 9) }

    @Test("ids and texts are those of the package", arguments: cases)
    func matches(_ example: Case) throws {
        let tokenizer = try Tokenizer(sentencePiece: try SentencePieceModel(parsing: example.model))
        for row in example.rows {
            let pieces = try tokenizer.pieces(row.text)
            #expect(pieces.map(\.id) == row.ids, "\(row.text.debugDescription)")
            #expect(tokenizer.text(row.ids) == row.decoded, "\(row.text.debugDescription)")
            #expect(pieces.allSatisfy { $0.range.upperBound <= row.text.utf8.count })
        }
    }

    @Test("a model cut short anywhere is an error or a smaller model, never a crash", arguments: cases)
    func truncated(_ example: Case) throws {
        var errors = 0
        for length in 0..<example.model.count where length % 7 == 0 || length < 200 {
            do throws(SentencePieceError) {
                let model = try SentencePieceModel(parsing: Array(example.model[..<length]))
                let tokenizer = try Tokenizer(sentencePiece: model)
                #expect(throws: Never.self) { try tokenizer.encode("Hello <sep> wörld") }
            } catch {
                errors += 1
                #expect(!error.description.isEmpty)
            }
        }
        #expect(errors > 100)
    }

    @Test(
        "what a hostile model says is an error with its place",
        arguments: [
            (
                [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
                SentencePieceError.badLength(length: 0xFFFF_FFFF, left: 0, offset: 1)
            ),
            ([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .badNumber(offset: 1)),
            ([0x08, 0x01], .wrongType(field: "a piece", offset: 1)),
            ([0x0B], .badField(field: 1, offset: 0)),
            ([], .noPieces),
            ([0x0A, 0x00], .emptyPiece(id: 0)),
            ([0x0A, 0x05, 0x0A, 0x01, 0x61, 0x18, 0x63], .badPieceType(id: 0, type: 99)),
            ([0x0A, 0x03, 0x0A, 0x01, 0x61], .noUnknownPiece),
        ] as [([UInt8], SentencePieceError)])
    func hostile(_ bytes: [UInt8], _ expected: SentencePieceError) {
        #expect(throws: expected) { try SentencePieceModel(parsing: bytes) }
    }

    @Test("maps with wild offsets replace nothing and never crash")
    func hostileMaps() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var map: [UInt8] = [16, 0, 0, 0]
            for _ in 0..<24 { map.append(UInt8.random(in: 0...255, using: &generator)) }
            let parsed = try PrecompiledMap(map)
            Array("Hello ﬁ wörld".utf8).withUnsafeBufferPointer { text in
                for start in text.indices { _ = parsed.match(text, start..<text.count) }
            }
        }
        #expect(throws: SentencePieceError.self) { try PrecompiledMap([255, 255, 255, 255, 0]) }
    }
}
