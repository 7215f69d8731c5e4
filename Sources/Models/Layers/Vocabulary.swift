import ApusTensors

/// The two ends of a decoder: tokens to vectors, and vectors to logits.
public struct VocabularyLayers: Sendable {
    /// `[vocabulary, width]`.
    public let embedding: Tensor
    /// `[vocabulary, width]`: the embedding itself where the model ties them.
    public let head: Linear

    /// Reads `token_embd`, and `output` unless it is tied.
    public init(_ weights: Weights, _ c: DecoderConfiguration) throws {
        embedding = try weights.tensor("token_embd.weight", [c.vocabulary, c.width])
        head =
            c.tied
            ? Linear(weight: embedding) : try Linear(weights, "output", inputs: c.width, outputs: c.vocabulary)
    }
}
