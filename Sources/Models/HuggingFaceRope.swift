import ApusModelFiles
import ApusTensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension RotaryEmbedding {
    /// Reads the rotation from `config.json` as transformers 5 writes it (`rope_parameters`, by layer type where layers
    /// differ) and as transformers 4 did (`rope_theta` and `rope_scaling`).
    ///
    /// - Parameters:
    ///   - layerType: whose parameters are wanted where they are nested: `full_attention` or `sliding_attention`.
    ///   - theta: the family's default base.
    ///   - isPhi3: whether Phi-3's own defaults hold.
    init(
        huggingFace p: Parameters, layerType: String = "full_attention", headDim: Int, context: Int,
        theta: Double = 10_000, isPhi3: Bool = false
    ) throws {
        var own = try p.object("rope_parameters") ?? p.object("rope_scaling")
        if let nested = try own?.object(layerType) { own = nested }
        let base =
            try own?.positive("rope_theta", or: p.positive("rope_theta", or: theta))
            ?? p.positive("rope_theta", or: theta)
        let share =
            try own?.positive("partial_rotary_factor", or: p.positive("partial_rotary_factor", or: 1))
            ?? p.positive("partial_rotary_factor", or: 1)
        let dimensions = Int(Double(headDim) * min(share, 1))
        self.init(dimensions: dimensions, base: base)
        guard let own else { return }

        var kind = try own.text("rope_type", "type", or: "default")
        // What Phi-3 calls longrope had other names before.
        if isPhi3, kind == "yarn" { kind = "longrope" }
        let trained = try p.count(
            "original_max_position_embeddings",
            or: own.count("original_max_position_embeddings", or: isPhi3 ? 4096 : context, limit: 1 << 40),
            limit: 1 << 40)
        switch kind {
        case "default", "mrope":
            scaling = .none
        case "linear":
            scaling = .linear(factor: try own.positive("factor"))
        case "dynamic":
            scaling = .dynamic(factor: try own.positive("factor"), trainedContext: context)
        case "llama3":
            scaling = .llama3(
                factor: try own.positive("factor"), lowFrequency: try own.positive("low_freq_factor"),
                highFrequency: try own.positive("high_freq_factor"), trainedContext: trained)
        case "yarn":
            let factor = try own.positive("factor", or: Double(context) / Double(trained))
            var yarn = YaRN(factor: factor, trainedContext: trained, amplitude: 1)
            yarn.betaFast = try own.positiveIfPresent("beta_fast") ?? 32
            yarn.betaSlow = try own.positiveIfPresent("beta_slow") ?? 1
            yarn.truncates = try own.flag("truncate", or: true)
            let scale = try own.number("mscale", or: 0)
            let scaleAll = try own.number("mscale_all_dim", or: 0)
            yarn.amplitude =
                try own.positiveIfPresent("attention_factor")
                ?? (scale != 0 && scaleAll != 0
                    ? YaRN.recommendedAmplitude(factor, scale) / YaRN.recommendedAmplitude(factor, scaleAll)
                    : YaRN.recommendedAmplitude(factor))
            scaling = .yarn(yarn)
        case "longrope", "su":
            let factor = try own.positive("factor", or: Double(context) / Double(trained))
            let amplitude = RotaryEmbedding.LongRope.usualAmplitude(factor: factor, trained: trained)
            scaling = .longRope(
                LongRope(
                    short: try own.factors("short_factor", count: dimensions / 2),
                    long: try own.factors("long_factor", count: dimensions / 2), trainedContext: trained,
                    amplitude: try own.positiveIfPresent("attention_factor") ?? amplitude))
        default:
            throw ModelError.unsupported("the rope scaling '\(kind)'", file: p.file)
        }
    }
}

extension RotaryEmbedding.LongRope {
    /// The amplitude of a model whose files state none.
    static func usualAmplitude(factor: Double, trained: Int) -> Double {
        factor <= 1 ? 1 : sqrt(1 + log(factor) / log(Double(trained)))
    }
}

extension Activation {
    /// The function of a Hugging Face name.
    init(huggingFace name: String, file: String) throws(ModelError) {
        switch name {
        case "silu", "swish": self = .silu
        case "gelu", "gelu_python": self = .gelu
        case "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_accurate", "gelu_python_tanh": self = .geluTanh
        case "relu": self = .relu
        default: throw .unsupported("the activation function '\(name)'", file: file)
        }
    }

    /// The name that all families know it by.
    var huggingFaceName: String {
        switch self {
        case .silu: "silu"
        case .gelu: "gelu"
        case .geluTanh: "gelu_pytorch_tanh"
        case .relu: "relu"
        }
    }
}
