import ApusModelFiles
import ApusTensors

/// The Llama family (Touvron et al. 2023): pre-normalised blocks of rotary attention with grouped heads and a gated
/// feed-forward network. Its relatives differ in flags: Mistral in a window, Qwen 2 in biases, Qwen 3 in normalised
/// queries and keys, Phi-3 in fused matrices, Mixtral in experts.
public struct LLaMA: DecoderFamily {
    public let configuration: DecoderConfiguration
    public let weights: Weights
    let embedding: Tensor
    public let head: PredictionHead
    let blocks: [Block]
    let norm: Norm
    let rope: RotaryEmbedding

    public init(_ c: DecoderConfiguration, _ weights: Weights) throws {
        configuration = c
        self.weights = weights
        (embedding, head) = try PredictionHead.ends(weights, c)
        blocks = try (0..<c.layers).map { try Block(weights.block($0), c, layer: $0) }
        norm = try Norm(weights, "output_norm", .rms, width: c.width, epsilon: c.epsilon)
        rope = c.rope ?? RotaryEmbedding(dimensions: c.headDim, base: 10_000)
    }

    public func states(_ batch: Batch) throws -> Tensor {
        let rotation = rope.rotation(batch)
        var x = try embedding.rows(batch.tokens)
        for block in blocks { x = try batch.checkpoint(x) { block($0, batch, rotation) } }
        return norm(batch.outputs(of: x))
    }

    struct Block: Sendable {
        let attentionNorm: Norm
        let attention: SelfAttention
        let feedForwardNorm: Norm
        let feedForward: Network

        enum Network: Sendable {
            case dense(FeedForward)
            case sparse(MixtureOfExperts)
        }

        init(_ weights: Weights, _ c: DecoderConfiguration, layer: Int) throws {
            attentionNorm = try Norm(weights, "attn_norm", .rms, width: c.width, epsilon: c.epsilon)
            attention = try SelfAttention(
                weights, c, layer: layer, rule: AttentionRule(scale: c.attentionScale, window: c.windows[layer]))
            feedForwardNorm = try Norm(weights, "ffn_norm", .rms, width: c.width, epsilon: c.epsilon)
            if let experts = c.experts {
                feedForward = .sparse(
                    try MixtureOfExperts(
                        weights, experts, inputs: c.width, width: c.feedForward, activation: c.activation))
            } else {
                feedForward = .dense(
                    try FeedForward(
                        weights, inputs: c.width, width: c.feedForward, activation: c.activation, gated: true))
            }
        }

        func callAsFunction(_ x: Tensor, _ batch: Batch, _ rotation: Rotation) -> Tensor {
            let attended = x + attention(attentionNorm(x), batch, rotation: rotation)
            let input = feedForwardNorm(attended)
            switch feedForward {
            case .dense(let network): return attended + network(input)
            case .sparse(let network): return attended + network(input)
            }
        }
    }
}

// Files ---------------------------------------------------------------------------------------------------------------

extension LLaMA {
    public static let huggingFaceTypes = ["llama", "mistral", "mixtral", "qwen2", "qwen3", "phi3"]
    public static let ggufArchitectures = ["llama", "qwen2", "qwen3", "phi3"]

    public static func configuration(huggingFace p: Parameters, type: String) throws -> DecoderConfiguration {
        let width = try p.count("hidden_size")
        let layers = try p.count("num_hidden_layers", limit: DecoderConfiguration.mostLayers)
        let heads = try p.count("num_attention_heads", limit: 1 << 16)
        // Where config.json leaves a value out, transformers has a default for each type; null has a meaning of its own.
        let isMistral = type == "mistral" || type == "mixtral"
        let isQwen = type == "qwen2" || type == "qwen3"
        let headDim = try p.count(
            "head_dim", or: type == "qwen3" && !p.names("head_dim") ? 128 : max(1, width / heads))
        let usualKVHeads = p.names("num_key_value_heads") ? heads : isMistral ? 8 : isQwen ? 32 : heads
        let context = try p.count(
            "max_position_embeddings",
            or: type == "llama"
                ? 2048 : type == "mistral" || type == "mixtral" ? 131_072 : type == "phi3" ? 4096 : 32_768,
            limit: 1 << 40)
        var c = DecoderConfiguration(
            // In GGUF, Mistral and Mixtral are `llama`.
            architecture: isMistral ? "llama" : type, vocabulary: try p.count("vocab_size"), width: width,
            layers: layers,
            heads: heads, kvHeads: try p.count("num_key_value_heads", or: usualKVHeads, limit: 1 << 16),
            headDim: headDim, feedForward: try p.count("intermediate_size"), context: context,
            epsilon: Float(try p.positive("rms_norm_eps", or: type == "mixtral" || type == "phi3" ? 1e-5 : 1e-6)),
            activation: try Activation(huggingFace: p.text("hidden_act", or: "silu"), file: p.file),
            rope: try RotaryEmbedding(
                huggingFace: p, headDim: headDim, context: context, theta: type == "mixtral" ? 1e6 : 10_000,
                isPhi3: type == "phi3"),
            windows: try windows(p, type, layers: layers), attentionScale: 1 / Float(headDim).squareRoot())
        c.tied = try p.flag("tie_word_embeddings", or: false)
        if type == "mixtral" {
            c.experts = .init(
                count: try p.count("num_local_experts", or: 8, limit: 1 << 12),
                used: try p.count("num_experts_per_tok", or: 2, limit: 1 << 12))
        }
        return c
    }

