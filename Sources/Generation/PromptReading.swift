import ApusModels
import ApusTensors
import ApusTokenization

/// The reading of a prompt: from what is cached on, in chunks.
struct PromptReading {
    private let model: LocalModel
    private let prompt: [TokenID]
    private let options: GenerationOptions
    /// The prompt as read so far.
    private(set) var sequence: KVSequence
    /// Tokens that were there before.
    private(set) var cachedTokens = 0
    /// What the model thought of each token of the prompt after the first, where that was asked for.
    private(set) var scores: [GeneratedToken] = []

    /// Rows that go through the model at once, at most: enough to keep the matrix products busy.
    static let chunk = 256
    /// A cancelled task is noticed between two layers, so a layer's work is kept to about this.
    private static let layerSeconds = 0.1

    /// Finds what is cached of the prompt. Scores need every token's logits, so for them all is read.
    init(_ model: LocalModel, prompt: [TokenID], _ options: GenerationOptions) throws {
        self.model = model
        self.prompt = prompt
        self.options = options
        sequence = options.scoresPrompt ? model.cache.makeSequence() : model.prefixes.sequence(for: prompt)
        if let file = options.promptCache, !options.scoresPrompt {
            let kept = model.cache.makeSequence()
            if try PromptCache(file, model).restore(into: kept, prompt: prompt) > sequence.length { sequence = kept }
        }
        cachedTokens = sequence.length
    }

    /// Reads the rest; gives the logits after the last token.
    ///
    /// - Throws: `CancellationError` between two layers, and the model's errors; whole chunks that were read until then
    ///   are kept.
    mutating func read() throws -> Tensor {
        defer { model.prefixes.keep(sequence) }
        let configuration = model.decoder.configuration
        // The number of scored rows is bounded by memory.
        let most = options.scoresPrompt ? max(1, min(Self.chunk, (1 << 24) / configuration.vocabulary)) : Self.chunk
        var rows = min(most, Self.firstRows(configuration))
        var logits: Tensor?
        options.onPrefill?(sequence.length, prompt.count)
        while sequence.length < prompt.count {
            try Task.checkCancellation()
            let end = min(sequence.length + rows, prompt.count)
            let tokens = Array(prompt[sequence.length..<end])
            let start = ContinuousClock.now
            let result = try model.decoder.run(
                [.init(sequence, tokens, outputs: options.scoresPrompt ? tokens.count : end == prompt.count ? 1 : 0)],
                stopsWhenCancelled: true)
            rows = min(most, Self.rows(after: tokens.count, start.secondsUntilNow, layers: configuration.layers))
            if options.scoresPrompt { try score(result, end: end) }
            logits = result
            options.onPrefill?(sequence.length, prompt.count)
        }
        if let file = options.promptCache { try PromptCache(file, model).save(sequence) }
        guard let logits else { throw GenerationError.emptyPrompt }
        return try logits.slice(logits.rows - 1..<logits.rows)
    }

    /// Rows of the first chunk, when nothing is measured yet: fewer for models whose layers are large.
    private static func firstRows(_ c: DecoderConfiguration) -> Int {
        let width = Double(c.width)
        let experts = Double(c.experts?.used ?? 1)
        let weights = width * (4 * width + 3 * Double(c.feedForward) * experts)
        return weights * Double(chunk) < 5e9 ? chunk : 64
    }

    /// Rows of the next chunk, so that a layer takes no longer than it should.
    private static func rows(after rows: Int, _ seconds: Double, layers: Int) -> Int {
        let perRow = seconds / Double(max(1, layers)) / Double(max(1, rows))
        guard perRow > 0 else { return chunk }
        return max(32, Int(min(Double(chunk), layerSeconds / perRow)) / 32 * 32)
    }

    /// Records what the logits of rows up to `end` say of the prompt's tokens that follow them.
    private mutating func score(_ logits: Tensor, end: Int) throws {
        let first = end - logits.rows
        for row in 0..<logits.rows where first + row + 1 < prompt.count {
            let token = prompt[first + row + 1]
            let score = try logits.withRow(row) { own in
                let softmax = try LogSoftmax(own)
                return GeneratedToken(
                    id: token, bytes: model.tokenizer.piece(of: token) ?? [], logprob: softmax(own[Int(token)]),
                    top: softmax.top(options.sampling.logprobs ?? 0, of: own, vocabulary: model.vocabulary))
            }
            scores.append(score)
        }
    }
}

extension Tensor {
    /// The numbers of one row of a float32 matrix.
    func withRow<R>(_ row: Int, _ body: (UnsafeBufferPointer<Float>) throws -> R) throws -> R {
        try withFloats { all in
            try body(UnsafeBufferPointer(rebasing: all[row * columns..<(row + 1) * columns]))
        }
    }
}
