/// Takes text apart into tokens of a vocabulary, and puts it together again.
///
/// The way of a text: added tokens are found, the rest is normalised, cut into words, each word becomes tokens of the
/// model, and a post-processor adds the special tokens that the model was trained with. A tokenizer never changes once
/// made, so any number of tasks may use one at the same time.
public final class Tokenizer: Sendable {
    /// What a tokenizer is made of. Loaders fill it in.
    public struct Parts: Sendable {
        public var model: any TokenModel
        public var normalizer: (any Normalizer)?
        public var preTokenizer: (any PreTokenizer)?
        public var postProcessor: (any PostProcessor)?
        /// Used for decoding unless there is a `pieceTable`.
        public var decoder: (any TokenDecoder)?
        public var addedTokens: [AddedToken] = []
        public var matching: AddedTokenMatching = .leftmostLongest
        public var special = SpecialTokens()
        public var invalidUTF8: InvalidUTF8 = .keep
        /// The bytes of each token, for schemes where they do not depend on the neighbours.
        public var pieceTable: PieceTable?
        /// What the tokenizer was read from and how it works, for people: "gpt2, llama-bpe".
        public var kind = ""

        public init(model: any TokenModel) { self.model = model }
    }

    /// What becomes of bytes that are not UTF-8.
    public enum InvalidUTF8: Sendable {
        /// They stay, as a character that is nothing in particular: byte-level schemes lose nothing.
        case keep
        /// Each becomes U+FFFD: llama.cpp, for its kinds of BPE.
        case replaceEach
        /// Each longest beginning of a character becomes one U+FFFD: Rust, Python, WHATWG.
        case replaceLongest
    }

    public let special: SpecialTokens
    public let kind: String
    let parts: Parts
    private let rawTokens: AddedTokenFinder
    private let normalizedTokens: AddedTokenFinder
    let addedByID: [TokenID: AddedToken]
    private let splitter: (any WordSplitter)?
    private let bytesNormalizer: (any BytesNormalizer)?
    private let unknownTokenGap: UnknownTokenGap?
    /// The size of the vocabulary: one more than the highest id, or than the model's own size says.
    public let vocabularySize: Int

    public init(_ parts: Parts) {
        self.parts = parts
        special = parts.special
        kind = parts.kind
        splitter = parts.preTokenizer as? any WordSplitter
        bytesNormalizer = parts.normalizer as? any BytesNormalizer
        unknownTokenGap = parts.model.unknownTokenGap
        let raw = parts.addedTokens.filter { !$0.normalized }
        let normalized = parts.addedTokens.filter(\.normalized)
        rawTokens = AddedTokenFinder(raw, matching: parts.matching)
        let spellings = normalized.map { token in
            var text = AlignedText(bytes: token.content)
            parts.normalizer?.normalize(&text)
            return text.bytes
        }
        normalizedTokens = AddedTokenFinder(normalized, spellings: spellings, matching: parts.matching)
        var byID: [TokenID: AddedToken] = [:]
        var top = parts.model.vocabularySize
        for token in parts.addedTokens {
            byID[token.id] = token
            top = max(top, Int(token.id) + 1)
        }
        addedByID = byID
        vocabularySize = top
    }

    // MARK: - Encoding

    /// The ids of a text.
    ///
    /// - Parameters:
    ///   - addSpecial: adds what the model was trained with around a text (BOS, `[CLS]` … `[SEP]`).
    ///   - parseSpecial: special tokens that are written in the text are those tokens; otherwise they are plain text.
    /// - Throws: ``TokenizationError/noUnknownToken(text:offset:_:)``, by tokenizers whose vocabulary lacks a token for
    ///   what it does not cover.
    public func encode(
        _ text: String, addSpecial: Bool = false, parseSpecial: Bool = false
    ) throws(TokenizationError) -> [TokenID] {
        var text = text
        let ids = text.withUTF8 { encode(bytes: $0, addSpecial, parseSpecial) }
        if lacksToken(ids) { return try pieces(text, addSpecial: addSpecial, parseSpecial: parseSpecial).map(\.id) }
        return ids
    }

    /// The ids of bytes, which are not changed or trimmed in any way first.
    ///
    /// - Throws: ``TokenizationError``, as for a `String`.
    public func encode(
        _ text: some Collection<UInt8>, addSpecial: Bool = false, parseSpecial: Bool = false
    ) throws(TokenizationError) -> [TokenID] {
        let ids =
            text.withContiguousStorageIfAvailable { encode(bytes: $0, addSpecial, parseSpecial) }
            ?? Array(text).withUnsafeBufferPointer { encode(bytes: $0, addSpecial, parseSpecial) }
        if lacksToken(ids) { return try pieces(text, addSpecial: addSpecial, parseSpecial: parseSpecial).map(\.id) }
        return ids
    }

