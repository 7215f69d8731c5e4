import ApusTensors

/// Writes a safetensors file: the header first, then the tensors' bytes one after another as they are made. The file
/// appears under its name when it is whole.
public final class SafetensorsWriter {
    /// A tensor to come.
    public struct Description: Sendable {
        public var name: String
        public var type: SafetensorsType
        /// Row-major, outermost dimension first.
        public var shape: [Int]

        public init(name: String, type: SafetensorsType, shape: [Int]) {
            self.name = name
            self.type = type
            self.shape = shape
        }
    }

    private let file: OutputFile
    private let tensors: [Description]
    private let sizes: [Int]
    private var current = 0
    private var currentBytes = 0

    /// - Parameters:
    ///   - tensors: their bytes are appended in this order. Readers use tensors in place only where wide types come
    ///     before narrow ones, or all have one type.
    ///   - metadata: texts; transformers asks for `format`.
    public init(
        path: String, tensors: [Description], metadata: [(key: String, value: String)] = [("format", "pt")]
    ) throws {
        var header = JSON.Object()
        if !metadata.isEmpty {
            header["__metadata__"] = .object(JSON.Object(metadata.map { ($0.key, .string($0.value)) }))
        }
        var sizes: [Int] = []
        var position = 0
        for tensor in tensors {
            let size = try Self.byteCount(tensor, path: path)
            guard !header.has(tensor.name) else {
                throw SafetensorsError(file: path, problem: .duplicateTensor(tensor.name))
            }
            let (end, overflow) = position.addingReportingOverflow(size)
            guard !overflow else { throw SafetensorsError(file: path, problem: .sizeOverflow(tensor: tensor.name)) }
            header[tensor.name] = [
                "dtype": .string(tensor.type.name), "shape": .array(tensor.shape.map { .integer($0) }),
                "data_offsets": [.integer(position), .integer(end)],
            ]
            sizes.append(size)
            position = end
        }
        var text = Array(JSON.object(header).serialized().utf8)
        while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
        guard text.count <= SafetensorsFile.largestHeader else {
            throw SafetensorsError(
                file: path,
                problem: .headerTooLarge(bytes: UInt64(text.count), limit: SafetensorsFile.largestHeader))
        }
        self.tensors = tensors
        self.sizes = sizes
        file = try OutputFile(path: path)
        var length: [UInt8] = []
        length.appendLittleEndian(UInt64(text.count))
        try file.write(length)
        try file.write(text)
        passEmptyTensors()
    }

    /// Bytes of a tensor.
    /// - Throws: `SafetensorsError` for a shape that is impossible.
    static func byteCount(_ tensor: Description, path: String) throws(SafetensorsError) -> Int {
        guard let count = elementCount(of: tensor.shape) else {
            throw SafetensorsError(file: path, problem: .sizeOverflow(tensor: tensor.name))
        }
        let (bits, overflow) = count.multipliedReportingOverflow(by: tensor.type.bits)
        guard !overflow, bits % 8 == 0 else {
            throw SafetensorsError(file: path, problem: .sizeOverflow(tensor: tensor.name))
        }
        return bits / 8
    }

    private func passEmptyTensors() {
        while current < sizes.count, sizes[current] == 0 { current += 1 }
    }

    /// Appends bytes of the next tensor; may be called several times for one tensor.
    public func append(_ bytes: UnsafeRawBufferPointer) throws {
        guard !bytes.isEmpty else { return }
        guard current < tensors.count, bytes.count <= sizes[current] - currentBytes else {
            let name = current < tensors.count ? " of tensor '\(tensors[current].name)'" : ""
            throw SafetensorsError(file: file.path, problem: .writing("more bytes than the shape\(name) has"))
        }
        try file.write(bytes)
        currentBytes += bytes.count
        if currentBytes == sizes[current] {
            current += 1
            currentBytes = 0
            passEmptyTensors()
        }
    }

    public func append(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try append($0) }
    }

    /// Puts the file in its place.
    /// - Throws: `SafetensorsError` where tensors are missing; then no file appears.
    public func finish() throws {
        guard current == tensors.count else {
            throw SafetensorsError(
                file: file.path, problem: .writing("tensor '\(tensors[current].name)' was not written to its end"))
        }
        try file.finish()
    }

    /// Writes the weights of a folder: `model.safetensors`, or shards of at most `maximumShardBytes` (a larger tensor
    /// has a shard of its own) with `model.safetensors.index.json`. Makes each tensor's bytes when its turn comes.
    public static func write(
        folder: String, tensors: [Description], maximumShardBytes: Int = 5_000_000_000,
        metadata: [(key: String, value: String)] = [("format", "pt")],
        bytes: (Description, (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        let indexPath = "\(folder)/model.safetensors.index.json"
        var shards: [[Description]] = [[]]
        var shardBytes = 0
        var total = 0
        for tensor in tensors {
            let size = try byteCount(tensor, path: indexPath)
            let (sum, overflow) = total.addingReportingOverflow(size)
            guard !overflow else {
                throw SafetensorsError(file: indexPath, problem: .sizeOverflow(tensor: tensor.name))
            }
            total = sum
            if shardBytes > 0, size > maximumShardBytes - shardBytes {
                shards.append([])
                shardBytes = 0
            }
            shards[shards.count - 1].append(tensor)
            shardBytes += size
        }
        var weightMap = JSON.Object()
        let split = SplitName(prefix: "model", parts: shards.count, suffix: "safetensors")
        for (number, shard) in shards.enumerated() {
            let name = shards.count == 1 ? "model.safetensors" : split.name(ofPart: number + 1)
            // Wide types first, so that every tensor lies at a multiple of its element.
            let ordered = shard.enumerated().sorted {
                ($1.element.type.bits, $0.offset) < ($0.element.type.bits, $1.offset)
            }.map(\.element)
            let writer = try SafetensorsWriter(path: "\(folder)/\(name)", tensors: ordered, metadata: metadata)
            for tensor in ordered {
                try bytes(tensor) { try writer.append($0) }
                weightMap[tensor.name] = .string(name)
            }
            try writer.finish()
        }
        guard shards.count > 1 else { return }
        let index: JSON = ["metadata": ["total_size": .integer(total)], "weight_map": .object(weightMap)]
        let file = try OutputFile(path: indexPath)
        try file.write(Array((index.serialized(pretty: true) + "\n").utf8))
        try file.finish()
    }
}
