import ApusModelFiles
import Testing

@testable import ApusGeneration

@Suite("Schemas that are refused")
struct SchemaErrorTests {
    @Test(
        "A keyword that is not enforced is named with its place",
        arguments: [
            (["not": ["pattern": "a"]], "pattern", "/not/pattern"),
            (["if": ["format": "date"], "else": true], "format", "/if/format"),
            (["properties": ["a": ["patternProperties": [:]]]], "patternProperties", "/properties/a/patternProperties"),
            (["items": ["uniqueItems": true]], "uniqueItems", "/items/uniqueItems"),
            (["anyOf": [true, ["contains": 1]]], "contains", "/anyOf/1/contains"),
            (["$ref": "#/$defs/x", "$defs": ["x": ["minProperties": 2]]], "minProperties", "/$defs/x/minProperties"),
            (["properties": ["a/b~": ["nullable": true]]], "nullable", "/properties/a~1b~0/nullable"),
            (["type": "string", "format": "color"], "format", "/format"),
            (["type": "number", "multipleOf": 0.1], "multipleOf", "/multipleOf"),
            (["enum": ["abc"], "minLength": 2], "minLength", "/minLength"),
            (
                ["allOf": [["type": "string"], ["propertyNames": [:]]]], "propertyNames", "/allOf/1/propertyNames"
            ),
            (["typ": "string"], "typ", "/typ"),
        ] as [(JSON, String, String)])
    func unsupported(_ schema: JSON, _ keyword: String, _ place: String) {
        let error = #expect(throws: ConstraintError.self) { try Constraint.jsonSchema(schema) }
        guard case .unsupported(keyword, place, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.description.contains("«\(keyword)»") ?? false)
    }

