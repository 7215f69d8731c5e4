import ApusTensors

/// A sparse feed-forward layer: a router sends each row to a few gated networks and mixes what they give (Mixtral,
/// Jiang et al. 2024).
public struct MixtureOfExperts: Sendable {
    public let router: Linear
    /// Per expert `[width, inputs]`.
    public let gate: [Tensor]
    public let up: [Tensor]
    /// Per expert `[inputs, width]`.
    public let down: [Tensor]
    public let activation: Activation
    /// Experts that see a row.
    public let used: Int

    /// Reads `ffn_gate_inp` and the experts' `ffn_gate`, `ffn_up` and `ffn_down`.
    public init(
        _ weights: Weights, _ experts: DecoderConfiguration.Experts, inputs: Int, width: Int, activation: Activation
    ) throws {
        router = try Linear(weights, "ffn_gate_inp", inputs: inputs, outputs: experts.count)
        gate = try weights.experts("ffn_gate", count: experts.count, inputs: inputs, outputs: width)
        up = try weights.experts("ffn_up", count: experts.count, inputs: inputs, outputs: width)
        down = try weights.experts("ffn_down", count: experts.count, inputs: width, outputs: inputs)
        self.activation = activation
        used = experts.used
    }

    /// Each row's share of an expert: the softmax over all experts, cut to the best and scaled to a sum of 1.
    ///
    /// Experts add to a row in the order of their numbers, so that a row's sum does not depend on its batch.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let shares = router(x).softmax().largestShares(used)
        var rows = [[Int32]](repeating: [], count: gate.count)
        shares.withFloats { all in
            for (index, share) in all.enumerated() where share != 0 {
                rows[index % gate.count].append(Int32(index / gate.count))
            }
        }
        let parts = (0..<gate.count).filter { !rows[$0].isEmpty }.map { expert in
            let input = x.gathered(rows[expert])
            let hidden = input.linear(gate[expert]).gated(activation, input.linear(up[expert]))
            return RowMixture.Part(expert: expert, rows: rows[expert], values: hidden.linear(down[expert]))
        }
        return RowMixture.sum(parts, shares: shares, columns: x.columns)
    }
}