    private static func windows(_ p: Parameters, _ type: String, layers: Int) throws -> [Int?] {
        let none = [Int?](repeating: nil, count: layers)
        switch type {
        case "mistral", "mixtral", "phi3":
            // Mistral's default is a window of 4096; `null` means none.
            let fallback = type == "mistral" && !p.names("sliding_window") ? 4096 : nil
            guard
                let window = p.value("sliding_window") == nil ? fallback : try p.count("sliding_window", limit: 1 << 40)
            else { return none }
            return Array(repeating: window, count: layers)
        case "qwen2", "qwen3":
            let isOff = p.names("sliding_window") && p.value("sliding_window") == nil
            guard try p.flag("use_sliding_window", or: false), !isOff else { return none }
            let window = try p.count("sliding_window", or: 4096, limit: 1 << 40)
            if let types = try p.layerTypes(layers) { return types.map { $0 == "sliding_attention" ? window : nil } }
            let full = try p.index("max_window_layers", or: 28)
            return (0..<layers).map { $0 >= full ? window : nil }
        default:
            return none
        }
    }

    public static func configuration(
        gguf p: Parameters, architecture: String, vocabulary: Int, weights: Weights
    ) throws -> DecoderConfiguration {
        var c = try DecoderConfiguration(
            gguf: p, architecture: architecture, vocabulary: vocabulary, norm: .rms, activation: .silu, rotates: true,
            interleaved: architecture == "llama", weights: weights)
        if p.value("attention.sliding_window") != nil, try p.number("attention.sliding_window") > 0 {
            let window = try p.count("attention.sliding_window", limit: 1 << 40)
            // Apus writes from which layer on a window holds; llama.cpp's files have it in all layers.
            let first = try p.index("attention.sliding_window_first_layer", or: 0)
            c.windows = (0..<c.layers).map { $0 >= first ? window : nil }
        }
        return c
    }

    public func huggingFaceConfig() throws -> JSON.Object {
        let c = configuration
        try c.requireUsualScale(file: weights.file)
        let window = c.windows.compactMap { $0 }.first
        let first = c.windows.firstIndex { $0 != nil } ?? 0
        let type: String
        switch c.architecture {
        case "llama": type = c.experts != nil ? "mixtral" : window != nil ? "mistral" : "llama"
        default: type = c.architecture
        }
        let names = [
            "llama": "LlamaForCausalLM", "mistral": "MistralForCausalLM", "mixtral": "MixtralForCausalLM",
            "qwen2": "Qwen2ForCausalLM", "qwen3": "Qwen3ForCausalLM", "phi3": "Phi3ForCausalLM",
        ]
        var config = try c.huggingFaceBasics(type: type, architecture: names[type] ?? type, file: weights.file)
        config["hidden_act"] = .string(c.activation.huggingFaceName)
        if let experts = c.experts {
            config["num_local_experts"] = .integer(experts.count)
            config["num_experts_per_tok"] = .integer(experts.used)
        }
        switch type {
        case "mistral", "mixtral", "phi3":
            guard c.windows.allSatisfy({ $0 == window }) else {
                throw ModelError.unsupported("a window in some layers only, in config.json,", file: weights.file)
            }
            config["sliding_window"] = window.map { .integer($0) } ?? .null
        case "qwen2", "qwen3":
            config["use_sliding_window"] = .bool(window != nil)
            config["sliding_window"] = window.map { .integer($0) } ?? .null
            config["max_window_layers"] = .integer(window == nil ? c.layers : first)
            config["layer_types"] = c.huggingFaceLayerTypes
        default: break
        }
        let block = weights.block(0)
        if type == "llama" || type == "qwen3" { config["attention_bias"] = .bool(block.has("attn_q.bias")) }
        if type == "llama" { config["mlp_bias"] = .bool(block.has("ffn_up.bias")) }
        if type == "phi3" {
            try describeRotation(&config)
        } else if case .longRope(let long)? = c.rope?.scaling {
            // Version 4 of transformers looks for it here alone.
            config["original_max_position_embeddings"] = .integer(long.trainedContext)
        }
        return config
    }

