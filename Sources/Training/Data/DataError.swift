import ApusTokenization

/// A line of a file of data.
public struct DataPlace: Sendable, Hashable, CustomStringConvertible {
    public var file: String
    /// Counted from 1.
    public var line: Int

    public init(file: String, line: Int) {
        self.file = file
        self.line = line
    }

    public var description: String { "\(file), line \(line)" }
}

/// Why data can't be trained on.
public enum DataError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No file was given, or a folder has none with text.
    case noText(path: String)
    case unreadable(path: String, reason: String)
    /// Bytes that are not UTF-8. `offset` is counted from the file's beginning.
    case invalidUTF8(DataPlace, offset: Int)
    case nulByte(DataPlace, offset: Int)
    /// The file begins as UTF-16 or UTF-32 does.
    case otherEncoding(path: String, name: String)
    /// The file begins as a JSON array does.
    case jsonArray(path: String)
    /// Rows that are wrong: the first ones, and how many more there are.
    case wrongRows([WrongRow], more: Int)
    /// A packed file was given together with other files.
    case packedAmongOthers(path: String)
    /// There is no document with text in it.
    case emptyCorpus(path: String)
    /// The tokens do not fill two windows, one to train on and one to hold out.
    case tooFewTokens(tokens: Int, context: Int)
    /// All documents, rows or lines are the same.
    case allDuplicates(count: Int)
    case noRows(path: String)
    case tooFewRows(count: Int)
    /// A packed file that can't be used.
    case packed(path: String, PackedProblem)
    /// A value out of range.
    case setting(name: String, value: String, allowed: String)
    /// The tokenizer names no token that ends an answer.
    case noEndToken
    /// Text that the vocabulary has nothing for.
    case tokens(DataPlace, TokenizationError)

    public enum PackedProblem: Sendable, Equatable {
        case notPacked
        case truncated(bytes: Int)
        case version(Int)
        case damaged(String)
        case otherTokenizer(file: Fingerprint, given: Fingerprint)
        case token(id: Int, position: Int, vocabulary: Int)
    }

    public var description: String {
        switch self {
        case .tokens(let place, let error): "\(place): \(error)"
        case .noText(let path): "\(path): no text files; give text (.txt, .md, …), .jsonl, or a packed file"
        case .unreadable(let path, let reason): "\(path): \(reason)"
        case .invalidUTF8(let place, let offset):
            "\(place), byte \(offset): not UTF-8; convert the file (iconv -f latin1 -t utf-8) or take it out"
        case .nulByte(let place, let offset):
            "\(place), byte \(offset): a NUL byte; this is no text, or not in UTF-8"
        case .otherEncoding(let path, let name): "\(path): is \(name); convert it to UTF-8 (iconv -f \(name) -t utf-8)"
        case .jsonArray(let path):
            "\(path), line 1: a JSON array; write one object a line instead (jq -c '.[]' FILE > FILE.jsonl)"
        case .wrongRows(let rows, let more):
            rows.map(\.description).joined(separator: "\n") + (more > 0 ? "\n… and \(more) more wrong rows" : "")
        case .packedAmongOthers(let path): "\(path): a packed file is a whole corpus; give it alone"
        case .emptyCorpus(let path): "\(path): the corpus is empty: no document has any text"
        case .tooFewTokens(let tokens, let context):
            "the corpus has \(tokens) tokens, but two windows of \(context) and one each are needed, one to train on and "
                + "one to hold out; give more text or a shorter context"
        case .allDuplicates(let count):
            "all \(count) documents, rows or lines are the same; there is nothing to learn but to repeat one"
        case .noRows(let path): "\(path): no rows; write one JSON object a line"
        case .tooFewRows(let count):
            "\(count) different rows are too few to hold some out; give more rows, or hold out none"
        case .packed(let path, let problem): "\(path): \(problem)"
        case .setting(let name, let value, let allowed): "\(name) is \(value), but must be \(allowed)"
        case .noEndToken:
            "the tokenizer names no end token, so that answers could never end; set eos_token in tokenizer_config.json"
        }
    }
}

