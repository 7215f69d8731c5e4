import ApusTokenization

/// A sequence to learn from.
public struct TrainingExample: Sendable, Equatable {
    public var tokens: [TokenID]
    /// For each token, whether its prediction is learned. (That of the first never is: nothing stands before it.)
    public var learned: [Bool]

    public init(tokens: [TokenID], learned: [Bool]) {
        self.tokens = tokens
        self.learned = learned
    }

    /// Tokens whose prediction is learned.
    public var learnedTokens: Int { learned.dropFirst().reduce(0) { $0 + ($1 ? 1 : 0) } }

    /// The tokens before the first that is learned: what the model would be asked.
    public var prompt: ArraySlice<TokenID> { tokens.prefix(learned.firstIndex(of: true) ?? tokens.count) }
}

/// A row as sequences, and what should be known about it.
public struct EncodedRow: Sendable, Equatable {
    public struct Warning: Sendable, Equatable {
        public var kind: DataWarning.Kind
        public var detail: String

        init(_ kind: DataWarning.Kind, _ detail: String = "") {
            self.kind = kind
            self.detail = detail
        }
    }

    /// One; for a preference the better answer and then the worse one; none for a row that is left out.
    public var sequences: [TrainingExample]
    public var warnings: [Warning]
}
