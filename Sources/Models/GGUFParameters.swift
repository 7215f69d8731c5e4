import ApusModelFiles

extension Parameters {
    /// The metadata of a GGUF file below a prefix such as `llama.`.
    public init(_ metadata: GGUFMetadata, prefix: String) {
        self.init(file: metadata.file, prefix: prefix) { metadata[$0]?.json }
    }
}

extension GGUFValue {
    /// Numbers, booleans, strings and lists of numbers, as far as they are hyperparameters.
    fileprivate var json: JSON? {
        switch self {
        case .bool(let value): .bool(value)
        case .float32(let value): .number(Double(value))
        case .float64(let value): .number(value)
        case .string(let value): value.text.map { .string($0) }
        case .array(let array):
            array.count <= 1 << 16
                ? .array((0..<array.count).map { array.number(at: $0)?.json ?? .null })
                : .string("a list of \(array.count)")
        default: intValue.map { .integer($0) }
        }
    }
}
