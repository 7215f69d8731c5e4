/// Weights spread over several files by an index: `model.safetensors.index.json` or `pytorch_model.bin.index.json`.
public struct ShardedWeights: WeightSource {
    public let tensorNames: [String]
    public let files: [String]
    private let sources: [any WeightSource]
    private let sourceIndex: [ByteKey: Int]

    private static let largestIndex = 1 << 25
    private static let mostTensors = 1 << 18

    /// - Parameter open: opens one shard.
    /// - Throws: `ShardError`, `JSONError`, and what `open` throws.
    public init(indexPath: String, open: (String) throws -> any WeightSource) throws {
        let mapping = try FileMapping(path: indexPath)
        guard mapping.count <= Self.largestIndex else {
            throw FileError.tooLarge(path: indexPath, bytes: mapping.count, limit: Self.largestIndex)
        }
        let map = try Self.weightMap(mapping)
        let slash = indexPath.lastIndex(of: "/")
        let folder = slash.map { String(indexPath[...$0]) } ?? ""
        var names: [String] = []
        var sourceIndex: [ByteKey: Int] = [:]
        var shards: [ByteKey: Int] = [:]
        var sources: [any WeightSource] = []
        var files: [String] = []
        for (tensor, shard) in map {
            let known = shards[ByteKey(shard)]
            let number = known ?? sources.count
            if known == nil {
                guard Self.isPlainName(shard) else {
                    throw ShardError.unsafeName(index: indexPath, tensor: tensor, shard: shard)
                }
                let path = folder + shard
                do {
                    sources.append(try open(path))
                } catch FileError.missing {
                    throw ShardError.missingShard(index: indexPath, shard: path, tensor: tensor)
                }
                files.append(path)
                shards[ByteKey(shard)] = number
            }
            guard sources[number].has(tensor) else {
                throw ShardError.notInShard(index: indexPath, tensor: tensor, shard: files[number])
            }
            guard sourceIndex.updateValue(number, forKey: ByteKey(tensor)) == nil else {
                throw ShardError.duplicateTensor(index: indexPath, tensor: tensor)
            }
            names.append(tensor)
        }
        tensorNames = names
        self.files = files
        self.sources = sources
        self.sourceIndex = sourceIndex
    }

    public func has(_ name: String) -> Bool { sourceIndex[ByteKey(name)] != nil }

    public func tensor(named name: String) throws -> StoredTensor {
        guard let number = sourceIndex[ByteKey(name)] else {
            throw WeightError.missing(tensor: name, files: files)
        }
        return try sources[number].tensor(named: name)
    }

    /// A name of a file in the same folder, nothing that leads elsewhere.
    private static func isPlainName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }

    private static func weightMap(_ mapping: FileMapping) throws -> [(tensor: String, shard: String)] {
        var map: [(tensor: String, shard: String)] = []
        var isThere = false
        let limits = JSON.Limits(depth: 64, string: 1024)
        try JSONReader.read(mapping.bytes, limits: limits, source: mapping.path) {
            (reader) throws(JSONReader.Failure) in
            try reader.members(depth: 0) { (reader, key) throws(JSONReader.Failure) in
                guard key.hasSameBytes(as: "weight_map") else { return try reader.skip(depth: 1) }
                isThere = true
                try reader.members(depth: 1) { (reader, tensor) throws(JSONReader.Failure) in
                    let shard = try reader.string()
                    guard map.count < mostTensors else { throw reader.fail(.tooLarge) }
                    map.append((tensor, shard))
                }
            }
        }
        // Held until here: the reader has only a pointer.
        return try withExtendedLifetime(mapping) {
            guard isThere else { throw ShardError.noWeightMap(index: mapping.path) }
            return map
        }
    }
}

/// Why an index of shards cannot be used.
public enum ShardError: Error, Sendable, Equatable, CustomStringConvertible {
    case noWeightMap(index: String)
    case unsafeName(index: String, tensor: String, shard: String)
    case missingShard(index: String, shard: String, tensor: String)
    case notInShard(index: String, tensor: String, shard: String)
    case duplicateTensor(index: String, tensor: String)

    public var description: String {
        switch self {
        case .noWeightMap(let index): "\(index): has no 'weight_map'"
        case .unsafeName(let index, let tensor, let shard):
            "\(index): tensor '\(tensor)' is said to be in '\(shard)', which is no file name in this folder"
        case .missingShard(let index, let shard, let tensor):
            "\(index): the file \(shard), which has tensor '\(tensor)', is missing; download the model again"
        case .notInShard(let index, let tensor, let shard):
            "\(index): tensor '\(tensor)' is said to be in \(shard), but is not there"
        case .duplicateTensor(let index, let tensor): "\(index): tensor '\(tensor)' is there twice"
        }
    }
}
