import ApusTensors

/// A model that predicts each next token from those before it.
public protocol Decoder: Sendable {
    /// Sizes and rules of the model.
    var configuration: DecoderConfiguration { get }

    /// The last layer.
    var head: PredictionHead { get }

    /// States `[outputs, width]`, after the last norm, of the rows that the batch asks for. Writes the batch's keys and
    /// values to its sequences' blocks; ``run(_:)`` is the call that also moves the sequences on.
    func states(_ batch: Batch) throws -> Tensor
}

extension Decoder {
    /// How the model's cache lies in memory, with elements of `dtype`.
    public func cacheLayout(_ dtype: DType) -> KVLayout {
        let c = configuration
        return KVLayout(
            layers: Array(repeating: .init(heads: c.kvHeads, keyDim: c.headDim, valueDim: c.headDim), count: c.layers),
            dtype: dtype)
    }

    /// Feeds tokens to sequences and gives the logits of the rows asked for, `[outputs, vocabulary]`.
    ///
    /// A row's logits do not depend, to the last bit, on how its sequence was cut or on what shares the batch.
    ///
    /// - Parameter stopsWhenCancelled: looks between two layers whether the task was cancelled, for batches of many rows.
    /// - Throws: ``ModelError`` for a token outside the vocabulary, a context that is exceeded or a cache that is full;
    ///   `CancellationError` where that was asked for. Sequences are then as they were.
    public func run(_ parts: [Batch.Part], stopsWhenCancelled: Bool = false) throws -> Tensor {
        let vocabulary = configuration.vocabulary
        for part in parts {
            for token in part.tokens where token < 0 || Int(token) >= vocabulary {
                throw ModelError.unknownToken(token, vocabulary: vocabulary)
            }
            let needed = part.sequence.length + part.tokens.count
            guard needed <= part.sequence.context else {
                throw ModelError.contextExceeded(needed: needed, context: part.sequence.context)
            }
        }
        for part in parts { try part.sequence.reserve(part.tokens.count) }
        let logits = head.logits(try states(Batch(parts, stopsWhenCancelled: stopsWhenCancelled)))
        for part in parts { part.sequence.advance(by: part.tokens) }
        return logits
    }
}

/// Tokens of one or more sequences that go through the model together.
public struct Batch: Sendable {
    /// What one sequence adds to a batch.
    public struct Part: Sendable {
        public let sequence: KVSequence
        public let tokens: [Int32]
        /// How many of the last tokens' logits are wanted.
        public let outputs: Int

        public init(_ sequence: KVSequence, _ tokens: [Int32], outputs: Int = 1) {
            self.sequence = sequence
            self.tokens = tokens
            self.outputs = min(max(0, outputs), tokens.count)
        }
    }

    /// All parts' tokens, one after another: the rows of the batch.
    public let tokens: [Int32]
    /// Each row's position in its sequence.
    public let positions: [Int]
    /// Which rows continue which blocks.
    public let segments: [AttentionSegment]
    /// Rows whose logits are wanted; nil for all.
    public let outputRows: [Int32]?
    /// How the blocks are laid out; nil where there is no cache.
    public let layout: KVLayout?
    /// The context that the sequences were made for, which some rotary scalings depend on.
    public let context: Int
    /// Whether training computes blocks twice rather than keep their activations.
    public let savesMemory: Bool
    /// Whether the work ends between two blocks when its task is cancelled.
    public let stopsWhenCancelled: Bool

    init(_ parts: [Part], stopsWhenCancelled: Bool = false) {
        var tokens: [Int32] = []
        var positions: [Int] = []
        var segments: [AttentionSegment] = []
        var outputRows: [Int32] = []
        for part in parts where !part.tokens.isEmpty {
            let rows = tokens.count..<tokens.count + part.tokens.count
            tokens += part.tokens
            positions += part.sequence.length..<part.sequence.length + part.tokens.count
            segments.append(AttentionSegment(rows: rows, start: part.sequence.length, blocks: part.sequence.blocks))
            outputRows += (rows.upperBound - part.outputs..<rows.upperBound).map(Int32.init)
        }
        self.tokens = tokens
        self.positions = positions
        self.segments = segments
        self.outputRows = outputRows
        self.layout = parts.first?.sequence.cache.layout
        self.context = parts.first?.sequence.context ?? 0
        self.savesMemory = false
        self.stopsWhenCancelled = stopsWhenCancelled
    }

    /// Whole sequences without a cache, as training sees them: every row's state is given.
    ///
    /// - Parameters:
    ///   - context: what rotary scalings that depend on the length go by.
    ///   - savesMemory: keep each block's input only, and compute its activations again on the way back.
    public init(sequences: [ArraySlice<Int32>], context: Int, savesMemory: Bool = false) {
        var tokens: [Int32] = []
        var positions: [Int] = []
        var segments: [AttentionSegment] = []
        for sequence in sequences where !sequence.isEmpty {
            segments.append(
                AttentionSegment(rows: tokens.count..<tokens.count + sequence.count, start: 0, blocks: []))
            tokens += sequence
            positions += 0..<sequence.count
        }
        self.tokens = tokens
        self.positions = positions
        self.segments = segments
        self.outputRows = nil
        self.layout = nil
        self.context = context
        self.savesMemory = savesMemory
        self.stopsWhenCancelled = false
    }

    /// The rows of `x` that the batch asks for.
    func outputs(of x: Tensor) -> Tensor { outputRows.map(x.gathered) ?? x }

    /// Computes one block of a model.
    func checkpoint(_ x: Tensor, _ block: @escaping (Tensor) -> Tensor) throws -> Tensor {
        if stopsWhenCancelled { try Task.checkCancellation() }
        return savesMemory ? Differentiation.checkpoint(x, block) : block(x)
    }
}
