import ApusModels
import ApusTensors
import ApusTokenization

/// A generation, step by step: the prompt in chunks, then a token of every continuation at a time.
///
/// Nothing runs between calls, so whoever stops calling has stopped the work.
final class GenerationRun {
    let model: LocalModel
    let prompt: [TokenID]
    let options: GenerationOptions
    private(set) var statistics = GenerationStatistics()
    /// What the model thought of each token of the prompt after the first, where that was asked for.
    private(set) var promptScores: [GeneratedToken] = []

    private let cache: KVCache
    private var sequence: KVSequence
    private var continuations: [Continuation] = []
    private var isPrefilled = false

    /// Rows of the prompt that go through the model at once: enough to keep the matrix products busy, few enough to
    /// stop soon.
    private static let chunk = 256

    /// - Throws: ``GenerationError``, and ``SamplingError`` for options out of range.
    init(_ model: LocalModel, prompt: [TokenID], _ options: GenerationOptions) throws {
        try options.sampling.validate()
        guard !prompt.isEmpty else { throw GenerationError.emptyPrompt }
        guard prompt.count <= model.context else {
            throw GenerationError.promptTooLong(tokens: prompt.count, context: model.context)
        }
        guard (1...128).contains(options.choices) else {
            throw GenerationError.outOfRange(parameter: "choices", value: options.choices, allowed: "1 to 128")
        }
        if let maxTokens = options.maxTokens, maxTokens < 0 {
            throw GenerationError.outOfRange(
                parameter: "the number of new tokens", value: maxTokens, allowed: "0 or more")
        }
        self.model = model
        self.prompt = prompt
        self.options = options
        cache = model.makeCache()
        sequence = cache.makeSequence()
        statistics.promptTokens = prompt.count
        // Wrong options show before any work.
        _ = try Continuation(model, sequence, prompt: [], options, choice: 0)
    }

    /// The pieces of the next step; nil when every continuation has ended.
    ///
    /// - Throws: where logits are not finite, ``ModelError/damagedTensor(_:file:)`` if a weight is the reason.
    func next() throws -> [GeneratedPiece]? {
        do {
            return try step()
        } catch let error as SamplingError where error.saysDamage {
            throw model.decoder.damage() ?? error
        }
    }

    private func step() throws -> [GeneratedPiece]? {
        if !isPrefilled {
            let logits = try prefill()
            isPrefilled = true
            guard options.maxTokens != 0 else {
                return (0..<options.choices).map {
                    GeneratedPiece(choice: $0, text: "", token: nil, finishReason: .length)
                }
            }
            continuations = try (0..<options.choices).map { choice in
                let own = choice == options.choices - 1 ? sequence : try sequence.fork()
                return try Continuation(model, own, prompt: prompt, options, choice: choice)
            }
            return try continuations.indices.map { try choose($0, logits, row: 0) }
        }
        let active = continuations.indices.filter { continuations[$0].finished == nil }
        guard options.maxTokens != 0, !active.isEmpty else { return nil }
        let start = ContinuousClock.now
        for index in active { try makeRoom(continuations[index].sequence) }
        let logits = try model.decoder.run(
            active.map { .init(continuations[$0].sequence, [continuations[$0].pending]) })
        let pieces = try active.enumerated().map { row, index in try choose(index, logits, row: row) }
        statistics.decodeSeconds += start.secondsUntilNow
        statistics.decodedTokens += active.count
        return pieces
    }

    private func choose(_ index: Int, _ logits: Tensor, row: Int) throws -> GeneratedPiece {
        let piece = try logits.withFloats { all in
            let width = logits.columns
            return try continuations[index].choose(UnsafeBufferPointer(rebasing: all[row * width..<(row + 1) * width]))
        }
        if piece.token != nil { statistics.completionTokens += 1 }
        return piece
    }

    /// Reads the prompt; gives the logits after its last token.
    private func prefill() throws -> Tensor {
        let start = ContinuousClock.now
        if let file = options.promptCache, !options.scoresPrompt {
            statistics.cachedTokens = try PromptCache(file, model).restore(into: sequence, prompt: prompt)
        }
        // Scores need the logits of every row; their number is bounded by memory.
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
        statistics.prefillSeconds = start.secondsUntilNow
        guard let logits else { throw GenerationError.emptyPrompt }
        return try logits.slice(logits.rows - 1..<logits.rows)
    }

    /// Records what the logits of rows up to `end` say of the prompt's tokens that follow them.
    private func score(_ logits: Tensor, end: Int) throws {
        let width = logits.columns
        let first = end - logits.rows
        try logits.withFloats { all in
            for row in 0..<logits.rows where first + row + 1 < prompt.count {
                let own = UnsafeBufferPointer(rebasing: all[row * width..<(row + 1) * width])
                let softmax = try LogSoftmax(own)
                let token = prompt[first + row + 1]
                promptScores.append(
                    GeneratedToken(
                        id: token, bytes: model.tokenizer.piece(of: token) ?? [], logprob: softmax(own[Int(token)]),
                        top: softmax.top(options.sampling.logprobs ?? 0, of: own, vocabulary: model.vocabulary)))
            }
        }
    }

    /// In a full window that slides, forgets the older half of what need not be kept, and reads the rest again.
    private func makeRoom(_ sequence: KVSequence) throws {
        guard case .slide(let keeping) = options.whenFull, sequence.length >= sequence.context else { return }
        let kept = max(0, min(keeping, sequence.context / 2))
        let tokens = sequence.tokens
        let rest = tokens[(kept + (tokens.count - kept + 1) / 2)...]
        sequence.truncate(to: kept)
        if !rest.isEmpty { _ = try model.decoder.run([.init(sequence, Array(rest), outputs: 0)]) }
    }
}

extension SamplingError {
    /// Whether the model's logits are at fault.
    fileprivate var saysDamage: Bool {
        switch self {
        case .damagedLogit, .noFiniteLogit: true
        default: false
        }
    }
}

extension ContinuousClock.Instant {
    var secondsUntilNow: Double {
        let duration = duration(to: .now)
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
}
