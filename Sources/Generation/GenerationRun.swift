import ApusModels
import ApusTensors
import ApusTokenization

/// A generation, step by step: the prompt in chunks, then a token or more of every continuation at a time.
///
/// Nothing runs between calls, so whoever stops calling has stopped the work.
final class GenerationRun {
    let model: LocalModel
    let prompt: [TokenID]
    let options: GenerationOptions
    private(set) var statistics = GenerationStatistics()
    /// What the model thought of each token of the prompt after the first, where that was asked for.
    private(set) var promptScores: [GeneratedToken] = []

    private var continuations: [Continuation] = []
    private var isPrefilled = false
    private var speculation: Speculation
    /// An error behind tokens that were chosen before it and have to be given first.
    private var failure: (any Error)?

    /// - Throws: as ``validate(_:prompt:_:)`` does.
    init(_ model: LocalModel, prompt: [TokenID], _ options: GenerationOptions) throws {
        try Self.validate(model, prompt: prompt, options)
        self.model = model
        self.prompt = prompt
        self.options = options
        speculation = Speculation(options.speculation, costs: model.stepCosts)
        statistics.promptTokens = prompt.count
    }

    /// What was read and written stays for texts that begin in the same way, also where nobody waited for the end.
    deinit {
        for continuation in continuations where continuation.finished == nil {
            model.prefixes.keep(continuation.sequence)
        }
    }

    /// Shows wrong options before any work.
    ///
    /// - Throws: ``GenerationError``, and ``SamplingError`` for options out of range.
    static func validate(_ model: LocalModel, prompt: [TokenID], _ options: GenerationOptions) throws {
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
        if options.constraint != nil, options.ignoresEnd {
            throw ConstraintError.conflict(parameter: "ignore_eos", reason: "the text ends where the document does")
        }
        try options.speculation.draft?.check(for: model)
        _ = try Continuation(model, model.cache.makeSequence(), prompt: [], options, choice: 0)
    }

    /// The pieces of the next step; nil when every continuation has ended.
    ///
    /// - Throws: where logits are not finite, ``ModelError/damagedTensor(_:file:)`` if a weight is the reason.
    func next() throws -> [GeneratedPiece]? {
        do {
            if let failure { throw failure }
            return try isPrefilled ? step() : begin()
        } catch let error as SamplingError where error.saysDamage {
            throw model.decoder.damage() ?? error
        }
    }

    /// Reads the prompt, and gives the first token of each continuation.
    private func begin() throws -> [GeneratedPiece] {
        let start = ContinuousClock.now
        var reading = try PromptReading(model, prompt: prompt, options)
        let logits = try reading.read()
        statistics.cachedTokens = reading.cachedTokens
        promptScores = reading.scores
        isPrefilled = true
        defer { statistics.prefillSeconds = start.secondsUntilNow }
        guard options.maxTokens != 0 else {
            return (0..<options.choices).map {
                GeneratedPiece(choice: $0, text: "", token: nil, finishReason: .length)
            }
        }
        continuations = try (0..<options.choices).map { choice in
            let own = choice == options.choices - 1 ? reading.sequence : reading.sequence.fork()
            return try Continuation(model, own, prompt: prompt, options, choice: choice)
        }
        try speculation.begin(continuations)
        var pieces: [GeneratedPiece] = []
        for index in continuations.indices { try follow(index, Draft(), logits, row: 0, into: &pieces) }
        return pieces
    }

    /// Feeds every continuation's last token, and behind it what may follow; gives the tokens that do.
    private func step() throws -> [GeneratedPiece]? {
        let active = continuations.indices.filter { continuations[$0].finished == nil }
        guard !active.isEmpty else { return nil }
        let start = ContinuousClock.now
        for index in active { try makeRoom(continuations[index].sequence) }
        let drafts = try speculation.drafts(after: active.map { continuations[$0] })
        let verifying = ContinuousClock.now
        let logits = try model.decoder.run(
            zip(active, drafts).map { index, draft in
                .init(
                    continuations[index].sequence, [continuations[index].pending] + draft.tokens,
                    outputs: 1 + draft.tokens.count)
            })
        var pieces: [GeneratedPiece] = []
        var row = 0
        for (index, draft) in zip(active, drafts) {
            do {
                try follow(index, draft, logits, row: row, into: &pieces)
            } catch {
                // Tokens that were chosen before are given first.
                failure = error
                break
            }
            row += 1 + draft.tokens.count
        }
        if pieces.isEmpty, let failure { throw failure }
        speculation.note(rows: row, seconds: verifying.secondsUntilNow)
        statistics.decodeSeconds += start.secondsUntilNow
        statistics.decodedTokens += pieces.count
        return pieces
    }

    /// Chooses the tokens of one continuation from the logits of its rows, the first of which is `row`.
    private func follow(
        _ index: Int, _ draft: Draft, _ logits: Tensor, row: Int, into pieces: inout [GeneratedPiece]
    ) throws {
        let first = pieces.count
        defer {
            let own = Array(pieces[first...])
            statistics.completionTokens += own.count { $0.token != nil }
            statistics.draftedTokens += draft.tokens.count
            statistics.acceptedTokens += max(0, own.count - 1)
            speculation.note(draft, choice: continuations[index].choice, pieces: own)
        }
        try continuations[index].follow(draft.tokens, logits, row: row, into: &pieces)
        if continuations[index].finished != nil { model.prefixes.keep(continuations[index].sequence) }
    }

    /// In a full window that slides, forgets the older half of what need not be kept, and reads the rest again.
    private func makeRoom(_ sequence: KVSequence) throws {
        guard case .slide(let keeping) = options.whenFull, sequence.length >= sequence.context else { return }
        let kept = max(0, min(keeping, sequence.context / 2))
        let tokens = sequence.tokens
        let rest = tokens[(kept + (tokens.count - kept + 1) / 2)...]
        sequence.truncate(to: kept)
        for start in stride(from: rest.startIndex, to: rest.endIndex, by: PromptReading.chunk) {
            let stretch = rest[start..<min(start + PromptReading.chunk, rest.endIndex)]
            _ = try model.decoder.run([.init(sequence, Array(stretch), outputs: 0)], stopsWhenCancelled: true)
        }
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
