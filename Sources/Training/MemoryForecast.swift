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
        func bytes(_ floats: Double) -> Int { Int(min(floats * 4, 0x1p60)) }
        state = bytes(4 * Double(trained))
        self.frozen = min(frozen, 1 << 60)
        // Tensors of a block that its way back reads: inputs of both norms and what they give, queries, keys, values,
        // what attention gives with its sums; in the network the hidden layer before and after its activation, and
        // the gate's. Queries and keys count twice where they are normalised or cut from one matrix before.
        let queries = Double(c.heads) * Double(c.headDim)
        let keys = Double(c.kvHeads) * Double(c.headDim)
        let gated = c.architecture != "gpt2" && c.architecture != "bloom"
        let hidden = (gated ? 3 : 2) * Double(c.feedForward)
        let (width, layers) = (Double(c.width), Double(c.layers))
        let block = 4 * width + 2 * queries + 2 * keys + Double(c.heads) + hidden * Double(c.experts?.used ?? 1)
        // On the way back of one block: gradients of the hidden layers and of the stream.
        let back = hidden + 3 * width + queries + 2 * keys
        let kept = savesMemory ? layers * width + block : layers * block
        let logits = 2 * min(0x1p22, Double(tokens) * Double(c.vocabulary))
        activations = bytes(Double(tokens) * (kept + back) + logits)
    }

    /// - Throws: ``TrainingError/notEnoughMemory(needed:available:)`` where the machine, or the container, has less.
    func requireRoom() throws(TrainingError) {
        let available = SystemMemory.available()
        if let available, bytes > available { throw .notEnoughMemory(needed: bytes, available: available) }
    }
}
