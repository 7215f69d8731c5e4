import ApusModelFiles

/// The number of a token in its vocabulary.
public typealias TokenID = Int32

/// A token and the bytes of the input that it stands for.
public struct Piece: Sendable, Equatable {
    public var id: TokenID
    /// UTF-8 byte offsets in the original input. Special tokens that were added have an empty range.
    public var range: Range<Int>

    public init(id: TokenID, range: Range<Int>) {
        self.id = id
        self.range = range
    }
}

/// Text on its way through a tokenizer's pipeline: its bytes now, and where each of them came from.
///
/// Tokenizers work on bytes, never on `String`: Swift compares strings by canonical equivalence, vocabularies do not.
public struct AlignedText: Sendable {
    /// UTF-8 (or, for byte-level schemes, whatever bytes the user gave).
    public var bytes: [UInt8]
    /// For each byte, the range of original bytes that it stands for; `nil` while `bytes` is the original unchanged
    /// (byte i stands for `origin + i`).
    public var sources: [Range<Int32>]?
    /// Offset of the first byte in the original input, used while `sources` is nil.
    public var origin: Int

    public init(bytes: [UInt8], sources: [Range<Int32>]? = nil, origin: Int = 0) {
        self.bytes = bytes
        self.sources = sources
        self.origin = origin
    }
}

/// First step: changes text (Unicode forms, case, accents, replacements).
public protocol Normalizer: Sendable {
    func normalize(_ text: inout AlignedText)
}

/// Second step: cuts text into words that the model sees one by one; may also change their bytes (metaspace).
public protocol PreTokenizer: Sendable {
    func split(_ words: [AlignedText]) -> [AlignedText]
}

/// Third step: turns one word into tokens of a vocabulary (BPE, unigram, WordPiece, WordLevel).
public protocol TokenModel: Sendable {
    /// Appends the tokens of one word. Ranges are byte offsets within `word`.
    func tokenize(_ word: UnsafeBufferPointer<UInt8>, into pieces: inout [Piece])
    /// The id of exactly these bytes.
    func id(of token: some Collection<UInt8>) -> TokenID?
    /// The vocabulary's own spelling of a token, or nil for an id that has none.
    func spelling(of id: TokenID) -> [UInt8]?
    var vocabularySize: Int { get }
}

/// Fourth step: adds the special tokens that the model was trained with around a text or a pair of texts.
public protocol PostProcessor: Sendable {
    func process(_ first: [Piece], _ second: [Piece]?) -> [Piece]
}

/// The way back: from spellings of tokens to text.
public protocol TokenDecoder: Sendable {
    func decode(_ tokens: [[UInt8]]) -> [[UInt8]]
}
