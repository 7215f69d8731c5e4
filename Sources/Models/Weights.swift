import ApusModelFiles
import ApusTensors

/// The tensors of a model under the names that GGUF gives them (`blk.0.attn_q.weight`), whichever format they are
/// stored in. Layers read their weights through a view that knows the block.
public struct Weights: Sendable {
    private let origin: Origin
    private let adapters: (any AdapterSource)?
    private let prefix: String
    /// The file or folder, for messages.
    public let file: String

    private enum Origin {
        case stored(any WeightSource)
        case parameters(any ParameterSource)
    }

    /// Tensors used where they are stored.
    public init(_ source: any WeightSource, adapters: (any AdapterSource)? = nil, file: String) {
        self.init(.stored(source), adapters, prefix: "", file: file)
    }

    /// Tensors that are trained, or that are there only as long as the process.
    public init(_ parameters: any ParameterSource, file: String) {
        self.init(.parameters(parameters), nil, prefix: "", file: file)
    }

    private init(_ origin: Origin, _ adapters: (any AdapterSource)?, prefix: String, file: String) {
        self.origin = origin
        self.adapters = adapters
        self.prefix = prefix
        self.file = file
    }

    /// The tensors of one block.
    public func block(_ index: Int) -> Weights {
        Weights(origin, adapters, prefix: "\(prefix)blk.\(index).", file: file)
    }

    public func has(_ name: String) -> Bool {
        switch origin {
        case .stored(let source): source.has(prefix + name)
        case .parameters(let source): source.has(prefix + name)
        }
    }

    /// A tensor of exactly this shape.
    ///
    /// - Throws: ``ModelError/missingTensor(_:file:)`` or ``ModelError/wrongShape(tensor:expected:got:file:)``.
    public func tensor(_ name: String, _ shape: [Int]) throws -> Tensor {
        guard has(name) else { throw ModelError.missingTensor(prefix + name, file: file) }
        let tensor = try whole(prefix + name, shape)
        guard tensor.shape == shape else {
            throw ModelError.wrongShape(tensor: prefix + name, expected: shape, got: tensor.shape, file: file)
        }
        return tensor
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

    /// The adapter of a linear map, by the name of its weight.
    func adapter(_ name: String, inputs: Int, outputs: Int) throws -> LowRankAdapter? {
        try adapters?.adapter(for: prefix + name, inputs: inputs, outputs: outputs)
    }

    /// The names of all tensors of the source.
    var names: [String] {
        switch origin {
        case .stored(let source): source.tensorNames
        case .parameters(let source): source.names
        }
    }

    /// A tensor by its whole name, of whatever shape it is stored in. Parameters that are made anew take `shape`.
    func whole(_ name: String, _ shape: [Int] = []) throws -> Tensor {
        switch origin {
        case .stored(let source): try source.tensor(named: name).viewed(file: file)
        case .parameters(let source): try source.parameter(name, shape: shape)
        }
    }
}

/// Where the tensors of a model come from that do not lie in a file as they are: the parameters of training.
public protocol ParameterSource: Sendable {
    /// The names of the tensors that have been asked for.
    var names: [String] { get }

    func has(_ name: String) -> Bool

    /// The tensor of a GGUF name. A source that makes parameters anew gives it this shape; the caller checks it.
    func parameter(_ name: String, shape: [Int]) throws -> Tensor
}

extension StoredTensor {
    /// A tensor over the stored bytes, where they lie.
    public func viewed(file: String) throws(ModelError) -> Tensor {
        do {
            return try Tensor(shape: shape, dtype: dtype, borrowing: bytes, owner: owner)
        } catch {
            throw .badTensor(name, reason: "\(error)", file: file)
        }
    }
}
