import ApusModelFiles
import Foundation
import Testing

@testable import ApusGeneration

@Suite("Texts that schemas take")
struct SchemaAcceptanceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var schema: JSON
        var own: [String]
        var other: [(text: String, isValid: Bool)]

        var testDescription: String { schema.serialized() }
    }

    /// See Fixtures/make_schemas.py.
    static let cases: [Case] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/schemas.json")
        guard let data = try? Data(contentsOf: file), let list = try? JSON(parsing: Array(data)).arrayValue else {
            return []
        }
        return list.map { entry in
            Case(
                schema: entry["schema"] ?? .null, own: (entry["own"]?.arrayValue ?? []).compactMap(\.stringValue),
                other: (entry["other"]?.arrayValue ?? []).map {
                    ($0["text"]?.stringValue ?? "", $0["valid"]?.boolValue ?? false)
                })
        }
    }()

    @Test("The cases are there")
    func complete() {
        #expect(Self.cases.count >= 60)
    }

    @Test("Valid texts in the form that is written are taken byte by byte", arguments: cases)
    func own(_ test: Case) throws {
        let constraint = try Constraint.jsonSchema(test.schema)
        for text in test.own { #expect(constraint.takes(text), "\(text)") }
    }

    @Test("What jsonschema refuses is never taken", arguments: cases)
    func other(_ test: Case) throws {
        let constraint = try Constraint.jsonSchema(test.schema)
        var taken = 0
        for (text, isValid) in test.other {
            let takes = constraint.takes(text)
            #expect(!takes || isValid, "\(text)")
            if takes { taken += 1 }
        }
        // Most changes leave valid texts in the same form.
        if test.other.contains(where: \.isValid), test.other.count(where: \.isValid) > 5 { #expect(taken > 0) }
    }

    @Test("A JSON object is taken, anything else is not")
    func object() {
        for text in ["{}", #"{"a":1}"#, #"{"a": {"b": [1, 2, {"c": null}]}, "d": "x"}"#, #"{"a":1,"a":2}"#] {
            #expect(Constraint.jsonObject.takes(text), "\(text)")
        }
        for text in [
            "", "[]", "1", "{", "{}}", "{ }", "{\"a\":1,}", "{a:1}", "{'a':1}", " {}", "{} ", "{\"a\":01}",
            "{\"a\":1.}",
            "{\"a\":.5}", "{\"a\":+1}", "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\ud800\"}", "{\"a\":nul}",
            "{\"a\":  1}", "{\"a\":1 }", "{\"a\" :1}",
        ] { #expect(!Constraint.jsonObject.takes(text), "\(text)") }
    }

    @Test(
        "Bytes that are no UTF-8 are not taken",
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE4, 0xB8], [0xFF], [0x00], [0x1F],
        ] as [[UInt8]])
    func encoding(_ bytes: [UInt8]) throws {
        #expect(!(try Constraint.jsonSchema(true)).takes([0x22] + bytes + [0x22]))
    }

    @Test("Objects and arrays are 64 levels deep at most")
    func depth() throws {
        func nested(_ count: Int) -> String {
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        let any = try Constraint.jsonSchema(true)
        #expect(any.takes(nested(65)))
        #expect(!any.takes(nested(66)))
        let list = try Constraint.jsonSchema(["type": "object", "properties": ["next": ["$ref": "#"]]])
        func chain(_ count: Int) -> String {
            String(repeating: "{\"next\":", count: count) + "{}" + String(repeating: "}", count: count)
        }
        #expect(list.takes(chain(64)))
        #expect(!list.takes(chain(65)))
    }
}

extension Constraint {
    /// Whether a whole text fits, byte by byte.
    func takes(_ bytes: some Sequence<UInt8>) -> Bool {
        var stacks = GrammarStacks(grammar)
        var place = stacks.start()
        for byte in bytes { place = stacks.step(place, byte) }
        return stacks.nodes(of: place).first == GrammarStacks.end
    }

    func takes(_ text: String) -> Bool { takes(text.utf8) }
}
