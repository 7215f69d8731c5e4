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

    /// Rows that go through the model at once: enough to keep the matrix products busy, few enough to stop soon.
    static let chunk = 256

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
    /// - Throws: `CancellationError` between two chunks, and the model's errors; what was read until then is kept.
    mutating func read() throws -> Tensor {
        defer { model.prefixes.keep(sequence) }
        // The number of scored rows is bounded by memory.
        let rows =
            options.scoresPrompt
            ? max(1, min(Self.chunk, (1 << 24) / model.decoder.configuration.vocabulary)) : Self.chunk
        var logits: Tensor?
        options.onPrefill?(sequence.length, prompt.count)
        while sequence.length < prompt.count {
            try Task.checkCancellation()
            let end = min(sequence.length + rows, prompt.count)
            let tokens = Array(prompt[sequence.length..<end])
            let result = try model.decoder.run(
                [.init(sequence, tokens, outputs: options.scoresPrompt ? tokens.count : end == prompt.count ? 1 : 0)])
            if options.scoresPrompt { try score(result, end: end) }
            logits = result
            options.onPrefill?(sequence.length, prompt.count)
        }
        if let file = options.promptCache { try PromptCache(file, model).save(sequence) }
        guard let logits else { throw GenerationError.emptyPrompt }
        return try logits.slice(logits.rows - 1..<logits.rows)
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
