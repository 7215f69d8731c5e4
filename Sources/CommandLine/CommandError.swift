/// What a command cannot do, apart from what lower floors say.
enum CommandError: Error, Equatable, CustomStringConvertible {
    case cannotRead(path: String, reason: String)
    case cannotWrite(path: String, reason: String)
    case unknownToken(id: Int, vocabulary: Int)
    case badJSON(path: String, reason: String)
    case badSettings(path: String, reason: String)
    case noTemplate(path: String)
    case benchmarkTooLong(tokens: Int, context: Int)
    case windowTooLong(window: Int, context: Int)
    case tooFewTokens(path: String, tokens: Int)
    case exists(path: String)
    case notGGUF(path: String)
    case onlyToGGUF(option: String)
    case onlyFromGGUF(option: String)

    var description: String {
        switch self {
        case .cannotRead(let path, let reason): "cannot read \(path): \(reason)"
        case .cannotWrite(let path, let reason): "cannot write \(path): \(reason)"
        case .unknownToken(let id, let vocabulary):
            "there is no token \(id): the vocabulary has \(vocabulary) tokens, from 0 on"
        case .benchmarkTooLong(let tokens, let context):
            "prompt and generated tokens are \(tokens) together, and the model's context is \(context); ask for fewer"
        case .windowTooLong(let window, let context):
            "a window of \(window) tokens is longer than the model's context of \(context); ask for at most that"
        case .tooFewTokens(let path, let tokens):
            "\(path) is too short: of its \(tokens) tokens none can be predicted"
        case .exists(let path): "\(path) is there already; take another name, or --force to replace it"
        case .notGGUF(let path): "\(path) is no GGUF file; make one of it with `apus convert` first"
        case .onlyToGGUF(let option): "\(option) is for writing GGUF only"
        case .onlyFromGGUF(let option): "\(option) is for writing a folder from GGUF only"
        case .noTemplate(let path):
            "\(path) has no chat template; give a .jinja file or another model"
        case .badSettings(let path, let reason): "\(path): \(reason)"
        case .badJSON(let path, let reason): "\(path) is not the JSON object that is needed: \(reason)"
        }
    }
}
