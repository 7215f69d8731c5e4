import Glibc

/// The steps that remove tokens, each on what the one before has left. The semantics are llama.cpp's; sums are kept in
/// double precision and ties are broken by the lower id, so that each filter has one answer.
struct Candidates {
    var tokens: [Candidate] = []
    /// The sum of `weight` over `tokens`.
    private(set) var total = 0.0

    /// Sets the weights to e^((logit - largest) * scale): with scale 1 those at temperature 1.
    mutating func weigh(largest: Float, scale: Float = 1) {
        total = tokens.withUnsafeMutableBufferPointer { tokens in
            var sum = 0.0
            for start in stride(from: 0, to: tokens.count, by: 8) {
                let count = min(8, tokens.count - start)
                var logits = SIMD8<Float>(repeating: -.infinity)
                for lane in 0..<count { logits[lane] = tokens[start + lane].logit }
                let weights = Exponentials.exp((logits - largest) * scale)
                for lane in 0..<count {
                    tokens[start + lane].weight = weights[lane]
                    sum += Double(weights[lane])
                }
            }
            return sum
        }
    }

    private mutating func keep(_ count: Int) {
        guard count < tokens.count else { return }
        tokens.removeLast(tokens.count - count)
        total = tokens.reduce(0) { $0 + Double($1.weight) }
    }

    /// The fewest most probable tokens that hold at least `p` of the probability.
    /// - Parameter sum: that of all weights, where improbable tokens were never taken up.
    mutating func topP(_ p: Double, of sum: Double? = nil) {
        let target = p * (sum ?? total)
        let count = tokens.withUnsafeMutableBufferPointer {
            Selection.prefix(
                of: $0, by: Candidate.precedes, size: { Double($0.weight) }, isEnough: { $0 >= target })
        }
        keep(count)
    }

    /// The tokens closest to the expected information, until they hold more than `p` of the probability.
    mutating func typicalP(_ p: Double) {
        guard total > 0 else { return }
        var sum = 0.0
        for token in tokens where token.weight > 0 { sum += Double(token.weight) * log(Double(token.weight)) }
        // Information of a token: log(total) - log(weight); entropy: log(total) - sum / total. Only their difference
        // counts, and log(total) falls out of it.
        let expected = sum / total
        let target = p * total
        let count = tokens.withUnsafeMutableBufferPointer { tokens in
            for index in tokens.indices {
                tokens[index].score = Float(abs(log(Double(tokens[index].weight)) - expected))
            }
            return Selection.prefix(
                of: tokens, by: Candidate.scoresLower, size: { Double($0.weight) }, isEnough: { $0 > target })
        }
        keep(count)
    }

    /// Tokens at least `p` times as probable as the most probable one.
    mutating func minP(_ p: Double) {
        guard let largest = tokens.lazy.map(\.logit).max() else { return }
        let least = Candidates.leastLogit(minP: p, largest: largest)
        tokens.removeAll { $0.logit < least }
        total = tokens.reduce(0) { $0 + Double($1.weight) }
    }

    static func leastLogit(minP p: Double, largest: Float) -> Float { largest + Float(log(p)) }

    /// Of the tokens with a probability of `threshold` or more, only the least probable.
    mutating func excludeTopChoices(threshold: Double) {
        let least = threshold * total
        var last: Candidate?
        var count = 0
        for token in tokens where Double(token.weight) >= least {
            count += 1
            if last.map({ Candidate.precedes($0, token) }) ?? true { last = token }
        }
        guard count > 1, let last else { return }
        tokens.removeAll { Candidate.precedes($0, last) }
        total = tokens.reduce(0) { $0 + Double($1.weight) }
    }

    /// Draws one token in proportion to e^(logit * scale); `uniform` is in 0..<1.
    mutating func draw(scale: Float, uniform: Double) -> Candidate? {
        guard let largest = tokens.lazy.map(\.logit).max() else { return nil }
        weigh(largest: largest, scale: scale)
        let target = uniform * total
        var below = 0.0
        for token in tokens {
            below += Double(token.weight)
            if below > target { return token }
        }
        return tokens.last { $0.weight > 0 }
    }
}