    /// The tokens of a text with the bytes of the input that each stands for.
    ///
    /// - Throws: ``TokenizationError``, as `encode`.
    public func pieces(
        _ text: String, addSpecial: Bool = false, parseSpecial: Bool = false
    ) throws(TokenizationError) -> [Piece] {
        var text = text
        let pieces = text.withUTF8 { self.pieces(bytes: $0, addSpecial, parseSpecial) }
        try check(pieces, of: text.utf8)
        return pieces
    }

    /// The tokens of bytes with the bytes of the input that each stands for.
    ///
    /// - Throws: ``TokenizationError``, as `encode`.
    public func pieces(
        _ text: some Collection<UInt8>, addSpecial: Bool = false, parseSpecial: Bool = false
    ) throws(TokenizationError) -> [Piece] {
        let pieces =
            text.withContiguousStorageIfAvailable { self.pieces(bytes: $0, addSpecial, parseSpecial) }
            ?? Array(text).withUnsafeBufferPointer { self.pieces(bytes: $0, addSpecial, parseSpecial) }
        try check(pieces, of: text)
        return pieces
    }

    /// The tokens of a pair of texts (question and passage, two sentences), with the special tokens between them.
    /// Ranges refer to the text that a token is from.
    ///
    /// - Throws: ``TokenizationError``, as `encode`.
    public func pieces(
        pair firstText: some Collection<UInt8>, _ secondText: some Collection<UInt8>, parseSpecial: Bool = false
    ) throws(TokenizationError) -> [Piece] {
        let first = try pieces(firstText, parseSpecial: parseSpecial)
        let second = try pieces(secondText, parseSpecial: parseSpecial)
        guard let processor = parts.postProcessor else { return first + second }
        return Array(firstText).withUnsafeBufferPointer { firstText in
            Array(secondText).withUnsafeBufferPointer { processor.process(first, second, texts: [firstText, $0]) }
        }
    }

    /// The ids of a text whose special tokens are parsed, but not where they have letters of somebody else, who has
    /// written text.
    ///
    /// - Parameter letters: ascending byte offsets, each behind such a letter.
    /// - Throws: ``TokenizationError``, as the other `encode`s.
    public func encode(
        _ text: some Collection<UInt8>, parsingSpecialWithout letters: [Int]
    ) throws(TokenizationError) -> [TokenID] {
        guard !letters.isEmpty else { return try encode(text, parseSpecial: true) }
        return try pieces(text, parsingSpecialWithout: letters).map(\.id)
    }

    /// The same with the bytes of the text that each token stands for.
    public func pieces(
        _ text: some Collection<UInt8>, parsingSpecialWithout letters: [Int]
    ) throws(TokenizationError) -> [Piece] {
        let pieces = Array(text).withUnsafeBufferPointer { bytes in
            self.pieces(bytes: bytes, false) { range in
                // The first letter that ends behind the range's beginning decides.
                var (low, high) = (0, letters.count)
                while low < high {
                    let middle = (low + high) / 2
                    if letters[middle] > range.lowerBound { high = middle } else { low = middle + 1 }
                }
                return low == letters.count || letters[low] > range.upperBound
            }
        }
        try check(pieces, of: text)
        return pieces
    }

    private func lacksToken(_ ids: [TokenID]) -> Bool { unknownTokenGap != nil && ids.contains(Piece.noToken) }

    /// Makes an error of text that no token stands for.
    private func check(_ pieces: [Piece], of text: some Collection<UInt8>) throws(TokenizationError) {
        guard let gap = unknownTokenGap, let piece = pieces.first(where: { $0.id == Piece.noToken }) else { return }
        let bytes = Array(text.dropFirst(piece.range.lowerBound).prefix(piece.range.count))
        throw .noUnknownToken(text: bytes, offset: piece.range.lowerBound, gap)
    }

    private func encode(bytes: UnsafeBufferPointer<UInt8>, _ addSpecial: Bool, _ parseSpecial: Bool) -> [TokenID] {
        if addSpecial, parts.postProcessor != nil {
            return pieces(bytes: bytes, true, parseSpecial).map(\.id)
        }
        var ids: [TokenID] = []
        for fragment in rawTokens.fragments(of: bytes, parseSpecial: parseSpecial) {
            if let token = fragment.token {
                ids.append(token)
            } else {
                encodeFragment(bytes, fragment.range, parseSpecial, into: &ids)
            }
        }
        return ids
    }

