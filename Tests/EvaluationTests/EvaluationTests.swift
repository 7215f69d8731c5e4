import ApusGeneration
import ApusModelFiles
import ApusTokenization
import Testing

@testable import ApusEvaluation

@Suite("Evaluation")
struct EvaluationTests {
    private static let rows = """
        {"id": "a", "prompt": "one", "checks": [{"contains": "1"}], "tags": ["en", "x"]}
        {"id": "b", "prompt": "two", "checks": [{"contains": "2"}, {"regex": "3"}], "tags": ["en"], "max_tokens": 5}
        {"id": "c", "prompt": "three", "checks": [{"choice": ["yes", "no"], "answer": "no"}]}
        """

    @Test("Answers are judged by all checks, and counted as a whole and by tag")
    func run() async throws {
        let model = ScriptedModel(answers: ["one": "It is 1", "two": "It is 2"])
        var results: [TaskResult] = []
        let summary = try await Evaluation(Fixture.tasks(Self.rows)).run(with: model) { results.append($0) }
        #expect(results.map(\.passed) == [true, false, true])
        #expect(results[1].outcomes.map(\.passed) == [true, false])
        #expect(results.map(\.text) == ["It is 1", "It is 2", "no"])
        #expect(results[2].answer == nil)
        #expect((summary.total.passed, summary.total.total) == (2, 3))
        #expect(summary.tags.map(\.name) == ["en", "x"])
        #expect(summary.tags.map(\.score.passed) == [1, 1])
        #expect(summary.tags.map(\.score.total) == [2, 1])
        #expect(summary.promptTokens == 6)
        #expect(summary.completionTokens == 256 + 5)
        #expect(summary.cutAnswers == 0)
    }

    @Test("A system message stands before prompts and conversations, unless they have their own")
    func system() async throws {
        var options = Evaluation.Options()
        options.system = "Be brief."
        let tasks = try Fixture.tasks(
            """
            {"prompt": "x", "checks": [{"equals": "system: Be brief.\\nuser: x"}]}
            {"messages": [{"role": "user", "content": "y"}], "checks": [{"equals": "system: Be brief.\\nuser: y"}]}
            {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "z"}], "checks": [{"equals": "system: s\\nuser: z"}]}
            """)
        let summary = try await Evaluation(tasks, options: options).run(with: ScriptedModel())
        #expect(summary.total.passed == 3)
        #expect(summary.cutAnswers == 3)
    }

    @Test("A result is a row of JSON with all that decided it")
    func resultJSON() async throws {
        let model = ScriptedModel(answers: ["two": "It is 2"])
        var rows: [JSON] = []
        let summary = try await Evaluation(Fixture.tasks(Self.rows)).run(with: model) { rows.append($0.json) }
        var row = try #require(rows[1].objectValue)
        #expect(row["seconds"]?.doubleValue ?? -1 >= 0)
        row["seconds"] = nil
        #expect(
            JSON.object(row).serialized() == """
                {"id":"b","file":"tasks.jsonl","line":2,"prompt":"two","answer":"It is 2","passed":false,"checks":[\
                {"check":{"contains":"2"},"passed":true,"found":["2"],"missing":[]},\
                {"check":{"regex":"3"},"passed":false}],"tags":["en"],"finish_reason":"stop",\
                "usage":{"prompt_tokens":3,"completion_tokens":5}}
                """)
        #expect(rows[2]["answer"] == .null)
        #expect(rows[2]["finish_reason"] == .null)
        #expect(
            rows[2]["checks"]?.serialized() == """
                [{"check":{"choice":["yes","no"],"answer":"no","normalize":"none"},"passed":true,"scores":[-3.0,-2.0],\
                "chosen":"no"}]
                """)
        let whole = summary.json
        #expect(
            whole.objectValue?.keys == [
                "passed", "total", "share", "interval", "tags", "cut_answers", "usage", "seconds",
            ])
        #expect(whole["interval"]?.arrayValue?.count == 2)
        #expect(whole["tags"]?["en"]?["total"] == 2)
        #expect(EvaluationSummary().json["share"] == .null)
    }

    @Test("A model without likelihoods is not given a choice, before any work")
    func noLikelihoods() async throws {
        struct Speaker: EvaluatedModel {
            let name = "speaker"
            func answer(_ question: Question) async throws -> Answer {
                Issue.record("asked")
                throw CancellationError()
            }
        }
        let error = await #expect(throws: EvaluationError.self) {
            try await Evaluation(Fixture.tasks(Self.rows)).run(with: Speaker())
        }
        #expect(try #require(error).description.hasPrefix("tasks.jsonl, line 3: a choice needs"))
    }
}

