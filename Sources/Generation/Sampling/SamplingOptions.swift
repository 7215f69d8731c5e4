import ApusTokenization

/// How the next token is chosen from a model's logits.
///
/// The steps are those of llama.cpp, in its default order:
///
/// 1. logit bias, and the mask of a constraint where there is one
/// 2. repeat, frequency and presence penalties
/// 3. DRY
/// 4. top-k, typical-p, top-p, min-p, XTC: each removes tokens, by probabilities at temperature 1 of what the step
///    before has left
/// 5. temperature, and a draw from what is left
///
/// Every step is off by default, so that `SamplingOptions()` draws from the model's own distribution.
public struct SamplingOptions: Sendable, Hashable {
    /// Divides the logits. 0 takes the most probable token (of equals the one with the lowest id).
    public var temperature: Double = 1
    /// Keeps the most probable `topK` tokens; 0 keeps all.
    public var topK: Int = 0
    /// Keeps the fewest most probable tokens whose probabilities add up to at least `topP` (nucleus sampling,
    /// Holtzman et al. 2019); 1 keeps all.
    public var topP: Double = 1
    /// Keeps tokens at least `minP` times as probable as the most probable one; 0 keeps all.
    public var minP: Double = 0
    /// Keeps the tokens whose information is closest to the entropy, until their probabilities add up to more than
    /// `typicalP` (locally typical sampling, Meister et al. 2022); 1 keeps all.
    public var typicalP: Double = 1
    /// Divides positive logits of recent tokens by this, multiplies negative ones with it (Keskar et al. 2019).
    public var repeatPenalty: Double = 1
    /// How many recent tokens, those of the prompt included, the three penalties look at: -1 all, 0 none.
    public var repeatLastN: Int = 64
    /// Taken once from the logit of each token among the recent ones.
    public var presencePenalty: Double = 0
    /// Taken from the logit of a token for each of its occurrences among the recent ones.
    public var frequencyPenalty: Double = 0
    public var dry: DRYOptions?
    public var xtc: XTCOptions?
    public var mirostat: MirostatOptions?
    /// Added to a token's logit before anything else; minus infinity bans the token.
    public var logitBias: [TokenID: Float] = [:]
    /// Makes a run repeatable; nil takes a seed from the system.
    public var seed: UInt64?
    /// Also report the log-probability of the chosen token and of the `logprobs` most probable ones; nil reports none.
    public var logprobs: Int?

    public init() {}

    public static var greedy: SamplingOptions {
        var options = SamplingOptions()
        options.temperature = 0
        return options
    }
}

/// Don't Repeat Yourself: penalises a token that would lengthen a repetition of earlier text, by
/// `multiplier * base^(length - allowedLength)`, as in llama.cpp.
public struct DRYOptions: Sendable, Hashable {
    public var multiplier: Double
    public var base: Double
    /// Repetitions shorter than this many tokens go unpunished.
    public var allowedLength: Int
    /// How many recent tokens are searched for repetitions: -1 all, 0 none.
    public var lastN: Int
    /// Strings that end a repetition: nothing is compared across them.
    public var sequenceBreakers: [String]

    public init(
        multiplier: Double, base: Double = 1.75, allowedLength: Int = 2, lastN: Int = -1,
        sequenceBreakers: [String] = ["\n", ":", "\"", "*"]
    ) {
        self.multiplier = multiplier
        self.base = base
        self.allowedLength = allowedLength
        self.lastN = lastN
        self.sequenceBreakers = sequenceBreakers
    }
}

/// Exclude Top Choices: with `probability`, removes all tokens with a probability of `threshold` or more, except the
/// least probable of them. A threshold over 0.5 can never find two such tokens.
public struct XTCOptions: Sendable, Hashable {
    public var probability: Double
    public var threshold: Double

    public init(probability: Double, threshold: Double = 0.1) {
        self.probability = probability
        self.threshold = threshold
    }
}

