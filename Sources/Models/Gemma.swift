import ApusModelFiles
import ApusTensors

/// Gemma 1, 2 and 3 (text): scaled embeddings, GeGLU, norms whose weight is an offset from 1. Gemma 2 adds norms after
/// each part, soft caps and a window in every second layer; Gemma 3 replaces the caps by normalised queries and keys and
/// gives the layers with a window, five of six, a rotation of their own.
public struct Gemma: DecoderFamily {
    public let configuration: DecoderConfiguration
    public let weights: Weights
    let embedding: Tensor
    public let head: PredictionHead
    let blocks: [Block]
    let norm: Norm
    let rope: RotaryEmbedding
    let localRope: RotaryEmbedding

    public init(_ c: DecoderConfiguration, _ weights: Weights) throws {
        configuration = c
        self.weights = weights
        (embedding, head) = try PredictionHead.ends(weights, c)
        blocks = try (0..<c.layers).map { try Block(weights.block($0), c, layer: $0) }
        norm = try Norm(weights, "output_norm", .rms, width: c.width, epsilon: c.epsilon)
        rope = c.rope ?? RotaryEmbedding(dimensions: c.headDim, base: 10_000)
        localRope = c.localRope ?? rope
    }

    public func states(_ batch: Batch) throws -> Tensor {
        let global = rope.rotation(batch)
        let local = localRope == rope ? global : localRope.rotation(batch)
        var x = try embedding.rows(batch.tokens).scaled(by: configuration.embeddingScale)
        for block in blocks { x = try batch.checkpoint(x) { block($0, batch, block.isLocal ? local : global) } }
        return norm(batch.outputs(of: x))
    }

    struct Block: Sendable {
        let attentionNorm: Norm
        let attention: SelfAttention
        let postAttentionNorm: Norm?
        let feedForwardNorm: Norm
        let feedForward: FeedForward
        let postFeedForwardNorm: Norm?
        let isLocal: Bool

        init(_ weights: Weights, _ c: DecoderConfiguration, layer: Int) throws {
            func norm(_ name: String) throws -> Norm {
                try Norm(weights, name, .rms, width: c.width, epsilon: c.epsilon)
            }
            let hasPostNorms = c.architecture != "gemma"
            attentionNorm = try norm("attn_norm")
            attention = try SelfAttention(
                weights, c, layer: layer,
                rule: AttentionRule(scale: c.attentionScale, window: c.windows[layer], softcap: c.attentionSoftcap))
            postAttentionNorm = hasPostNorms ? try norm("post_attention_norm") : nil
            feedForwardNorm = try norm("ffn_norm")
            feedForward = try FeedForward(
                weights, inputs: c.width, width: c.feedForward, activation: c.activation, gated: true)
            postFeedForwardNorm = hasPostNorms ? try norm("post_ffw_norm") : nil
            isLocal = c.windows[layer] != nil
        }

        func callAsFunction(_ x: Tensor, _ batch: Batch, _ rotation: Rotation) -> Tensor {
            var part = attention(attentionNorm(x), batch, rotation: rotation)
            if let postAttentionNorm { part = postAttentionNorm(part) }
            let attended = x + part
            part = feedForward(feedForwardNorm(attended))
            if let postFeedForwardNorm { part = postFeedForwardNorm(part) }
            return attended + part
        }
    }
}

// Files ---------------------------------------------------------------------------------------------------------------

extension Gemma {
    public static let huggingFaceTypes = ["gemma", "gemma2", "gemma3_text", "gemma3"]
    public static let ggufArchitectures = ["gemma", "gemma2", "gemma3"]