    /// Phi-3's own rules for `rope_scaling`: a type and two lists of factors, nothing else.
    private func describeRotation(_ config: inout JSON.Object) throws {
        let c = configuration
        config["partial_rotary_factor"] = .number(Double(rope.dimensions) / Double(c.headDim))
        switch rope.scaling {
        case .none: config["original_max_position_embeddings"] = .integer(c.context)
        case .longRope(let long):
            config["original_max_position_embeddings"] = .integer(long.trainedContext)
            let usual = RotaryEmbedding.LongRope.usualAmplitude(
                factor: Double(c.context) / Double(long.trainedContext), trained: long.trainedContext)
            var scaling: JSON.Object = [
                "type": "longrope", "short_factor": .array(long.short.map { .decimal(Double($0)) }),
                "long_factor": .array(long.long.map { .decimal(Double($0)) }),
            ]
            if (long.amplitude - usual).magnitude > 1e-6 { scaling["attention_factor"] = .decimal(long.amplitude) }
            config["rope_scaling"] = .object(scaling)
        default:
            throw ModelError.unsupported(
                "a rope scaling other than longrope for Phi-3, in config.json,", file: weights.file)
        }
    }

    public static func makes(_ tensor: String, _ c: DecoderConfiguration) -> Bool {
        switch tensor {
        case "attn_q.bias", "attn_k.bias", "attn_v.bias": c.architecture == "qwen2"
        case "attn_q_norm.weight", "attn_k_norm.weight": c.architecture == "qwen3"
        case "attn_qkv.weight": c.architecture == "phi3"
        case "ffn_gate.weight": c.architecture != "phi3"
        // The experts of a new model are tensors of their own.
        default: !tensor.hasSuffix(".bias") && !tensor.hasSuffix("_exps.weight")
        }
    }

    public static func tensorNames(_ c: DecoderConfiguration) -> [TensorName] {
        // Only `llama` files hold rotary pairs side by side.
        func rotary(_ heads: Int) -> TensorName.Arrangement {
            c.architecture == "llama" ? .rotaryHalves(heads: heads) : .same
        }
        // Phi-3 keeps query, key and value in one matrix, and gate and up in another.
        let projections =
            c.architecture == "phi3"
            ? [
                TensorName("blk.{}.attn_qkv", "model.layers.{}.self_attn.qkv_proj"),
                TensorName("blk.{}.ffn_up", "model.layers.{}.mlp.gate_up_proj"),
            ]
            : [
                TensorName("blk.{}.attn_q", "model.layers.{}.self_attn.q_proj", rotary(c.heads)),
                TensorName("blk.{}.attn_k", "model.layers.{}.self_attn.k_proj", rotary(c.kvHeads)),
                TensorName("blk.{}.attn_v", "model.layers.{}.self_attn.v_proj"),
                TensorName("blk.{}.ffn_gate", "model.layers.{}.mlp.gate_proj"),
                TensorName("blk.{}.ffn_up", "model.layers.{}.mlp.up_proj"),
            ]
        return projections + [
            TensorName("token_embd", "model.embed_tokens"),
            TensorName("output_norm", "model.norm"),
            TensorName("output", "lm_head"),
            TensorName("blk.{}.attn_norm", "model.layers.{}.input_layernorm"),
            TensorName("blk.{}.attn_output", "model.layers.{}.self_attn.o_proj"),
            TensorName("blk.{}.attn_q_norm", "model.layers.{}.self_attn.q_norm"),
            TensorName("blk.{}.attn_k_norm", "model.layers.{}.self_attn.k_norm"),
            TensorName("blk.{}.ffn_norm", "model.layers.{}.post_attention_layernorm"),
            TensorName("blk.{}.ffn_down", "model.layers.{}.mlp.down_proj"),
            // Mixtral.
            TensorName("blk.{}.ffn_gate_inp", "model.layers.{}.block_sparse_moe.gate"),
            TensorName("blk.{}.ffn_gate.{}", "model.layers.{}.block_sparse_moe.experts.{}.w1"),
            TensorName("blk.{}.ffn_down.{}", "model.layers.{}.block_sparse_moe.experts.{}.w2"),
            TensorName("blk.{}.ffn_up.{}", "model.layers.{}.block_sparse_moe.experts.{}.w3"),
        ]
    }
}

extension Parameters {
    /// `layer_types`, where `config.json` lists what each layer attends to.
    func layerTypes(_ layers: Int) throws(ModelError) -> [String]? {
        guard let value = value("layer_types") else { return nil }
        let types = value.arrayValue?.compactMap(\.stringValue)
        guard let types, types.count == layers,
            types.allSatisfy({ $0 == "full_attention" || $0 == "sliding_attention" })
        else { throw bad("layer_types", value, "'full_attention' or 'sliding_attention' for each of \(layers) layers") }
        return types
    }
}