extension DataError.PackedProblem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notPacked: "is no packed corpus"
        case .truncated(let bytes): "is cut off at \(bytes) bytes; pack the corpus again"
        case .version(let version): "is a packed corpus of version \(version), this program reads version 1"
        case .damaged(let what): "is damaged: \(what); pack the corpus again"
        case .otherTokenizer(let file, let given):
            "was packed with another tokenizer (\(file), this model's is \(given)); pack the corpus again"
        case .token(let id, let position, let vocabulary):
            "token \(position) is \(id), but the vocabulary has \(vocabulary); pack the corpus again"
        }
    }
}

/// A row that can't be learned from, and why.
public struct WrongRow: Sendable, Equatable, CustomStringConvertible {
    public var place: DataPlace
    public var problem: RowProblem

    public init(place: DataPlace, problem: RowProblem) {
        self.place = place
        self.problem = problem
    }

    public var description: String { "\(place): \(problem)" }
}

/// What is wrong with a row.
public enum RowProblem: Error, Sendable, Equatable, CustomStringConvertible {
    case invalidUTF8(offset: Int)
    case nulByte(offset: Int)
    case tooLong(bytes: Int, limit: Int)
    case notJSON(String)
    case notObject(found: String)
    case unknownKeys([String])
    case missingKey(String, kind: RowKind)
    case wrongType(key: String, expected: String, found: String)
    case otherKind(RowKind, first: RowKind, firstPlace: DataPlace)
    case noMessages
    /// Counted from 1.
    case roleOutOfOrder(message: Int, role: String, reason: String)
    case unknownRole(message: Int, role: String)
    case noAnswer
    case template(String)
    case tokens(TokenizationError)
    case noSpans(String)
    case tooManyTokens(tokens: Int, context: Int)
    case nothingLearned(context: Int)

    public var description: String {
        switch self {
        case .invalidUTF8(let offset): "not UTF-8 at byte \(offset) of the line"
        case .nulByte(let offset): "a NUL byte at byte \(offset) of the line; this is no text, or not in UTF-8"
        case .tooLong(let bytes, let limit): "the line has \(bytes) bytes, at most \(limit) are read"
        case .notJSON(let reason): "not JSON: \(reason)"
        case .notObject(let found): "\(found), expected an object such as {\"prompt\": …, \"completion\": …}"
        case .unknownKeys(let keys):
            "a row with \(keys.isEmpty ? "no keys" : "the keys " + keys.map { "\"\($0)\"" }.joined(separator: ", ")); "
                + "expected prompt and completion, messages, instruction and output, prompt with chosen and rejected, "
                + "or text"
        case .missingKey(let key, let kind): "\"\(key)\" is missing, which a row of the kind \(kind) has"
        case .wrongType(let key, let expected, let found): "\"\(key)\" is \(found), expected \(expected)"
        case .otherKind(let kind, let first, let place):
            "a row of the kind \(kind), but the first row (\(place)) is \(first); put each kind into a file of its own, "
                + "and train on one kind at a time"
        case .noMessages: "\"messages\" is empty"
        case .roleOutOfOrder(let message, let role, let reason): "message \(message) (\(role)): \(reason)"
        case .unknownRole(let message, let role):
            "message \(message) has the role \"\(role)\"; known are system, developer, user, assistant and tool"
        case .noAnswer: "no turn of the assistant, so there is nothing to learn"
        case .template(let reason): reason
        case .tokens(let error): error.description
        case .noSpans(let reason):
            "which tokens the assistant wrote can't be found: \(reason); mark them in the template with "
                + "{% generation %} … {% endgeneration %}"
        case .tooManyTokens(let tokens, let context):
            "the row has \(tokens) tokens, but the context is \(context); shorten it, raise --context, or cut with "
                + "--truncate"
        case .nothingLearned(let context):
            "cut to the context of \(context) tokens, nothing of the answer is left; shorten the prompt or raise --context"
        }
    }
}
