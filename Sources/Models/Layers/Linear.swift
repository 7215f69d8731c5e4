import ApusTensors

/// A linear map with an optional bias: `[…, inputs]` to `[…, outputs]`.
public struct Linear: Sendable {
    /// `[outputs, inputs]`.
    public let weight: Tensor
    /// `[outputs]`.
    public let bias: Tensor?
    public let adapter: LowRankAdapter?

    public init(weight: Tensor, bias: Tensor? = nil) {
        self.weight = weight
        self.bias = bias
        adapter = nil
    }

    /// Reads `NAME.weight`, and `NAME.bias` where the file has it.
    public init(_ weights: Weights, _ name: String, inputs: Int, outputs: Int) throws {
        weight = try weights.tensor("\(name).weight", [outputs, inputs])
        bias = try weights.vectorIfPresent("\(name).bias", outputs)
        adapter = try weights.adapter("\(name).weight", inputs: inputs, outputs: outputs)
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        let y = x.linear(weight, bias: bias)
        return adapter.map { y + $0(x) } ?? y
    }
}
