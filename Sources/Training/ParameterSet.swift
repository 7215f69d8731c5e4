import ApusModelFiles
import ApusModels
import ApusTensors

/// The tensors that are trained, in the order in which the model's layers asked for them: float32, each a leaf whose
/// gradient gathers.
public final class ParameterSet: ParameterSource, @unchecked Sendable {
    // Sendable: parameters are read while a model is made, and written by the optimiser between steps, each by the one
    // thread that trains.

    /// Where the values at the start come from.
    public enum Start: Sendable {
        /// Copies of a model's weights; its file is never written to.
        case stored(any WeightSource, file: String)
        /// New ones.
        case fresh(Initialization)
        /// What is made for a name and a shape: the matrices of an adapter.
        case made(@Sendable (_ name: String, _ shape: [Int]) throws -> Tensor)
    }

    /// A tensor under its GGUF name.
    public struct Parameter: Sendable {
        public let name: String
        public let tensor: Tensor

        /// Whether weight decay pulls at it: matrices are kept small, norms and biases are not (Loshchilov and Hutter
        /// 2019, and the practice since GPT-2).
        public var decays: Bool { tensor.shape.count >= 2 }
    }

    private let start: Start
    public private(set) var parameters: [Parameter] = []
    private var places: [String: Int] = [:]

    public init(_ start: Start) { self.start = start }

    public var names: [String] { parameters.map(\.name) }

    /// Trained numbers in all.
    public var count: Int { parameters.reduce(0) { $0 + $1.tensor.count } }

    public func has(_ name: String) -> Bool {
        switch start {
        // Experts that a file keeps in one tensor are trained as tensors of their own.
        case .stored(let source, _): Self.expertStem(name) == nil && (source.has(name) || expert(name, source) != nil)
        case .fresh(let initialization): initialization.has(name)
        case .made: places[name] != nil
        }
    }

    /// `blk.0.ffn_up` of `blk.0.ffn_up_exps.weight`; nil for other names.
    static func expertStem(_ name: String) -> Substring? {
        name.hasSuffix("_exps.weight") ? name.dropLast("_exps.weight".count) : nil
    }

    /// The tensor of all experts, and the place in it, of an expert's name such as `blk.0.ffn_up.3.weight`.
    private func expert(_ name: String, _ source: any WeightSource) -> (all: String, index: Int)? {
        let parts = name.split(separator: ".")
        guard parts.count == 5, let index = Int(parts[3]) else { return nil }
        let all = parts[..<3].joined(separator: ".") + "_exps.weight"
        return source.has(all) ? (all, index) : nil
    }

    /// - Throws: ``TrainingError/quantizedBase(tensor:type:file:)``.
    public func parameter(_ name: String, shape: [Int]) throws -> Tensor {
        if let place = places[name] { return parameters[place].tensor }
        let tensor: Tensor
        switch start {
        case .stored(let source, let file):
            let expert = source.has(name) ? nil : expert(name, source)
            let stored = try source.tensor(named: expert?.all ?? name)
            guard stored.dtype.isFloat else {
                throw TrainingError.quantizedBase(tensor: stored.name, type: stored.dtype, file: file)
            }
            let whole = try stored.viewed(file: file)
            tensor =
                try expert.map { try whole.slice($0.index..<$0.index + 1).reshaped(shape).copied() } ?? whole.copied()
        case .fresh(let initialization):
            tensor = try initialization.tensor(name, shape: shape)
        case .made(let make):
            tensor = try make(name, shape)
        }
        let leaf = tensor.requiringGradient()
        places[name] = parameters.count
        parameters.append(Parameter(name: name, tensor: leaf))
        return leaf
    }

    /// Forgets all gradients.
    public func clearGradients() {
        for parameter in parameters { parameter.tensor.clearGradient() }
    }
}

/// How parameters begin that nobody trained before.
public struct Initialization: Sendable {
    /// Whether the model has a tensor that not all of its family have.
    let has: @Sendable (String) -> Bool
    let seed: UInt64
    /// Standard deviation of matrices.
    let deviation: Double
    /// Blocks of the model: what they add to the stream is made smaller by √(2 · blocks) (Radford et al. 2019).
    let layers: Int

    public init(
        seed: UInt64, layers: Int, deviation: Double = 0.02, has: @escaping @Sendable (String) -> Bool
    ) {
        self.seed = seed
        self.layers = layers
        self.deviation = deviation
        self.has = has
    }

    /// Norms begin as ones, biases as zeros, everything else normally distributed. A tensor's numbers follow from the
    /// seed and its name, so they do not depend on which other tensors there are.
    func tensor(_ name: String, shape: [Int]) throws -> Tensor {
        let count = shape.reduce(1, *)
        if name.hasSuffix(".bias") { return try Tensor([Float](repeating: 0, count: count), shape: shape) }
        if shape.count == 1 { return try Tensor([Float](repeating: 1, count: count), shape: shape) }
        let addsToStream = name.hasSuffix("attn_output.weight") || name.contains("ffn_down")
        let scale = addsToStream ? deviation / (2 * Double(max(1, layers))).squareRoot() : deviation
        // FNV-1a over the name.
        let key = name.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        var random = RandomGenerator(seed: seed, stream: key | 1)
        return try Tensor((0..<count).map { _ in Float(random.normal() * scale) }, shape: shape)
    }
}
