import ApusTensors

/// Causal self-attention with grouped heads (Vaswani et al. 2017; Ainslie et al. 2023).
public struct SelfAttention: Sendable {
    /// Three projections, or one that holds them side by side.
    public enum Projections: Sendable {
        case separate(query: Linear, key: Linear, value: Linear)
        case fused(Linear)
    }

    public let projections: Projections
    public let output: Linear
    /// Normalisation of each query and key head before rotation (Qwen 3, Gemma 3).
    public let queryNorm: Norm?
    public let keyNorm: Norm?
    public let rule: AttentionRule
    public let layer: Int
    let heads: Int
    let kvHeads: Int
    let headDim: Int

    /// Reads `attn_qkv` or `attn_q`, `attn_k` and `attn_v`, then `attn_output`; head norms where the file has them.
    public init(_ weights: Weights, _ c: DecoderConfiguration, layer: Int, rule: AttentionRule) throws {
        let queries = c.heads * c.headDim
        let keys = c.kvHeads * c.headDim
        if weights.has("attn_qkv.weight") {
            projections = .fused(try Linear(weights, "attn_qkv", inputs: c.width, outputs: queries + 2 * keys))
        } else {
            projections = .separate(
                query: try Linear(weights, "attn_q", inputs: c.width, outputs: queries),
                key: try Linear(weights, "attn_k", inputs: c.width, outputs: keys),
                value: try Linear(weights, "attn_v", inputs: c.width, outputs: keys))
        }
        output = try Linear(weights, "attn_output", inputs: queries, outputs: c.width)
        func headNorm(_ name: String) throws -> Norm? {
            guard weights.has("\(name).weight") else { return nil }
            return try Norm(weights, name, .rms, width: c.headDim, epsilon: c.epsilon)
        }
        queryNorm = try headNorm("attn_q_norm")
        keyNorm = try headNorm("attn_k_norm")
        self.rule = rule
        self.layer = layer
        heads = c.heads
        kvHeads = c.kvHeads
        headDim = c.headDim
    }

    /// `[rows, width]` to `[rows, width]`. `rotation` is nil for models that know positions by other means.
    public func callAsFunction(_ x: Tensor, _ batch: Batch, rotation: Rotation?) -> Tensor {
        var (query, key, value) = project(x)
        if let queryNorm { query = perHead(query, heads, queryNorm) }
        if let keyNorm { key = perHead(key, kvHeads, keyNorm) }
        if let rotation {
            query = query.rotated(rotation, headDim: headDim)
            key = key.rotated(rotation, headDim: headDim)
        }
        return output(mix(query, key, value, batch))
    }

    private func mix(_ query: Tensor, _ key: Tensor, _ value: Tensor, _ batch: Batch) -> Tensor {
        guard let layout = batch.layout else {
            return query.attention(
                keys: key, values: value, segments: batch.segments.map(\.rows), heads: heads, kvHeads: kvHeads,
                rule: rule)
        }
        return query.attention(
            keys: key, values: value, segments: batch.segments, layout: layout, layer: layer, rule: rule)
    }

    private func project(_ x: Tensor) -> (query: Tensor, key: Tensor, value: Tensor) {
        switch projections {
        case .separate(let query, let key, let value):
            return (query(x), key(x), value(x))
        case .fused(let all):
            let y = all(x)
            let queries = heads * headDim
            let keys = kvHeads * headDim
            return (
                y.columns(0..<queries), y.columns(queries..<queries + keys),
                y.columns(queries + keys..<queries + 2 * keys)
            )
        }
    }

    private func perHead(_ x: Tensor, _ heads: Int, _ norm: Norm) -> Tensor {
        norm(x.reshaped([x.rows * heads, headDim])).reshaped(x.shape)
    }
}
