/// Why a Hugging Face folder cannot be used.
public enum HuggingFaceError: Error, Sendable, Equatable, CustomStringConvertible {
    case notAFolder(path: String)
    case missingConfig(path: String)
    /// `found` are files that hold weights in a form that is not read.
    case missingWeights(path: String, found: [String])
    case wrongType(file: String, key: String, expected: String, actual: String)
    case notUTF8(file: String)

    public var description: String {
        switch self {
        case .notAFolder(let path): "\(path): no such folder"
        case .missingConfig(let path): "\(path): has no config.json, so it is no Hugging Face model"
        case .missingWeights(let path, let found):
            "\(path): has no weights (model.safetensors, model.safetensors.index.json, pytorch_model.bin or "
                + "pytorch_model.bin.index.json)"
                + (found.isEmpty ? "" : "; \(found.joined(separator: ", ")) cannot be read here")
        case .wrongType(let file, let key, let expected, let actual):
            "\(file): '\(key)' is \(actual), expected \(expected)"
        case .notUTF8(let file): "\(file): is not valid UTF-8"
        }
    }
}
