import ApusModelFiles

/// The number of a token in its vocabulary.
public typealias TokenID = Int32

/// A token and the bytes of the input that it stands for.
public struct Piece: Sendable, Equatable {
    /// What a model writes for text that none of its tokens stands for (see ``TokenModel/unknownTokenGap``).
    public static let noToken = TokenID.max

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

    /// The same text's bytes in `range`, still aligned with the original.
    public func slice(_ range: Range<Int>) -> AlignedText {
        AlignedText(
            bytes: Array(bytes[range]), sources: sources.map { Array($0[range]) }, origin: origin + range.lowerBound)
    }

    /// The original bytes that the bytes in `range` stand for. Bytes that were inserted stand for an empty range.
    public func source(of range: Range<Int>) -> Range<Int> {
        guard let sources else { return origin + range.lowerBound..<origin + range.upperBound }
        guard !range.isEmpty, !sources.isEmpty else {
            let edge =
                range.lowerBound < sources.count ? sources[range.lowerBound].lowerBound : sources.last?.upperBound
            let place = Int(edge ?? Int32(truncatingIfNeeded: origin))
            return place..<place
        }
        var low = Int32.max
        var high = Int32.min
        for source in sources[range] {
            low = min(low, source.lowerBound)
            high = max(high, source.upperBound)
        }
        return Int(low)..<Int(max(low, high))
    }

    /// Fills `sources` when it is nil, so that a step that changes bytes can keep them aligned.
    public mutating func spellOutSources() {
        guard sources == nil else { return }
        let first = Int32(truncatingIfNeeded: origin)
        sources = (0..<Int32(truncatingIfNeeded: bytes.count)).map { first + $0..<first + $0 + 1 }
    }
}

/// First step: changes text (Unicode forms, case, accents, replacements).
public protocol Normalizer: Sendable {
    func normalize(_ text: inout AlignedText)
    /// Whether this text would certainly stay as it is. A quick yes spares the text's copy; no is the default.
    func leavesUnchanged(_ text: UnsafeBufferPointer<UInt8>) -> Bool
}

extension Normalizer {
    public func leavesUnchanged(_ text: UnsafeBufferPointer<UInt8>) -> Bool { false }
}

/// A normalizer that can do its work without keeping bytes aligned, for callers that want ids only.
public protocol BytesNormalizer: Normalizer {
    func normalized(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]
}

/// Second step: cuts text into words that the model sees one by one; may also change their bytes (metaspace).
public protocol PreTokenizer: Sendable {
    func split(_ words: [AlignedText]) -> [AlignedText]
}

/// A pre-tokenizer that only cuts: it changes no byte, drops none, and each word is a range of the text.
///
/// `Tokenizer` gives such a pre-tokenizer and its model the text as it lies, with no copy of any word: the fast way.
/// The slow way, `split`, follows from `cut`.
public protocol WordSplitter: PreTokenizer {
    /// Appends to `ends` where the words of `text` end that begin at `start`: the first word is `start..<ends[0]`, the
    /// next `ends[0]..<ends[1]` and so on. Stops after `limit` words (`ends` then ends before `text.count`) or at the
    /// text's end. What lies before `start` was cut by earlier calls on the same text. Words are not empty.
    func cut(_ text: UnsafeBufferPointer<UInt8>, from start: Int, limit: Int, ends: inout [Int])
}

extension WordSplitter {
    public func split(_ words: [AlignedText]) -> [AlignedText] {
        var result: [AlignedText] = []
        var ends: [Int] = []
        for word in words where !word.bytes.isEmpty {
            ends.removeAll(keepingCapacity: true)
            word.bytes.withUnsafeBufferPointer { cut($0, from: 0, limit: .max, ends: &ends) }
            var start = 0
            for end in ends where end > start {
                result.append(word.slice(start..<end))
                start = end
            }
        }
        return result
    }
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
    /// What is missing where the vocabulary does not cover a text: a model that has such a gap writes
    /// ``Piece/noToken`` for what no token stands for, and the tokenizer makes an error of it. nil, the default, for
    /// models that always find a token or leave out what they lack.
    var unknownTokenGap: UnknownTokenGap? { get }
    /// Appends the ids of many words of one text: `start..<ends[0]`, `ends[0]..<ends[1]`, … Has a default; a model that
    /// can be quicker over many words than over one implements it.
    func tokenize(_ text: UnsafeBufferPointer<UInt8>, from start: Int, ends: [Int], into ids: inout [TokenID])
}

extension TokenModel {
    public var unknownTokenGap: UnknownTokenGap? { nil }

    public func tokenize(
        _ text: UnsafeBufferPointer<UInt8>, from start: Int, ends: [Int], into ids: inout [TokenID]
    ) {
        var pieces: [Piece] = []
        var start = start
        for end in ends {
            pieces.removeAll(keepingCapacity: true)
            tokenize(UnsafeBufferPointer(rebasing: text[start..<end]), into: &pieces)
            for piece in pieces { ids.append(piece.id) }
            start = end
        }
    }
}

/// Fourth step: adds the special tokens that the model was trained with around a text or a pair of texts.
public protocol PostProcessor: Sendable {
    /// - Parameter texts: what the pieces' ranges refer to: one text, or a pair.
    func process(_ first: [Piece], _ second: [Piece]?, texts: [UnsafeBufferPointer<UInt8>]) -> [Piece]
}

/// The way back: from spellings of tokens to text.
public protocol TokenDecoder: Sendable {
    func decode(_ tokens: [[UInt8]]) -> [[UInt8]]
}
