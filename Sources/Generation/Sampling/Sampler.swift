import ApusTensors
import ApusTokenization
import Glibc

/// The token that was chosen.
public struct SampledToken: Sendable, Hashable {
    public var id: TokenID
    /// What the model itself thought of the token; nil unless `SamplingOptions.logprobs` asks for it.
    public var logprob: Double?
    /// The most probable tokens of the model, as many as `SamplingOptions.logprobs` says.
    public var top: [TokenLogprob] = []
}

/// Chooses the tokens of one sequence. Its state (random numbers, tokens so far, mirostat's limit) belongs to the
/// sequence alone: with a seed the same logits give the same tokens, whatever else runs.
///
/// ```swift
/// var sampler = try Sampler(options, vocabulary: 32000, prompt: promptTokens)
/// let next = try sampler.sample(logits).id
/// ```
public struct Sampler: Sendable {
    public let options: SamplingOptions
    /// Ids from here on are padding of the embedding and never chosen.
    public let vocabulary: Int
    /// The seed in use: the one of the options, or the one that the system gave.
    public let seed: UInt64

    private var random: RandomGenerator
    private var history: TokenHistory
    private let penalties: RepetitionPenalties
    private let dry: DRYPenalty?
    private var mirostat: Mirostat?

    // Kept between calls, to allocate once.
    private var logits: [Float] = []
    private(set) var candidates = Candidates()
    private var sums: [Double] = []
    private var weights: [Float] = []

    /// - Parameters:
    ///   - vocabulary: how many tokens may be chosen: the first so many of the logits.
    ///   - prompt: tokens before the first sampled one, which penalties look at.
    ///   - continuation: tells apart several continuations of one prompt with the same seed; 0 is the only or first.
    ///   - breakers: those of `options.dry`, as tokens of this vocabulary.
    /// - Throws: `SamplingError` for options that `SamplingOptions.validate()` refuses, and for a bias on a token that
    ///   the vocabulary does not have.
    public init(
        _ options: SamplingOptions, vocabulary: Int, prompt: some Sequence<TokenID> = [], continuation: Int = 0,
        breakers: DRYBreakers = DRYBreakers()
    ) throws(SamplingError) {
        try options.validate()
        guard vocabulary > 0 else {
            throw .outOfRange(parameter: "vocabulary", value: "\(vocabulary)", allowed: "a positive number")
        }
        for id in options.logitBias.keys where id < 0 || Int(id) >= vocabulary {
            throw .unknownToken(id: id, vocabulary: vocabulary, parameter: "logit_bias")
        }
        self.options = options
        self.vocabulary = vocabulary
        seed = options.seed ?? UInt64.random(in: .min ... .max)
        random = RandomGenerator(seed: seed, stream: UInt64(truncatingIfNeeded: continuation))
        history = TokenHistory(window: options.repeatLastN)
        penalties = RepetitionPenalties(options)
        dry = options.dry.flatMap { $0.isActive ? DRYPenalty(options: $0, breakers: breakers) : nil }
        mirostat = options.mirostat.map(Mirostat.init)
        for token in prompt { accept(token) }
    }

    /// Records a token that was not sampled here but belongs to the sequence, such as one that was forced.
    public mutating func accept(_ token: TokenID) {
        if penalties.isActive || dry != nil { history.append(token) }
    }

    /// Chooses the next token and records it.
    ///
    /// - Parameters:
    ///   - logits: `[vocabulary or more]`, as the model gives them; not changed.
    ///   - allowed: the tokens that a constraint allows; nil allows all.
    /// - Throws: `SamplingError.damagedLogit` where a logit is NaN or infinite, `.noFiniteLogit`, `.tooFewLogits`,
    ///   `.nothingAllowed` where nothing is left to choose from.
    public mutating func sample(
        _ logits: UnsafeBufferPointer<Float>, allowed: TokenMask? = nil
    ) throws(SamplingError) -> SampledToken {
        guard logits.count >= vocabulary else {
            throw .tooFewLogits(count: logits.count, vocabulary: vocabulary)
        }
        let real = UnsafeBufferPointer(rebasing: logits[..<vocabulary])
        let largest = try LogSoftmax.largest(real)
        let id =
            edits(allowed)
            ? try choose(fromEdited: real, allowed: allowed) : try choose(from: real, largest: largest)
        accept(id)
        return try report(id, logits)
    }

