import ApusModels
import ApusTokenization

/// One continuation of a prompt on its way: its sequence, its sampler, and the text that may be shown.
struct Continuation {
    let choice: Int
    let sequence: KVSequence
    var sampler: Sampler
    private var decoder: StreamDecoder
    private var stops: StopSequences
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
        decoder = model.tokenizer.stream(skipSpecial: false)
        // A token's text may depend on those before it (a space that opens a text is dropped).
        for token in prompt.suffix(4) { _ = decoder.append(token) }
    }

    /// Chooses the token after the sequence and gives what can be shown of it.
    mutating func choose(_ logits: UnsafeBufferPointer<Float>) throws -> GeneratedPiece {
        let sampled = try sampler.sample(logits)
        if !options.ignoresEnd, model.endOfGeneration.contains(sampled.id) {
            return finish(.stop, token: nil, text: [])
        }
        generated += 1
        pending = sampled.id
        let token = GeneratedToken(
            id: sampled.id, bytes: model.tokenizer.piece(of: sampled.id) ?? [], logprob: sampled.logprob,
            top: sampled.top)
        let release = stops.push(decoder.append(sampled.id))
        if release.stop != nil { return finish(.stop, token: token, text: release.bytes, flushing: false) }
        let isLast = options.maxTokens.map { generated >= $0 } ?? false
        let isFull = sequence.length >= sequence.context && options.whenFull == .stop
        if isLast || isFull { return finish(.length, token: token, text: release.bytes) }
        return piece(release.bytes, token)
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