@Suite("A model on this machine")
struct LocalAnswersTests {
    private func model(context: Int? = nil) throws -> LocalAnswers {
        LocalAnswers(try LocalModel(path: Fixture.model(), context: context), name: "shipped", raw: true)
    }

    @Test("Continues a prompt greedily, the same each time")
    func greedy() async throws {
        let model = try model()
        let question = Question(prompt: .text("A language model"), maxTokens: 12)
        let first = try await model.answer(question)
        #expect(first.completionTokens == 12 && first.finishReason == .length && !first.text.isEmpty)
        #expect(try await model.answer(question) == first)
        #expect(try await self.model().answer(question) == first)
        var drawn = question
        drawn.temperature = 1.5
        let other = try await model.answer(drawn)
        #expect(other != first)
        #expect(try await model.answer(drawn) == other)
    }

    @Test("Likelihoods are those of the tokens one by one, whatever the choices share")
    func likelihoods() async throws {
        let model = try model()
        let question = Question(prompt: .text("Once upon a"))
        let choices = [" time", " time there was", " xylophone", "bcd"]
        let likelihoods = try await model.logLikelihoods(of: choices, after: question)
        #expect(likelihoods.indices.max { likelihoods[$0] < likelihoods[$1] } == 0)
        let (prefix, endings) = try model.continuedTokens(choices, after: question.prompt)
        for (ending, likelihood) in zip(endings, likelihoods) {
            var options = GenerationOptions()
            options.maxTokens = 0
            options.scoresPrompt = true
            options.sampling.logprobs = 0
            let generation = try model.model.generate(tokens: prefix + ending, options)
            _ = try await generation.collect()
            let scores = generation.promptScores.suffix(ending.count).compactMap(\.logprob)
            #expect(scores.count == ending.count)
            #expect(abs(scores.reduce(0, +) - likelihood) < 1e-6 * max(1, abs(likelihood)))
        }
    }

    @Test("The tokens of prefix and ending are those of prompt and choice together")
    func border() throws {
        let model = try model()
        let choices = ["me", " time"]
        let (prefix, endings) = try model.continuedTokens(choices, after: .text("Once upon a ti"))
        for (choice, ending) in zip(choices, endings) {
            #expect(try prefix + ending == model.model.promptTokens("Once upon a ti" + choice))
        }
    }

    @Test("What can't be asked is said with file and line before any work")
    func refusals() async throws {
        let cases: [(String, String)] = [
            (#"{"messages": [{"role": "user", "content": "x"}], "checks": [{"equals": "a"}]}"#, "chat template"),
            (
                #"{"prompt": "\#(String(repeating: "word ", count: 80))", "checks": [{"equals": "a"}]}"#,
                "the context holds 32"
            ),
        ]
        let model = try model(context: 32)
        for (row, reason) in cases {
            let tasks = try Fixture.tasks(#"{"prompt": "x", "checks": [{"equals": "a"}]}"# + "\n" + row)
            let error = await #expect(throws: EvaluationError.self) {
                try await Evaluation(tasks).run(with: model) { _ in Issue.record("worked") }
            }
            let text = try #require(error).description
            #expect(text.hasPrefix("tasks.jsonl, line 2: "))
            #expect(text.contains(reason), "\(text)")
        }
    }

    @Test("A whole run with the model that comes with Apus")
    func run() async throws {
        let tasks = try Fixture.tasks(
            """
            {"prompt": "Once upon a", "checks": [{"choice": [" time", " xylophone"], "answer": " time"}], "tags": ["choice"]}
            {"prompt": "Once upon a", "checks": [{"regex": "\\\\S"}], "tags": ["text"], "max_tokens": 3}
            {"prompt": "Once upon a", "checks": [{"contains": "gigabyte"}], "tags": ["text"], "max_tokens": 3}
            """)
        let summary = try await Evaluation(tasks).run(with: model())
        #expect(summary.total.passed == 2)
        #expect(summary.tags.map(\.score.passed) == [1, 1])
        #expect(summary.completionTokens == 6)
    }
}
