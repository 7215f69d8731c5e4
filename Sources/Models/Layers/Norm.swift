import ApusTensors

/// Normalisation of each row: layer norm where a bias or a mean belongs to it, root mean square otherwise.
public struct Norm: Sendable {
    public enum Kind: Sendable, Equatable {
        case rms
        case layer
    }

    public let kind: Kind
    public let weight: Tensor
    public let bias: Tensor?
    public let epsilon: Float

    /// Reads `NAME.weight`, and `NAME.bias` where the file has it.
    public init(_ weights: Weights, _ name: String, _ kind: Kind, width: Int, epsilon: Float) throws {
        self.kind = kind
        self.weight = try weights.vector("\(name).weight", width)
        self.bias = kind == .layer ? try weights.vectorIfPresent("\(name).bias", width) : nil
        self.epsilon = epsilon
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        switch kind {
        case .rms: x.rmsNormalized(weight: weight, epsilon: epsilon)
        case .layer: x.layerNormalized(weight: weight, bias: bias, epsilon: epsilon)
        }
    }
}
