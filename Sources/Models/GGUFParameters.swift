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
        // Bytes that are no UTF-8 are a value too, though never a good one: the key is not absent.
        case .string(let value): .string(String(decoding: value.bytes, as: UTF8.self))
        case .uint64(let value): Int(exactly: value).map { .integer($0) } ?? .number(Double(value))
        case .array(let array):
            array.count <= 1 << 16
                ? .array((0..<array.count).map { array.number(at: $0)?.json ?? .null })
                : .string("a list of \(array.count)")
        default: intValue.map { .integer($0) }
        }
    }
}
