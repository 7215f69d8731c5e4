import ApusModelFiles
import ApusTokenization
import Testing

@testable import ApusTraining

@Suite("Rows become tokens with a mask of what is learned")
struct RowTests {
    private let folder = DataFolder()

    private func read(
        _ text: String, context: Int? = nil, truncates: Bool = false, tokenizer: Tokenizer? = nil
    ) throws -> FineTuningData {
        let tokenizer = try tokenizer ?? DataFixture.tokenizer()
        let encoder = try RowEncoder(
            tokenizer: tokenizer, chatTemplate: nil, context: context, truncates: truncates)
        return try FineTuningData(paths: [folder.write("rows.jsonl", text)], encoder: encoder)
    }

    private func learned(_ example: TrainingExample, _ tokenizer: Tokenizer) -> String {
        tokenizer.text(zip(example.tokens, example.learned).filter(\.1).map(\.0))
    }

    private func problem(_ text: String, context: Int? = nil) -> RowProblem? {
        guard case .wrongRows(let rows, _)? = dataError({ _ = try read(text, context: context) }) else { return nil }
        return rows.first?.problem
    }

    @Test("The prompt has the tokens that it has when the model is asked, and only the completion is learned")
    func completion() throws {
        let tokenizer = try DataFixture.tokenizer(bos: "<s>", addsBOS: true)
        for (prompt, completion) in [
            ("The capital of France is", " Paris."), ("Hello wor", "ld"), ("法国的首都是", "巴黎 🗼"), ("a\n", "\n\nb"),
            ("x ", " y"), ("", "all"), ("tokens <|im_end|> in text", "</s> too"),
        ] {
            let row: JSON = ["prompt": .string(prompt), "completion": .string(completion)]
            let data = try read(row.serialized(), tokenizer: tokenizer)
            let example = data[0][0]
            let asked = try tokenizer.encode(prompt, addSpecial: true)
            #expect(Array(example.tokens.prefix(asked.count)) == asked)
            #expect(Array(example.prompt) == asked)
            #expect(example.learned.prefix(asked.count).allSatisfy { !$0 })
            #expect(example.learned.dropFirst(asked.count).allSatisfy { $0 })
            #expect(learned(example, tokenizer) == completion + "</s>")
            #expect(example.tokens.last == tokenizer.eos)
            // Control tokens that somebody has written are letters.
            #expect(example.tokens.filter { tokenizer.isSpecial($0) }.count == 2)
        }
    }

    @Test("Changing a prompt's targets changes nothing that is learned")
    func promptTargets() throws {
        let tokenizer = try DataFixture.tokenizer()
        let data = try read("{\"prompt\": \"What is it?\", \"completion\": \" Rome\"}", tokenizer: tokenizer)
        let batch = try RowBatches(data, tokenBudget: 100, seed: 1).epoch(0)[0]
        let learnt = zip(batch.targets, batch.learned).filter(\.1).map(\.0)
        #expect(try learnt == tokenizer.encodeContinuation(Array(" Rome".utf8)) + [tokenizer.eos])
        #expect(batch.learnedTokens == data.report.learnedTokens)
    }

