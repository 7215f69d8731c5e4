/// Why a model can't be built from its files, or a call of it can't be answered.
public enum ModelError: Error, Equatable, CustomStringConvertible {
    case unknownArchitecture(String, file: String, known: [String])
    case missingParameter(String, file: String)
    case badParameter(String, value: String, expected: String, file: String)
    case unsupported(String, file: String)
    case missingTensor(String, file: String)
    case wrongShape(tensor: String, expected: [Int], got: [Int], file: String)
    case badTensor(String, reason: String, file: String)
    case unknownToken(Int32, vocabulary: Int)
    case contextExceeded(needed: Int, context: Int)
    case cacheFull(neededBytes: Int, budgetBytes: Int)
    case windowTooShort(Int)
    case damagedLogits
    case damagedTensor(String, file: String)

    public var description: String {
        switch self {
        case .unknownArchitecture(let name, let file, let known):
            "\(file): the architecture '\(name)' is not known here; known are \(known.joined(separator: ", "))"
        case .missingParameter(let key, let file):
            "\(file): the parameter '\(key)' is missing; the file is incomplete or of a kind that is not known here"
        case .badParameter(let key, let value, let expected, let file):
            "\(file): the parameter '\(key)' is \(value), but must be \(expected)"
        case .unsupported(let what, let file):
            "\(file): \(what) is not supported"
        case .missingTensor(let name, let file):
            "\(file): the tensor '\(name)' is missing; the file is incomplete or belongs to another architecture"
        case .wrongShape(let tensor, let expected, let got, let file):
            "\(file): the tensor '\(tensor)' has shape \(got), but the model's parameters ask for \(expected)"
        case .badTensor(let name, let reason, let file):
            "\(file): the tensor '\(name)' can't be used: \(reason)"
        case .unknownToken(let id, let vocabulary):
            "token \(id) is not in the model's vocabulary of \(vocabulary)"
        case .contextExceeded(let needed, let context):
            "\(needed) tokens do not fit the context of \(context) tokens; shorten the text or set a larger context"
        case .cacheFull(let needed, let budget):
            "the key/value cache needs \(needed) bytes more, but its budget is \(budget) bytes"
        case .windowTooShort(let tokens):
            "a window of \(tokens) tokens predicts nothing; it must have at least 2"
        case .damagedTensor(let name, let file):
            "\(file): the tensor '\(name)' holds numbers that are NaN or infinite, so that the logits are not finite; "
                + "the file is damaged: get it again"
        case .damagedLogits:
            "the model's logits are not finite: its weights are damaged or of another model"
        }
    }
}
