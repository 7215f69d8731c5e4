import ApusModelFiles
import ApusTokenization

/// A corpus as tokens in a file that is mapped: opening one of any size takes no memory.
///
/// The file, all numbers little-endian:
///
/// | bytes | what |
/// | --- | --- |
/// | 8 | `APUSPACK` |
/// | 4 | version, 1 |
/// | 4 | bytes of a token: 2 for vocabularies of up to 65,536, otherwise 4 |
/// | 8 | size of the vocabulary |
/// | 16 | ``Fingerprint`` of the tokenizer, high half first |
/// | 24 | zeros |
/// | tokens × 2 or 4 | tokens of all documents, one after another, special tokens included; zeros up to a multiple of 8 |
/// | documents × 16 | for each document where its tokens end, counted in tokens, and 64 bits of its content's fingerprint |
/// | 8 | tokens |
/// | 8 | documents |
/// | 16 | fingerprint of everything before it, high half first |
/// | 24 | zeros |
/// | 8 | `APUSPEND` |
///
/// Counts come last, so that the file is written in one go.
public struct PackedCorpus: Sendable {
    static let magic = Array("APUSPACK".utf8)
    static let endMagic = Array("APUSPEND".utf8)
    static let frameBytes = 64

    public let path: String
    /// Tokens of all documents.
    public let tokens: Int
    public let documents: Int
    /// Tokens are below it.
    public let vocabulary: Int
    /// Of the tokenizer that it was packed with.
    public let tokenizer: Fingerprint
    /// Of all that the file holds: the same data packed again have the same.
    public let content: Fingerprint
    private let mapping: FileMapping
    private let width: Int
    private let tableOffset: Int

    /// Opens a packed corpus. A file of up to 256 MiB is checked to the last byte, a larger one where it is read (see
    /// ``verify()``).
    ///
    /// - Parameter tokenizer: the model's.
    /// - Throws: ``DataError/packed(path:_:)`` for what is no packed corpus, is damaged, or has another tokenizer's
    ///   tokens; `FileError`.
    public init(path: String, tokenizer: Tokenizer) throws {
        try self.init(path: path, tokenizer: tokenizer.fingerprint)
    }

    init(path: String, tokenizer given: Fingerprint) throws {
        let mapping = try FileMapping(path: path)
        self = try mapping.withBytes { try PackedCorpus(mapping, $0) }
        if tokenizer != given {
            throw DataError.packed(path: path, .otherTokenizer(file: tokenizer, given: given))
        }
        if mapping.count <= 256 << 20 { try verify() }
    }

    private init(_ mapping: FileMapping, _ bytes: UnsafeRawBufferPointer) throws(DataError) {
        let path = mapping.path
        func fail(_ problem: DataError.PackedProblem) -> DataError { .packed(path: path, problem) }
        func number(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        guard bytes.count >= 8, bytes.starts(with: Self.magic) else { throw fail(.notPacked) }
        guard bytes.count >= 2 * Self.frameBytes else { throw fail(.truncated(bytes: bytes.count)) }
        let form = number(8)
        guard form & 0xFFFF_FFFF == 1 else { throw fail(.version(Int(form & 0xFFFF_FFFF))) }
        width = Int(form >> 32)
        guard width == 2 || width == 4 else { throw fail(.damaged("tokens of \(width) bytes")) }
        let end = bytes.count - Self.frameBytes
        guard bytes[(bytes.count - 8)...].elementsEqual(Self.endMagic) else {
            throw fail(.truncated(bytes: bytes.count))
        }
        guard let vocabulary = Int(exactly: number(16)), (1...Int(Int32.max)).contains(vocabulary),
            let tokens = Int(exactly: number(end)), let documents = Int(exactly: number(end + 8)),
            tokens >= 0, tokens <= bytes.count, documents >= 0, documents <= bytes.count,
            Self.frameBytes + Self.padded(tokens * width) + documents * 16 == end
        else { throw fail(.damaged("its counts do not fit its size")) }
        self.path = path
        self.mapping = mapping
        self.tokens = tokens
        self.documents = documents
        self.vocabulary = vocabulary
        tokenizer = Fingerprint(high: number(24), low: number(32))
        content = Fingerprint(high: number(end + 16), low: number(end + 24))
        tableOffset = Self.frameBytes + Self.padded(tokens * width)
    }

    static func padded(_ bytes: Int) -> Int { (bytes + 7) / 8 * 8 }

    /// Compares all bytes with the fingerprint that was written with them.
    public func verify() throws(DataError) {
        let found = mapping.withBytes { bytes in
            var fingerprint = Fingerprinter()
            fingerprint.update(UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - Self.frameBytes + 16)]))
            return fingerprint.finish()
        }
        if found != content {
            throw .packed(path: path, .damaged("its bytes are not those that were written"))
        }
    }

    /// Where a document's tokens lie; empty for a table that is damaged.
    func document(_ index: Int) -> Range<Int> {
        let start = index == 0 ? 0 : number(index - 1, 0)
        let end = number(index, 0)
        guard start <= end, end <= UInt64(tokens) else { return 0..<0 }
        return Int(start)..<Int(end)
    }

    /// Equal for documents of equal tokens.
    func documentHash(_ index: Int) -> UInt64 { number(index, 8) }

    private func number(_ document: Int, _ offset: Int) -> UInt64 {
        guard document >= 0, document < documents else { return 0 }
        return mapping.withBytes {
            UInt64(
                littleEndian: $0.loadUnaligned(fromByteOffset: tableOffset + 16 * document + offset, as: UInt64.self))
        }
    }

    /// Appends tokens.
    ///
    /// - Throws: ``DataError/packed(path:_:)`` for a token that the vocabulary does not have.
    public func append(_ range: Range<Int>, to result: inout [TokenID]) throws(DataError) {
        let range = range.clamped(to: 0..<tokens)
        let start = result.count
        mapping.withBytes { bytes in
            if width == 2 {
                for index in range {
                    let offset = Self.frameBytes + 2 * index
                    result.append(
                        TokenID(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))))
                }
            } else {
                for index in range {
                    let offset = Self.frameBytes + 4 * index
                    let token = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                    result.append(TokenID(truncatingIfNeeded: token))
                }
            }
        }
        for index in start..<result.count where result[index] < 0 || Int(result[index]) >= vocabulary {
            throw .packed(
                path: path,
                .token(id: Int(result[index]), position: range.lowerBound + index - start, vocabulary: vocabulary))
        }
    }

    /// Documents, tokens, lengths and duplicates. Warnings are known only to those who packed the texts.
    public func report() -> DataReport {
        var report = DataReport()
        report.files = 1
        report.rows = documents
        report.tokens = tokens
        report.learnedTokens = tokens
        report.lengths = DataReport.Lengths((0..<documents).lazy.map { document($0).count })
        var seen: Set<UInt64> = []
        for index in 0..<documents where !seen.insert(documentHash(index)).inserted { report.duplicates += 1 }
        return report
    }
}
