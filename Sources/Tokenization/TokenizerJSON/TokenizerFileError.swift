/// Why tokenizer files cannot be used: which file, which place in it, and what is wrong there.
public struct TokenizerFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file, where it is known.
    public var file: String?
    /// The JSON path ("pre_tokenizer.pretokenizers[1].pattern") or the line.
    public var path: String
    public var reason: String

    public init(file: String? = nil, path: String, _ reason: String) {
        self.file = file
        self.path = path
        self.reason = reason
    }

    public var description: String {
        "\(file.map { $0 + ": " } ?? "tokenizer: ")\(path.isEmpty ? "" : path + ": ")\(reason)"
    }
}