    public static func configuration(huggingFace outer: Parameters, type: String) throws -> DecoderConfiguration {
        // The text part of a multimodal Gemma 3 has an object of its own.
        let p = try outer.object("text_config") ?? outer
        let generation = type.hasPrefix("gemma3") ? 3 : type == "gemma2" ? 2 : 1
        let width = try p.count("hidden_size", or: generation == 3 ? 2304 : nil)
        let layers = try p.count(
            "num_hidden_layers", or: generation == 3 ? 26 : nil, limit: DecoderConfiguration.mostLayers)
        let heads = try p.count("num_attention_heads", or: generation == 3 ? 8 : nil, limit: 1 << 16)
        let headDim = try p.count("head_dim", or: 256)
        let context = try p.count("max_position_embeddings", or: generation == 3 ? 131_072 : 8192, limit: 1 << 40)
        // Generation 1 has another key, and was trained with the tanh form though its first configurations say `gelu`.
        let activation = try p.text(generation == 1 ? "hidden_act" : "hidden_activation", or: "gelu_pytorch_tanh")
        if try p.flag("use_bidirectional_attention", or: false) {
            throw ModelError.unsupported("attention to later positions (use_bidirectional_attention)", file: p.file)
        }
        var c = DecoderConfiguration(
            architecture: generation == 3 ? "gemma3" : type,
            vocabulary: try p.count("vocab_size", or: generation == 3 ? 262_208 : 256_000), width: width,
            layers: layers,
            heads: heads, kvHeads: try p.count("num_key_value_heads", or: generation == 1 ? 16 : 4, limit: 1 << 16),
            headDim: headDim, feedForward: try p.count("intermediate_size", or: generation == 3 ? 9216 : nil),
            context: context, epsilon: Float(try p.positive("rms_norm_eps", or: 1e-6)),
            activation: activation == "gelu" && generation == 1
                ? .geluTanh : try Activation(huggingFace: activation, file: p.file),
            rope: try RotaryEmbedding(
                huggingFace: p, headDim: headDim, context: context, theta: generation == 3 ? 1_000_000 : 10_000),
            windows: try windows(p, generation, layers: layers),
            attentionScale: 1
                / Float(try generation == 1 ? Double(headDim) : p.positive("query_pre_attn_scalar", or: 256))
                .squareRoot())
        c.tied = try p.flag("tie_word_embeddings", or: true)
        c.embeddingScale = Float(width).squareRoot()
        if generation >= 2 {
            // Where the keys are absent Gemma 2 has caps and Gemma 3 none; `null` means none. Gemma 3's configuration
            // has a key for attention too, but no implementation applies it: its queries and keys are normalised.
            c.attentionSoftcap = generation == 2 ? try cap(p, "attn_logit_softcapping", or: 50) : nil
            c.finalSoftcap = try cap(p, "final_logit_softcapping", or: generation == 2 ? 30 : nil)
        }
        if generation == 3 {
            c.localRope = try localRope(p, headDim: headDim, context: context)
        }
        return c
    }

    private static func cap(_ p: Parameters, _ key: String, or fallback: Float?) throws -> Float? {
        p.names(key) ? try p.positiveIfPresent(key).map { Float($0) } : fallback
    }

    private static func localRope(_ p: Parameters, headDim: Int, context: Int) throws -> RotaryEmbedding {
        if let parameters = try p.object("rope_parameters"), parameters.value("sliding_attention") != nil {
            return try RotaryEmbedding(
                huggingFace: p, layerType: "sliding_attention", headDim: headDim, context: context)
        }
        return RotaryEmbedding(dimensions: headDim, base: try p.positive("rope_local_base_freq", or: 10_000))
    }

    private static func windows(_ p: Parameters, _ generation: Int, layers: Int) throws -> [Int?] {
        let none = [Int?](repeating: nil, count: layers)
        if generation == 1 || (p.names("sliding_window") && p.value("sliding_window") == nil) { return none }
        let window = try p.count("sliding_window", or: 4096, limit: 1 << 40)
        if let types = try p.layerTypes(layers) { return types.map { $0 == "sliding_attention" ? window : nil } }
        let pattern = try generation == 2 ? 2 : p.count("sliding_window_pattern", or: 6)
        return (0..<layers).map { ($0 + 1) % pattern == 0 ? nil : window }
    }

    public static func configuration(
        gguf p: Parameters, architecture: String, vocabulary: Int, weights: Weights
    ) throws -> DecoderConfiguration {
        var c = try DecoderConfiguration(
            gguf: p, architecture: architecture, vocabulary: vocabulary, norm: .rms, activation: .geluTanh,
            rotates: true,
            interleaved: false, weights: weights)
        c.embeddingScale = Float(c.width).squareRoot()
        if architecture == "gemma2" {
            // The 27B model divides by width / heads; no key says so.
            if p.value("attention.scale") == nil, c.layers == 46 {
                c.attentionScale = 1 / (Float(c.width) / Float(c.heads)).squareRoot()
            }
            c.attentionSoftcap = Float(try p.positive("attn_logit_softcapping", or: 50))
            c.finalSoftcap = Float(try p.positive("final_logit_softcapping", or: 30))
        }
        if architecture != "gemma" {
            let window = try p.count("attention.sliding_window", or: 4096, limit: 1 << 40)
            let pattern = try p.count("attention.sliding_window_pattern", or: architecture == "gemma2" ? 2 : 6)
            c.windows = (0..<c.layers).map { ($0 + 1) % pattern == 0 ? nil : window }
        }
        if architecture == "gemma3" {
            c.attentionSoftcap = nil
            c.localRope = RotaryEmbedding(
                dimensions: c.headDim, base: try p.positive("rope.freq_base_swa", or: 10_000))
        }
        return c
    }

