/// Why an adapter can't be used.
public enum AdapterError: Error, Equatable, CustomStringConvertible {
    case notAnAdapter(path: String, reason: String)
    /// What this kind of adapter would need is not computed here.
    case unsupported(String, file: String)
    case badValue(key: String, value: String, expected: String, file: String)
    case unknownTensor(String, file: String)
    case missingHalf(of: String, half: String, file: String)
    case badMatrices(String, reason: String, file: String)
    case otherModel(reason: String, file: String, model: String)
    case badScale(String)
    case unknownTarget(String, known: [String], model: String)

    public var description: String {
        switch self {
        case .notAnAdapter(let path, let reason):
            "\(path): is no adapter: \(reason); give a PEFT folder (adapter_config.json and adapter_model.safetensors) "
                + "or a GGUF adapter"
        case .unsupported(let what, let file):
            "\(file): \(what); merge this adapter into its model with the tool that made it, and use the merged model"
        case .badValue(let key, let value, let expected, let file):
            "\(file): '\(key)' is \(value), but must be \(expected)"
        case .unknownTensor(let name, let file):
            "\(file): the tensor '\(name)' is no part of a low-rank adapter (names end in lora_A.weight and "
                + "lora_B.weight, or .lora_a and .lora_b)"
        case .missingHalf(let name, let half, let file):
            "\(file): the adapter of '\(name)' has no matrix \(half); the file is incomplete"
        case .badMatrices(let name, let reason, let file):
            "\(file): the adapter of '\(name)' can't be used: \(reason)"
        case .otherModel(let reason, let file, let model):
            "\(file): the adapter was made for another model than \(model): \(reason)"
        case .badScale(let text):
            "'\(text)' is not a scale of an adapter; give a finite number, as in folder:0.5"
        case .unknownTarget(let name, let known, let model):
            "\(model): there is no linear map '\(name)' to adapt; there are \(known.joined(separator: ", "))"
        }
    }
}
