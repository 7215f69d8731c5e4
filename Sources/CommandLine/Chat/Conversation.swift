import ApusModelFiles
import ApusTokenization

/// What was said so far: turns with a model that has a template, one growing text with one that has none.
struct Conversation: Sendable, Equatable {
    let hasTemplate: Bool
    var system: String?
    private(set) var turns: [ChatMessage] = []
    private(set) var text = ""
    /// How many of the first turns the model is no longer given.
    private(set) var forgotten = 0

    init(hasTemplate: Bool, system: String? = nil) {
        self.hasTemplate = hasTemplate
        self.system = system
    }

    var isEmpty: Bool { turns.isEmpty && text.isEmpty }

    /// What the model gets when the user says `line`.
    func prompt(adding line: String) -> ChatPrompt {
        if hasTemplate {
            let head = system.map { [ChatMessage(role: "system", content: $0)] } ?? []
            return .conversation(head + turns[forgotten...] + [ChatMessage(role: "user", content: line)])
        }
        return .text(joined(line))
    }

    /// Notes what was said and answered.
    mutating func add(line: String, reply: String) {
        if hasTemplate {
            turns.append(ChatMessage(role: "user", content: line))
            turns.append(ChatMessage(role: "assistant", content: reply))
        } else {
            text = joined(line) + reply
        }
    }

    /// Leaves the older half of what the model is given out of its next prompts; texts that are saved keep it.
    ///
    /// - Returns: how many exchanges that were.
    mutating func forgetOlderHalf() -> Int {
        let exchanges = (turns.count - forgotten + 2) / 4
        forgotten += exchanges * 2
        return exchanges
    }

    mutating func clear() {
        turns = []
        forgotten = 0
        text = ""
    }

    /// The text with more of it: a space comes between where neither side has one.
    private func joined(_ line: String) -> String {
        guard let last = text.last, let first = line.first else { return text + line }
        return last.isWhitespace || first.isWhitespace ? text + line : text + " " + line
    }

    /// For a file that people read.
    var markdown: String {
        guard hasTemplate else { return text + "\n" }
        let head = system.map { [("system", $0)] } ?? []
        let all = head + turns.map { ($0.role, $0.content.stringValue ?? "") }
        return all.map { "## \($0.0)\n\n\($0.1)\n" }.joined(separator: "\n")
    }

    /// For a file that programs read.
    var json: JSON {
        guard hasTemplate else { return ["text": .string(text)] }
        let head = system.map { [ChatMessage(role: "system", content: $0)] } ?? []
        return ["messages": .array((head + turns).map(\.json))]
    }
}
