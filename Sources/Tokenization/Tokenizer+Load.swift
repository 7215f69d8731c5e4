import ApusModelFiles

/// Why no tokenizer was found or recognised in a file or folder.
public enum TokenizerLoadError: Error, Sendable, Equatable, CustomStringConvertible {
    case unknownKind(String)
    case patternNeeded(String)

    public var description: String {
        switch self {
        case .unknownKind(let path):
            "\(path): this is no tokenizer: neither GGUF, tokenizer.json, SentencePiece nor .tiktoken"
        case .patternNeeded(let path):
            "\(path): a .tiktoken file needs its pattern: give --pattern "
                + TiktokenEncoding.allCases.map(\.rawValue).joined(separator: "|")
        }
    }
}

extension Tokenizer {
    /// Reads the tokenizer of a GGUF file (a whole model or a vocabulary), a `tokenizer.json`, a SentencePiece `.model`,
    /// a `.tiktoken` file, or of a folder with `tokenizer.json` or `tokenizer.model`. Files are told apart by what is in
    /// them, `.tiktoken` also by name.
    ///
    /// - Parameter encoding: for `.tiktoken` files; without one it is taken from a name such as `cl100k_base.tiktoken`.
    public static func load(path: String, encoding: TiktokenEncoding? = nil) throws -> Tokenizer {
        if FileMapping.isFolder(path) { return try folder(path) }
        let mapping = try FileMapping(path: path)
        return try mapping.withBytes { try load($0.bindMemory(to: UInt8.self), path: path, encoding: encoding) }
    }

    private static func load(
        _ bytes: UnsafeBufferPointer<UInt8>, path: String, encoding: TiktokenEncoding?
    ) throws -> Tokenizer {
        if bytes.starts(with: Array("GGUF".utf8)) { return try Tokenizer(gguf: GGUFFile(path: path).metadata) }
        if let encoding { return try Tokenizer(tiktoken: bytes, file: path, encoding: encoding) }
        if path.hasSuffix(".tiktoken") || looksLikeRanks(bytes) {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            let known: TiktokenEncoding? =
                name.hasPrefix("whisper") || name.hasPrefix("multilingual")
                ? .whisper : TiktokenEncoding.allCases.first { name.hasPrefix($0.rawValue) }
            guard let known else { throw TokenizerLoadError.patternNeeded(path) }
            return try Tokenizer(tiktoken: bytes, file: path, encoding: known)
        }
        if let first = bytes.first(where: { !WhiteSpace.isASCII($0) }), first == UInt8(ascii: "{") {
            return try Tokenizer(try TokenizerJSON.parts(parsing: bytes))
        }
        // A SentencePiece model is a message whose first field, 1, is a piece of some length.
        if bytes.first == 0x0A { return try Tokenizer(sentencePiece: SentencePieceModel(parsing: bytes)) }
        throw TokenizerLoadError.unknownKind(path)
    }

    /// Whether the first line is Base64, a space and a number.
    private static func looksLikeRanks(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let line = bytes.prefix(1024).prefix { $0 != 0x0A }
        let parts = line.split(separator: 0x20)
        return parts.count == 2 && parts[0].count % 4 == 0 && parts[1].allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }
}
