import ApusTokenization

/// The tokens of a sequence so far, prompt included, and how often each occurs among the last ones.
struct TokenHistory: Sendable {
    private(set) var tokens: [TokenID] = []
    /// Occurrences among the last `window` tokens.
    private(set) var counts: [TokenID: Int] = [:]
    /// -1: all.
    let window: Int

    init(window: Int) { self.window = window }

    mutating func append(_ token: TokenID) {
        tokens.append(token)
        guard window != 0 else { return }
        counts[token, default: 0] += 1
        guard window > 0, tokens.count > window else { return }
        let leaving = tokens[tokens.count - 1 - window]
        if let count = counts[leaving] { counts[leaving] = count > 1 ? count - 1 : nil }
    }
}

/// Repeat, frequency and presence penalties on the tokens among the last ones.
struct RepetitionPenalties: Sendable {
    let repeatPenalty: Float
    let presence: Float
    let frequency: Float

    var isActive: Bool { repeatPenalty != 1 || presence != 0 || frequency != 0 }

    init(_ options: SamplingOptions) {
        repeatPenalty = Float(options.repeatPenalty)
        presence = Float(options.presencePenalty)
        frequency = Float(options.frequencyPenalty)
    }

    func apply(to logits: UnsafeMutableBufferPointer<Float>, counts: [TokenID: Int]) {
        for (token, count) in counts where token >= 0 && Int(token) < logits.count {
            var logit = logits[Int(token)]
            // Dividing a negative logit would make the token more probable.
            logit = logit <= 0 ? logit * repeatPenalty : logit / repeatPenalty
            logits[Int(token)] = bounded(logit - (Float(count) * frequency + presence))
        }
    }
}

/// Keeps plus infinity and not-a-number, which huge biases and penalties could bring about, out of the logits.
@inline(__always)
func bounded(_ logit: Float) -> Float {
    logit.isNaN ? -.infinity : min(logit, .greatestFiniteMagnitude)
}