/// Mirostat 2 (Basu et al. 2020): keeps the surprise of the chosen tokens near `tau` bits by cutting off tokens that
/// are more surprising than a limit, which moves by `eta` times the error. Takes the place of the filters.
public struct MirostatOptions: Sendable, Hashable {
    /// Bits.
    public var tau: Double
    public var eta: Double

    public init(tau: Double = 5, eta: Double = 0.1) {
        self.tau = tau
        self.eta = eta
    }
}

extension SamplingOptions {
    /// Refuses values outside their range and combinations in which one parameter would be without effect.
    public func validate() throws(SamplingError) {
        try check("temperature", temperature, "0 or a positive number", temperature >= 0 && temperature.isFinite)
        try check("top_k", topK, "0 (all tokens) or a positive number", topK >= 0)
        try check("top_p", topP, "between 0 and 1", (0...1).contains(topP))
        try check("min_p", minP, "between 0 and 1", (0...1).contains(minP))
        try check("typical_p", typicalP, "between 0 and 1", (0...1).contains(typicalP))
        try check("repeat_penalty", repeatPenalty, "a positive number", repeatPenalty > 0 && repeatPenalty.isFinite)
        try check("repeat_last_n", repeatLastN, "-1 (all tokens), 0 or a positive number", repeatLastN >= -1)
        try check("presence_penalty", presencePenalty, "a finite number", presencePenalty.isFinite)
        try check("frequency_penalty", frequencyPenalty, "a finite number", frequencyPenalty.isFinite)
        if let logprobs { try check("logprobs", logprobs, "0 or a positive number", logprobs >= 0) }
        try dry?.validate()
        if let xtc {
            try check("xtc_probability", xtc.probability, "between 0 and 1", (0...1).contains(xtc.probability))
            try check("xtc_threshold", xtc.threshold, "between 0 and 1", (0...1).contains(xtc.threshold))
        }
        if let mirostat {
            try check("mirostat_tau", mirostat.tau, "a positive number", mirostat.tau > 0 && mirostat.tau.isFinite)
            try check("mirostat_eta", mirostat.eta, "between 0 and 1", (0...1).contains(mirostat.eta))
        }
        for (id, bias) in logitBias where bias.isNaN || bias == .infinity {
            try check("logit_bias of token \(id)", bias, "a finite number or -inf", false)
        }
        try refuseConflicts()
    }

    private func refuseConflicts() throws(SamplingError) {
        if temperature == 0 {
            let reason = "temperature 0 always takes the most probable token"
            if let xtc, xtc.probability > 0 {
                throw .conflict(parameter: "xtc_probability", with: "temperature 0", reason: reason)
            }
            if mirostat != nil { throw .conflict(parameter: "mirostat", with: "temperature 0", reason: reason) }
        }
        guard mirostat != nil else { return }
        let others: [(String, Bool)] = [
            ("top_k", topK > 0), ("top_p", topP < 1), ("min_p", minP > 0), ("typical_p", typicalP < 1),
            ("xtc_probability", (xtc?.probability ?? 0) > 0),
        ]
        for (name, isSet) in others where isSet {
            throw .conflict(
                parameter: name, with: "mirostat", reason: "mirostat alone decides how many tokens are kept")
        }
    }
}

extension DRYOptions {
    var isActive: Bool { multiplier != 0 && lastN != 0 }

    func validate() throws(SamplingError) {
        try check("dry_multiplier", multiplier, "0 or a positive number", multiplier >= 0 && multiplier.isFinite)
        try check("dry_base", base, "1 or more", base >= 1 && base.isFinite)
        try check("dry_allowed_length", allowedLength, "0 or a positive number", allowedLength >= 0)
        try check("dry_penalty_last_n", lastN, "-1 (all tokens), 0 or a positive number", lastN >= -1)
        if let index = sequenceBreakers.firstIndex(where: \.isEmpty) {
            throw .emptyString(parameter: "dry_sequence_breaker", index: index)
        }
    }
}

private func check<Value>(
    _ parameter: String, _ value: Value, _ allowed: String, _ holds: Bool
) throws(SamplingError) {
    if !holds { throw .outOfRange(parameter: parameter, value: "\(value)", allowed: allowed) }
}
