import ApusTensors

/// Writes a GGUF file (version 3): metadata and the list of tensors first, then the tensors' bytes one after another as
/// they are made. Memory is bounded by what the caller appends at once; the file appears under its name when it is
/// whole.
public final class GGUFWriter {
    /// A tensor to come.
    public struct Description: Sendable {
        public var name: String
        public var type: GGUFTensorType
        /// Row-major, outermost dimension first.
        public var shape: [Int]

        public init(name: String, type: GGUFTensorType, shape: [Int]) {
            self.name = name
            self.type = type
            self.shape = shape
        }

        public init?(name: String, dtype: DType, shape: [Int]) {
            guard let type = GGUFTensorType(number: UInt32(dtype.rawValue)) else { return nil }
            self.init(name: name, type: type, shape: shape)
        }
    }

    private let file: OutputFile
    private let tensors: [Description]
    private let sizes: [Int]
    private let alignment: Int
    private let dataStart: Int
    private var current = 0
    private var currentBytes = 0

    /// - Parameters:
    ///   - metadata: written in this order; `general.alignment` is added where `alignment` is not 32.
    ///   - tensors: their bytes are appended in this order.
    ///   - alignment: a power of two, 8 or more.
    /// - Throws: `GGUFError` for what no reader would accept, `FileError`.
    public init(
        path: String, metadata: [(key: String, value: GGUFValue)], tensors: [Description], alignment: Int = 32
    ) throws {
        guard alignment >= 8, alignment & (alignment - 1) == 0, let stored = UInt32(exactly: alignment) else {
            throw GGUFError(file: path, problem: .alignment("\(alignment)"))
        }
        var metadata = metadata.filter { !$0.key.hasSameBytes(as: "general.alignment") }
        if alignment != 32 { metadata.append(("general.alignment", .uint32(stored))) }
        sizes = try Self.sizes(of: tensors, metadata: metadata, path: path)
        self.tensors = tensors
        self.alignment = alignment
        file = try OutputFile(path: path)

        var header = Array("GGUF".utf8)
        header.appendLittleEndian(UInt32(3))
        header.appendLittleEndian(UInt64(tensors.count))
        header.appendLittleEndian(UInt64(metadata.count))
        try file.write(header)
        for (key, value) in metadata { try Self.write(key, value, to: file) }
        var offset = 0
        for (tensor, size) in zip(tensors, sizes) {
            try file.write(Self.encode(tensor, offset: offset))
            offset += (size + alignment - 1) / alignment * alignment
        }
        try file.pad(to: alignment)
        dataStart = file.position
    }

    /// Appends bytes of the next tensor; may be called several times for one tensor, and must have been called for all
    /// its bytes before the next one's.
    public func append(_ bytes: UnsafeRawBufferPointer) throws {
        guard current < tensors.count else {
            throw GGUFError(file: file.path, problem: .part("more bytes than the listed tensors have"))
        }
        guard bytes.count <= sizes[current] - currentBytes else {
            throw GGUFError(
                file: file.path,
                problem: .part("more than the \(sizes[current]) bytes of tensor '\(tensors[current].name)'"))
        }
        try file.write(bytes)
        currentBytes += bytes.count
        if currentBytes == sizes[current] {
            current += 1
            currentBytes = 0
            try file.pad(to: alignment)
        }
    }

