import ApusModelFiles
import ApusTokenization

/// The messages of a row, in an order that makes sense, and which of them are learned.
struct Conversation: Sendable {
    private(set) var messages: [ChatMessage] = []
    /// For each message.
    private(set) var learned: [Bool] = []

    /// A whole conversation: all turns of the assistant are learned, but those with `"weight": 0`.
    init(_ value: JSON, key: String) throws(RowProblem) {
        try append(value, key: key, learns: true)
        try check()
    }

    /// A prompt and messages that follow it, which alone are learned.
    init(_ prompt: JSON, followedBy answer: JSON, _ key: String) throws(RowProblem) {
        try append(prompt, key: "prompt", learns: false)
        try append(answer, key: key, learns: true)
        try check()
    }

    /// The same, but only the last of the assistant's turns is learned.
    func learningLastTurn() -> Conversation {
        var copy = self
        let last = learned.lastIndex(of: true)
        for index in copy.learned.indices { copy.learned[index] = index == last }
        return copy
    }

    /// Whether the last message is not the assistant's.
    var isUnanswered: Bool { messages.last?.role != "assistant" }

    private mutating func append(_ value: JSON, key: String, learns: Bool) throws(RowProblem) {
        guard case .array(let list) = value else {
            throw value.isNull
                ? .missingKey(key, kind: .chat) : .wrongType(key: key, expected: "an array", found: value.kind)
        }
        guard !list.isEmpty else { throw .noMessages }
        for element in list {
            let name = "\(key)[\(messages.count)]"
            guard case .object(let object) = element else {
                throw .wrongType(key: name, expected: "an object", found: element.kind)
            }
            guard let role = object["role"]?.stringValue else {
                throw object.has("role")
                    ? .wrongType(key: name + ".role", expected: "a string", found: object["role"]?.kind ?? "")
                    : .missingKey(name + ".role", kind: .chat)
            }
            var fields = object
            fields["role"] = nil
            fields["content"] = nil
            let weight = fields["weight"]
            fields["weight"] = nil
            if let weight, weight.intValue != 0, weight.intValue != 1 {
                throw .wrongType(key: name + ".weight", expected: "0 or 1", found: weight.serialized())
            }
            let content = try Self.content(object, name: name, role: role)
            messages.append(ChatMessage(role: role, content: content, fields: fields))
            learned.append(learns && role == "assistant" && weight?.intValue != 0)
        }
    }

    /// Parts that are texts become one text; a turn that only calls tools may be null.
    private static func content(_ message: JSON.Object, name: String, role: String) throws(RowProblem) -> JSON {
        let name = name + ".content"
        switch message["content"] {
        case .string(let text): return .string(text)
        case .array(let parts):
            var whole = ""
            for part in parts {
                guard part["type"]?.stringValue == "text", let text = part["text"]?.stringValue else {
                    throw .wrongType(key: name, expected: "text", found: "a part that is no text")
                }
                whole += text
            }
            return .string(whole)
        case .null where role == "assistant" && message["tool_calls"]?.arrayValue?.isEmpty == false: return .null
        case nil where role == "assistant" && message["tool_calls"]?.arrayValue?.isEmpty == false: return .null
        case nil: throw .missingKey(name, kind: .chat)
        case let other?: throw .wrongType(key: name, expected: "a string", found: other.kind)
        }
    }

    /// Roles take turns: a system message first, then user and assistant; tools answer the assistant's calls.
    private func check() throws(RowProblem) {
        var previous = ""
        for (index, message) in messages.enumerated() {
            func fail(_ reason: String) -> RowProblem {
                .roleOutOfOrder(message: index + 1, role: message.role, reason: reason)
            }
            switch message.role {
            case "system", "developer":
                if index > 0 { throw fail("instructions stand first") }
            case "user":
                if previous == "user" { throw fail("two turns of the user, one after the other") }
                if previous == "tool" { throw fail("the assistant has not yet answered the tool") }
                if previous == "assistant", Self.callsTools(messages[index - 1]) {
                    throw fail("the assistant's call of a tool has no result")
                }
            case "assistant":
                if previous == "assistant" { throw fail("two turns of the assistant, one after the other") }
                if previous == "" || previous == "system" || previous == "developer" {
                    throw fail("the conversation begins with the user")
                }
            case "tool":
                let follows = index > 0 && previous == "assistant" && Self.callsTools(messages[index - 1])
                if previous != "tool" && !follows { throw fail("no call of a tool before it") }
            default: throw .unknownRole(message: index + 1, role: String(message.role.prefix(40)))
            }
            previous = message.role
        }
        if !learned.contains(true) { throw .noAnswer }
    }

    private static func callsTools(_ message: ChatMessage) -> Bool {
        message.fields["tool_calls"]?.arrayValue?.isEmpty == false
    }
}
