import ApusTensors

/// A low-rank change of a linear map (LoRA, Hu et al. 2022): adds `scale · B (A x)` to what the map gives.
public struct LowRankAdapter: Sendable {
    /// A, `[rank, inputs]`.
    public let down: Tensor
    /// B, `[outputs, rank]`.
    public let up: Tensor
    /// α / rank, or α / √rank for rank-stabilised adapters.
    public let scale: Float
    /// Share of the inputs that a training step leaves out.
    public let dropout: Dropout?

    public init(down: Tensor, up: Tensor, scale: Float, dropout: Dropout? = nil) {
        self.down = down
        self.up = up
        self.scale = scale
        self.dropout = dropout
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        (dropout.map { $0(x) } ?? x).linear(down).scaled(by: scale).linear(up)
    }
}

/// Where a model's linear maps find their adapters.
public protocol AdapterSource: Sendable {
    /// The adapter of the map whose weight has this GGUF name, such as `blk.0.attn_q.weight`; nil for none.
    ///
    /// - Throws: where there is one that does not fit the map's sizes.
    func adapter(for name: String, inputs: Int, outputs: Int) throws -> LowRankAdapter?
}
