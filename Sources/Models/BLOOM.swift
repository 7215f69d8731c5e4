import ApusModelFiles
import ApusTensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// BLOOM (BigScience 2022): positions enter as a slope on attention scores (ALiBi), embeddings are normalised, one
/// matrix holds query, key and value.
public struct BLOOM: DecoderFamily {
    public let configuration: DecoderConfiguration
    public let weights: Weights
    let embedding: Tensor
    public let head: PredictionHead
    let embeddingNorm: Norm
    let blocks: [Block]
    let norm: Norm

    public init(_ c: DecoderConfiguration, _ weights: Weights) throws {
        configuration = c
        self.weights = weights
        (embedding, head) = try PredictionHead.ends(weights, c)
        embeddingNorm = try Norm(weights, "token_embd_norm", .layer, width: c.width, epsilon: c.epsilon)
        blocks = try (0..<c.layers).map { try Block(weights.block($0), c, layer: $0) }
        norm = try Norm(weights, "output_norm", .layer, width: c.width, epsilon: c.epsilon)
    }

    public func states(_ batch: Batch) throws -> Tensor {
        var x = embeddingNorm(try embedding.rows(batch.tokens))
        for block in blocks { x = try batch.checkpoint(x) { block($0, batch) } }
        return norm(batch.outputs(of: x))
    }

    struct Block: Sendable {
        let attentionNorm: Norm
        let attention: SelfAttention
        let feedForwardNorm: Norm
        let feedForward: FeedForward
        let residualAfterNorm: Bool

        init(_ weights: Weights, _ c: DecoderConfiguration, layer: Int) throws {
            attentionNorm = try Norm(weights, "attn_norm", .layer, width: c.width, epsilon: c.epsilon)
            attention = try SelfAttention(
                weights, c, layer: layer,
                rule: AttentionRule(scale: c.attentionScale, alibiSlopes: BLOOM.slopes(heads: c.heads)))
            feedForwardNorm = try Norm(weights, "ffn_norm", .layer, width: c.width, epsilon: c.epsilon)
            feedForward = try FeedForward(
                weights, inputs: c.width, width: c.feedForward, activation: c.activation, gated: false)
            residualAfterNorm = c.residualAfterNorm
        }

        func callAsFunction(_ x: Tensor, _ batch: Batch) -> Tensor {
            let normed = attentionNorm(x)
            let attended = (residualAfterNorm ? normed : x) + attention(normed, batch, rotation: nil)
            let input = feedForwardNorm(attended)
            return (residualAfterNorm ? input : attended) + feedForward(input)
        }
    }

    /// ALiBi's slopes: 2^(−8/n), 2^(−16/n), … for a power of two of heads; between two powers every second slope of the
    /// larger is put after those of the smaller.
    static func slopes(heads: Int) -> [Float] {
        let power = 1 << (Int.bitWidth - 1 - heads.leadingZeroBitCount)
        func series(_ count: Int, of total: Int, step: Int) -> [Float] {
            let base = exp2(-8 / Double(total))
            return (0..<count).map { Float(pow(base, Double(1 + $0 * step))) }
        }
        return series(power, of: power, step: 1) + series(heads - power, of: 2 * power, step: 2)
    }
}

// Files ---------------------------------------------------------------------------------------------------------------

extension BLOOM {
    public static let huggingFaceTypes = ["bloom"]
    public static let ggufArchitectures = ["bloom"]

    public static func configuration(huggingFace p: Parameters, type: String) throws -> DecoderConfiguration {
        let width = try p.count("hidden_size", "n_embed")
        let layers = try p.count("n_layer", "num_hidden_layers", limit: DecoderConfiguration.mostLayers)
        let heads = try p.count("n_head", "num_attention_heads", limit: 1 << 16)
        guard width % heads == 0 else {
            throw ModelError.badParameter("n_head", value: "\(heads)", expected: "a divisor of \(width)", file: p.file)
        }
        var c = DecoderConfiguration(
            architecture: "bloom", vocabulary: try p.count("vocab_size"), width: width, layers: layers, heads: heads,
            kvHeads: heads, headDim: width / heads, feedForward: 4 * width,
            // Nothing in the model bounds it; it was trained on this many.
            context: try p.count("seq_length", or: 2048, limit: 1 << 40),
            epsilon: Float(try p.positive("layer_norm_epsilon", or: 1e-5)), activation: .geluTanh, rope: nil,
            windows: Array(repeating: nil, count: layers), attentionScale: 1 / Float(width / heads).squareRoot())
        c.residualAfterNorm = try p.flag("apply_residual_connection_post_layernorm", or: false)
        c.tied = try p.flag("tie_word_embeddings", or: true)
        return c
    }

    public static func configuration(
        gguf p: Parameters, architecture: String, vocabulary: Int, weights: Weights
    ) throws -> DecoderConfiguration {
        var c = try DecoderConfiguration(
            gguf: p, architecture: architecture, vocabulary: vocabulary, norm: .layer, activation: .geluTanh,
            rotates: false, interleaved: false, weights: weights)
        // Apus's own key: llama.cpp computes only the published models' form.
        c.residualAfterNorm = try p.flag("residual_after_norm", or: false)
        return c
    }

    public func huggingFaceConfig() throws -> JSON.Object {
        let c = configuration
        try c.requireUsualScale(file: weights.file)
        guard c.feedForward == 4 * c.width, c.activation == .geluTanh else {
            throw ModelError.unsupported(
                "a BLOOM network other than four widths of GELU, in config.json,", file: weights.file)
        }
        return [
            "architectures": ["BloomForCausalLM"], "model_type": "bloom", "hidden_size": .integer(c.width),
            "n_layer": .integer(c.layers), "n_head": .integer(c.heads), "seq_length": .integer(c.context),
            "layer_norm_epsilon": .decimal(Double(c.epsilon)),
            "apply_residual_connection_post_layernorm": .bool(c.residualAfterNorm),
        ]
    }

    public static func makes(_ tensor: String, _ c: DecoderConfiguration) -> Bool {
        !["output.bias", "attn_q_norm.weight", "attn_k_norm.weight"].contains(tensor)
    }

    public static func tensorNames(_ c: DecoderConfiguration) -> [TensorName] {
        [
            TensorName("token_embd", "transformer.word_embeddings"),
            TensorName("token_embd_norm", "transformer.word_embeddings_layernorm"),
            TensorName("output_norm", "transformer.ln_f"),
            TensorName("output", "lm_head"),
            TensorName("blk.{}.attn_norm", "transformer.h.{}.input_layernorm"),
            TensorName(
                "blk.{}.attn_qkv", "transformer.h.{}.self_attention.query_key_value", .fusedByHead(heads: c.heads)),
            TensorName("blk.{}.attn_output", "transformer.h.{}.self_attention.dense"),
            TensorName("blk.{}.ffn_norm", "transformer.h.{}.post_attention_layernorm"),
            TensorName("blk.{}.ffn_up", "transformer.h.{}.mlp.dense_h_to_4h"),
            TensorName("blk.{}.ffn_down", "transformer.h.{}.mlp.dense_4h_to_h"),
        ]
    }
}
