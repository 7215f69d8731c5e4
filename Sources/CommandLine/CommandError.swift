/// What a command cannot do, apart from what lower floors say.
enum CommandError: Error, Equatable, CustomStringConvertible {
    case cannotRead(path: String, reason: String)
    case cannotWrite(path: String, reason: String)
    case unknownToken(id: Int, vocabulary: Int)
    case badJSON(path: String, reason: String)

    var description: String {
        switch self {
        case .cannotRead(let path, let reason): "cannot read \(path): \(reason)"
        case .cannotWrite(let path, let reason): "cannot write \(path): \(reason)"
        case .unknownToken(let id, let vocabulary):
            "there is no token \(id): the vocabulary has \(vocabulary) tokens, from 0 on"
        case .badJSON(let path, let reason): "\(path) is not the JSON object that is needed: \(reason)"
        }
    }
}
