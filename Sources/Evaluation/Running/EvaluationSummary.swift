import ApusModelFiles

/// How many answers were right, of all and of each tag.
public struct EvaluationSummary: Sendable, Equatable {
    public struct Score: Sendable, Equatable {
        public private(set) var passed = 0
        public private(set) var total = 0

        public init() {}

        public mutating func add(_ passed: Bool) {
            total += 1
            if passed { self.passed += 1 }
        }

        /// From 0 to 1; nil of nothing.
        public var share: Double? { total > 0 ? Double(passed) / Double(total) : nil }
        /// Where the true share lies with 95% confidence.
        public var interval: WilsonInterval? { WilsonInterval(successes: passed, of: total) }

        /// `{"passed", "total", "share", "interval": [lower, upper]}`.
        public var json: JSON {
            [
                "passed": .integer(passed), "total": .integer(total), "share": share.map { .number($0) } ?? .null,
                "interval": interval.map { [.number($0.lower), .number($0.upper)] } ?? .null,
            ]
        }
    }

    public private(set) var total = Score()
    /// Tags in the order in which they came.
    public private(set) var tags: [(name: String, score: Score)] = []
    /// Answers that the limit of tokens ended.
    public private(set) var cutAnswers = 0
    public private(set) var promptTokens = 0
    public private(set) var completionTokens = 0
    /// Seconds that answering and checking took.
    public private(set) var seconds = 0.0

    public init() {}

    public static func == (a: EvaluationSummary, b: EvaluationSummary) -> Bool {
        a.total == b.total && a.tags.elementsEqual(b.tags) { $0.name == $1.name && $0.score == $1.score }
            && a.cutAnswers == b.cutAnswers && a.promptTokens == b.promptTokens
            && a.completionTokens == b.completionTokens && a.seconds == b.seconds
    }

    public mutating func add(_ result: TaskResult) {
        total.add(result.passed)
        for tag in result.task.tags {
            let index = tags.firstIndex { $0.name == tag } ?? tags.count
            if index == tags.count { tags.append((tag, Score())) }
            tags[index].score.add(result.passed)
        }
        if let answer = result.answer {
            promptTokens += answer.promptTokens
            completionTokens += answer.completionTokens
            if answer.finishReason == .length { cutAnswers += 1 }
        }
        seconds += result.seconds
    }

    /// `{"passed", "total", "share", "interval", "tags": {…}, "cut_answers", "usage", "seconds"}`.
    public var json: JSON {
        guard case .object(var object) = total.json else { return .null }
        object["tags"] = .object(JSON.Object(tags.map { ($0.name, $0.score.json) }))
        object["cut_answers"] = .integer(cutAnswers)
        object["usage"] = [
            "prompt_tokens": .integer(promptTokens), "completion_tokens": .integer(completionTokens),
        ]
        object["seconds"] = .number(seconds)
        return .object(object)
    }
}