    @Test(
        "What makes no sense is an error with its place",
        arguments: [
            5, "string", ["type": "strin"], ["type": []], ["type": 1], ["enum": []], ["enum": 1], ["anyOf": []],
            ["properties": []], ["required": "a"], ["required": [1]], ["minLength": -1], ["minLength": "2"],
            ["maxItems": 1.5], ["minimum": "0"], ["pattern": 1], ["pattern": "("], ["pattern": "a**"],
            ["pattern": "[b-a]"],
            ["pattern": "a{3,2}"], ["pattern": "\\b"], ["pattern": "(?=a)"], ["pattern": "(a)\\1"],
            ["pattern": "\\p{L}"],
            ["$ref": 1], ["items": 3],
        ] as [JSON])
    func malformed(_ schema: JSON) {
        let error = #expect(throws: ConstraintError.self) { try Constraint.jsonSchema(schema) }
        guard case .malformed? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(
        "References that lead nowhere, out, or only to themselves are errors",
        arguments: [
            ["$ref": "#/$defs/x"], ["$ref": "http://example.com/x.json"], ["$ref": "#name"],
            ["$ref": "#", "minLength": 1], ["allOf": [["$ref": "#"]]],
            ["anyOf": [["$ref": "#/anyOf/0", "type": "null"]]],
        ] as [JSON])
    func reference(_ schema: JSON) {
        let error = #expect(throws: ConstraintError.self) { try Constraint.jsonSchema(schema) }
        guard case .reference? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(
        "A schema that nothing fits is an error",
        arguments: [
            false, ["$ref": "#"], ["anyOf": [["$ref": "#"], ["$ref": "#"]]],
            ["type": "integer", "minimum": 3, "maximum": 2],
            ["type": "integer", "minimum": 1, "maximum": 6, "multipleOf": 7],
            ["type": "string", "minLength": 3, "maxLength": 2],
            ["type": "object", "properties": ["a": false], "required": ["a"]],
            ["type": "object", "properties": [:], "required": ["a"], "additionalProperties": false],
            ["type": "object", "properties": ["next": ["$ref": "#"]], "required": ["next"]],
            ["type": "array", "items": false, "minItems": 1], ["enum": ["a"], "type": "integer"],
            ["type": "string", "pattern": "a$b"], ["type": "string", "pattern": "^abc$", "maxLength": 2],
            ["allOf": [["type": "string"], ["type": "null"]]], ["allOf": [["enum": [1]], ["enum": [2]]]],
            ["type": "number", "exclusiveMinimum": 1, "exclusiveMaximum": 1],
        ] as [JSON])
    func unsatisfiable(_ schema: JSON) {
        #expect(throws: ConstraintError.unsatisfiable) { try Constraint.jsonSchema(schema) }
    }

    @Test(
        "Two that can't be made one are an error",
        arguments: [
            ["allOf": [["type": "string", "pattern": "a"], ["pattern": "b"]]],
            ["allOf": [["prefixItems": [true]], ["items": ["type": "null"]]]],
            ["allOf": [["multipleOf": 2], ["multipleOf": 3]]],
        ] as [JSON])
    func notMergeable(_ schema: JSON) {
        let error = #expect(throws: ConstraintError.self) { try Constraint.jsonSchema(schema) }
        guard case .notMergeable? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// Each would take for ever, or all memory, if it were done as it says.
    static let bombs: [(name: String, schema: @Sendable () -> JSON)] = [
        ("deep", { (0..<250).reduce(JSON.bool(true)) { inner, _ in ["items": inner] } }),
        (
            "alternatives of alternatives",
            {
                ["allOf": .array((0..<12).map { _ in ["anyOf": [["minimum": 1], ["minimum": 2], ["minimum": 3]]] })]
            }
        ),
        (
            "references that double",
            {
                var definitions = JSON.Object()
                for index in 0..<40 {
                    let next: JSON = ["$ref": .string("#/$defs/d\(index + 1)")]
                    definitions["d\(index)"] = ["allOf": [next, next]]
                }
                definitions["d40"] = ["type": "string"]
                return ["$ref": "#/$defs/d0", "$defs": .object(definitions)]
            }
        ),
        ("a million values", { ["enum": .array((0..<100_000).map { .string("value number \($0)") })] }),
        ("a long pattern", { ["pattern": .string(String(repeating: "a?", count: 3_000))] }),
        ("a pattern that doubles", { ["pattern": "^(a|b)*a(a|b){24}$"] }),
        ("repetitions of repetitions", { ["pattern": "((((a{100}){100}){100}){100}){100}"] }),
        ("nothing, repeated", { ["pattern": "((((){10000}){10000}){10000}){10000}"] }),
        (
            "values to be compared",
            {
                let values: [JSON] = (0..<40_000).map { .integer($0) }
                return ["allOf": [["enum": .array(values)], ["enum": .array(values)]]]
            }
        ),
        (
            "properties of alternatives",
            {
                let properties = JSON.Object((0..<2_000).map { ("p\($0)", true) })
                let branches: [JSON] = (0..<15).map { _ in ["properties": .object(properties)] }
                return ["allOf": [["anyOf": .array(branches)], ["anyOf": .array(branches)]]]
            }
        ),
        ("a large length", { ["pattern": "^.*x.*$", "minLength": 1_000_000, "maxLength": 2_000_000] }),
        ("too many multiples", { ["type": "integer", "multipleOf": 999_983] }),
        (
            "many properties",
            {
                ["properties": .object(JSON.Object((0..<5_000).map { ("p\($0)", ["type": "string"]) }))]
            }
        ),
        (
            "a long name",
            {
                ["properties": .object([String(repeating: "x", count: 900_000): true]), "additionalProperties": true]
            }
        ),
    ]

    @Test("What is too large is an error", arguments: bombs.map(\.name))
    func tooLarge(_ name: String) throws {
        let schema = try #require(Self.bombs.first { $0.name == name }).schema()
        let error = #expect(throws: ConstraintError.self) { try Constraint.jsonSchema(schema) }
        guard case .tooLarge? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("A text that is no JSON, or too long, is an error")
    func text() {
        #expect(throws: JSONError.self) { try Constraint.jsonSchema(parsing: Array("{".utf8), source: "x.json") }
        #expect(throws: JSONError.self) {
            try Constraint.jsonSchema(parsing: Array(String(repeating: "[", count: 300).utf8))
        }
        #expect(throws: ConstraintError.self) {
            try Constraint.jsonSchema(parsing: [UInt8](repeating: 0x20, count: 2 << 20))
        }
    }
}
