import ApusModelFiles
import ApusTensors

extension DecoderConfiguration {
    /// Reads what GGUF files of all decoders name alike: `ARCHITECTURE.block_count` and so on.
    ///
    /// - Parameters:
    ///   - parameters: keys below the architecture's name.
    ///   - vocabulary: rows of the embedding.
    ///   - interleaved: how rotated pairs lie in files of this architecture.
    ///   - divisors: the tensor of rotary divisors, where the file has one.
    init(
        gguf p: Parameters, architecture: String, vocabulary: Int, norm: Norm.Kind, activation: Activation,
        rotates: Bool, interleaved: Bool, weights: Weights
    ) throws {
        let width = try p.count("embedding_length")
        let layers = try p.count("block_count", limit: DecoderConfiguration.mostLayers)
        let heads = try p.count("attention.head_count", limit: 1 << 16)
        guard p.value("attention.key_length") != nil || width % heads == 0 else {
            throw ModelError.badParameter(
                "\(architecture).attention.head_count", value: "\(heads)", expected: "a divisor of \(width)",
                file: p.file)
        }
        let headDim = try p.count("attention.key_length", or: max(1, width / heads))
        let valueDim = try p.count("attention.value_length", or: headDim)
        guard valueDim == headDim else {
            throw ModelError.unsupported(
                "a value size (\(valueDim)) other than the key size (\(headDim))", file: p.file)
        }
        self.init(
            architecture: architecture, vocabulary: vocabulary, width: width, layers: layers, heads: heads,
            kvHeads: try p.count("attention.head_count_kv", or: heads, limit: 1 << 16), headDim: headDim,
            feedForward: try p.count("feed_forward_length", or: 4 * width),
            context: try p.count("context_length", limit: 1 << 40),
            epsilon: Float(
                try p.positive(norm == .rms ? "attention.layer_norm_rms_epsilon" : "attention.layer_norm_epsilon")),
            // Apus's own key for these architectures: llama.cpp computes only the function that each was published with.
            activation: try p.value("hidden_activation") == nil
                ? activation : Activation(huggingFace: p.text("hidden_activation"), file: p.file),
            rope: nil, localRope: nil, windows: Array(repeating: nil, count: layers),
            attentionScale: Float(try p.positive("attention.scale", or: 1 / Double(headDim).squareRoot())))
        if rotates {
            rope = try RotaryEmbedding(
                gguf: p, headDim: headDim, context: context, interleaved: interleaved, weights: weights)
        }
        attentionSoftcap = try p.positiveIfPresent("attn_logit_softcapping").map { Float($0) }
        finalSoftcap = try p.positiveIfPresent("final_logit_softcapping").map { Float($0) }
        let expertCount = try p.number("expert_count", or: 0)
        if expertCount > 0 {
            experts = Experts(
                count: try p.count("expert_count", limit: 1 << 12),
                used: try p.count("expert_used_count", limit: 1 << 12))
        }
        tied = !weights.has("output.weight")
    }
}

extension RotaryEmbedding {
    fileprivate init(gguf p: Parameters, headDim: Int, context: Int, interleaved: Bool, weights: Weights) throws {
        let dimensions = try p.count("rope.dimension_count", or: headDim)
        self.init(
            dimensions: dimensions, base: try p.positive("rope.freq_base", or: 10_000), interleaved: interleaved)
        let trained = try p.count("rope.scaling.original_context_length", or: context, limit: 1 << 40)
        let pairs = dimensions / 2
        if weights.has("rope_factors_long.weight"), weights.has("rope_factors_short.weight") {
            // llama.cpp's convention: the amplitude is stored, or 1.
            scaling = .longRope(
                LongRope(
                    short: try weights.vector("rope_factors_short.weight", pairs).toArray(),
                    long: try weights.vector("rope_factors_long.weight", pairs).toArray(), trainedContext: trained,
                    amplitude: try p.positive("rope.scaling.attn_factor", or: 1)))
            return
        }
        if weights.has("rope_freqs.weight") {
            scaling = .divisors(try weights.vector("rope_freqs.weight", pairs).toArray())
            return
        }
        if p.value("rope.scaling.dynamic_factor") != nil {
            // Apus's own key: llama.cpp has no such scaling.
            scaling = .dynamic(factor: try p.positive("rope.scaling.dynamic_factor"), trainedContext: trained)
            return
        }
        // `rope.scale_linear` is the older name of the factor.
        let factor = try p.positive("rope.scaling.factor", "rope.scale_linear", or: 1)
        switch try p.text("rope.scaling.type", or: p.value("rope.scale_linear") == nil ? "none" : "linear") {
        case "none", "longrope", "": scaling = .none
        case "linear": scaling = factor == 1 ? .none : .linear(factor: factor)
        case "yarn":
            var yarn = YaRN(factor: factor, trainedContext: trained, amplitude: 1)
            yarn.betaFast = try p.positive("rope.scaling.yarn_beta_fast", or: 32)
            yarn.betaSlow = try p.positive("rope.scaling.yarn_beta_slow", or: 1)
            yarn.truncates = try p.text("rope.scaling.yarn_ramp", or: "whole") != "exact"
            yarn.amplitude = try p.positive("rope.scaling.attn_factor", or: 1) * YaRN.recommendedAmplitude(factor)
            scaling = .yarn(yarn)
        case let other:
            throw ModelError.unsupported("the rope scaling '\(other)'", file: p.file)
        }
    }
}
