import ApusTensors

/// Sizes and rules of a decoder: what its files say, whichever format they have.
public struct DecoderConfiguration: Sendable, Equatable {
    /// The family's name in GGUF (`llama`, `qwen2`, `gemma3`, …).
    public var architecture: String
    /// Rows of the embedding, padding included.
    public var vocabulary: Int
    /// Numbers per position between blocks.
    public var width: Int
    public var layers: Int
    /// Query heads.
    public var heads: Int
    /// Key/value heads, each shared by `heads / kvHeads` query heads.
    public var kvHeads: Int
    /// Numbers per head.
    public var headDim: Int
    /// Width of the feed-forward network.
    public var feedForward: Int
    /// Positions that the model was made for.
    public var context: Int
    /// ε of the norms.
    public var epsilon: Float
    public var activation: Activation
    /// How positions rotate queries and keys; nil where positions enter otherwise.
    public var rope: RotaryEmbedding?
    /// The rotation of layers with a window, where it differs (Gemma 3).
    public var localRope: RotaryEmbedding?
    /// How far back each layer sees, in positions; nil for all.
    public var windows: [Int?]
    /// Factor of attention scores.
    public var attentionScale: Float
    /// Attention scores are kept within ± this.
    public var attentionSoftcap: Float?
    /// Logits are kept within ± this.
    public var finalSoftcap: Float?
    /// Factor of embeddings.
    public var embeddingScale: Float = 1
    /// Whether the output matrix is the embedding.
    public var tied = true
    /// Experts per block and how many of them see a token.
    public var experts: Experts?
    /// Whether attention scores are also divided by the layer's number (GPT-2's `scale_attn_by_inverse_layer_idx`).
    public var scalesByLayer = false
    /// Whether a block's shortcuts start after its norms (BLOOM's `apply_residual_connection_post_layernorm`).
    public var residualAfterNorm = false

    /// Whether positions are rows of a table, which ends at ``context``.
    public var hasLearnedPositions = false

    public struct Experts: Sendable, Equatable {
        public var count: Int
        public var used: Int
    }

    /// More blocks than any model has; lists of one element per layer stay small.
    static let mostLayers = 4096

    /// Checks what every decoder needs, so that layers can rely on it.
    ///
    /// - Throws: ``ModelError`` naming the parameter.
    public func validated(_ file: String) throws(ModelError) -> DecoderConfiguration {
        func check(_ holds: Bool, _ key: String, _ value: Any, _ expected: String) throws(ModelError) {
            guard holds else { throw .badParameter(key, value: "\(value)", expected: expected, file: file) }
        }
        try check(layers <= Self.mostLayers, "number of layers", layers, "at most \(Self.mostLayers)")
        try check(headDim <= KVLayout.largestHeadDim, "head size", headDim, "at most \(KVLayout.largestHeadDim)")
        try check(kvHeads <= heads && heads % kvHeads == 0, "key/value heads", kvHeads, "a divisor of \(heads) heads")
        try check(
            heads / kvHeads <= KVLayout.largestGroup, "query heads per key/value head", heads / kvHeads,
            "at most \(KVLayout.largestGroup)")
        try check(heads <= 1 << 16, "number of heads", heads, "at most 65536")
        try check(feedForward <= 1 << 22, "feed-forward width", feedForward, "at most 4194304")
        for rope in [rope, localRope].compactMap({ $0 }) {
            try check(
                rope.dimensions >= 2 && rope.dimensions % 2 == 0 && rope.dimensions <= headDim, "rotated dimensions",
                rope.dimensions, "an even number from 2 to the head size \(headDim)")
            // Whatever combination of scaling parameters divides by zero or overflows.
            let (frequencies, amplitude) = rope.frequencies(context: context)
            try check(
                amplitude.isFinite && frequencies.allSatisfy(\.isFinite), "rope scaling", rope.scaling,
                "one that gives finite frequencies for \(rope.dimensions) rotated dimensions")
        }
        if let experts {
            try check(experts.used <= experts.count, "experts per token", experts.used, "at most \(experts.count)")
        }
        return self
    }
}
