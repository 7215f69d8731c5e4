import ApusModels
import ApusTensors
import ApusTokenization

/// One continuation of a prompt on its way: its sequence, its sampler, and the text that may be shown.
struct Continuation {
    let choice: Int
    let sequence: KVSequence
    var sampler: Sampler
    private var decoder: StreamDecoder
    private var stops: StopSequences
    private let matcher: ConstraintMatcher?
    /// The token to feed next.
    private(set) var pending: TokenID = 0
    private(set) var generated = 0
    private(set) var finished: FinishReason?
    private let model: LocalModel
    private let options: GenerationOptions

    init(_ model: LocalModel, _ sequence: KVSequence, prompt: [TokenID], _ options: GenerationOptions, choice: Int)
        throws
    {
        self.model = model
        self.options = options
        self.choice = choice
        self.sequence = sequence
        sampler = try Sampler(
            options.sampling, vocabulary: model.vocabulary, prompt: prompt, continuation: choice,
            breakers: model.dryBreakers(options.sampling))
        stops = try StopSequences(options.stops)
        matcher = try options.constraint.map {
            try ConstraintMatcher($0, model.tokenTrie, ends: model.endOfGeneration)
        }
        decoder = model.tokenizer.stream(skipSpecial: false)
        // A token's text may depend on those before it (a space that opens a text is dropped).
        for token in prompt.suffix(4) { _ = decoder.append(token) }
    }

    /// Ids that may be chosen.
    var vocabulary: Int { model.vocabulary }

    /// How many tokens may be fed behind the pending one without looking past the end of window or text.
    var room: Int {
        let window = sequence.context - sequence.length - 1
        guard let maxTokens else { return max(0, window) }
        return max(0, min(window, maxTokens - generated - 1))
    }

    /// Chooses the tokens that follow the pending one and what was guessed behind it, which the sequence has read.
    ///
    /// Each row's logits, from `row` on, hold as long as the tokens before it are the ones that were guessed; the
    /// sequence forgets those that are not.
    mutating func follow(_ draft: [TokenID], _ logits: Tensor, row: Int, into pieces: inout [GeneratedPiece]) throws {
        var length = sequence.length - draft.count
        defer { sequence.truncate(to: length) }
        pieces.append(try logits.withRow(row) { try choose($0, length: length) })
        for (index, guess) in draft.enumerated() {
            guard finished == nil, pending == guess else { break }
            length += 1
            pieces.append(try logits.withRow(row + index + 1) { try choose($0, length: length) })
        }
    }

    /// Chooses the token after the first `length` ones and gives what can be shown of it.
    private mutating func choose(_ logits: UnsafeBufferPointer<Float>, length: Int) throws -> GeneratedPiece {
        let sampled = try sampler.sample(logits, allowed: try onlyAnswer ?? matcher?.mask())
        if !options.ignoresEnd, model.endOfGeneration.contains(sampled.id) {
            return finish(.stop, token: nil, text: [])
        }
        generated += 1
        pending = sampled.id
        try matcher?.accept(sampled.id)
        let token = GeneratedToken(
            id: sampled.id, bytes: model.tokenizer.piece(of: sampled.id) ?? [], logprob: sampled.logprob,
            top: sampled.top)
        let release = stops.push(decoder.append(sampled.id))
        if release.stop != nil { return finish(.stop, token: token, text: release.bytes, flushing: false) }
        if matcher?.isOver ?? false { return finish(.stop, token: token, text: release.bytes) }
        let isLast = maxTokens.map { generated >= $0 } ?? false
        let isFull = length >= sequence.context && options.whenFull == .stop
        if isLast || isFull { return finish(.length, token: token, text: release.bytes) }
        return piece(release.bytes, token)
    }

    private var maxTokens: Int? {
        guard let answer = options.answer else { return options.maxTokens }
        return min(options.maxTokens ?? .max, answer.count)
    }

    /// The next token of a given answer.
    private var onlyAnswer: TokenMask? {
        guard let answer = options.answer, generated < answer.count else { return nil }
        var mask = TokenMask(vocabulary: model.vocabulary)
        mask[answer[generated]] = true
        return mask
    }

    private mutating func finish(
        _ reason: FinishReason, token: GeneratedToken?, text: [UInt8], flushing: Bool = true
    ) -> GeneratedPiece {
        finished = reason
        guard flushing else { return piece(text, token) }
        let rest = stops.push(decoder.flush())
        return piece(text + rest.bytes + stops.finish().bytes, token)
    }

    private func piece(_ text: [UInt8], _ token: GeneratedToken?) -> GeneratedPiece {
        GeneratedPiece(
            choice: choice, text: String(decoding: text, as: UTF8.self), token: token, finishReason: finished)
    }
}
