/// A model's `config.json`, as transformers 4 and 5 write it.
public struct HuggingFaceConfig: Sendable {
    /// The file, for messages.
    public let file: String
    /// The whole object.
    public let whole: JSON.Object
    /// The object of the language model where the model has other parts too (`text_config`).
    public let text: JSON.Object?

    /// - Throws: `HuggingFaceError` where this is no object.
    public init(_ json: JSON, file: String) throws(HuggingFaceError) {
        guard let whole = json.objectValue else {
            throw .wrongType(file: file, key: "the file", expected: "an object", actual: json.kind)
        }
        self.file = file
        self.whole = whole
        switch whole["text_config"] {
        case nil, .null?: text = nil
        case .object(let object)?: text = object
        case let other?:
            throw .wrongType(file: file, key: "text_config", expected: "an object", actual: other.kind)
        }
    }

    /// What is said of the model as a whole even where it has parts.
    private static let keysOfTheWhole: Set<String> = [
        "architectures", "bos_token_id", "dtype", "eos_token_id", "pad_token_id", "quantization_config", "torch_dtype",
        "transformers_version",
    ]

    /// The value of a key: of the language model's own object first, then of the whole; the other way round for what
    /// is said of the whole (tokens, types). Keys whose value is `null` give `.null`.
    public subscript(key: String) -> JSON? {
        guard let text else { return whole[key] }
        let isOfTheWhole = Self.keysOfTheWhole.contains(key)
        let (first, second) = isOfTheWhole ? (whole, text) : (text, whole)
        guard let value = first[key] else { return second[key] }
        return value.isNull && isOfTheWhole ? second[key] ?? value : value
    }

    private func present(_ key: String) -> JSON? {
        guard let value = self[key], !value.isNull else { return nil }
        return value
    }

    /// The type of the whole model, such as `llama` or `gemma3`.
    public var modelType: String? { whole["model_type"]?.stringValue }

    public var architectures: [String] { present("architectures")?.arrayValue?.compactMap(\.stringValue) ?? [] }

    /// The type that weights were saved in: `bfloat16`, … (`dtype`, or `torch_dtype` before transformers 5).
    public var dtype: String? {
        guard let name = (present("dtype") ?? present("torch_dtype"))?.stringValue else { return nil }
        return name.hasPrefix("torch.") ? String(name.dropFirst(6)) : name
    }

    /// The tokens that end a text, written as one number or several.
    public var endTokenIDs: [Int] { self["eos_token_id"]?.integerOrIntegers ?? [] }
}

extension JSON {
    /// The integers of a value that is written as one or as an array; nil for anything else.
    public var integerOrIntegers: [Int]? {
        if let one = intValue { return [one] }
        guard let array = arrayValue else { return nil }
        var integers: [Int] = []
        for element in array {
            guard let integer = element.intValue else { return nil }
            integers.append(integer)
        }
        return integers
    }
}
