import ApusModelFiles
import Testing

@testable import ApusEvaluation

@Suite("Files of tasks")
struct TaskFileTests {
    @Test("Rows are read in order, with ids, tags and limits")
    func reads() throws {
        let tasks = try TaskFile.tasks(in: ["\(Fixture.folder)/tasks.jsonl"])
        #expect(tasks.map(\.id) == ["capital", "温度", "tasks.jsonl:4", "7", "order"])
        #expect(tasks.map(\.place.line) == [1, 2, 4, 5, 6])
        #expect(tasks[0].tags == ["en", "facts"])
        #expect(tasks[2].maxTokens == 4)
        #expect(tasks.map(\.checks.count) == [1, 2, 1, 2, 1])
        #expect(tasks[1].checks[1].isNegated)
        guard case .conversation(let messages) = tasks[2].prompt else {
            Issue.record("no conversation")
            return
        }
        #expect(messages.map(\.role) == ["system", "user"])
    }

    @Test("A check is written as it was read")
    func roundTrip() throws {
        let checks = [
            #"{"contains":"a"}"#, #"{"contains":["a","b"]}"#, #"{"contains_all":["a","b"],"not":true}"#,
            #"{"regex":"^\\d+$"}"#, #"{"equals":"x","ignore_case":true}"#,
            #"{"choice":["a","b"],"answer":"b","normalize":"bytes"}"#,
        ]
        for check in checks { #expect(try Fixture.check(check).json.serialized() == check) }
    }

    @Test(
        "A wrong row is an error with file and line, and says what is wrong",
        arguments: [
            (#"{"prompt": "x"}"#, "\"checks\" is missing"),
            (#"{"checks": [{"contains": "a"}]}"#, "\"prompt\" is missing"),
            (#"{"prompt": "", "checks": [{"contains": "a"}]}"#, "\"prompt\" is empty"),
            (#"{"prompt": 3, "checks": [{"contains": "a"}]}"#, "\"prompt\" is a number, expected a string"),
            (#"{"prompt": "x", "messages": [], "checks": [{"contains": "a"}]}"#, "both \"prompt\" and \"messages\""),
            (#"{"messages": [], "checks": [{"contains": "a"}]}"#, "\"messages\" is empty"),
            (#"{"messages": [{"role": "user"}], "checks": []}"#, "\"messages[0].content\" is missing"),
            (
                #"{"messages": [{"role": "assistant", "content": "x"}], "checks": [{"equals": "a"}]}"#,
                "the last message is of the role \"assistant\""
            ),
            (#"{"prompt": "x", "checks": []}"#, "\"checks\" is empty"),
            (#"{"prompt": "x", "checks": {"contains": "a"}}"#, "\"checks\" is an object, expected an array"),
            (#"{"prompt": "x", "check": [{"contains": "a"}]}"#, "unknown key \"check\""),
            (#"{"prompt": "x", "checks": [{"contain": "a"}]}"#, "unknown key \"contain\" in checks[0]"),
            (#"{"prompt": "x", "checks": [{}]}"#, "checks[0] has no kind"),
            (
                #"{"prompt": "x", "checks": [{"contains": "a", "regex": "b"}]}"#,
                "several kinds, \"contains\", \"regex\""
            ),
            (#"{"prompt": "x", "checks": [{"contains": ""}]}"#, "\"checks[0].contains\" is empty"),
            (#"{"prompt": "x", "checks": [{"contains": ["a", ""]}]}"#, "\"checks[0].contains[1]\" is empty"),
            (#"{"prompt": "x", "checks": [{"contains": ["a", "a"]}]}"#, "repeats \"a\""),
            (#"{"prompt": "x", "checks": [{"contains": "a", "ignore_case": true}]}"#, "unknown key \"ignore_case\""),
            (#"{"prompt": "x", "checks": [{"contains": "a", "not": 1}]}"#, "\"checks[0].not\" is a number"),
            (#"{"prompt": "x", "checks": [{"regex": "(a"}]}"#, "\"checks[0].regex\": regular expression «(a»"),
            (#"{"prompt": "x", "checks": [{"regex": "(a)\\1"}]}"#, "not supported"),
            (#"{"prompt": "x", "checks": [{"choice": ["A"], "answer": "A"}]}"#, "two texts or more"),
            (#"{"prompt": "x", "checks": [{"choice": ["A", "B"]}]}"#, "\"checks[0].answer\" is missing"),
            (#"{"prompt": "x", "checks": [{"choice": ["A", "B"], "answer": "C"}]}"#, "none of the choices"),
            (
                #"{"prompt": "x", "checks": [{"choice": ["A", "B"], "answer": "B", "normalize": "tokens"}]}"#,
                "expected \"none\" or \"bytes\""
            ),
            (#"{"prompt": "x", "checks": [{"contains": "a"}], "tags": "en"}"#, "\"tags\" is a string"),
            (#"{"prompt": "x", "checks": [{"contains": "a"}], "max_tokens": 0}"#, "\"max_tokens\" is 0"),
            (#"{"prompt": "x", "prompt": "y", "checks": [{"contains": "a"}]}"#, "\"prompt\" is given twice"),
            (#"{"prompt": "x", "checks": [{"contains": "a"}]"#, "not JSON: column 46"),
            (#"["x"]"#, "an array, expected an object"),
            (#"{"id": "first", "prompt": "x", "checks": [{"contains": "a"}]}"#, "also that of t.jsonl, line 1"),
        ])
    func wrongRow(row: String, reason: String) throws {
        let first = #"{"id": "first", "prompt": "x", "checks": [{"contains": "a"}]}"#
        let error = #expect(throws: TaskError.self) { try Fixture.tasks(first + "\r\n\n" + row, file: "t.jsonl") }
        let text = try #require(error).description
        #expect(text.hasPrefix("t.jsonl, line 3: "), "\(text)")
        #expect(text.contains(reason), "\(text)")
    }

    @Test("All wrong rows are said at once, up to twenty")
    func manyWrongRows() throws {
        let error = #expect(throws: TaskError.self) {
            try Fixture.tasks(String(repeating: "{}\n", count: 25), file: "t.jsonl")
        }
        let lines = try #require(error).description.split(separator: "\n")
        #expect(lines.count == 21)
        #expect(lines[19].hasPrefix("t.jsonl, line 20: "))
        #expect(lines[20] == "… and 5 more wrong rows")
    }

    @Test("A file without rows is an error", arguments: ["", "\n \n"])
    func empty(rows: String) throws {
        let error = #expect(throws: TaskError.self) { try Fixture.tasks(rows, file: "t.jsonl") }
        #expect(try #require(error).description.hasPrefix("t.jsonl: no tasks"))
    }

    @Test("Any bytes end in an error or in tasks")
    func anyBytes() throws {
        var bytes = Array(#"{"prompt": "x", "checks": [{"regex": "a{2}", "not": true}], "tags": ["é"]}"#.utf8)
        for index in bytes.indices {
            for value: UInt8 in [0, 0x0A, 0x22, 0x5C, 0x7B, 0xFF] {
                let kept = bytes[index]
                bytes[index] = value
                var reader = TaskFile()
                do {
                    try bytes.withUnsafeBytes { try reader.read($0, file: "t.jsonl") }
                    _ = try reader.finish()
                } catch is TaskError {}
                bytes[index] = kept
            }
        }
    }
}
