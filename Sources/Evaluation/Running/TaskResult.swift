import ApusGeneration
import ApusModelFiles
import ApusTokenization

/// What a model answered to a task, and how the checks judged it.
public struct TaskResult: Sendable {
    public var task: EvaluationTask
    /// What the model wrote; of a task with choices alone, nil.
    public var answer: Answer?
    /// One for each check, in order.
    public var outcomes: [CheckOutcome]
    public var seconds: Double

    public var passed: Bool { outcomes.allSatisfy(\.passed) }

    /// What the model said: its text, or the choice that it finds the most likely.
    public var text: String {
        if let answer { return answer.text.trimmedOfSpace }
        for outcome in outcomes {
            if case .choice(let choice) = outcome.check.kind, let chosen = outcome.chosen,
                choice.texts.indices.contains(chosen)
            {
                return choice.texts[chosen].trimmedOfSpace
            }
        }
        return ""
    }

    /// The result as a row of JSON lines.
    public var json: JSON {
        var object: JSON.Object = [
            "id": .string(task.id), "file": .string(task.place.file), "line": .integer(task.place.line),
        ]
        switch task.prompt {
        case .text(let text): object["prompt"] = .string(text)
        case .conversation(let messages): object["messages"] = .array(messages.map(\.json))
        }
        object["answer"] = answer.map { .string($0.text) } ?? .null
        object["passed"] = .bool(passed)
        object["checks"] = .array(outcomes.map(\.json))
        object["tags"] = .array(task.tags.map { .string($0) })
        object["finish_reason"] = answer.map { .string($0.finishReason.rawValue) } ?? .null
        object["usage"] = [
            "prompt_tokens": .integer(answer?.promptTokens ?? 0),
            "completion_tokens": .integer(answer?.completionTokens ?? 0),
        ]
        object["seconds"] = .number(seconds)
        return .object(object)
    }
}
