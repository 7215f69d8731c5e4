import Glibc

/// Mirostat 2 (Basu et al. 2020, algorithm 2): a moving limit on the surprise of a token.
struct Mirostat: Sendable {
    let options: MirostatOptions
    /// Tokens more surprising than this many bits are cut off. Starts at twice the target, as the paper has it.
    private(set) var limit: Double

    init(_ options: MirostatOptions) {
        self.options = options
        limit = 2 * options.tau
    }

    /// The logit, less the largest one and divided by the temperature, below which a token is more surprising than
    /// the limit.
    /// - Parameter total: the sum of e^(logit - largest) over all tokens, logits divided by the temperature.
    func leastScaledLogit(total: Double) -> Double { log(total) - limit * M_LN2 }

    /// Moves the limit after a token was chosen whose probability among the tokens kept was `probability`.
    mutating func observe(probability: Double) {
        limit -= options.eta * (-log2(probability) - options.tau)
    }
}
