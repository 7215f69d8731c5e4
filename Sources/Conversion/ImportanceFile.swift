import ApusModelFiles
import ApusTensors

extension Importance {
    private static let sumsSuffix = ".in_sum2"
    private static let rowsSuffix = ".counts"

    /// Whether a file is one of importance: a GGUF file that says so, in whatever name it has.
    public static func isFile(_ path: String) -> Bool {
        guard let mapping = try? FileMapping(path: path), mapping.withBytes({ $0.starts(with: "GGUF".utf8) }),
            let file = try? GGUFFile(path: path)
        else { return false }
        return (try? file.metadata.string("general.type")) == "imatrix"
    }

    /// Reads llama.cpp's importance matrix: a GGUF file with sums of squares and numbers of rows for each weight.
    ///
    /// - Throws: `ConversionError.badImportance` for a file that is none, and the errors of the format.
    public init(file path: String) throws {
        self.init()
        let file = try GGUFFile(path: path)
        func bad(_ reason: String) -> ConversionError { .badImportance(file: path, reason: reason) }
        guard try file.metadata.string("general.type") == "imatrix" else {
            throw bad("it does not say general.type = imatrix; give a text or a file that llama-imatrix wrote as GGUF")
        }
        windows = try file.metadata.integer("imatrix.chunk_count") ?? 0
        windowTokens = try file.metadata.integer("imatrix.chunk_size") ?? 0
        sources = try file.metadata.requireStrings("imatrix.datasets").map { String(decoding: $0, as: UTF8.self) }
        for name in file.tensorNames where name.hasSuffix(Self.sumsSuffix) {
            let weight = String(name.dropLast(Self.sumsSuffix.count))
            let rows = try Self.values(of: weight + Self.rowsSuffix, in: file, path)
            let sums = try Self.values(of: name, in: file, path)
            guard !rows.isEmpty, sums.count % rows.count == 0 else {
                throw bad("'\(name)' has \(sums.count) sums for \(rows.count) numbers of rows")
            }
            guard rows.allSatisfy({ $0 >= 0 && $0 < 9e15 }), sums.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
                throw bad("'\(weight)' has sums or numbers of rows that are below zero or not finite")
            }
            entries[weight] = Entry(sums: sums, rows: rows.map { Int($0) })
        }
        guard !entries.isEmpty else { throw bad("it has no sums (tensors that end in '\(Self.sumsSuffix)')") }
    }

    private static func values(of name: String, in file: GGUFFile, _ path: String) throws -> [Float] {
        guard file.has(name) else {
            throw ConversionError.badImportance(file: path, reason: "the tensor '\(name)' is missing")
        }
        let stored = try file.tensor(named: name)
        guard stored.dtype == .f32 else {
            throw ConversionError.badImportance(file: path, reason: "'\(name)' is \(stored.dtype), but must be F32")
        }
        return try Tensor(shape: stored.shape, dtype: .f32, borrowing: stored.bytes, owner: stored.owner).toArray()
    }

    /// Writes the file that llama.cpp reads too.
    public func write(to path: String) throws {
        let names = entries.keys.sorted()
        let metadata: [(key: String, value: GGUFValue)] = [
            ("general.type", .string("imatrix")), ("imatrix.datasets", .array(GGUFArray(sources))),
            ("imatrix.chunk_count", .uint32(UInt32(clamping: windows))),
            ("imatrix.chunk_size", .uint32(UInt32(clamping: windowTokens))),
        ]
        var tensors: [(name: String, shape: [Int], values: [Float])] = []
        for name in names {
            guard let entry = entries[name], !entry.rows.isEmpty else { continue }
            let matrices = entry.rows.count
            tensors.append((name + Self.sumsSuffix, [matrices, entry.sums.count / matrices], entry.sums))
            tensors.append((name + Self.rowsSuffix, [matrices, 1], entry.rows.map { Float($0) }))
        }
        let writer = try GGUFWriter(
            path: path, metadata: metadata,
            tensors: tensors.compactMap { .init(name: $0.name, dtype: .f32, shape: $0.shape) })
        for tensor in tensors { try tensor.values.withUnsafeBytes { try writer.append($0) } }
        try writer.finish()
    }
}
