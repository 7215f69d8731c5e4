import ApusModelFiles
import Testing

@Suite("JSON") struct JSONTests {
    static let readable: [(String, JSON)] = [
        ("null", .null), ("true", true), (" false ", false), ("0", 0), ("-0", 0), ("12", 12),
        ("-9223372036854775808", .integer(.min)), ("9223372036854775808", .number(9_223_372_036_854_775_808)),
        ("1.5", 1.5), ("1e3", .number(1000)), ("-2.5E-3", -0.0025), ("0.1", 0.1), ("1e400", .number(.infinity)),
        ("123456789012345678901.5", .number(123456789012345678901.5)), ("3.141592653589793", 3.141592653589793),
        ("\"\"", ""), ("\"a\\n\\u00e9\\ud83d\\ude00/\\/\"", "a\né😀//"), ("[]", .array([])),
        ("[1,[2]]", .array([1, .array([2])])), ("\u{feff}1", 1),
        ("{\"a\":{},\"b\":[null]}", .object(["a": .object([:]), "b": .array([.null])])),
    ]

    @Test("Values of every kind are read", arguments: readable)
    func reads(text: String, value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
    }

    @Test(
        "What is not JSON is refused with line and column",
        arguments: [
            ("", 1, 1), ("[1,]", 1, 4), ("{\"a\" 1}", 1, 6), ("[\n1\n2]", 3, 1), ("01", 1, 1), ("1.", 1, 3),
            ("-", 1, 2), ("1e", 1, 3), ("tru", 1, 4), ("nul1", 1, 4), ("\"\u{1}\"", 1, 2), ("\"\\x\"", 1, 3),
            ("\"\\u12g4\"", 1, 6), ("\"\\ud800\"", 1, 2), ("\"\\udc00\"", 1, 2), ("\"\\ud800\\u0041\"", 1, 2),
            ("\"abc", 1, 5), ("{\"é\":}", 1, 6), ("NaN", 1, 1), ("-Infinity", 1, 1), ("1 2", 1, 3), ("{a:1}", 1, 2),
            ("'a'", 1, 1), ("[1}", 1, 3), ("{1:2}", 1, 2),
        ])
    func refuses(text: String, line: Int, column: Int) {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: text, source: "f.json") }
        #expect(error?.line == line && error?.column == column, "\(text): \(String(describing: error))")
        #expect(error?.description.hasPrefix("f.json: JSON, line ") == true)
    }

    @Test("Invalid UTF-8 is refused", arguments: [[0x22, 0xff, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0xff]])
    func invalidUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSON(parsing: bytes) }
    }

    @Test("Nesting past the limit is refused, up to it is read", arguments: ["[", "{\"a\":"])
    func depth(open: String) throws {
        let close = open == "[" ? "]" : "}"
        let good = String(repeating: open, count: 511) + "[]" + String(repeating: close, count: 511)
        _ = try JSON(parsing: good)
        #expect(throws: JSONError.self) { try JSON(parsing: "[" + good + "]") }
        let error = #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: open, count: 100_000)) }
        #expect(error?.problem == .tooDeep(limit: 512))
    }

    @Test("More values than are allowed are refused")
    func values() throws {
        #expect(try JSON(parsing: "[1,2,{}]", maximumValues: 4)[1] == 2)
        let error = #expect(throws: JSONError.self) { try JSON(parsing: "[1,2,{}]", maximumValues: 3) }
        #expect(error?.problem == .tooLarge && error?.column == 6)
    }

    @Test("NaN and the infinities are read where they are allowed")
    func nonFinite() throws {
        let value = try JSON(parsing: "[NaN,Infinity,-Infinity]", allowsNonFinite: true)
        #expect(value[0]?.doubleValue?.isNaN == true)
        #expect(value[1] == .number(.infinity) && value[2] == .number(-.infinity))
        #expect(value.serialized() == "[null,null,null]")
        #expect(value.serialized(allowsNonFinite: true) == "[NaN,Infinity,-Infinity]")
    }

    @Test("Every truncation of a good text is refused")
    func truncations() {
        let text = Array(#"{"model": {"vocab": {"é": 1, "\u00e9x": 2.5e1}}, "m": [true, null, "\ud83d\ude00"]}"#.utf8)
        for length in 0..<text.count {
            #expect(throws: JSONError.self) { try JSON(parsing: Array(text.prefix(length))) }
        }
    }

    @Test("The last of duplicate keys wins, in the first's place, and is noted")
    func duplicates() throws {
        let object = try #require(try JSON(parsing: #"{"a":1,"b":2,"a":3}"#).objectValue)
        #expect(object.keys == ["a", "b"])
        #expect(object["a"] == 3)
        #expect(object.duplicateKeys == ["a"])
    }

    @Test("Keys are compared by bytes")
    func keysByBytes() throws {
        let object = try #require(try JSON(parsing: "{\"\u{e9}\":1,\"e\u{301}\":2}").objectValue)
        #expect(object.count == 2 && object.duplicateKeys.isEmpty)
        #expect(object["\u{e9}"] == 1 && object["e\u{301}"] == 2)
        #expect(JSON.string("\u{e9}") != JSON.string("e\u{301}"))
    }

    @Test("Objects are values: setting, removing and copying many keys")
    func objectIsAValue() {
        var object = JSON.Object()
        for index in 0..<1000 { object["key\(index)"] = .integer(index) }
        let copy = object
        for index in stride(from: 0, to: 1000, by: 7) { object["key\(index)"] = nil }
        object["key1"] = "changed"
        #expect(copy.count == 1000 && copy["key7"] == 7 && copy["key1"] == 1)
        #expect(object["key7"] == nil && object["key1"] == "changed" && object["key999"] == 999)
        #expect(object.count == 1000 - 143)
        #expect(object != copy)
    }

    @Test(
        "Numbers are spelled as Python spells them",
        arguments: [
            (1.0, "1.0"), (0.1, "0.1"), (1e-5, "1e-05"), (0.0001, "0.0001"), (1e16, "1e+16"), (1.2e16, "1.2e+16"),
            (9_007_199_254_740_992, "9007199254740992.0"), (123_456_789.125, "123456789.125"), (1e22, "1e+22"),
            (5e-324, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"), (-0.0, "-0.0"),
            (-1234.5, "-1234.5"), (0.00012345, "0.00012345"), (1e15, "1000000000000000.0"), (100.0, "100.0"),
        ])
    func spelling(value: Double, text: String) {
        #expect(JSON.spelling(of: value) == text)
    }

    @Test("Text is written with the escapes it needs, pretty, sorted or in ASCII")
    func writes() throws {
        let value: JSON = ["b": [1, 2.5, "é\n\u{1}\"\\😀"], "a": [:], "c": []]
        #expect(value.serialized() == #"{"b":[1,2.5,"é\n\u0001\"\\😀"],"a":{},"c":[]}"#)
        #expect(
            value.serialized(sortedKeys: true, asciiOnly: true)
                == #"{"a":{},"b":[1,2.5,"\u00e9\n\u0001\"\\\ud83d\ude00"],"c":[]}"#)
        #expect(JSON.object(["x": [1]]).serialized(pretty: true) == "{\n  \"x\": [\n    1\n  ]\n}")
        #expect(try JSON(parsing: value.serialized(pretty: true)) == value)
    }
}
