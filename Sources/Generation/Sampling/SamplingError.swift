import ApusTokenization

/// Why a token could not be sampled, or why the options for it make no sense.
public enum SamplingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A parameter is outside its range. Names are those of the HTTP interface (`top_p`); the command line writes
    /// them with dashes (`--top-p`).
    case outOfRange(parameter: String, value: String, allowed: String)
    /// Two parameters that contradict each other; one of them would have no effect.
    case conflict(parameter: String, with: String, reason: String)
    /// A logit bias, or a token that was asked for, whose id the vocabulary does not have.
    case unknownToken(id: TokenID, vocabulary: Int, parameter: String)
    /// The model gave fewer logits than its vocabulary has tokens.
    case tooFewLogits(count: Int, vocabulary: Int)
    /// A logit is not a number or infinitely large.
    case damagedLogit(id: TokenID, value: String)
    /// Every logit is minus infinity.
    case noFiniteLogit
    /// Constraints and logit biases leave no token that could be chosen.
    case nothingAllowed
    /// A stop string or a DRY sequence breaker is empty: it would match everywhere.
    case emptyString(parameter: String, index: Int)

    public var description: String {
        switch self {
        case .outOfRange(let parameter, let value, let allowed):
            "\(parameter) is \(value): it must be \(allowed)."
        case .conflict(let parameter, let other, let reason):
            "\(parameter) cannot be combined with \(other): \(reason)."
        case .unknownToken(let id, let vocabulary, let parameter):
            "\(parameter) names token \(id), but the vocabulary has tokens 0 to \(vocabulary - 1) only."
        case .tooFewLogits(let count, let vocabulary):
            "The model gave \(count) logits for a vocabulary of \(vocabulary) tokens: "
                + "its output layer and its tokenizer do not belong together."
        case .damagedLogit(let id, let value):
            "The logit of token \(id) is \(value): the model's weights are likely damaged; check the file's checksum."
        case .noFiniteLogit:
            "All logits are minus infinity: the model's weights are likely damaged; check the file's checksum."
        case .nothingAllowed:
            "No token can be chosen: the constraint and the logit biases exclude every token of the vocabulary."
        case .emptyString(let parameter, let index):
            "\(parameter) number \(index + 1) is empty: an empty string is found everywhere; leave it out."
        }
    }
}
