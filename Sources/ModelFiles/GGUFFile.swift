import ApusTensors

/// A GGUF model, in one file or in several parts. Opening it costs its metadata only; tensors are used where they lie.
public struct GGUFFile: WeightSource {
    public let metadata: GGUFMetadata
    public let version: UInt32
    /// Bytes that the places of tensors are a multiple of.
    public let alignment: Int
    /// All tensors in the order of the parts.
    public let tensors: [GGUFTensorInfo]
    private let index: [ByteKey: Int]
    private let mappings: [FileMapping]

    /// Opens a file; of a model in parts (`NAME-00001-of-0000N.gguf`) any of them, the others being found beside it.
    /// - Throws: `GGUFError` for a file that is not what it should be, `FileError` for one that cannot be opened.
    public init(path: String) throws {
        let opened = try GGUFPart(FileMapping(path: path))
        let count = try opened.metadata.integer("split.count") ?? 1
        guard count > 1 else {
            try self.init(parts: [opened])
            return
        }
        guard let name = SplitName(path), name.suffix == "gguf" else { throw GGUFError(file: path, problem: .partName) }
        guard name.parts == count else {
            throw GGUFError(
                file: path, problem: .part("split.count is \(count), but the name says \(name.parts) parts"))
        }
        var parts: [GGUFPart] = []
        for number in 0..<count {
            let partPath = name.name(ofPart: number + 1)
            var part: GGUFPart
            do {
                part = try GGUFPart(FileMapping(path: partPath), part: number)
            } catch FileError.missing {
                throw GGUFError(file: path, problem: .missingPart(partPath))
            }
            guard try part.metadata.integer("split.count") == count else {
                throw GGUFError(file: partPath, problem: .part("split.count is not \(count) as in \(path)"))
            }
            let said = try part.metadata.requireInteger("split.no")
            guard said == number else {
                throw GGUFError(
                    file: partPath, problem: .part("split.no is \(said), but the name says part \(number + 1)"))
            }
            parts.append(part)
        }
        try self.init(parts: parts)
    }

    /// A file in memory.
    public init(bytes: [UInt8], name: String) throws {
        let part = try GGUFPart(FileMapping(copying: bytes, name: name))
        try self.init(parts: [part])
    }

    private init(parts: [GGUFPart]) throws(GGUFError) {
        // There is always a first part.
        metadata = parts[0].metadata
        version = parts[0].version
        alignment = parts[0].alignment
        mappings = parts.map(\.mapping)
        var tensors: [GGUFTensorInfo] = []
        var index: [ByteKey: Int] = [:]
        for part in parts {
            for tensor in part.tensors {
                guard index.updateValue(tensors.count, forKey: ByteKey(tensor.name)) == nil else {
                    throw GGUFError(file: part.mapping.path, problem: .duplicateTensor(tensor.name))
                }
                tensors.append(tensor)
            }
            guard tensors.count <= GGUFPart.mostTensors else {
                throw GGUFError(
                    file: part.mapping.path,
                    problem: .tooMany("tensors", count: UInt64(tensors.count), limit: GGUFPart.mostTensors))
            }
        }
        self.tensors = tensors
        self.index = index
        if parts.count > 1, let expected = try metadata.integer("split.tensors.count"), expected != tensors.count {
            throw GGUFError(
                file: mappings[0].path,
                problem: .part("split.tensors.count is \(expected), but the parts have \(tensors.count) tensors"))
        }
    }

    public var files: [String] { mappings.map(\.path) }
    public var tensorNames: [String] { tensors.map(\.name) }
    public func has(_ name: String) -> Bool { index[ByteKey(name)] != nil }

    /// What the file says of a tensor.
    public func info(named name: String) -> GGUFTensorInfo? { index[ByteKey(name)].map { tensors[$0] } }

    public func tensor(named name: String) throws -> StoredTensor {
        guard let info = info(named: name) else { throw WeightError.missing(tensor: name, files: files) }
        let mapping = mappings[info.part]
        guard let dtype = info.type.dtype else {
            throw WeightError.unsupportedType(tensor: name, type: info.type.name, file: mapping.path)
        }
        let slice = MappedSlice(owner: mapping, unchecked: info.offset..<info.offset + info.byteCount)
        return StoredTensor(name: info.name, dtype: dtype, shape: info.shape, slice: slice)
    }

    /// The stored bytes of a tensor of any type, for copying.
    public func slice(of info: GGUFTensorInfo) -> MappedSlice? {
        guard mappings.indices.contains(info.part) else { return nil }
        return mappings[info.part].slice(info.offset..<info.offset + info.byteCount)
    }
}
