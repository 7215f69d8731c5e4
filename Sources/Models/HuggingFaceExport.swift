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
        return [try decoder.huggingFaceTensor(stored, rotatesPairs: rotatesPairs, file: path)]
    }

    /// Whether the rows of queries and keys lie as GGUF's `llama` files have them.
    private var rotatesPairs: Bool {
        if case .gguf = format { true } else { false }
    }

    private func huggingFaceName(_ name: String, _ names: [TensorName]) throws -> (String, TensorName.Arrangement) {
        guard let found = TensorName.huggingFaceName(of: name, names) else {
            throw ModelError.badTensor(name, reason: "it has no place in a Hugging Face folder", file: path)
        }
        return found
    }
}

extension DecoderFamily {
    /// What a tensor with a GGUF name becomes in a Hugging Face folder.
    ///
    /// - Parameter rotatesPairs: whether rotary pairs are neighbours, as in GGUF's `llama` files, rather than half a head
    ///   apart already.
    /// - Throws: ``ModelError/badTensor(_:reason:file:)`` for a tensor that the family has no name for.
    public func huggingFaceTensor(
        _ stored: StoredTensor, rotatesPairs: Bool, file: String
    ) throws -> HuggingFaceTensor {
        guard let (target, usual) = TensorName.huggingFaceName(of: stored.name, Self.tensorNames(configuration)) else {
            throw ModelError.badTensor(stored.name, reason: "it has no place in a Hugging Face folder", file: file)
        }
        let arrangement = if case .rotaryHalves = usual, !rotatesPairs { TensorName.Arrangement.same } else { usual }
        return HuggingFaceTensor(name: target, shape: arrangement.huggingFaceShape(stored.shape)) {
            try stored.arrangedForHuggingFace(arrangement, as: target)
        }
    }
}

extension LoadedDecoder {
    /// `config.json`, as transformers 4 and 5 both read it.
    ///
    /// - Parameters:
    ///   - dtype: the name of the weights' type, such as `float32`.
    ///   - eos: tokens that end a text, the first of them the model's own.
    /// - Throws: ``ModelError/unsupported(_:file:)`` for what `config.json` has no word for.
    public func huggingFaceConfig(dtype: String, bos: Int?, eos: [Int], pad: Int? = nil) throws -> JSON.Object {
        try decoder.wholeHuggingFaceConfig(dtype: dtype, bos: bos, eos: eos, pad: pad)
    }
}

extension DecoderFamily {
    /// ``huggingFaceConfig()`` with what all models have.
    public func wholeHuggingFaceConfig(dtype: String, bos: Int?, eos: [Int], pad: Int?) throws -> JSON.Object {
        var config = try huggingFaceConfig()
        config["vocab_size"] = .integer(configuration.vocabulary)
        config["tie_word_embeddings"] = .bool(configuration.tied)
        config["torch_dtype"] = .string(dtype)
        config["use_cache"] = true
        // Null where there is none: families have numbers of their own for a key that is absent.
        config["bos_token_id"] = bos.map { .integer($0) } ?? .null
        config["eos_token_id"] =
            eos.count > 1 ? .array(eos.map { .integer($0) }) : eos.first.map { .integer($0) } ?? .null
        config["pad_token_id"] = pad.map { .integer($0) } ?? .null
        return config
    }
}

extension DecoderConfiguration {
    /// What families with rotary attention name alike.
    ///
    /// - Throws: ``ModelError/unsupported(_:file:)`` for divisors of frequencies that follow no known rule.
    func huggingFaceBasics(type: String, architecture: String, file: String) throws(ModelError) -> JSON.Object {
        guard let rope, let scaling = rope.huggingFaceScaling(context: context) else {
            throw .unsupported("a rotation by stored divisors that follow no known rule, in config.json,", file: file)
        }
        return [
            "architectures": [.string(architecture)], "model_type": .string(type), "hidden_size": .integer(width),
            "num_hidden_layers": .integer(layers), "num_attention_heads": .integer(heads),
            "num_key_value_heads": .integer(kvHeads), "head_dim": .integer(headDim),
            "intermediate_size": .integer(feedForward), "max_position_embeddings": .integer(context),
            "rms_norm_eps": .decimal(Double(epsilon)), "rope_theta": .decimal(rope.base), "rope_scaling": scaling,
        ]
    }

    /// `layer_types`: which layers see a window.
    var huggingFaceLayerTypes: JSON {
        .array(windows.map { $0 == nil ? "full_attention" : "sliding_attention" })
    }

    /// Scores can be divided by the root of the head size only.
    func requireUsualScale(file: String) throws(ModelError) {
        let usual = 1 / Float(headDim).squareRoot()
        guard (attentionScale - usual).magnitude < 1e-6 * usual else {
            throw .unsupported("a scale of attention scores other than by the head size, in config.json,", file: file)
        }
    }
}

extension JSON {
    /// A number as it was written before float32 took its place: 1e-05, not 9.999999747378752e-06.
    static func decimal(_ value: Double) -> JSON {
        let single = Float(value)
        return .number(Double(single) == value ? Double("\(single)") ?? value : value)
    }
}

extension RotaryEmbedding {
    /// `rope_scaling`: null for none, an object, or nil where the stored divisors follow no known rule.
    fileprivate func huggingFaceScaling(context: Int) -> JSON? {
        switch scaling {
        case .none: return .null
        case .linear(let factor): return ["rope_type": "linear", "factor": .decimal(factor)]
        case .dynamic(let factor, _): return ["rope_type": "dynamic", "factor": .decimal(factor)]
        case .llama3(let factor, let low, let high, let trained):
            return [
                "rope_type": "llama3", "factor": .decimal(factor), "low_freq_factor": .decimal(low),
                "high_freq_factor": .decimal(high), "original_max_position_embeddings": .integer(trained),
            ]
        case .yarn(let yarn):
            return [
                "rope_type": "yarn", "factor": .decimal(yarn.factor), "beta_fast": .decimal(yarn.betaFast),
                "beta_slow": .decimal(yarn.betaSlow), "truncate": .bool(yarn.truncates),
                "attention_factor": .number(yarn.amplitude),
                "original_max_position_embeddings": .integer(yarn.trainedContext),
            ]
        case .longRope(let rope):
            return [
                "rope_type": "longrope", "short_factor": .array(rope.short.map { .decimal(Double($0)) }),
                "long_factor": .array(rope.long.map { .decimal(Double($0)) }),
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
