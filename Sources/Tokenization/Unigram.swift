/// A unigram language model over pieces (Kudo 2018): of all ways to cut a text into pieces of the vocabulary, the one
/// whose scores (log-probabilities) have the largest sum, found by Viterbi's algorithm over a byte trie.
///
/// The cost is linear in the text: at each character the trie is walked no further than the longest piece.
public struct Unigram: TokenModel {
    /// Whose conventions apply where they differ. Both find the same best path except at ties within rounding.
    public enum Convention: Sendable {
        /// The tokenizers package: scores are added as Double; runs of unknown characters become one unknown token, or
        /// the bytes of the run where all of them have byte tokens.
        case tokenizers
        /// The sentencepiece package: scores are added as Float; user-defined pieces always win; unused ones never do;
        /// each unknown character becomes its bytes, or else joins its neighbours in one unknown token.
        case sentencePiece
    }

    /// What a piece is, as in SentencePiece's model file.
    public enum Kind: UInt8, Sendable {
        case normal = 1
        case unknown = 2
        case control = 3
        case userDefined = 4
        case unused = 5
        case byte = 6
    }

    public struct Entry: Sendable {
        public var spelling: [UInt8]
        public var score: Double
        public var kind: Kind

        public init(spelling: [UInt8], score: Double, kind: Kind = .normal) {
            self.spelling = spelling
            self.score = score
            self.kind = kind
        }
    }

    public let unknown: TokenID?
    public let convention: Convention
    let table: TokenTable
    private let matcher: ByteTrie
    private let scores: [Double]
    private let singles: [Float]
    private let kinds: [Kind]
    private let lowest: Double
    private let highest: Float
    /// Tokens of the 256 byte values; empty without byte fallback.
    private let byteTokens: [TokenID]

    /// Ids are the positions of `entries`. With `byteFallback`, what is unknown is written with tokens `<0x00>` to
    /// `<0xFF>`, as far as they exist.
    public init(entries: [Entry], unknown: TokenID?, byteFallback: Bool, convention: Convention = .tokenizers) {
        self.unknown = unknown
        self.convention = convention
        let table = TokenTable(entries.enumerated().map { ($1.spelling, TokenID($0)) })
        self.table = table
        scores = entries.map(\.score)
        singles = entries.map { Float($0.score) }
        kinds = entries.map(\.kind)
        switch convention {
        case .tokenizers:
            matcher = table.trie
            lowest = entries.reduce(Double.infinity) { $1.score < $0 ? $1.score : $0 }
            highest = 0
        case .sentencePiece:
            let matched = entries.indices.filter {
                [.normal, .userDefined, .unused].contains(entries[$0].kind)
            }
            matcher = ByteTrie(matched.map { entries[$0].spelling }, values: matched.map(Int32.init))
            let normal = entries.lazy.filter { $0.kind == .normal }.map { Float($0.score) }
            lowest = Double(normal.reduce(Float.greatestFiniteMagnitude) { min($0, $1) })
            highest = normal.reduce(Float.leastNormalMagnitude) { max($0, $1) }
        }
        byteTokens = byteFallback ? (0...255).map { table.id(of: Unigram.byteSpelling(UInt8($0))) ?? -1 } : []
    }