    private func encodeFragment(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ parseSpecial: Bool, into ids: inout [TokenID]
    ) {
        let text = UnsafeBufferPointer(rebasing: bytes[range])
        let isClean = parts.invalidUTF8 == .keep || UTF8Scalar.isValid(text)
        if isClean, normalizedTokens.isEmpty, splitter != nil || parts.preTokenizer == nil {
            if ids.isEmpty { ids.reserveCapacity(text.count / 4) }
            if parts.normalizer.map({ $0.leavesUnchanged(text) }) ?? true {
                return encodeWords(text, into: &ids)
            }
            if let bytesNormalizer {
                let normalized = bytesNormalizer.normalized(text)
                return normalized.withUnsafeBufferPointer { encodeWords($0, into: &ids) }
            }
        }
        var pieces: [Piece] = []
        appendPieces(text, origin: range.lowerBound, { _ in parseSpecial }, to: &pieces)
        ids.reserveCapacity(ids.count + pieces.count)
        for piece in pieces { ids.append(piece.id) }
    }

    /// The quick way: words are ranges of the text.
    private func encodeWords(_ text: UnsafeBufferPointer<UInt8>, into ids: inout [TokenID]) {
        guard !text.isEmpty else { return }
        guard let splitter else { return parts.model.tokenize(text, from: 0, ends: [text.count], into: &ids) }
        // By the batch, so that a long text needs no list of all its words.
        var ends: [Int] = []
        var start = 0
        while start < text.count {
            ends.removeAll(keepingCapacity: true)
            splitter.cut(text, from: start, limit: 4096, ends: &ends)
            guard let last = ends.last, last > start else { break }
            parts.model.tokenize(text, from: start, ends: ends, into: &ids)
            start = last
        }
    }

    private func pieces(bytes: UnsafeBufferPointer<UInt8>, _ addSpecial: Bool, _ parseSpecial: Bool) -> [Piece] {
        pieces(bytes: bytes, addSpecial) { _ in parseSpecial }
    }

    /// - Parameter parseSpecial: whether a special token that is written at a place is that token there.
    private func pieces(
        bytes: UnsafeBufferPointer<UInt8>, _ addSpecial: Bool, _ parseSpecial: (Range<Int>) -> Bool
    ) -> [Piece] {
        var pieces: [Piece] = []
        for fragment in rawTokens.fragments(of: bytes, parseSpecial: parseSpecial) {
            if let token = fragment.token {
                pieces.append(Piece(id: token, range: fragment.range))
            } else {
                let text = UnsafeBufferPointer(rebasing: bytes[fragment.range])
                appendPieces(text, origin: fragment.range.lowerBound, parseSpecial, to: &pieces)
            }
        }
        guard addSpecial, let processor = parts.postProcessor else { return pieces }
        return processor.process(pieces, nil, texts: [bytes])
    }

    /// The tokens of a stretch without raw added tokens.
    private func appendPieces(
        _ raw: UnsafeBufferPointer<UInt8>, origin: Int, _ parseSpecial: (Range<Int>) -> Bool,
        to pieces: inout [Piece]
    ) {
        var text = AlignedText(bytes: Array(raw), origin: origin)
        if parts.invalidUTF8 != .keep { text.replaceInvalidUTF8(longest: parts.invalidUTF8 == .replaceLongest) }
        parts.normalizer?.normalize(&text)
        var words: [AlignedText] = []
        if normalizedTokens.isEmpty {
            words = [text]
            appendWords(&words, to: &pieces)
            return
        }
        let fragments = text.bytes.withUnsafeBufferPointer {
            normalizedTokens.fragments(of: $0) { parseSpecial(text.source(of: $0)) }
        }
        for fragment in fragments {
            if let token = fragment.token {
                pieces.append(Piece(id: token, range: text.source(of: fragment.range)))
            } else {
                words = [text.slice(fragment.range)]
                appendWords(&words, to: &pieces)
            }
        }
    }

    private func appendWords(_ words: inout [AlignedText], to pieces: inout [Piece]) {
        if let preTokenizer = parts.preTokenizer { words = preTokenizer.split(words) }
        for word in words where !word.bytes.isEmpty {
            let first = pieces.count
            word.bytes.withUnsafeBufferPointer { parts.model.tokenize($0, into: &pieces) }
            for index in first..<pieces.count { pieces[index].range = word.source(of: pieces[index].range) }
        }
    }
}
