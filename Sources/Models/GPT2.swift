import ApusModelFiles
import ApusTensors

/// GPT-2 (Radford et al. 2019), which CodeParrot is too: learned positions, layer norms before each part, one matrix for
/// query, key and value, a GELU network.
public struct GPT2: DecoderFamily {
    public let configuration: DecoderConfiguration
    public let weights: Weights
    let embedding: Tensor
    public let head: PredictionHead
    /// `[context, width]`.
    let positions: Tensor
    let blocks: [Block]
    let norm: Norm

    public init(_ c: DecoderConfiguration, _ weights: Weights) throws {
        configuration = c
        self.weights = weights
        (embedding, head) = try PredictionHead.ends(weights, c)
        positions = try weights.tensor("position_embd.weight", [c.context, c.width])
        blocks = try (0..<c.layers).map { try Block(weights.block($0), c, layer: $0) }
        norm = try Norm(weights, "output_norm", .layer, width: c.width, epsilon: c.epsilon)
    }

    public func states(_ batch: Batch) throws -> Tensor {
        var x = try embedding.rows(batch.tokens) + positions.rows(batch.positions.map(Int32.init))
        for block in blocks { x = try batch.checkpoint(x) { block($0, batch) } }
        return norm(batch.outputs(of: x))
    }

    struct Block: Sendable {
        let attentionNorm: Norm
        let attention: SelfAttention
        let feedForwardNorm: Norm
        let feedForward: FeedForward

        init(_ weights: Weights, _ c: DecoderConfiguration, layer: Int) throws {
            let scale = c.scalesByLayer ? c.attentionScale / Float(layer + 1) : c.attentionScale
            attentionNorm = try Norm(weights, "attn_norm", .layer, width: c.width, epsilon: c.epsilon)
            attention = try SelfAttention(weights, c, layer: layer, rule: AttentionRule(scale: scale))
            feedForwardNorm = try Norm(weights, "ffn_norm", .layer, width: c.width, epsilon: c.epsilon)
            feedForward = try FeedForward(
                weights, inputs: c.width, width: c.feedForward, activation: c.activation, gated: false)
        }

        func callAsFunction(_ x: Tensor, _ batch: Batch) -> Tensor {
            let attended = x + attention(attentionNorm(x), batch, rotation: nil)
            return attended + feedForward(feedForwardNorm(attended))
        }
    }
}

// Files ---------------------------------------------------------------------------------------------------------------

extension GPT2 {
    public static let huggingFaceTypes = ["gpt2"]
    public static let ggufArchitectures = ["gpt2"]

    public static func configuration(huggingFace p: Parameters, type: String) throws -> DecoderConfiguration {
        let width = try p.count("n_embd", "hidden_size")
        let layers = try p.count("n_layer", "num_hidden_layers", limit: DecoderConfiguration.mostLayers)
        let heads = try p.count("n_head", "num_attention_heads", limit: 1 << 16)
        guard width % heads == 0 else {
            throw ModelError.badParameter("n_head", value: "\(heads)", expected: "a divisor of \(width)", file: p.file)
        }
        var c = DecoderConfiguration(
            architecture: "gpt2", vocabulary: try p.count("vocab_size"), width: width, layers: layers, heads: heads,
            kvHeads: heads, headDim: width / heads, feedForward: try p.count("n_inner", or: 4 * width),
            context: try p.count("n_positions", "max_position_embeddings", or: 1024, limit: 1 << 24),
            epsilon: Float(try p.positive("layer_norm_epsilon", or: 1e-5)),
            activation: try Activation(huggingFace: p.text("activation_function", or: "gelu_new"), file: p.file),
            rope: nil, windows: Array(repeating: nil, count: layers),
            attentionScale: try p.flag("scale_attn_weights", or: true) ? 1 / Float(width / heads).squareRoot() : 1)
        c.hasLearnedPositions = true
        c.scalesByLayer = try p.flag("scale_attn_by_inverse_layer_idx", or: false)
        c.tied = try p.flag("tie_word_embeddings", or: true)
        return c
    }

    public static func configuration(
        gguf p: Parameters, architecture: String, vocabulary: Int, weights: Weights
    ) throws -> DecoderConfiguration {
        var c = try DecoderConfiguration(
            gguf: p, architecture: architecture, vocabulary: vocabulary, norm: .layer, activation: .geluTanh,
            rotates: false, interleaved: false, weights: weights)
        c.hasLearnedPositions = true
        // Apus's own key: llama.cpp computes only GPT-2's original form.
        c.scalesByLayer = try p.flag("attention.scale_by_layer", or: false)
        return c
    }

    public func huggingFaceConfig() throws -> JSON.Object {
        let c = configuration
        if c.attentionScale != 1 { try c.requireUsualScale(file: weights.file) }
        return [
            "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "n_embd": .integer(c.width),
            "n_layer": .integer(c.layers), "n_head": .integer(c.heads), "n_inner": .integer(c.feedForward),
            "n_positions": .integer(c.context), "n_ctx": .integer(c.context),
            "layer_norm_epsilon": .decimal(Double(c.epsilon)),
            // Its own name for the tanh form.
            "activation_function": c.activation == .geluTanh ? "gelu_new" : .string(c.activation.huggingFaceName),
            "scale_attn_weights": .bool(c.attentionScale != 1 || c.headDim == 1),
            "scale_attn_by_inverse_layer_idx": .bool(c.scalesByLayer),
        ]
    }

    public static func makes(_ tensor: String, _ c: DecoderConfiguration) -> Bool {
        !["output.bias", "attn_q_norm.weight", "attn_k_norm.weight"].contains(tensor)
    }

    public static func tensorNames(_ c: DecoderConfiguration) -> [TensorName] {
        [
            TensorName("token_embd", "transformer.wte"),
            TensorName("position_embd", "transformer.wpe"),
            TensorName("output_norm", "transformer.ln_f"),
            TensorName("output", "lm_head"),
            TensorName("blk.{}.attn_norm", "transformer.h.{}.ln_1"),
            TensorName("blk.{}.attn_qkv", "transformer.h.{}.attn.c_attn", .transposed),
            TensorName("blk.{}.attn_output", "transformer.h.{}.attn.c_proj", .transposed),
            TensorName("blk.{}.ffn_norm", "transformer.h.{}.ln_2"),
            TensorName("blk.{}.ffn_up", "transformer.h.{}.mlp.c_fc", .transposed),
            TensorName("blk.{}.ffn_down", "transformer.h.{}.mlp.c_proj", .transposed),
        ]
    }
}
