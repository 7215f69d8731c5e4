import ApusModelFiles
import Testing

@testable import ApusTokenization

@Suite("tokenizer.json gives what the tokenizers package gives")
struct TokenizerJSONTests {
    struct Row: Sendable {
        var text: String
        var ids: [TokenID]
        var offsets: [Int]
        var plain: [TokenID]
        var decoded: [String]?
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var tokenizer: JSON
        var rows: [Row]
        var testDescription: String { name }
    }

    static let cases: [Case] = {
        guard let json = try? Fixture.json("json-tokenizers.json"), let strings = json["strings"]?.arrayValue else {
            return []
        }
        return (json["cases"]?.arrayValue ?? []).compactMap { element in
            guard let name = element["name"]?.stringValue, var file = element["tokenizer"]?.objectValue,
                let model = file["model"]?.intValue, let added = file["added_tokens"]?.intValue,
                let rows = element["rows"]?.arrayValue
            else { return nil }
            file["model"] = json["models"]?[model]
            file["added_tokens"] = json["added"]?[added]
            let texts = strings.suffix(rows.count).compactMap(\.stringValue)
            return Case(
                name: name, tokenizer: .object(file),
                rows: zip(texts, rows).map { text, row in
                    Row(
                        text: text, ids: Fixture.ids(row[0]), offsets: Fixture.ids(row[1]).map(Int.init),
                        plain: Fixture.ids(row[2]?.isNull == false ? row[2] : row[0]),
                        decoded: row[3]?.arrayValue?.compactMap(\.stringValue))
                })
        }
    }()

    @Test("every kind of tokenizer is in the fixture")
    func complete() { #expect(TokenizerJSONTests.cases.count > 110) }

    @Test("ids, ranges and texts are those of the package", arguments: cases)
    func matches(_ example: Case) throws {
        let tokenizer = Tokenizer(try TokenizerJSON.parts(example.tokenizer))
        // The package aligns everything wrongly once a map removes a text's first character.
        let comparesRanges = !["map", "metaspaces"].contains {
            example.name.hasSuffix(" " + $0)
        }
        for row in example.rows {
            let pieces = try tokenizer.pieces(row.text, addSpecial: true, parseSpecial: true)
            #expect(pieces.map(\.id) == row.ids, "\(row.text.debugDescription)")
            #expect(try tokenizer.encode(row.text, parseSpecial: true) == row.plain, "\(row.text.debugDescription)")
            if comparesRanges {
                #expect(Fixture.characterOffsets(pieces, row.text) == row.offsets, "\(row.text.debugDescription)")
            }
            guard let decoded = row.decoded, !decoded.isEmpty else { continue }
            #expect(tokenizer.text(row.plain) == decoded[0], "\(row.text.debugDescription)")
            #expect(
                tokenizer.text(row.plain, skipSpecial: true) == decoded[decoded.count - 1],
                "\(row.text.debugDescription)")
        }
    }

    @Test("a stream of ids gives the same text as all at once", arguments: cases)
    func streams(_ example: Case) throws {
        let tokenizer = Tokenizer(try TokenizerJSON.parts(example.tokenizer))
        for row in example.rows where example.name.hasPrefix("processor") {
            var stream = tokenizer.stream(skipSpecial: false)
            var bytes: [UInt8] = []
            for id in row.plain { bytes += stream.append(id) }
            bytes += stream.flush()
            #expect(bytes == tokenizer.decode(row.plain))
        }
    }
}
