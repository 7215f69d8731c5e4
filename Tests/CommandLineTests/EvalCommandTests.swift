import Apus
import Testing

@testable import ApusCommandLine

@Suite("eval")
struct EvalCommandTests {
    private static let rows = #"""
        {"id": "time", "prompt": "Once upon a", "checks": [{"choice": [" time", " xylophone"], "answer": " time"}], "tags": ["a"]}
        {"id": "wrong", "prompt": "Once upon a", "checks": [{"contains": "gigabyte"}, {"regex": "\\S"}], "max_tokens": 3, "tags": ["a", "b"]}
        {"id": "start", "prompt": "Once upon a", "checks": [{"regex": "\\S"}], "max_tokens": 3}
        """#

    @Test("Lists answers with what failed, then the totals of all and of each tag")
    func text() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(Self.rows, to: "t.jsonl")
        let result = await apus("eval", file, "--raw")
        #expect(result.code == 0, "\(result.messages)")
        let lines = result.output.split(separator: "\n").map(String.init)
        #expect(lines[0] == "✓ time  Once upon a")
        #expect(lines[1] == "  time")
        #expect(lines[2] == "✗ wrong  Once upon a")
        #expect(lines.contains("  ✗ does not contain \"gigabyte\""))
        #expect(lines.contains("all       2/3  66.7%  20.8% – 93.9%"))
        #expect(lines.contains("a         1/2  50.0%   9.5% – 90.5%"))
        #expect(lines.contains("b         0/1   0.0%   0.0% – 79.3%"))
        #expect(result.messages.contains("2 answers were cut"))
    }

    @Test("Speaks Chinese where the locale does")
    func chinese() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(Self.rows, to: "t.jsonl")
        let result = await apus(["eval", file, "--raw"], language: .chinese)
        #expect(result.output.contains("不含 “gigabyte”"))
        #expect(result.output.contains("95% 置信区间"))
        #expect(result.messages.contains("2 个回答达到词元上限"))
    }

    @Test("JSON is one object with settings, totals and results", arguments: [("all", 3), ("failed", 1), ("none", 0)])
    func json(list: String, count: Int) async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(Self.rows, to: "t.jsonl")
        let result = await apus(
            "eval", ShippedModel.name, file, "--raw", "--format", "json", "--list", list, "--max-tokens", "2")
        #expect(result.code == 0, "\(result.messages)")
        let object = try #require(try JSON(parsing: result.output).objectValue)
        #expect(
            object.keys == [
                "model", "files", "settings", "passed", "total", "share", "interval", "tags", "cut_answers", "usage",
                "seconds", "results",
            ])
        #expect(object["model"] == .string(ShippedModel.name))
        #expect(object["passed"] == 2)
        #expect(object["settings"]?["max_tokens"] == 2)
        #expect(object["settings"]?["chat_template"] == false)
        #expect(object["results"]?.arrayValue?.count == count)
    }

    @Test("Every answer is written to a file, and what is listed changes nothing in it")
    func out() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(Self.rows, to: "t.jsonl")
        let out = folder.path + "/out.jsonl"
        let result = await apus("eval", file, "--raw", "--list", "none", "--out", out, "--limit", "2")
        #expect(result.code == 0, "\(result.messages)")
        #expect(result.output.hasPrefix("tasks"))
        let lines = String(decoding: try InputFile.read(out), as: UTF8.self).split(separator: "\n")
        let rows = try lines.map { try JSON(parsing: String($0)) }
        #expect(rows.compactMap { $0["id"]?.stringValue } == ["time", "wrong"])
        #expect(rows.compactMap { $0["passed"]?.boolValue } == [true, false])
        #expect(rows[0]["answer"] == .null)
        #expect(rows[0]["checks"]?[0]?["chosen"] == " time")
    }

    @Test(
        "Wrong usage is said with the right one",
        arguments: [
            ["model.gguf"], ["a.jsonl", "b.gguf"], ["a.jsonl", "--limit", "0"], ["a.jsonl", "--max-tokens", "0"],
            ["a.jsonl", "--temperature=-1"], ["a.jsonl", "--list", "some"], [],
        ])
    func usage(arguments: [String]) async {
        let result = await apus(["eval"] + arguments)
        #expect(result.code == 2)
        #expect(result.output == "")
        #expect(result.messages.contains("apus eval [<model>] <tasks.jsonl>..."))
    }

    @Test("Wrong rows, a file of tasks as --out, and --system without a template are errors before any work")
    func refusals() async throws {
        let folder = try TemporaryFolder()
        let wrong = try folder.write("{\"prompt\": \"x\", \"check\": []}\n", to: "wrong.jsonl")
        let good = try folder.write(Self.rows, to: "t.jsonl")
        for (arguments, reason) in [
            ([wrong], "\(wrong), line 1: unknown key \"check\""),
            ([good, "--out", good], "the tasks are read from it"),
            ([good, "--raw", "--system", "x"], "chat template"), ([folder.path + "/nothere.jsonl"], "nothere.jsonl"),
            ([good, "--out", folder.path], folder.path),
        ] {
            let result = await apus(["eval"] + arguments)
            #expect(result.code == 1)
            #expect(result.output == "")
            #expect(result.messages.contains(reason), "\(result.messages)")
        }
        #expect(String(decoding: try InputFile.read(good), as: UTF8.self) == Self.rows)
    }

    @Test("Control characters of an answer do not reach the terminal")
    func controlCharacters() async throws {
        let folder = try TemporaryFolder()
        let row =
            #"{"id": "a\u001b[2J", "prompt": "x\u001b[2J\n\ny", "checks": [{"contains": "\u001b[2J"}], "max_tokens": 1}"#
        let result = await apus("eval", try folder.write(row, to: "t.jsonl"), "--raw")
        #expect(result.code == 0, "\(result.messages)")
        #expect(!result.output.contains("\u{1B}"))
        #expect(result.output.contains("x^[[2J y"))
    }
}
