import ApusModelFiles
import ApusModels
import ApusTensors

/// A model's weights with those that were trained in the place of their former selves.
public struct TrainedWeights: WeightSource {
    private let parameters: [String: Tensor]
    private let order: [String]
    private let base: (any WeightSource)?

    /// - Parameter base: where tensors lie that were not trained; nil for a new model.
    public init(_ set: ParameterSet, base: (any WeightSource)?) {
        parameters = Dictionary(
            set.parameters.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
        order = set.names
        self.base = base
    }

    public var tensorNames: [String] { base?.tensorNames ?? order }
    public var files: [String] { base?.files ?? [] }
    public func has(_ name: String) -> Bool { parameters[name] != nil || base?.has(name) ?? false }

    public func tensor(named name: String) throws -> StoredTensor {
        if let tensor = parameters[name] { return try stored(name, tensor.shape, [tensor]) }
        let experts = experts(of: name)
        if let first = experts.first { return try stored(name, [experts.count] + first.shape, experts) }
        guard let base else { throw WeightError.missing(tensor: name, files: files) }
        return try base.tensor(named: name)
    }

    /// The trained experts that a file keeps in one tensor (`ffn_up_exps.weight`).
    private func experts(of name: String) -> [Tensor] {
        guard let stem = ParameterSet.expertStem(name) else { return [] }
        var found: [Tensor] = []
        while let expert = parameters["\(stem).\(found.count).weight"] { found.append(expert) }
        return found
    }

    private func stored(_ name: String, _ shape: [Int], _ parts: [Tensor]) throws -> StoredTensor {
        var bytes: [UInt8] = []
        for part in parts { part.withFloats { bytes.append(contentsOf: UnsafeRawBufferPointer($0)) } }
        return try StoredTensor(name: name, dtype: .f32, shape: shape, copying: bytes)
    }
}
