import ApusModelFiles
import ApusModels

/// The family and sizes of a new model.
public struct ModelSettings: Sendable, Equatable {
    /// `model_type` as Hugging Face names families: `llama`, `gpt2`, `qwen3`, `bloom`, …
    public var family: String
    public var layers: Int
    public var width: Int
    public var heads: Int
    /// Heads of keys and values; nil for as many as there are query heads.
    public var kvHeads: Int?
    /// Width of the feed-forward network; nil for the family's usual one.
    public var feedForward: Int?
    /// Positions.
    public var context: Int
    /// Whether the output matrix is the embedding.
    public var tied = true

    public init(family: String = "llama", layers: Int, width: Int, heads: Int, context: Int) {
        self.family = family
        self.layers = layers
        self.width = width
        self.heads = heads
        self.context = context
    }

    /// Families that can be made anew by these settings.
    public static let families = ["llama", "gpt2", "mistral", "qwen2", "qwen3", "gemma", "bloom"]

    /// The width of the feed-forward network: four times the model's for a plain one, and for a gated one, which has three
    /// matrices, two thirds of that (Shazeer 2020), rounded up to a multiple of 16.
    public var usedFeedForward: Int {
        feedForward ?? (["gpt2", "bloom"].contains(family) ? 4 * width : (width * 8 / 3 + 15) / 16 * 16)
    }

    /// What `config.json` would say, for ``TrainableModel/init(fresh:seed:)``.
    ///
    /// - Throws: ``TrainingError/unknownFamily(_:known:)``, ``TrainingError/badSetting(_:value:expected:)``.
    public func config(vocabulary: Int) throws(TrainingError) -> JSON.Object {
        guard Self.families.contains(family) else { throw .unknownFamily(family, known: Self.families) }
        func positive(_ value: Int, _ name: String) throws(TrainingError) {
            guard (1...1 << 24).contains(value) else {
                throw .badSetting(name, value: "\(value)", expected: "from 1 to 16777216")
            }
        }
        try positive(layers, "the number of layers")
        try positive(width, "the width")
        try positive(heads, "the number of heads")
        try positive(kvHeads ?? heads, "the number of key/value heads")
        try positive(usedFeedForward, "the feed-forward width")
        try positive(context, "the context")
        try positive(vocabulary, "the vocabulary")
        guard width % heads == 0 else {
            throw .badSetting("the number of heads", value: "\(heads)", expected: "a divisor of the width \(width)")
        }
        let rotates = !["gpt2", "bloom"].contains(family)
        guard !rotates || width / heads % 2 == 0 else {
            throw .badSetting(
                "the number of heads", value: "\(heads)", expected: "such that heads of \(width) / heads are even")
        }
        guard rotates || kvHeads ?? heads == heads else {
            throw .badSetting(
                "the number of key/value heads", value: "\(kvHeads ?? heads)",
                expected: "the number of heads, \(heads), in a model of family \(family)")
        }
        switch family {
        case "gpt2":
            return [
                "model_type": "gpt2", "vocab_size": .integer(vocabulary), "n_embd": .integer(width),
                "n_layer": .integer(layers), "n_head": .integer(heads), "n_positions": .integer(context),
                "n_inner": .integer(usedFeedForward), "tie_word_embeddings": .bool(tied),
            ]
        case "bloom":
            return [
                "model_type": "bloom", "vocab_size": .integer(vocabulary), "hidden_size": .integer(width),
                "n_layer": .integer(layers), "n_head": .integer(heads), "seq_length": .integer(context),
                "tie_word_embeddings": .bool(tied),
            ]
        default:
            return [
                "model_type": .string(family), "vocab_size": .integer(vocabulary), "hidden_size": .integer(width),
                "num_hidden_layers": .integer(layers), "num_attention_heads": .integer(heads),
                "num_key_value_heads": .integer(kvHeads ?? heads), "head_dim": .integer(width / heads),
                "intermediate_size": .integer(usedFeedForward), "max_position_embeddings": .integer(context),
                "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": .bool(tied),
                "sliding_window": .null,
            ]
        }
    }
}
