import ApusModelFiles
import ApusTokenization

/// A question for a model, and what a right answer must be like.
public struct EvaluationTask: Sendable {
    public enum Prompt: Sendable, Equatable {
        case text(String)
        case conversation([ChatMessage])
    }

    /// The row's own, or file and line.
    public var id: String
    public var prompt: Prompt
    /// All must pass.
    public var checks: [Check]
    /// The groups that the answer is counted in, besides the whole.
    public var tags: [String]
    /// New tokens at most; nil for what the run says.
    public var maxTokens: Int?
    public var place: TaskPlace

    public init(
        id: String, prompt: Prompt, checks: [Check], tags: [String] = [], maxTokens: Int? = nil, place: TaskPlace
    ) {
        self.id = id
        self.prompt = prompt
        self.checks = checks
        self.tags = tags
        self.maxTokens = maxTokens
        self.place = place
    }

    private static let keys = ["id", "prompt", "messages", "checks", "tags", "max_tokens"]

    /// Reads a row: `{"id"?, "prompt" or "messages", "checks", "tags"?, "max_tokens"?}`.
    init(_ row: JSON.Object, at place: TaskPlace) throws(TaskProblem) {
        if let twice = row.duplicateKeys.first { throw .duplicateKey(twice) }
        let unknown = row.keys.filter { !Self.keys.contains($0) }
        guard unknown.isEmpty else { throw .unknownKeys(unknown, in: "", known: Self.keys) }
        self.place = place
        id = try Self.id(row["id"]) ?? "\(place.file.split(separator: "/").last ?? ""):\(place.line)"
        prompt = try Self.prompt(row)
        guard let list = row["checks"] else { throw .missingKey("checks") }
        guard let list = list.arrayValue else {
            throw .wrongType(key: "checks", expected: "an array", found: list.kind)
        }
        guard !list.isEmpty else { throw .empty(key: "checks") }
        checks = []
        for (index, value) in list.enumerated() { checks.append(try Check(value, key: "checks[\(index)]")) }
        tags = try Self.tags(row["tags"])
        if let value = row["max_tokens"] {
            guard let count = value.intValue, count >= 1 else {
                throw .wrongType(key: "max_tokens", expected: "a whole number from 1 on", found: value.serialized())
            }
            maxTokens = count
        }
    }

    private static func id(_ value: JSON?) throws(TaskProblem) -> String? {
        switch value {
        case nil: return nil
        case .integer(let number): return String(number)
        case .string(let text):
            guard !text.isEmpty else { throw .empty(key: "id") }
            return text
        case let other?: throw .wrongType(key: "id", expected: "a string", found: other.kind)
        }
    }

    private static func prompt(_ row: JSON.Object) throws(TaskProblem) -> Prompt {
        switch (row["prompt"], row["messages"]) {
        case (nil, nil): throw .neitherPromptNorMessages
        case (_?, _?): throw .promptAndMessages
        case (let value?, nil):
            guard let text = value.stringValue else {
                throw .wrongType(key: "prompt", expected: "a string", found: value.kind)
            }
            guard !text.isEmpty else { throw .empty(key: "prompt") }
            return .text(text)
        case (nil, let value?): return .conversation(try messages(value))
        }
    }

    private static func messages(_ value: JSON) throws(TaskProblem) -> [ChatMessage] {
        guard let list = value.arrayValue else {
            throw .wrongType(key: "messages", expected: "an array", found: value.kind)
        }
        guard !list.isEmpty else { throw .empty(key: "messages") }
        var messages: [ChatMessage] = []
        for (index, element) in list.enumerated() {
            let name = "messages[\(index)]"
            guard case .object(var fields) = element else {
                throw .wrongType(key: name, expected: "an object", found: element.kind)
            }
            guard let role = fields["role"] else { throw .missingKey("\(name).role") }
            guard let role = role.stringValue else {
                throw .wrongType(key: "\(name).role", expected: "a string", found: role.kind)
            }
            guard let content = fields["content"] else { throw .missingKey("\(name).content") }
            switch content {
            case .string, .array: break
            case .null where role == "assistant": break
            default: throw .wrongType(key: "\(name).content", expected: "a string", found: content.kind)
            }
            fields["role"] = nil
            fields["content"] = nil
            messages.append(ChatMessage(role: role, content: content, fields: fields))
        }
        if let last = messages.last, last.role != "user", last.role != "tool" { throw .lastMessage(role: last.role) }
        return messages
    }

    private static func tags(_ value: JSON?) throws(TaskProblem) -> [String] {
        guard let value else { return [] }
        guard let list = value.arrayValue else {
            throw .wrongType(key: "tags", expected: "an array of strings", found: value.kind)
        }
        var tags: [String] = []
        for (index, element) in list.enumerated() {
            guard let tag = element.stringValue else {
                throw .wrongType(key: "tags[\(index)]", expected: "a string", found: element.kind)
            }
            guard !tag.isEmpty else { throw .empty(key: "tags[\(index)]") }
            // An answer counts once in each group.
            if !tags.contains(tag) { tags.append(tag) }
        }
        return tags
    }
}
