import ApusModelFiles
import ApusTensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension DecoderConfiguration {
    /// The GGUF metadata below the architecture's name that says what this configuration says. Keys that only Apus
    /// reads are noted in docs/parity.md.
    ///
    /// - Throws: ``ModelError/unsupported(_:file:)`` for what GGUF has no key for.
    public func ggufMetadata(file: String) throws(ModelError) -> [(key: String, value: GGUFValue)] {
        var values: [(key: String, value: GGUFValue)] = []
        func put(_ key: String, _ value: Int) {
            values.append(("\(architecture).\(key)", .uint32(UInt32(clamping: value))))
        }
        func put(_ key: String, _ value: Float) { values.append(("\(architecture).\(key)", .float32(value))) }
        func put(_ key: String, _ value: String) { values.append(("\(architecture).\(key)", .string(value))) }
        func put(_ key: String, _ value: Bool) { values.append(("\(architecture).\(key)", .bool(value))) }

        let usesLayerNorm = architecture == "gpt2" || architecture == "bloom"
        put("context_length", context)
        put("embedding_length", width)
        put("block_count", layers)
        put("feed_forward_length", feedForward)
        put("attention.head_count", heads)
        put("attention.head_count_kv", kvHeads)
        put("vocab_size", vocabulary)
        put(usesLayerNorm ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon", epsilon)
        if !usesLayerNorm {
            put("attention.key_length", headDim)
            put("attention.value_length", headDim)
        }
        if attentionScale != 1 / Float(headDim).squareRoot() { put("attention.scale", attentionScale) }
        if activation != (usesLayerNorm || architecture.hasPrefix("gemma") ? .geluTanh : .silu) {
            put("hidden_activation", activation.huggingFaceName)
        }
        if let attentionSoftcap { put("attn_logit_softcapping", attentionSoftcap) }
        if let finalSoftcap { put("final_logit_softcapping", finalSoftcap) }
        if let experts {
            put("expert_count", experts.count)
            put("expert_used_count", experts.used)
        }
        if scalesByLayer { put("attention.scale_by_layer", true) }
        if residualAfterNorm { put("residual_after_norm", true) }
        try putWindows(put, file: file)
        if let rope { putRope(rope, put, put, put) }
        if let localRope, localRope.base != 10_000 { put("rope.freq_base_swa", Float(localRope.base)) }
        return values
    }

    private func putWindows(_ put: (String, Int) -> Void, file: String) throws(ModelError) {
        guard let window = windows.compactMap({ $0 }).first else { return }
        put("attention.sliding_window", window)
        if architecture.hasPrefix("gemma") {
            let standard = architecture == "gemma2" ? 2 : 6
            let pattern = windows.firstIndex(of: nil).map { $0 + 1 } ?? windows.count + 1
            let expected = windows.indices.map { ($0 + 1) % pattern == 0 ? nil : window }
            guard windows == expected else {
                throw .unsupported("this order of layers with and without a window", file: file)
            }
            if pattern != standard { put("attention.sliding_window_pattern", pattern) }
        } else {
            let first = windows.firstIndex { $0 != nil } ?? 0
            guard windows[first...].allSatisfy({ $0 == window }) else {
                throw .unsupported("this order of layers with and without a window", file: file)
            }
            if first > 0 { put("attention.sliding_window_first_layer", first) }
        }
    }

    private func putRope(
        _ rope: RotaryEmbedding, _ putInt: (String, Int) -> Void, _ putFloat: (String, Float) -> Void,
        _ putText: (String, String) -> Void
    ) {
        putInt("rope.dimension_count", rope.dimensions)
        putFloat("rope.freq_base", Float(rope.base))
        switch rope.scaling {
        case .none, .llama3, .divisors: break
        case .linear(let factor):
            putText("rope.scaling.type", "linear")
            putFloat("rope.scaling.factor", Float(factor))
        case .dynamic(let factor, let trained):
            // Apus's own key: llama.cpp opens no file of a type that it does not know. Without one it computes the same
            // up to the original context.
            putFloat("rope.scaling.dynamic_factor", Float(factor))
            putInt("rope.scaling.original_context_length", trained)
        case .yarn(let yarn):
            putText("rope.scaling.type", "yarn")
            putFloat("rope.scaling.factor", Float(yarn.factor))
            putInt("rope.scaling.original_context_length", yarn.trainedContext)
            let recommended = RotaryEmbedding.YaRN.recommendedAmplitude(yarn.factor)
            if yarn.amplitude != recommended {
                putFloat("rope.scaling.attn_factor", Float(yarn.amplitude / recommended))
            }
            if yarn.betaFast != 32 { putFloat("rope.scaling.yarn_beta_fast", Float(yarn.betaFast)) }
            if yarn.betaSlow != 1 { putFloat("rope.scaling.yarn_beta_slow", Float(yarn.betaSlow)) }
            if !yarn.truncates { putText("rope.scaling.yarn_ramp", "exact") }
        case .longRope(let long):
            putText("rope.scaling.type", "longrope")
            putInt("rope.scaling.original_context_length", long.trainedContext)
            putFloat("rope.scaling.attn_factor", Float(long.amplitude))
        }
    }

    /// The tensors by which GGUF says what some rotary scalings do to each frequency.
    public func ropeTensors() throws -> [StoredTensor] {
        func tensor(_ name: String, _ values: [Float]) throws -> StoredTensor {
            try values.withUnsafeBytes {
                try StoredTensor(name: name, dtype: .f32, shape: [values.count], copying: $0)
            }
        }
        switch rope?.scaling {
        case .longRope(let long):
            return [
                try tensor("rope_factors_long.weight", long.long), try tensor("rope_factors_short.weight", long.short),
            ]
        case .llama3:
            guard var plain = rope else { return [] }
            let scaled = plain.frequencies(context: context).frequencies
            plain.scaling = .none
            return [
                try tensor(
                    "rope_freqs.weight", zip(plain.frequencies(context: context).frequencies, scaled).map { $0 / $1 })
            ]
        case .divisors(let divisors):
            return [try tensor("rope_freqs.weight", divisors)]
        default:
            return []
        }
    }
}

extension LoadedDecoder {
    /// A tensor as GGUF arranges it.
    public func tensorForGGUF(_ name: String) throws -> StoredTensor {
        let stored = try weights.tensor(named: name)
        // By the format, not by the kind of source: weights may be merged or trained ones.
        guard case .huggingFace = format,
            let (_, arrangement) = TensorName.huggingFaceName(of: name, type(of: decoder).tensorNames(configuration))
        else { return stored }
        return try stored.arrangedForGGUF(arrangement)
    }
}
