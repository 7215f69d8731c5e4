import ApusModelFiles
import ApusModels
import ApusTensors
import ApusTokenization

/// A file that keeps what a model computed of a prompt, so that a later run with the same beginning starts there.
///
/// The file is bound to the model (its sizes, names, and the first and last bytes of every tensor) and to the tokens.
/// Layout, little-endian: the magic `APUSKV02`, the model's fingerprint (8 bytes), a checksum of all that follows (8),
/// the cache's element type (8), the number of tokens (8), the tokens (4 each), the blocks.
struct PromptCache {
    private let file: String
    private let layout: KVLayout
    private let fingerprint: UInt64

    private static let magic = Array("APUSKV02".utf8)
    private static let headerBytes = 40

    init(_ file: String, _ model: LocalModel) throws {
        self.file = file
        layout = model.decoder.cacheLayout(model.cacheType)
        fingerprint = try Self.fingerprint(model)
    }

    /// Takes up what the file has in common with a prompt. Gives the number of tokens taken; 0 where there is no file.
    ///
    /// - Throws: ``GenerationError/promptCache(file:reason:)`` for a file that is damaged or of another model.
    func restore(into sequence: KVSequence, prompt: [TokenID]) throws -> Int {
        let mapping: FileMapping
        do {
            mapping = try FileMapping(path: file)
        } catch .missing {
            return 0
        }
        return try withExtendedLifetime(mapping) {
            let bytes = mapping.bytes
            guard bytes.count >= Self.headerBytes, bytes.prefix(8).elementsEqual(Self.magic) else {
                throw failure("it is no prompt cache of Apus")
            }
            func word(_ offset: Int) -> UInt64 {
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            }
            guard word(8) == fingerprint, word(24) == UInt64(layout.dtype.rawValue) else {
                throw failure("it belongs to another model or cache type; delete it or name another file")
            }
            let count = Int(clamping: word(32))
            guard count <= bytes.count / 4 else { throw failure("it is damaged") }
            let blockCount = (count + KVLayout.blockPositions - 1) / KVLayout.blockPositions
            let blocksStart = Self.headerBytes + 4 * count
            guard bytes.count - blocksStart == blockCount * layout.blockBytes,
                Checksum.of(UnsafeRawBufferPointer(rebasing: bytes[24...])) == word(16)
            else { throw failure("it is damaged") }
            let tokens = (0..<count).map {
                Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: Self.headerBytes + 4 * $0, as: Int32.self))
            }
            // The last token is always computed, for its logits.
            let common = min(zip(tokens, prompt).prefix { $0 == $1 }.count, prompt.count - 1, sequence.context)
            let shared = (common + KVLayout.blockPositions - 1) / KVLayout.blockPositions
            let blocks = (0..<shared).compactMap { index in
                let start = blocksStart + index * layout.blockBytes
                return KVBlock(
                    layout, contents: UnsafeRawBufferPointer(rebasing: bytes[start..<start + layout.blockBytes]))
            }
            try sequence.restore(tokens: Array(tokens.prefix(common)), blocks: blocks)
            return common
        }
    }

    /// Keeps a sequence; the file appears whole or not at all.
    func save(_ sequence: KVSequence) throws {
        var body: [UInt8] = []
        func append(_ value: UInt64) { withUnsafeBytes(of: value.littleEndian) { body.append(contentsOf: $0) } }
        append(UInt64(layout.dtype.rawValue))
        append(UInt64(sequence.length))
        for token in sequence.tokens { withUnsafeBytes(of: token.littleEndian) { body.append(contentsOf: $0) } }
        for block in sequence.filledBlocks { body.append(contentsOf: block.contents) }
        var header = Self.magic
        for value in [fingerprint, body.withUnsafeBytes(Checksum.of)] {
            withUnsafeBytes(of: value.littleEndian) { header.append(contentsOf: $0) }
        }
        let output = try OutputFile(path: file)
        try output.write(header)
        try output.write(body)
        try output.finish()
    }

    private func failure(_ reason: String) -> GenerationError { .promptCache(file: file, reason: reason) }

    private static func fingerprint(_ model: LocalModel) throws -> UInt64 {
        var checksum = Checksum()
        checksum.add(Array("\(model.loaded.configuration)".utf8))
        if let adapters = model.loaded.adapters { checksum.add(Array("\(adapters.fingerprint)".utf8)) }
        for name in model.loaded.weights.tensorNames {
            let tensor = try model.loaded.weights.tensor(named: name)
            checksum.add(Array("\(name) \(tensor.dtype) \(tensor.shape)".utf8))
            withExtendedLifetime(tensor) {
                checksum.add(UnsafeRawBufferPointer(rebasing: tensor.bytes.prefix(4096)))
                checksum.add(UnsafeRawBufferPointer(rebasing: tensor.bytes.suffix(4096)))
            }
        }
        return checksum.value
    }
}

/// FNV-1a over 64-bit words: finds damage, not malice.
struct Checksum {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while offset + 8 <= bytes.count {
            mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset += 8
        }
        while offset < bytes.count {
            mix(UInt64(bytes[offset]))
            offset += 1
        }
        mix(UInt64(bytes.count))
    }

    mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var checksum = Checksum()
        checksum.add(bytes)
        return checksum.value
    }

    private mutating func mix(_ word: UInt64) {
        value = (value ^ word) &* 0x100_0000_01b3
        value ^= value >> 29
    }
}