    /// Chooses the next token and records it.
    public mutating func sample(_ logits: [Float], allowed: TokenMask? = nil) throws(SamplingError) -> SampledToken {
        var result = Result<SampledToken, SamplingError>.failure(.nothingAllowed)
        logits.withUnsafeBufferPointer { buffer in
            do throws(SamplingError) { result = .success(try sample(buffer, allowed: allowed)) } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }

    private func report(
        _ id: TokenID, _ logits: UnsafeBufferPointer<Float>
    ) throws(SamplingError) -> SampledToken {
        guard let count = options.logprobs else { return SampledToken(id: id) }
        let logSoftmax = try LogSoftmax(logits)
        return SampledToken(
            id: id, logprob: logSoftmax(logits[Int(id)]),
            top: logSoftmax.top(count, of: logits, vocabulary: vocabulary))
    }
}

// MARK: Bias, penalties, constraint

extension Sampler {
    private func edits(_ allowed: TokenMask?) -> Bool {
        allowed != nil || !options.logitBias.isEmpty || penalties.isActive || dry != nil
    }

    private mutating func choose(
        fromEdited original: UnsafeBufferPointer<Float>, allowed: TokenMask?
    ) throws(SamplingError) -> TokenID {
        var edited: [Float] = []
        swap(&edited, &logits)  // so that the copy can be read while the sampler changes
        defer { swap(&edited, &logits) }
        edit(original, allowed: allowed, into: &edited)
        var result = Result<TokenID, SamplingError>.failure(.nothingAllowed)
        edited.withUnsafeBufferPointer { buffer in
            guard let largest = Exponentials.max(buffer), largest > -.infinity else { return }
            do throws(SamplingError) { result = .success(try choose(from: buffer, largest: largest)) } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }

    func edit(_ original: UnsafeBufferPointer<Float>, allowed: TokenMask?, into edited: inout [Float]) {
        edited.removeAll(keepingCapacity: true)
        edited.append(contentsOf: original)
        edited.withUnsafeMutableBufferPointer { buffer in
            for (id, bias) in options.logitBias { buffer[Int(id)] = bounded(buffer[Int(id)] + bias) }
            allowed?.apply(to: buffer)
            if penalties.isActive { penalties.apply(to: buffer, counts: history.counts) }
            dry?.apply(to: buffer, tokens: history.tokens)
        }
    }
}

// MARK: The choice

extension Sampler {
    /// - Parameter largest: the largest of the logits, which is finite.
    private mutating func choose(
        from logits: UnsafeBufferPointer<Float>, largest: Float
    ) throws(SamplingError) -> TokenID {
        let chosen: TokenID?
        if mirostat != nil {
            chosen = drawWithMirostat(from: logits, largest: largest)
        } else if options.temperature == 0 {
            chosen = greedy(logits, largest: largest)
        } else if isFiltered {
            filter(logits, largest: largest)
            chosen =
                candidates.draw(scale: Exponentials.scale(temperature: options.temperature), uniform: random.uniform())?
                .id
        } else {
            chosen = drawFromAll(logits, largest: largest)
        }
        guard let chosen else { throw .nothingAllowed }
        return chosen
    }

    private var isFiltered: Bool {
        options.topK > 0 || options.typicalP < 1 || options.topP < 1 || options.minP > 0
            || (options.xtc?.probability ?? 0) > 0
    }

    private mutating func greedy(_ logits: UnsafeBufferPointer<Float>, largest: Float) -> TokenID? {
        // Of all filters only this one can remove the most probable token.
        if options.typicalP < 1 {
            filter(logits, largest: largest)
            return candidates.tokens.min(by: Candidate.precedes)?.id
        }
        return Exponentials.firstIndex(of: largest, in: logits).map { TokenID(truncatingIfNeeded: $0) }
    }