    public func append(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try append($0) }
    }

    /// Puts the file in its place.
    /// - Throws: `GGUFError` where tensors are missing; then no file appears.
    public func finish() throws {
        try checkWhole()
        try file.finish()
    }

    func checkWhole() throws(GGUFError) {
        guard current == tensors.count else {
            throw GGUFError(
                file: file.path, problem: .part("tensor '\(tensors[current].name)' was not written to its end"))
        }
    }

    /// Writes a whole file, making each tensor's bytes when its turn comes.
    public static func write(
        path: String, metadata: [(key: String, value: GGUFValue)], tensors: [Description], alignment: Int = 32,
        bytes: (Description, (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        let writer = try GGUFWriter(path: path, metadata: metadata, tensors: tensors, alignment: alignment)
        for tensor in tensors { try bytes(tensor) { try writer.append($0) } }
        try writer.finish()
    }

    // MARK: Encoding

    /// Bytes of each tensor, after a look at all names and shapes.
    static func sizes(
        of tensors: [Description], metadata: [(key: String, value: GGUFValue)], path: String
    ) throws(GGUFError) -> [Int] {
        var names: Set<ByteKey> = []
        for (key, _) in metadata {
            if key.isEmpty { throw GGUFError(file: path, problem: .emptyName("a metadata key")) }
            guard names.insert(ByteKey(key)).inserted else {
                throw GGUFError(file: path, problem: .duplicateKey(key))
            }
        }
        names = []
        var sizes: [Int] = []
        var total = 0
        for tensor in tensors {
            func fail(_ problem: GGUFError.Problem) -> GGUFError { GGUFError(file: path, problem: problem) }
            if tensor.name.isEmpty { throw fail(.emptyName("a tensor")) }
            // ggml holds names in 64 bytes, the last of them zero.
            guard tensor.name.utf8.count < 64 else {
                throw fail(
                    .nameTooLong("tensor '\(tensor.name)'", bytes: UInt64(tensor.name.utf8.count), limit: 63))
            }
            guard names.insert(ByteKey(tensor.name)).inserted else { throw fail(.duplicateTensor(tensor.name)) }
            guard (1...4).contains(tensor.shape.count) else {
                throw fail(.dimensionCount(tensor: tensor.name, UInt32(clamping: tensor.shape.count)))
            }
            if let bad = tensor.shape.first(where: { $0 <= 0 }) {
                throw fail(.dimension(tensor: tensor.name, UInt64(clamping: bad)))
            }
            let row = tensor.shape.last ?? 0
            guard row % tensor.type.blockSize == 0 else {
                throw fail(
                    .brokenRow(
                        tensor: tensor.name, type: tensor.type.name, elements: row, block: tensor.type.blockSize))
            }
            let blocks = tensor.shape.dropLast() + [row / tensor.type.blockSize, tensor.type.blockBytes]
            guard let size = elementCount(of: blocks) else { throw fail(.sizeOverflow(tensor: tensor.name)) }
            let (sum, overflow) = total.addingReportingOverflow(size)
            // Room for the padding between tensors.
            guard !overflow, sum < 1 << 56 else { throw fail(.sizeOverflow(tensor: tensor.name)) }
            total = sum
            sizes.append(size)
        }
        return sizes
    }

    private static func write(_ key: String, _ value: GGUFValue, to file: OutputFile) throws(FileError) {
        var bytes: [UInt8] = []
        bytes.appendLittleEndian(UInt64(key.utf8.count))
        bytes.append(contentsOf: key.utf8)
        bytes.appendLittleEndian(value.type.rawValue)
        switch value {
        case .uint8(let value): bytes.appendLittleEndian(value)
        case .int8(let value): bytes.appendLittleEndian(value)
        case .uint16(let value): bytes.appendLittleEndian(value)
        case .int16(let value): bytes.appendLittleEndian(value)
        case .uint32(let value): bytes.appendLittleEndian(value)
        case .int32(let value): bytes.appendLittleEndian(value)
        case .float32(let value): bytes.appendLittleEndian(value.bitPattern)
        case .bool(let value): bytes.append(value ? 1 : 0)
        case .uint64(let value): bytes.appendLittleEndian(value)
        case .int64(let value): bytes.appendLittleEndian(value)
        case .float64(let value): bytes.appendLittleEndian(value.bitPattern)
        case .string(let string):
            bytes.appendLittleEndian(UInt64(string.count))
            try file.write(bytes)
            return try string.slice.withBytes { (bytes) throws(FileError) in try file.write(bytes) }
        case .array(let array):
            bytes.appendLittleEndian(array.elementType.rawValue)
            bytes.appendLittleEndian(UInt64(array.count))
            try file.write(bytes)
            return try array.slice.withBytes { (bytes) throws(FileError) in try file.write(bytes) }
        }
        try file.write(bytes)
    }

    private static func encode(_ tensor: Description, offset: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendLittleEndian(UInt64(tensor.name.utf8.count))
        bytes.append(contentsOf: tensor.name.utf8)
        bytes.appendLittleEndian(UInt32(tensor.shape.count))
        for size in tensor.shape.reversed() { bytes.appendLittleEndian(UInt64(size)) }
        bytes.appendLittleEndian(tensor.type.number)
        bytes.appendLittleEndian(UInt64(offset))
        return bytes
    }
}
