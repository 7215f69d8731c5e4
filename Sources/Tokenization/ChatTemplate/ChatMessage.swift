import ApusModelFiles

/// One turn of a conversation as chat templates see it.
public struct ChatMessage: Sendable, Equatable {
    /// `system`, `user`, `assistant`, `tool`, or what the template knows.
    public var role: String
    /// A string, null (an assistant's turn that only calls tools), or an array of parts such as
    /// `{"type": "text", "text": …}`.
    public var content: JSON
    /// All other members: `tool_calls`, `tool_call_id`, `name`, `reasoning_content`, …
    public var fields: JSON.Object

    public init(role: String, content: JSON, fields: JSON.Object = JSON.Object()) {
        self.role = role
        self.content = content
        self.fields = fields
    }

    public init(role: String, content: String, fields: JSON.Object = JSON.Object()) {
        self.init(role: role, content: .string(content), fields: fields)
    }

    private static let reasoningFields = ["reasoning_content", "thinking", "reasoning"]

    /// The message as an object. As transformers does, reasoning given under one of its three names is also put under
    /// `reasoning_content`, and under `thinking` where that is absent.
    public var json: JSON {
        var object: JSON.Object = [:]
        let reasoning = Self.reasoningFields.lazy.compactMap { fields[$0] }.first { !$0.isNull }
        if let reasoning { object["thinking"] = reasoning }
        object["role"] = .string(role)
        object["content"] = content
        for (key, value) in fields { object[key] = value }
        if let reasoning { object["reasoning_content"] = reasoning }
        return .object(object)
    }
}