    /// `<0x0A>` for 10.
    static func byteSpelling(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return Array("<0x".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]] + Array(">".utf8)
    }

    public var vocabularySize: Int { scores.count }
    public func id(of token: some Collection<UInt8>) -> TokenID? { table.id(of: token) }
    public func spelling(of id: TokenID) -> [UInt8]? { table.spelling(of: id) }
    /// The score of a token: a log-probability, for most models.
    public func score(of id: TokenID) -> Double? {
        id >= 0 && Int(id) < scores.count ? scores[Int(id)] : nil
    }
    public var hasByteFallback: Bool { !byteTokens.isEmpty }
    public var unknownTokenGap: UnknownTokenGap? { unknown == nil ? .unnamed : nil }

    public func tokenize(_ word: UnsafeBufferPointer<UInt8>, into pieces: inout [Piece]) {
        guard word.count > 0 else { return }
        switch convention {
        case .tokenizers: tokenizeFused(word, &pieces)
        case .sentencePiece: tokenizeSentencePiece(word, &pieces)
        }
    }

    /// The tokenizers package first joins unknown characters, then looks the joined text up again.
    private func tokenizeFused(_ word: UnsafeBufferPointer<UInt8>, _ pieces: inout [Piece]) {
        var unknownAt: Range<Int>?
        let path = scores.withUnsafeBufferPointer {
            bestPath(word, $0, unknownScore: lowest - 10, unknownAt: &unknownAt)
        }
        // The package gives up as soon as it would need the unknown token, on the best path or not.
        if unknown == nil, let unknownAt {
            pieces.append(Piece(id: Piece.noToken, range: unknownAt))
            return
        }
        var index = 0
        while index < path.count {
            var range = path[index].range
            var id = path[index].id
            index += 1
            if let unknown, id == unknown {
                while index < path.count, path[index].id == unknown {
                    range = range.lowerBound..<path[index].range.upperBound
                    index += 1
                }
                id = table.id(of: UnsafeBufferPointer(rebasing: word[range])) ?? -1
            }
            if id >= 0 {
                pieces.append(Piece(id: id, range: range))
            } else if !byteTokens.isEmpty, range.allSatisfy({ byteTokens[Int(word[$0])] >= 0 }) {
                for k in range { pieces.append(Piece(id: byteTokens[Int(word[k])], range: range)) }
            } else if let unknown {
                pieces.append(Piece(id: unknown, range: range))
            }
        }
    }

    private func tokenizeSentencePiece(_ word: UnsafeBufferPointer<UInt8>, _ pieces: inout [Piece]) {
        var unknownAt: Range<Int>?
        let path = singles.withUnsafeBufferPointer {
            bestPath(word, $0, unknownScore: Float(lowest) - 10, unknownAt: &unknownAt)
        }
        appendSentencePieces(path, word, &pieces)
    }

    /// Replaces unknown characters by their bytes, or joins them.
    func appendSentencePieces(_ path: [Piece], _ word: UnsafeBufferPointer<UInt8>, _ pieces: inout [Piece]) {
        var afterUnknown = false
        for piece in path {
            let isUnknown = piece.id == unknown || piece.id < 0
            if isUnknown, !byteTokens.isEmpty {
                for k in piece.range { pieces.append(Piece(id: byteTokens[Int(word[k])], range: piece.range)) }
            } else if isUnknown {
                if afterUnknown, let last = pieces.indices.last {
                    pieces[last].range = pieces[last].range.lowerBound..<piece.range.upperBound
                } else {
                    pieces.append(Piece(id: unknown ?? Piece.noToken, range: piece.range))
                }
            } else {
                pieces.append(piece)
            }
            afterUnknown = isUnknown
        }
    }

    private struct Node<Score> {
        var score: Score
        var start: Int32
        var id: TokenID
    }

    /// Viterbi's best path; ties go to the piece that begins further left, as in both packages.
    ///
    /// - Parameter unknownAt: the first character that is on some path as an unknown one.
    private func bestPath<Score: BinaryFloatingPoint>(
        _ word: UnsafeBufferPointer<UInt8>, _ scores: UnsafeBufferPointer<Score>, unknownScore: Score,
        unknownAt: inout Range<Int>?
    ) -> [Piece] {
        let size = word.count
        let isSentencePiece = convention == .sentencePiece
        let unknownID = unknown ?? -1
        return withUnsafeTemporaryAllocation(of: Node<Score>.self, capacity: size + 1) { nodes in
            nodes.initialize(repeating: Node(score: 0, start: -1, id: -1))
            matcher.units.withUnsafeBufferPointer { units in
                kinds.withUnsafeBufferPointer { kinds in
                    var start = 0
                    while start < size {
                        let length = characterLength(word, start)
                        let before = nodes[start].score
                        var single = false
                        var node = ByteTrie.root
                        var end = start
                        while end < size, let next = ByteTrie.step(units, node, word[end]) {
                            node = next
                            end += 1
                            let id = units[Int(node)].value
                            if id < 0 { continue }
                            if isSentencePiece, kinds[Int(id)] != .normal {
                                if kinds[Int(id)] == .unused { continue }
                                let bonus = Double(Float(end - start) * highest) - 0.1
                                let candidate = bonus + Double(before)
                                if nodes[end].start < 0 || candidate > Double(nodes[end].score) {
                                    nodes[end] = Node(score: Score(candidate), start: Int32(start), id: id)
                                }
                            } else {
                                let candidate = scores[Int(id)] + before
                                if nodes[end].start < 0 || candidate > nodes[end].score {
                                    nodes[end] = Node(score: candidate, start: Int32(start), id: id)
                                }
                            }
                            if end - start == length { single = true }
                        }
                        if !single {
                            let end = start + length
                            let candidate = unknownScore + before
                            if nodes[end].start < 0 || candidate > nodes[end].score {
                                nodes[end] = Node(score: candidate, start: Int32(start), id: unknownID)
                                if unknownAt == nil { unknownAt = start..<end }
                            }
                        }
                        start += length
                    }
                }
            }
            var path: [Piece] = []
            var end = size
            while end > 0 {
                let node = nodes[end]
                guard node.start >= 0 else { break }
                path.append(Piece(id: node.id, range: Int(node.start)..<end))
                end = Int(node.start)
            }
            path.reverse()
            return path
        }
    }
}
