import ApusModelFiles
import ApusTensors

/// A tensor of a GGUF file as a Hugging Face folder has it: made when it is asked for.
public struct HuggingFaceTensor: Sendable {
    public let name: String
    public let shape: [Int]
    /// Gives the tensor, arranged as transformers reads it.
    public let load: @Sendable () throws -> StoredTensor
}

extension LoadedDecoder {
    /// What a tensor with a GGUF name becomes in a Hugging Face folder: one tensor, or one per expert; none for tensors
    /// that `config.json` stands for.
    ///
    /// - Throws: ``ModelError/badTensor(_:reason:file:)`` for a tensor that the family has no name for.
    public func huggingFaceTensors(_ name: String) throws -> [HuggingFaceTensor] {
        if name.hasPrefix("rope_") { return [] }
        let names = type(of: decoder).tensorNames(configuration)
        let stored = try weights.tensor(named: name)
        if name.hasSuffix("_exps.weight"), let experts = configuration.experts {
            let stem = name.dropLast("_exps.weight".count)
            return try (0..<experts.count).map { index in
                let (target, _) = try huggingFaceName("\(stem).\(index).weight", names)
                return HuggingFaceTensor(name: target, shape: Array(stored.shape.dropFirst())) {
                    let all = try Tensor(
                        shape: stored.shape, dtype: stored.dtype, borrowing: stored.bytes, owner: stored.owner)
                    let values = try all.slice(index..<index + 1).toArray()
                    return try values.withUnsafeBytes {
                        try StoredTensor(name: target, dtype: .f32, shape: Array(stored.shape.dropFirst()), copying: $0)
                    }
                }
            }
        }
        let (target, arrangement) = try huggingFaceName(name, names)
        return [
            HuggingFaceTensor(name: target, shape: stored.shape) {
                try stored.arrangedForHuggingFace(arrangement, as: target)
            }
        ]
    }

    private func huggingFaceName(_ name: String, _ names: [TensorName]) throws -> (String, TensorName.Arrangement) {
        guard let found = TensorName.huggingFaceName(of: name, names) else {
            throw ModelError.badTensor(name, reason: "it has no place in a Hugging Face folder", file: path)
        }
        return found
    }
}

extension DecoderConfiguration {
    /// `config.json` for the Llama family, as transformers 4 and 5 both read it; nil where the family has none here or
    /// the rotation can't be said in its terms.
    ///
    /// - Parameter dtype: the name of the weights' type, such as `float32`.
    public func huggingFaceConfig(dtype: String, bos: Int?, eos: [Int]) -> JSON.Object? {
        let window = windows.compactMap { $0 }.first
        let type: (model: String, architecture: String)
        switch architecture {
        case "llama":
            type =
                experts != nil
                ? ("mixtral", "MixtralForCausalLM")
                : window != nil ? ("mistral", "MistralForCausalLM") : ("llama", "LlamaForCausalLM")
        case "qwen2": type = ("qwen2", "Qwen2ForCausalLM")
        case "qwen3": type = ("qwen3", "Qwen3ForCausalLM")
        default: return nil
        }
        guard let rope, let scaling = rope.huggingFaceScaling(context: context) else { return nil }
        var config: JSON.Object = [
            "architectures": [.string(type.architecture)], "model_type": .string(type.model),
            "vocab_size": .integer(vocabulary), "hidden_size": .integer(width), "num_hidden_layers": .integer(layers),
            "num_attention_heads": .integer(heads), "num_key_value_heads": .integer(kvHeads),
            "head_dim": .integer(headDim),
            "intermediate_size": .integer(feedForward), "max_position_embeddings": .integer(context),
            "rms_norm_eps": .number(Double("\(epsilon)") ?? Double(epsilon)), "hidden_act": "silu",
            "rope_theta": .number(rope.base), "rope_scaling": scaling, "tie_word_embeddings": .bool(tied),
            "torch_dtype": .string(dtype), "use_cache": true,
        ]
        if let experts {
            config["num_local_experts"] = .integer(experts.count)
            config["num_experts_per_tok"] = .integer(experts.used)
        }
        if type.model == "mistral" || type.model == "mixtral" {
            config["sliding_window"] = window.map { .integer($0) } ?? .null
        } else if let window {
            config["use_sliding_window"] = true
            config["sliding_window"] = .integer(window)
            config["max_window_layers"] = .integer(windows.firstIndex { $0 != nil } ?? layers)
        }
        if case .longRope(let long) = rope.scaling {
            // Version 4 of transformers looks for it here alone.
            config["original_max_position_embeddings"] = .integer(long.trainedContext)
        }
        if let bos { config["bos_token_id"] = .integer(bos) }
        if let first = eos.first {
            config["eos_token_id"] = eos.count == 1 ? .integer(first) : .array(eos.map { .integer($0) })
        }
        return config
    }
}

extension RotaryEmbedding {
    /// `rope_scaling`: null for none, an object, or nil where the stored divisors follow no known rule.
    fileprivate func huggingFaceScaling(context: Int) -> JSON? {
        switch scaling {
        case .none: return .null
        case .linear(let factor): return ["rope_type": "linear", "factor": .number(factor)]
        case .dynamic(let factor, _): return ["rope_type": "dynamic", "factor": .number(factor)]
        case .llama3(let factor, let low, let high, let trained):
            return [
                "rope_type": "llama3", "factor": .number(factor), "low_freq_factor": .number(low),
                "high_freq_factor": .number(high), "original_max_position_embeddings": .integer(trained),
            ]
        case .yarn(let yarn):
            return [
                "rope_type": "yarn", "factor": .number(yarn.factor), "beta_fast": .number(yarn.betaFast),
                "beta_slow": .number(yarn.betaSlow), "truncate": .bool(yarn.truncates),
                "attention_factor": .number(yarn.amplitude),
                "original_max_position_embeddings": .integer(yarn.trainedContext),
            ]
        case .longRope(let rope):
            return [
                "rope_type": "longrope", "short_factor": .array(rope.short.map { .number(Double($0)) }),
                "long_factor": .array(rope.long.map { .number(Double($0)) }),
                "attention_factor": .number(rope.amplitude),
                "original_max_position_embeddings": .integer(rope.trainedContext),
            ]
        case .divisors(let divisors):
            return llama3(from: divisors)?.huggingFaceScaling(context: context)
        }
    }

    /// The Llama 3 scaling that gives these divisors: the factor is the largest; low and high factors are 1 and 4 in all
    /// published models, and the trained context is tried from 32 up.
    private func llama3(from divisors: [Float]) -> RotaryEmbedding? {
        guard let factor = divisors.max(), factor >= 1 else { return nil }
        var plain = self
        plain.scaling = .none
        let frequencies = plain.frequencies(context: 1).frequencies
        for trained in (5...20).map({ 1 << $0 }) {
            var candidate = self
            candidate.scaling = .llama3(
                factor: Double(factor), lowFrequency: 1, highFrequency: 4, trainedContext: trained)
            let scaled = candidate.frequencies(context: 1).frequencies
            let agrees = zip(zip(frequencies, scaled), divisors).allSatisfy { pair, divisor in
                (pair.0 / pair.1 - divisor).magnitude < 1e-4 * divisor
            }
            if agrees { return candidate }
        }
        return nil
    }
}
