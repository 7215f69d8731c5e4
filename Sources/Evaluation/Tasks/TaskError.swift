import ApusTokenization

/// Why files of tasks can't be used.
public enum TaskError: Error, Sendable, CustomStringConvertible {
    /// Rows that are wrong: the first ones, and how many more there are.
    case wrongRows([WrongTask], more: Int)
    /// The file has no row at all.
    case noTasks(file: String)

    public var description: String {
        switch self {
        case .wrongRows(let rows, let more):
            rows.map(\.description).joined(separator: "\n") + (more > 0 ? "\n… and \(more) more wrong rows" : "")
        case .noTasks(let file):
            "\(file): no tasks; write one a line, such as {\"prompt\": \"…\", \"checks\": [{\"contains\": \"…\"}]}"
        }
    }
}

/// A row that is no task, and why.
public struct WrongTask: Sendable, CustomStringConvertible {
    public var place: TaskPlace
    public var problem: TaskProblem

    public var description: String { "\(place): \(problem)" }
}

/// What is wrong with a row.
public enum TaskProblem: Error, Sendable, CustomStringConvertible {
    case notJSON(String)
    case notObject(found: String)
    /// `key` is empty for the row itself.
    case unknownKeys([String], in: String, known: [String])
    case duplicateKey(String)
    case missingKey(String)
    case wrongType(key: String, expected: String, found: String)
    case empty(key: String)
    case twice(key: String, text: String)
    case promptAndMessages
    case neitherPromptNorMessages
    case lastMessage(role: String)
    case checkKinds(key: String, found: [String], known: [String])
    case regex(key: String, RegexError)
    case tooFewChoices(key: String)
    case answerNotAmongChoices(key: String, answer: String)
    case sameID(String, first: TaskPlace)

    public var description: String {
        switch self {
        case .notJSON(let reason): "not JSON: \(reason)"
        case .notObject(let found):
            "\(found), expected an object such as {\"prompt\": \"…\", \"checks\": [{\"contains\": \"…\"}]}, each on a line"
        case .unknownKeys(let keys, let place, let known):
            "unknown \(keys.count == 1 ? "key" : "keys") \(Self.list(keys))\(place.isEmpty ? "" : " in \(place)"); "
                + "known here: \(Self.list(known))"
        case .duplicateKey(let key): "\"\(key)\" is given twice"
        case .missingKey(let key): "\"\(key)\" is missing"
        case .wrongType(let key, let expected, let found): "\"\(key)\" is \(found), expected \(expected)"
        case .empty(let key): "\"\(key)\" is empty"
        case .twice(let key, let text): "\"\(key)\" repeats \"\(text)\""
        case .promptAndMessages: "both \"prompt\" and \"messages\"; give one of them"
        case .neitherPromptNorMessages: "\"prompt\" is missing (or \"messages\" instead)"
        case .lastMessage(let role): "the last message is of the role \"\(role)\"; the model answers a user or a tool"
        case .checkKinds(let key, let found, let known):
            found.isEmpty
                ? "\(key) has no kind; give one of \(Self.list(known))"
                : "\(key) has several kinds, \(Self.list(found)); make a check of each"
        case .regex(let key, let error): "\"\(key)\": \(error)"
        case .tooFewChoices(let key): "\"\(key)\" needs two texts or more"
        case .answerNotAmongChoices(let key, let answer): "\"\(key)\" is \"\(answer)\", which is none of the choices"
        case .sameID(let id, let first): "the id \"\(id)\" is also that of \(first)"
        }
    }

    private static func list(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ", ") }
}
