/// The tokens of a vocabulary that mean something to the model or its runner, and when they are added.
public struct SpecialTokens: Sendable, Equatable {
    /// Begin and end of a text.
    public var bos: TokenID?
    public var eos: TokenID?
    /// End of a turn, and of a message, in a conversation.
    public var eot: TokenID?
    public var eom: TokenID?
    public var unk: TokenID?
    public var pad: TokenID?
    /// BERT's `[SEP]`, `[CLS]` and `[MASK]`.
    public var sep: TokenID?
    public var cls: TokenID?
    public var mask: TokenID?
    /// Fill in the middle: prefix, suffix, middle, padding, repository, separator.
    public var fimPrefix: TokenID?
    public var fimSuffix: TokenID?
    public var fimMiddle: TokenID?
    public var fimPad: TokenID?
    public var fimRepository: TokenID?
    public var fimSeparator: TokenID?
    /// Where generation stops: the end tokens above and those that a vocabulary has by name.
    public var endOfGeneration: Set<TokenID> = []
    /// Whether `addSpecial` puts BOS first, EOS last.
    public var addsBOS = false
    public var addsEOS = false

    public init() {}
}
