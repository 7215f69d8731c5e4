/// How a model's makers mean it to be sampled: `general.sampling.*` of GGUF, `generation_config.json` of a folder.
public struct RecommendedSampling: Sendable, Equatable {
    public var temperature: Double?
    public var topK: Int?
    public var topP: Double?
    public var minP: Double?
    public var repeatPenalty: Double?

    /// Keys of `generation_config.json` and, behind `general.sampling.`, of GGUF; `top_k`, an integer, stands apart.
    private static var fields: [(config: String, gguf: String, path: WritableKeyPath<Self, Double?>)] {
        [
            ("temperature", "temp", \.temperature), ("top_p", "top_p", \.topP), ("min_p", "min_p", \.minP),
            ("repetition_penalty", "penalty_repeat", \.repeatPenalty),
        ]
    }
    private static let prefix = "general.sampling."

    public init(_ metadata: GGUFMetadata) throws(GGUFError) {
        topK = try metadata.integer(Self.prefix + "top_k")
        for field in Self.fields {
            // As it was written: 0.1, and not what the nearest float32 is in float64.
            guard let value = try metadata.float(Self.prefix + field.gguf) else { continue }
            self[keyPath: field.path] = Double("\(Float(value))") ?? value
        }
    }

    /// - Parameter config: `generation_config.json`. `"do_sample": false` is temperature 0.
    public init(generationConfig config: JSON) {
        topK = config["top_k"]?.intValue
        for field in Self.fields { self[keyPath: field.path] = config[field.config]?.doubleValue }
        if config["do_sample"]?.boolValue == false { temperature = 0 }
    }

    public var metadata: [(key: String, value: GGUFValue)] {
        var result: [(key: String, value: GGUFValue)] = []
        if let topK { result.append((Self.prefix + "top_k", .int32(Int32(clamping: topK)))) }
        for field in Self.fields {
            guard let value = self[keyPath: field.path] else { continue }
            result.append((Self.prefix + field.gguf, .float32(Float(value))))
        }
        return result
    }

    /// Members of `generation_config.json`.
    public var generationConfig: JSON.Object {
        var result = JSON.Object()
        if temperature == 0 {
            result["do_sample"] = false
            return result
        }
        if let topK { result["top_k"] = .integer(topK) }
        for field in Self.fields {
            if let value = self[keyPath: field.path] { result[field.config] = .number(value) }
        }
        if !result.isEmpty { result["do_sample"] = true }
        return result
    }
}