    mutating func filter(_ logits: UnsafeBufferPointer<Float>, largest: Float) {
        var total: Double?
        if options.topK > 0 {
            TopK.select(min(options.topK, logits.count), from: logits, into: &candidates.tokens)
            candidates.weigh(largest: largest)
        } else {
            total = gather(logits, largest: largest)
        }
        if options.typicalP < 1 { candidates.typicalP(options.typicalP) }
        if options.topP < 1 { candidates.topP(options.topP, of: total) }
        if options.minP > 0 { candidates.minP(options.minP) }
        if let xtc = options.xtc, xtc.probability > 0, candidates.tokens.count > 1,
            random.uniform() < xtc.probability
        {
            candidates.excludeTopChoices(threshold: xtc.threshold)
        }
    }

    /// Takes, and weighs, the tokens that filters other than top-k have to look at. Returns the sum of all weights where not all
    /// tokens of weight were taken.
    private mutating func gather(_ logits: UnsafeBufferPointer<Float>, largest: Float) -> Double? {
        if options.typicalP == 1, options.topP < 1 {
            // The nucleus nearly always lies within a few thousand tokens near the top; look whether it does.
            let total = Exponentials.total(logits, max: largest)
            for distance: Float in [6, 9, 12] {
                TopK.gather(from: logits, atLeast: largest - distance, into: &candidates.tokens)
                candidates.weigh(largest: largest)
                if candidates.total >= options.topP * total * (1 + 1e-6) { return total }
            }
        }
        let onlyMinP = options.typicalP == 1 && options.topP == 1 && options.minP > 0
        let least = onlyMinP ? Candidates.leastLogit(minP: options.minP, largest: largest) : -.infinity
        TopK.gather(from: logits, atLeast: least, into: &candidates.tokens)
        candidates.weigh(largest: largest)
        return nil
    }

    private mutating func drawFromAll(_ logits: UnsafeBufferPointer<Float>, largest: Float) -> TokenID? {
        let scale = Exponentials.scale(temperature: options.temperature)
        Exponentials.sums(logits, max: largest, scale: scale, into: &sums)
        var target = random.uniform() * sums.reduce(0, +)
        var block = 0
        while block < sums.count - 1, target >= sums[block] {
            target -= sums[block]
            block += 1
        }
        let start = block * Exponentials.block
        let part = UnsafeBufferPointer(rebasing: logits[start..<min(start + Exponentials.block, logits.count)])
        let sum = Exponentials.weights(part, max: largest, scale: scale, into: &weights)
        // The sum over the block again, in another order: rounding must not lead past its end.
        target = min(target, sum.nextDown)
        var below = 0.0
        for (index, weight) in weights.enumerated() {
            below += Double(weight)
            if below > target { return TokenID(truncatingIfNeeded: start + index) }
        }
        return Exponentials.firstIndex(of: largest, in: logits).map { TokenID(truncatingIfNeeded: $0) }
    }

    private mutating func drawWithMirostat(from logits: UnsafeBufferPointer<Float>, largest: Float) -> TokenID? {
        guard var state = mirostat else { return nil }
        let scale = Exponentials.scale(temperature: options.temperature)
        Exponentials.sums(logits, max: largest, scale: scale, into: &sums)
        let least = state.leastScaledLogit(total: sums.reduce(0, +))
        TopK.gather(from: logits, atLeast: largest + Float(least / Double(scale)), into: &candidates.tokens)
        if candidates.tokens.isEmpty { TopK.select(1, from: logits, into: &candidates.tokens) }
        guard let chosen = candidates.draw(scale: scale, uniform: random.uniform()) else { return nil }
        let kept = candidates.tokens.reduce(0) { $0 + Double($1.weight) }
        state.observe(probability: Double(chosen.weight) / kept)
        mirostat = state
        return chosen.id
    }
}