    @Test("Alpaca's rows are worded as published")
    func alpaca() throws {
        let tokenizer = try DataFixture.tokenizer()
        let data = try read(
            """
            {"instruction": "Name it.", "input": "", "output": "Rome"}
            {"instruction": "Name it.", "input": "Italy", "output": "Rome"}
            """, tokenizer: tokenizer)
        #expect(data.kind == .instruction)
        #expect(
            tokenizer.text(data[0][0].tokens) == """
                Below is an instruction that describes a task. Write a response that appropriately completes the request.

                ### Instruction:
                Name it.

                ### Response:Rome</s>
                """)
        #expect(
            tokenizer.text(data.prompt(of: 1)) == """
                Below is an instruction that describes a task, paired with an input that provides further context. \
                Write a response that appropriately completes the request.

                ### Instruction:
                Name it.

                ### Input:
                Italy

                ### Response:
                """)
        #expect(learned(data[1][0], tokenizer) == "Rome</s>")
    }

    @Test("A preference is two sequences with the same prompt")
    func preference() throws {
        let tokenizer = try DataFixture.tokenizer()
        let conversation = """
            {"prompt": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}, {"role": "user", \
            "content": "x"}], "chosen": [{"role": "assistant", "content": "good"}], "rejected": [{"role": "assistant", \
            "content": "bad"}]}
            """
        let data = try read(
            """
            {"prompt": "Q:", "chosen": " yes", "rejected": " no"}
            {"prompt": "Q", "chosen": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}], \
            "rejected": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "B"}]}
            \(conversation)
            {"prompt": "Q:", "chosen": " same", "rejected": " same"}
            """, tokenizer: tokenizer)
        #expect(data.kind == .preference)
        #expect(data.count == 3)
        #expect(data.report.counts == [.sameAnswers: 1])
        for row in 0..<3 {
            #expect(data[row].count == 2)
            #expect(data[row][0].prompt == data[row][1].prompt)
        }
        #expect(data[0].map { learned($0, tokenizer) } == [" yes</s>", " no</s>"])
        #expect(data[1].map { learned($0, tokenizer) } == ["A</s>", "B</s>"])
        #expect(data[2].map { learned($0, tokenizer) } == ["good</s>", "bad</s>"])
        let batch = try RowBatches(data, tokenBudget: 1, seed: 3).epoch(0)[0]
        #expect(batch.lengths.count == 2 && batch.rows[0] == batch.rows[1])
    }

    @Test("Byte order marks, blank lines and line ends of Windows make no difference")
    func lineForms() throws {
        let rows = ["{\"prompt\": \"a\", \"completion\": \"b\"}", "{\"prompt\": \"c\", \"completion\": \"d\"}"]
        let plain = try read(rows.joined(separator: "\n"))
        let odd = try read("\u{FEFF}\r\n" + rows[0] + "\r\n\r\n   \n" + rows[1] + "\r\n\r\n")
        #expect((0..<2).map { plain[$0] } == (0..<2).map { odd[$0] })
        #expect(plain.content == odd.content)
        #expect(plain.report.rows == 2)
        #expect(odd.place(of: 1).line == 5)
    }

    @Test("A long line, and many lines for many threads, are read in order")
    func size() throws {
        let long = String(repeating: "word ", count: 210_000)
        let data = try read(
            "{\"prompt\": \"\(long)\", \"completion\": \"x\"}\n"
                + (0..<20_000).map { "{\"prompt\": \"number \($0)\", \"completion\": \"\($0)\"}\n" }.joined())
        #expect(data.count == 20_001)
        #expect(data.tokens(of: 0) > 200_000)
        let tokenizer = try DataFixture.tokenizer()
        for row in [1, 4_000, 20_000] {
            #expect(tokenizer.text(data.prompt(of: row)) == "number \(row - 1)")
            #expect(data.place(of: row).line == row + 1)
        }
    }

    static let hostile: [(line: String, problem: RowProblem?)] = [
        ("{", nil), ("nonsense", nil), ("{\"prompt\": \"a\", \"completion\": \"b\"", nil), ("{}{}", nil),
        ("{\"a\":1e999}", nil),
        ("{\"prompt\": \"\\ud800\", \"completion\": \"b\"}", nil),
        ("{\"prompt\": " + String(repeating: "[", count: 100_000), nil),
        ("3", .notObject(found: "a number")), ("\"x\"", .notObject(found: "a string")),
        ("null", .notObject(found: "null")),
        ("{}", .unknownKeys([])), ("{\"question\": 1, \"answer\": 2}", .unknownKeys(["question", "answer"])),
        ("{\"prompt\": \"a\"}", .missingKey("completion", kind: .completion)),
        ("{\"completion\": \"a\"}", .missingKey("prompt", kind: .completion)),
        ("{\"prompt\": 1, \"completion\": \"a\"}", .wrongType(key: "prompt", expected: "a string", found: "a number")),
        (
            "{\"prompt\": \"a\", \"completion\": null}",
            .wrongType(key: "completion", expected: "a string", found: "null")
        ),
        ("{\"instruction\": \"a\"}", .missingKey("output", kind: .instruction)),
        (
            "{\"instruction\": \"a\", \"input\": [], \"output\": \"\"}",
            .wrongType(key: "input", expected: "a string", found: "an array")
        ),
        ("{\"chosen\": \"a\", \"rejected\": \"b\"}", .missingKey("prompt", kind: .preference)),
        ("{\"prompt\": \"a\", \"chosen\": \"a\"}", .missingKey("rejected", kind: .preference)),
        ("{\"messages\": {}}", .wrongType(key: "messages", expected: "an array", found: "an object")),
        ("{\"messages\": null}", .missingKey("messages", kind: .chat)),
        ("{\"messages\": []}", .noMessages),
        ("{\"messages\": [1]}", .wrongType(key: "messages[0]", expected: "an object", found: "a number")),
        ("{\"messages\": [{}]}", .missingKey("messages[0].role", kind: .chat)),
        ("{\"messages\": [{\"role\": \"user\"}]}", .missingKey("messages[0].content", kind: .chat)),
        (
            "{\"messages\": [{\"role\": 3, \"content\": \"\"}]}",
            .wrongType(key: "messages[0].role", expected: "a string", found: "a number")
        ),
        (
            "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image\"}]}]}",
            .wrongType(key: "messages[0].content", expected: "text", found: "a part that is no text")
        ),
        ("{\"messages\": [{\"role\": \"human\", \"content\": \"\"}]}", .unknownRole(message: 1, role: "human")),
        ("{\"messages\": [{\"role\": \"user\", \"content\": \"\"}]}", .noAnswer),
        (
            "{\"messages\": [{\"role\": \"user\", \"content\": \"\"}, {\"role\": \"assistant\", \"content\": \"a\", \"weight\": 2}]}",
            .wrongType(key: "messages[1].weight", expected: "0 or 1", found: "2")
        ),
        (
            "{\"messages\": [{\"role\": \"user\", \"content\": \"\"}, {\"role\": \"assistant\", \"content\": \"a\"}], \"tools\": 1}",
            .wrongType(key: "tools", expected: "an array", found: "a number")
        ),
    ]

    @Test("A wrong row is an error that says what is wrong with it", arguments: hostile.indices)
    func hostileRows(index: Int) {
        let (line, expected) = Self.hostile[index]
        let found = problem("\n" + line + "\n")
        #expect(found != nil)
        if let expected { #expect(found == expected) }
        #expect((found?.description.utf8.count ?? 0) < 500)
    }

    static let roles: [(roles: String, isRight: Bool)] = [
        ("ua", true), ("sua", true), ("uaua", true), ("uau", true), ("dua", true), ("uu", false), ("uua", false),
        ("uaa", false), ("au", false), ("sa", false), ("usa", false), ("ssua", false), ("uta", false), ("ucta", true),
        ("uctta", true), ("uctu", false), ("ucu", false), ("ucta" + "ua", true), ("tua", false),
    ]

    @Test("Roles take turns", arguments: roles.indices)
    func roleOrder(index: Int) {
        let names: [Character: String] = [
            "u": "user", "a": "assistant", "s": "system", "d": "developer", "t": "tool", "c": "assistant",
        ]
        let messages = Self.roles[index].roles.map { letter -> JSON in
            var object: JSON.Object = ["role": .string(names[letter] ?? ""), "content": "x"]
            if letter == "c" { object["tool_calls"] = [["function": ["name": "f", "arguments": [:]]]] }
            return .object(object)
        }
        let row: JSON = ["messages": .array(messages)]
        let found = problem(row.serialized())
        #expect((found == nil) == Self.roles[index].isRight, "\(found.map { "\($0)" } ?? "")")
    }

    @Test("Wrong rows are told together, each with its line, and kinds do not mix")
    func wrongRows() throws {
        let good = "{\"prompt\": \"a\", \"completion\": \"b\"}\n"
        let text = good + "{\"text\": \"x\"}\n\n" + good + String(repeating: "oops\n", count: 30)
        guard case .wrongRows(let rows, let more)? = dataError({ _ = try read(text) }) else {
            Issue.record("wrong rows were accepted")
            return
        }
        #expect(rows.map(\.place.line) == [2] + (5..<24))
        #expect(more == 11)
        let first = DataPlace(file: folder.path + "/rows.jsonl", line: 1)
        #expect(rows[0].problem == .otherKind(.text, first: .completion, firstPlace: first))
        let shown = DataError.wrongRows(rows, more: more).description
        #expect(shown.contains("rows.jsonl, line 2: a row of the kind text"))
        let encoder = try RowEncoder(tokenizer: DataFixture.tokenizer(), chatTemplate: nil)
        let files = [folder.write("a.jsonl", good), folder.write("b.jsonl", "{\"text\": \"x\"}\n")]
        let both = dataError { _ = try FineTuningData(paths: files, encoder: encoder) }
        #expect(
            "\(both.map { "\($0)" } ?? "")".hasPrefix(
                "\(files[1]), line 1: a row of the kind text, but the first row "
                    + "(\(files[0]), line 1) is completion"))
        var bad = Array(good.utf8) + [0x22, 0xFF, 0x22, 0x0A]
        bad += Array("{\"prompt\": \"a\u{0}\", \"completion\": \"b\"}\n".utf8)
        let path = folder.write("bad.jsonl", bad)
        guard case .wrongRows(let bytes, 0)? = dataError({ _ = try FineTuningData(paths: [path], encoder: encoder) })
        else {
            Issue.record("wrong bytes were accepted")
            return
        }
        #expect(bytes.map(\.problem) == [.invalidUTF8(offset: 1), .nulByte(offset: 13)])
        let array = folder.write("array.json", "[{\"prompt\": \"a\", \"completion\": \"b\"}]")
        #expect(dataError { _ = try FineTuningData(paths: [array], encoder: encoder) } == .jsonArray(path: array))
        let deep = folder.write("deep.jsonl", String(repeating: "[", count: 100_000))
        #expect(dataError { _ = try FineTuningData(paths: [deep], encoder: encoder) } == .jsonArray(path: deep))
        let empty = folder.write("none.jsonl", "\n\n")
        #expect(dataError { _ = try FineTuningData(paths: [empty], encoder: encoder) } == .noRows(path: empty))
        #expect(dataError { _ = try read(String(repeating: good, count: 9)) } == .allDuplicates(count: 9))
        #expect(throws: DataError.noEndToken) {
            try RowEncoder(tokenizer: DataFixture.tokenizer(eos: nil), chatTemplate: nil)
        }
    }

    @Test("A row that is too long is an error with both numbers, and is cut only where that was asked for")
    func length() throws {
        let rows =
            "{\"prompt\": \"1 2 3\", \"completion\": \" 4 5 6 7 8\"}\n{\"prompt\": \"\((0..<30).map { "\($0)" }.joined(separator: " "))\", \"completion\": \" x\"}\n"
        let whole = try read(rows)
        let count = whole.tokens(of: 0)
        #expect(problem(rows, context: count - 1) == .tooManyTokens(tokens: count, context: count - 1))
        #expect(problem(rows, context: count) == .tooManyTokens(tokens: whole.tokens(of: 1), context: count))
        let cut = try read(rows, context: count - 2, truncates: true)
        #expect(cut.count == 1)
        #expect(cut[0][0].tokens == Array(whole[0][0].tokens.dropLast(2)))
        #expect(cut.report.counts == [.cut: 2, .cutAway: 1])
        #expect(throws: DataError.self) { try read(rows, context: 1) }
    }

    @Test("What catches the eye is warned of with its line")
    func warnings() throws {
        let rows = """
            {"prompt": "Q1", "completion": "<|im_end|> is written here", "source": "x"}
            {"prompt": "Q1", "completion": "another answer", "source": "y"}
            {"prompt": "Q2", "completion": ""}
            {"prompt": " ", "completion": "no question"}
            {"prompt": "Q3", "completion": "CafÃ© donâ€™t"}
            {"prompt": "Q4", "completion": "lost \u{FFFD}"}
            {"prompt": "Q2", "completion": "fine", "completion": "finer"}
            {"prompt": "Q2", "completion": "finer"}
            """
        let data = try read(rows)
        let report = data.report
        #expect(report.rows == 7)
        #expect(report.duplicates == 1)
        let found = report.warnings.map { "\($0.place.line) \($0.kind.rawValue) \($0.detail)" }
        let place = folder.path + "/rows.jsonl"
        #expect(
            found == [
                "1 unusedKeys source", "1 controlToken <|im_end|>", "2 otherAnswer ", "3 emptyCompletion ",
                "4 emptyPrompt ", "5 mojibake ", "6 replacementCharacter ", "7 repeatedKey completion",
                "8 duplicate \(place), line 7",
            ])
        #expect(report.tokens == (0..<7).reduce(0) { $0 + data.tokens(of: $1) })
        let english = DataReportText(report, .english).lines
        #expect(english.first == "prompts with completions: 7 in 1 file")
        #expect(english.contains("  \(place), line 5"))
        let chinese = DataReportText(report, .chinese).lines
        #expect(chinese.first == "提示与补全：7 条，来自 1 个文件")
        #expect(chinese.count == english.count)
        #expect(report.json["warnings"]?.arrayValue?.count == 9)
        #expect(report.json["lengths"]?["max"]?.intValue == report.lengths.longest)
    }

    @Test("Lengths are told by rank, and by powers of two")
    func lengths() {
        let lengths = DataReport.Lengths((1...100).map { $0 })
        #expect(lengths.shortest == 1 && lengths.longest == 100)
        #expect(lengths.median == 50 && lengths.percentile95 == 95)
        #expect(lengths.histogram.map(\.count) == [1, 2, 4, 8, 16, 32, 37])
        #expect(lengths.histogram.map(\.range.upperBound) == [1, 3, 7, 15, 31, 63, 127])
        #expect(DataReport.Lengths([]).histogram.isEmpty)
        #expect(DataReport.Lengths([7]).percentile95 == 7)
        #expect(DataReport.Lengths([0, 1]).histogram.map(\.count) == [2])
    }
}
