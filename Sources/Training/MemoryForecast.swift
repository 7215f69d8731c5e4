import ApusModels
import ApusTensors

/// The memory that training takes, computed from sizes before anything is allocated.
public struct MemoryForecast: Sendable, Equatable {
    /// Parameters, gradients and both moments.
    public let state: Int
    /// What the way back needs of the way there, at its peak.
    public let activations: Int
    /// What a frozen base adds.
    public let frozen: Int

    public var bytes: Int { state + activations + frozen }

    /// - Parameters:
    ///   - trained: numbers that are trained.
    ///   - tokens: that go through the model together.
    ///   - frozen: bytes of weights that are read only.
    public init(
        _ c: DecoderConfiguration, trained: Int, tokens: Int, savesMemory: Bool, frozen: Int = 0
    ) {
        let float = MemoryLayout<Float>.size
        state = trained * 4 * float
        self.frozen = frozen
        // Tensors of a block that its way back reads: inputs of both norms and what they give, queries, keys, values,
        // what attention gives with its sums; in the network the hidden layer before and after its activation, and
        // the gate's. Queries and keys count twice where they are normalised or cut from one matrix before.
        let queries = c.heads * c.headDim
        let keys = c.kvHeads * c.headDim
        let gated = c.architecture != "gpt2" && c.architecture != "bloom"
        let block =
            4 * c.width + 2 * queries + 2 * keys + c.heads + (gated ? 3 : 2) * c.feedForward * (c.experts?.used ?? 1)
        // On the way back of one block: gradients of the hidden layers and of the stream.
        let back = (gated ? 3 : 2) * c.feedForward + 3 * c.width + queries + 2 * keys
        let kept = savesMemory ? c.layers * c.width + block : c.layers * block
        let logits = 2 * min(1 << 22, tokens * c.vocabulary)
        activations = (tokens * (kept + max(back, 0)) + logits) * float
    }

    /// - Throws: ``TrainingError/notEnoughMemory(needed:available:)`` where the machine, or the container, has less.
    func requireRoom() throws(TrainingError) {
        let available = SystemMemory.available()
        if let available, bytes > available { throw .notEnoughMemory(needed: bytes, available: available) }
    }
}
