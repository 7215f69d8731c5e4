/// The pieces of a SentencePiece model, used by any of its four algorithms to cut prepared text into tokens.
public struct SentencePieceVocabulary: TokenModel {
    public let algorithm: SentencePieceModel.Algorithm
    /// Holds pieces and scores for all algorithms, and does the work for `unigram`.
    public let unigram: Unigram
    private let entries: [Unigram.Entry]
    /// Normal, user-defined and unused pieces: those that text can be cut into.
    private let matched: ByteTrie
    private let reserved: ByteTrie
    private let userDefined: ByteTrie?

    public init(_ model: SentencePieceModel) {
        algorithm = model.algorithm
        entries = model.pieces
        unigram = Unigram(
            entries: model.pieces, unknown: TokenID(model.unknownID), byteFallback: model.byteFallback,
            convention: .sentencePiece)
        func trie(_ kinds: Set<Unigram.Kind>) -> ByteTrie {
            let ids = model.pieces.indices.filter { kinds.contains(model.pieces[$0].kind) }
            return ByteTrie(ids.map { model.pieces[$0].spelling }, values: ids.map(Int32.init))
        }
        matched = trie([.normal, .userDefined, .unused])
        reserved = trie([.unknown, .control, .byte])
        userDefined = model.pieces.contains { $0.kind == .userDefined } ? trie([.userDefined]) : nil
    }

    public var vocabularySize: Int { entries.count }

    /// As sentencepiece looks pieces up: control, byte and unknown pieces first.
    public func id(of token: some Collection<UInt8>) -> TokenID? {
        reserved.value(of: token) ?? matched.value(of: token)
    }

    public func spelling(of id: TokenID) -> [UInt8]? {
        id >= 0 && Int(id) < entries.count ? entries[Int(id)].spelling : nil
    }

    public func kind(of id: TokenID) -> Unigram.Kind? {
        id >= 0 && Int(id) < entries.count ? entries[Int(id)].kind : nil
    }

    public func score(of id: TokenID) -> Double? { unigram.score(of: id) }

    public func tokenize(_ word: UnsafeBufferPointer<UInt8>, into pieces: inout [Piece]) {
        switch algorithm {
        case .unigram: unigram.tokenize(word, into: &pieces)
        case .bpe: unigram.appendSentencePieces(merged(word), word, &pieces)
        case .word: unigram.appendSentencePieces(words(word), word, &pieces)
        case .char: unigram.appendSentencePieces(characters(word).map { lookUp($0.range, word) }, word, &pieces)
        }
    }

    private func lookUp(_ range: Range<Int>, _ word: UnsafeBufferPointer<UInt8>) -> Piece {
        let id = id(of: UnsafeBufferPointer(rebasing: word[range]))
        return Piece(id: id ?? unigram.unknown ?? -1, range: range)
    }

    /// Characters, with user-defined pieces whole and frozen.
    private func characters(_ word: UnsafeBufferPointer<UInt8>) -> [(range: Range<Int>, frozen: Bool)] {
        var result: [(range: Range<Int>, frozen: Bool)] = []
        var index = 0
        while index < word.count {
            var length = userDefined.map { SentencePieceNormalizer.longestMatch($0, word, index) } ?? 0
            let frozen = length > 0
            if !frozen { length = characterLength(word, index) }
            result.append((index..<index + length, frozen))
            index += length
        }
        return result
    }

    /// Each `▁` begins a word.
    private func words(_ word: UnsafeBufferPointer<UInt8>) -> [Piece] {
        var result: [Piece] = []
        var start = 0
        var index = 0
        while index < word.count {
            let length = characterLength(word, index)
            if index > start, length == 3, word[index] == 0xE2, word[index + 1] == 0x96, word[index + 2] == 0x81 {
                result.append(lookUp(start..<index, word))
                start = index
            }
            index += length
        }
        if start < word.count { result.append(lookUp(start..<word.count, word)) }
        return result
    }

    // MARK: BPE

    private struct Symbol {
        var start: Int
        /// 0 once it was joined to the symbol on its left.
        var length: Int
        var previous: Int
        var next: Int
        var frozen: Bool
    }

    /// A pair of neighbours that together are a piece; the higher score joins first, then the one further left.
    private struct Pair: HeapElement {
        var score: Float
        var left: Int
        var right: Int
        var length: Int

        @inline(__always)
        static func precedes(_ a: Pair, _ b: Pair) -> Bool {
            a.score > b.score || (a.score == b.score && a.left < b.left)
        }
    }

    private func merged(_ word: UnsafeBufferPointer<UInt8>) -> [Piece] {
        let characters = characters(word)
        var symbols = characters.enumerated().map { index, character in
            Symbol(
                start: character.range.lowerBound, length: character.range.count, previous: index - 1,
                next: index + 1 < characters.count ? index + 1 : -1, frozen: character.frozen)
        }
        var agenda = Heap<Pair>()
        /// Where a piece that is marked unused was joined, for taking it apart again.
        var splits: [Range<Int>: Int] = [:]
        func consider(_ left: Int, _ right: Int) {
            guard left >= 0, right >= 0, !symbols[left].frozen, !symbols[right].frozen else { return }
            let start = symbols[left].start
            let length = symbols[left].length + symbols[right].length
            guard let id = matched.value(of: UnsafeBufferPointer(rebasing: word[start..<start + length])) else {
                return
            }
            agenda.push(Pair(score: Float(entries[Int(id)].score), left: left, right: right, length: length))
            if entries[Int(id)].kind == .unused {
                splits[start..<start + length] = symbols[right].start
            }
        }
        for index in symbols.indices.dropFirst() { consider(index - 1, index) }
        while let top = agenda.pop() {
            let (left, right) = (top.left, top.right)
            guard symbols[left].length > 0, symbols[right].length > 0,
                symbols[left].length + symbols[right].length == top.length
            else { continue }
            symbols[left].length = top.length
            symbols[left].next = symbols[right].next
            if symbols[right].next >= 0 { symbols[symbols[right].next].previous = left }
            symbols[right].length = 0
            consider(symbols[left].previous, left)
            consider(left, symbols[left].next)
        }
        var result: [Piece] = []
        var index = symbols.isEmpty ? -1 : 0
        while index >= 0 {
            let symbol = symbols[index]
            var pending = [symbol.start..<symbol.start + symbol.length]
            while let range = pending.popLast() {
                let piece = lookUp(range, word)
                if kind(of: piece.id) == .unused, let middle = splits[range] {
                    pending.append(middle..<range.upperBound)
                    pending.append(range.lowerBound..<middle)
                } else {
                    result.append(piece)
                }
            }
            index = symbol.next
        }
        return result
    }
}
