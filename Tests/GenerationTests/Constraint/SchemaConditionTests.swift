import ApusModelFiles
import Testing

@testable import ApusGeneration

@Suite("Schemas that say what must not be, and what depends on what")
struct SchemaConditionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var schema: String
        var taken: [String]
        var refused: [String]
        var testDescription: String { schema }
    }

    static let cases: [Case] = [
        Case(
            schema: #"{"enum": ["a", "b", 1], "not": {"enum": ["b", 2]}}"#, taken: [#""a""#, "1"],
            refused: [#""b""#, "2"]),
        Case(schema: #"{"type": "boolean", "not": {"const": true}}"#, taken: ["false"], refused: ["true"]),
        Case(
            schema: #"{"type": "string", "not": {"const": "no"}}"#, taken: [#""""#, #""n""#, #""nobody""#, #""yes""#],
            refused: [#""no""#, "1", #""n\u006f""#]),
        Case(
            schema: #"{"type": "integer", "not": {"enum": [0, 7]}}"#, taken: ["-1", "1", "6", "8", "70"],
            refused: ["0", "7"]),
        Case(
            schema: #"{"type": "integer", "minimum": 1, "not": {"const": 3}}"#, taken: ["1", "2", "4", "33"],
            refused: ["0", "3"]),
        Case(
            schema: #"{"not": {"type": ["object", "array", "number"]}}"#, taken: ["null", "true", #""x""#],
            refused: ["{}", "[]", "1", "1.5"]),
        Case(schema: #"{"not": {"not": {"type": "null"}}}"#, taken: ["null"], refused: ["1"]),
        Case(
            schema: #"{"type": "number", "not": {"minimum": 2}}"#, taken: ["1", "1.5", "-3"], refused: ["2", "3"]),
        Case(
            schema: #"{"type": "string", "not": {"anyOf": [{"maxLength": 1}, {"minLength": 4}]}}"#,
            taken: [#""ab""#, #""abc""#], refused: [#""a""#, #""abcd""#]),
        Case(
            schema: #"{"type": "object", "not": {"required": ["a"]}}"#, taken: ["{}", #"{"b":1}"#, #"{"ab":{}}"#],
            refused: [#"{"a":1}"#, #"{"b":1,"a":1}"#]),
        Case(
            schema: #"""
                {"type": "object", "properties": {"kind": {"enum": ["post", "mail"]}, "zip": {"type": "integer"},
                "to": {"type": "string"}}, "required": ["kind"], "additionalProperties": false,
                "if": {"properties": {"kind": {"const": "post"}}}, "then": {"required": ["zip"]},
                "else": {"required": ["to"]}}
                """#,
            taken: [#"{"kind":"post","zip":1}"#, #"{"kind":"mail","to":"x"}"#, #"{"kind":"mail","zip":1,"to":"x"}"#],
            refused: [#"{"kind":"post"}"#, #"{"kind":"post","to":"x"}"#, #"{"kind":"mail","zip":1}"#, "{}"]),
        Case(
            schema: #"{"type": "integer", "if": {"minimum": 10}, "then": {"multipleOf": 5}}"#,
            taken: ["1", "7", "10", "15"], refused: ["11", "12"]),
        Case(schema: #"{"type": "null", "if": {"format": "date"}}"#, taken: ["null"], refused: ["1"]),
        Case(
            schema: #"""
                {"type": "object", "properties": {"card": {"type": "integer"}, "address": {"type": "string"}},
                "dependentRequired": {"card": ["address"]}}
                """#,
            taken: ["{}", #"{"address":"x"}"#, #"{"card":1,"address":"x"}"#], refused: [#"{"card":1}"#]),
        Case(
            schema: #"{"type": "object", "maxProperties": 2, "additionalProperties": {"type": "integer"}}"#,
            taken: ["{}", #"{"a":1}"#, #"{"a":1,"b":2}"#], refused: [#"{"a":1,"b":2,"c":3}"#, #"{"a":"x"}"#]),
        Case(schema: #"{"minProperties": 1}"#, taken: [#"{"a":1}"#, #"{"a":1, "b":{}}"#], refused: ["{}", "1"]),
        Case(schema: #"{"type": "object", "maxProperties": 0}"#, taken: ["{}"], refused: [#"{"a":1}"#]),
        Case(
            schema: #"{"properties": {"a": true}, "required": ["a"], "minProperties": 1, "maxProperties": 3}"#,
            taken: [#"{"a":1}"#], refused: ["{}"]),
    ]

    @Test("Fitting texts are taken, others are not", arguments: cases)
    func texts(_ test: Case) throws {
        let constraint = try Constraint.jsonSchema(JSON(parsing: Array(test.schema.utf8)))
        for text in test.taken { #expect(constraint.takes(text), "\(text)") }
        for text in test.refused { #expect(!constraint.takes(text), "\(text)") }
    }

    @Test(
        "What has no opposite is refused by name",
        arguments: [
            (#"{"not": {"pattern": "x"}}"#, "pattern"), (#"{"not": {"items": {"type": "null"}}}"#, "items"),
            (#"{"if": {"format": "date"}, "then": {"minLength": 1}}"#, "format"),
            (#"{"type": "array", "not": {"const": []}}"#, "not"), (#"{"minProperties": 2}"#, "minProperties"),
            (#"{"properties": {"a": true, "b": true}, "maxProperties": 1}"#, "maxProperties"),
            (#"{"not": {"oneOf": [{"type": "null"}]}}"#, "oneOf"),
            (#"{"type": "string", "maxLength": 3, "not": {"const": "a"}}"#, "not"),
        ])
    func refused(_ schema: String, _ keyword: String) throws {
        let parsed = try JSON(parsing: Array(schema.utf8))
        do throws(ConstraintError) {
            _ = try SchemaCompiler.grammar(of: parsed)
            Issue.record("compiled")
        } catch {
            guard case .unsupported(keyword, _, _) = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test("Conditions that lead back to themselves end in an error")
    func loops() throws {
        for schema in [##"{"not": {"$ref": "#"}}"##, ##"{"if": {"$ref": "#"}, "then": true}"##] {
            let parsed = try JSON(parsing: Array(schema.utf8))
            #expect(throws: ConstraintError.self) { try SchemaCompiler.grammar(of: parsed) }
        }
    }
}
