import ApusModelFiles
import ApusTokenization

/// Writes a packed corpus in one go; the file appears when it is whole. See ``PackedCorpus`` for the format.
///
/// The table of documents is held in memory until the end: 16 bytes a document.
struct PackedCorpusWriter {
    private let output: OutputFile
    private let width: Int
    private var fingerprint = Fingerprinter()
    private var document = Fingerprinter()
    private var table: [UInt64] = []
    private var hashes: Set<UInt64> = []
    private var buffer: [UInt8] = []
    private(set) var tokens = 0
    private var written = 0

    var documents: Int { table.count / 2 }
    /// Documents that are not those before them.
    private(set) var distinctDocuments = 0

    init(path: String, tokenizer: Fingerprint, vocabulary: Int) throws(FileError) {
        output = try OutputFile(path: path)
        width = vocabulary <= 1 << 16 ? 2 : 4
        append(PackedCorpus.magic)
        append(UInt64(width) << 32 | 1)
        append(UInt64(vocabulary))
        append(tokenizer.high)
        append(tokenizer.low)
        append([UInt8](repeating: 0, count: 24))
    }

    /// Adds tokens to the document at hand.
    mutating func add(_ ids: ArraySlice<TokenID>) throws(FileError) {
        let start = buffer.count
        for id in ids {
            buffer.append(UInt8(truncatingIfNeeded: id))
            buffer.append(UInt8(truncatingIfNeeded: id >> 8))
            if width == 4 {
                buffer.append(UInt8(truncatingIfNeeded: id >> 16))
                buffer.append(UInt8(truncatingIfNeeded: id >> 24))
            }
        }
        buffer.withUnsafeBytes { document.update(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        tokens += ids.count
        if buffer.count >= 1 << 18 { try flush() }
    }

    /// Ends the document at hand.
    mutating func endDocument() {
        let hash = document.finish().low
        document = Fingerprinter()
        table.append(UInt64(tokens))
        table.append(hash)
        if hashes.insert(hash).inserted { distinctDocuments += 1 }
    }

    mutating func finish() throws(FileError) {
        let data = tokens * width
        append([UInt8](repeating: 0, count: PackedCorpus.padded(data) - data))
        for number in table {
            append(number)
            if buffer.count >= 1 << 18 { try flush() }
        }
        append(UInt64(tokens))
        append(UInt64(documents))
        try flush()
        let content = fingerprint.finish()
        append(content.high)
        append(content.low)
        append([UInt8](repeating: 0, count: 24) + PackedCorpus.endMagic)
        try flush()
        try output.finish()
    }

    private mutating func append(_ bytes: [UInt8]) { buffer += bytes }

    private mutating func append(_ number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { buffer.append(contentsOf: $0) }
    }

    private mutating func flush() throws(FileError) {
        fingerprint.update(buffer)
        try output.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
