import ApusTensors

/// The position-wise network of a block: two layers, or three with a gate (Shazeer 2020).
public struct FeedForward: Sendable {
    /// Where the gate comes from.
    public enum Gate: Sendable {
        case none
        case separate(Linear)
        /// Gate and up are the halves of one matrix.
        case fused
    }

    public let gate: Gate
    public let up: Linear
    public let down: Linear
    public let activation: Activation
    let width: Int

    /// Reads `ffn_up` and `ffn_down`, and `ffn_gate` for a gated network. A gated network without `ffn_gate` has both
    /// halves in `ffn_up`.
    public init(_ weights: Weights, inputs: Int, width: Int, activation: Activation, gated: Bool) throws {
        let separate = gated && weights.has("ffn_gate.weight")
        if separate {
            gate = .separate(try Linear(weights, "ffn_gate", inputs: inputs, outputs: width))
        } else {
            gate = gated ? .fused : .none
        }
        up = try Linear(weights, "ffn_up", inputs: inputs, outputs: gated && !separate ? 2 * width : width)
        down = try Linear(weights, "ffn_down", inputs: width, outputs: inputs)
        self.activation = activation
        self.width = width
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        switch gate {
        case .none:
            return down(up(x).activated(activation))
        case .separate(let gate):
            return down(gate(x).gated(activation, up(x)))
        case .fused:
            let both = up(x)
            return down(both.columns(0..<width).gated(activation, both.columns(width..<2 * width)))
        }
    }
}
