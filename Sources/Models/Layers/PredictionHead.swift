import ApusTensors

/// The last layer of a language model: states to the logits of the next token.
public struct PredictionHead: Sendable {
    /// `[vocabulary, width]`: the embedding itself where the model ties them.
    public let linear: Linear
    /// Logits are kept within ± this by tanh (Gemma 2); nil for as they are.
    public let softcap: Float?

    /// Reads the two ends of a decoder: the table of embeddings `token_embd`, `[vocabulary, width]`, and the head
    /// `output`, unless it is tied.
    static func ends(_ weights: Weights, _ c: DecoderConfiguration) throws -> (embedding: Tensor, head: PredictionHead)
    {
        let embedding = try weights.tensor("token_embd.weight", [c.vocabulary, c.width])
        let linear =
            c.tied
            ? Linear(weight: embedding) : try Linear(weights, "output", inputs: c.width, outputs: c.vocabulary)
        return (embedding, PredictionHead(linear: linear, softcap: c.finalSoftcap))
    }

    /// `[rows, width]` to `[rows, vocabulary]`.
    public func logits(_ states: Tensor) -> Tensor {
        let logits = linear(states)
        return softcap.map(logits.softcapped) ?? logits
    }

    /// The losses of rows of states against their targets, in nats; see ``Tensor/crossEntropy(_:bias:softcap:targets:factors:)``.
    public func losses(_ states: Tensor, targets: [Int32], factors: [Float]? = nil) throws -> [Double] {
        try states.crossEntropy(
            linear.weight, bias: linear.bias, softcap: softcap, targets: targets, factors: factors)
    }
}