    public func huggingFaceConfig() throws -> JSON.Object {
        let c = configuration
        let (type, name) =
            switch c.architecture {
            case "gemma": ("gemma", "GemmaForCausalLM")
            case "gemma2": ("gemma2", "Gemma2ForCausalLM")
            default: ("gemma3_text", "Gemma3ForCausalLM")
            }
        var config = try c.huggingFaceBasics(type: type, architecture: name, file: weights.file)
        config["hidden_act"] = .string(c.activation.huggingFaceName)
        config["hidden_activation"] = .string(c.activation.huggingFaceName)
        config["attention_bias"] = .bool(weights.block(0).has("attn_q.bias"))
        guard type != "gemma" else {
            try c.requireUsualScale(file: weights.file)
            return config
        }
        let divisor = 1 / Double(c.attentionScale * c.attentionScale)
        let whole = divisor.rounded()
        config["query_pre_attn_scalar"] =
            (divisor - whole).magnitude < 1e-4 * divisor ? .integer(Int(whole)) : .number(divisor)
        config["attn_logit_softcapping"] = c.attentionSoftcap.map { .decimal(Double($0)) } ?? .null
        config["final_logit_softcapping"] = c.finalSoftcap.map { .decimal(Double($0)) } ?? .null
        config["sliding_window"] = c.windows.compactMap { $0 }.first.map { .integer($0) } ?? .integer(c.context)
        config["layer_types"] = c.huggingFaceLayerTypes
        if type == "gemma3_text" {
            config["sliding_window_pattern"] = .integer(c.windows.firstIndex(of: nil).map { $0 + 1 } ?? c.layers + 1)
            config["rope_local_base_freq"] = .decimal(localRope.base)
        }
        return config
    }

    public static func makes(_ tensor: String, _ c: DecoderConfiguration) -> Bool {
        switch tensor {
        case "attn_q_norm.weight", "attn_k_norm.weight": c.architecture == "gemma3"
        default: !tensor.hasSuffix(".bias") && tensor != "attn_qkv.weight"
        }
    }

    public static func tensorNames(_ c: DecoderConfiguration) -> [TensorName] {
        let hasPostNorms = c.architecture != "gemma"
        return [
            TensorName("token_embd", "model.embed_tokens"),
            TensorName("output_norm", "model.norm", .lessOne),
            TensorName("output", "lm_head"),
            TensorName("blk.{}.attn_norm", "model.layers.{}.input_layernorm", .lessOne),
            TensorName("blk.{}.attn_q", "model.layers.{}.self_attn.q_proj"),
            TensorName("blk.{}.attn_k", "model.layers.{}.self_attn.k_proj"),
            TensorName("blk.{}.attn_v", "model.layers.{}.self_attn.v_proj"),
            TensorName("blk.{}.attn_output", "model.layers.{}.self_attn.o_proj"),
            TensorName("blk.{}.attn_q_norm", "model.layers.{}.self_attn.q_norm", .lessOne),
            TensorName("blk.{}.attn_k_norm", "model.layers.{}.self_attn.k_norm", .lessOne),
            TensorName(
                hasPostNorms ? "blk.{}.post_attention_norm" : "blk.{}.ffn_norm",
                "model.layers.{}.post_attention_layernorm", .lessOne),
            TensorName("blk.{}.ffn_norm", "model.layers.{}.pre_feedforward_layernorm", .lessOne),
            TensorName("blk.{}.post_ffw_norm", "model.layers.{}.post_feedforward_layernorm", .lessOne),
            TensorName("blk.{}.ffn_gate", "model.layers.{}.mlp.gate_proj"),
            TensorName("blk.{}.ffn_up", "model.layers.{}.mlp.up_proj"),
            TensorName("blk.{}.ffn_down", "model.layers.{}.mlp.down_proj"),
        ]
    }
}
