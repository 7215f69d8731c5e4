import ApusModelFiles
import ApusTensors

/// The tensors of a model under the names that GGUF gives them (`blk.0.attn_q.weight`), whichever format they are
/// stored in. Layers read their weights through a view that knows the block.
public struct Weights: Sendable {
    private let source: any WeightSource
    private let prefix: String
    /// The file or folder, for messages.
    public let file: String

    public init(_ source: any WeightSource, file: String) {
        self.source = source
        self.prefix = ""
        self.file = file
    }

    private init(_ source: any WeightSource, prefix: String, file: String) {
        self.source = source
        self.prefix = prefix
        self.file = file
    }

    /// The tensors of one block.
    public func block(_ index: Int) -> Weights {
        Weights(source, prefix: "\(prefix)blk.\(index).", file: file)
    }

    public func has(_ name: String) -> Bool { source.has(prefix + name) }

    /// A tensor of exactly this shape.
    ///
    /// - Throws: ``ModelError/missingTensor(_:file:)`` or ``ModelError/wrongShape(tensor:expected:got:file:)``.
    public func tensor(_ name: String, _ shape: [Int]) throws -> Tensor {
        let stored = try stored(name)
        guard stored.shape == shape else {
            throw ModelError.wrongShape(tensor: prefix + name, expected: shape, got: stored.shape, file: file)
        }
        return try tensor(stored)
    }

    /// A tensor with `columns` columns and at least `rows` rows, whose number of rows the caller takes from it.
    public func table(_ name: String, columns: Int, atLeast rows: Int) throws -> Tensor {
        let stored = try stored(name)
        guard stored.shape.count == 2, stored.shape[1] == columns, stored.shape[0] >= rows else {
            throw ModelError.wrongShape(
                tensor: prefix + name, expected: [rows, columns], got: stored.shape, file: file)
        }
        return try tensor(stored)
    }

    /// A vector, as float32.
    public func vector(_ name: String, _ count: Int) throws -> Tensor {
        try tensor(name, [count]).dequantized()
    }

    /// A vector, as float32, or nil where the file has none of that name.
    public func vectorIfPresent(_ name: String, _ count: Int) throws -> Tensor? {
        has(name) ? try vector(name, count) : nil
    }

    /// The matrices of all experts: parts of one tensor `[count, outputs, inputs]` (`NAME_exps`), or tensors of their
    /// own (`NAME.0`, `NAME.1`, …).
    public func experts(_ name: String, count: Int, inputs: Int, outputs: Int) throws -> [Tensor] {
        if has("\(name)_exps.weight") {
            let all = try tensor("\(name)_exps.weight", [count, outputs, inputs])
            return try (0..<count).map { try all.slice($0..<$0 + 1).reshaped([outputs, inputs]) }
        }
        return try (0..<count).map { try tensor("\(name).\($0).weight", [outputs, inputs]) }
    }

    /// The names of all tensors of the source.
    var names: [String] { source.tensorNames }

    /// A tensor of any shape, by its whole name.
    func whole(_ name: String) throws -> Tensor { try tensor(source.tensor(named: name)) }

    private func stored(_ name: String) throws -> StoredTensor {
        guard has(name) else { throw ModelError.missingTensor(prefix + name, file: file) }
        return try source.tensor(named: prefix + name)
    }

    private func tensor(_ stored: StoredTensor) throws -> Tensor {
        do {
            return try Tensor(
                shape: stored.shape, dtype: stored.dtype, borrowing: stored.bytes, owner: stored.owner)
        } catch {
            throw ModelError.badTensor(stored.name, reason: "\(error)", file: file)
        }
    }
}
