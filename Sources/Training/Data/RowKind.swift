import ApusModelFiles

/// What a row of data is, by its keys.
public enum RowKind: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// `{"text"}`: all of it is learned.
    case text
    /// `{"prompt", "completion"}`: both texts, or both lists of messages; the completion is learned.
    case completion
    /// `{"messages": [{"role", "content"}, …]}`: the assistant's turns are learned.
    case chat
    /// `{"instruction", "input", "output"}` of Stanford Alpaca: the output is learned.
    case instruction
    /// `{"prompt", "chosen", "rejected"}`: a better and a worse answer.
    case preference

    public var description: String { rawValue }

    /// The keys that rows of this kind have; others are passed over and said in the report.
    var keys: Set<String> {
        switch self {
        case .text: ["text"]
        case .completion: ["prompt", "completion"]
        case .chat: ["messages", "tools"]
        case .instruction: ["instruction", "input", "output"]
        case .preference: ["prompt", "chosen", "rejected", "tools"]
        }
    }

    /// - Throws: ``RowProblem/unknownKeys(_:)``.
    init(_ row: JSON.Object) throws(RowProblem) {
        if row.has("messages") {
            self = .chat
        } else if row.has("chosen") || row.has("rejected") {
            self = .preference
        } else if row.has("instruction") {
            self = .instruction
        } else if row.has("completion") || row.has("prompt") {
            self = .completion
        } else if row.has("text") {
            self = .text
        } else {
            throw .unknownKeys(row.keys.prefix(8).map { String($0.prefix(40)) })
        }
    }
}

/// The wording of Stanford Alpaca's prompts, which models trained on such rows expect.
enum AlpacaPrompt {
    static func text(instruction: String, input: String) -> String {
        let context = input.isEmpty ? "." : ", paired with an input that provides further context."
        let start = "Below is an instruction that describes a task\(context) "
        let task = "Write a response that appropriately completes the request.\n\n### Instruction:\n\(instruction)\n\n"
        return start + task + (input.isEmpty ? "" : "### Input:\n\(input)\n\n") + "### Response:"
    }
}
