/// WordPiece (Schuster and Nakajima 2012, as in BERT): from the left, always the longest piece of the vocabulary that
/// fits; pieces that go on within a word carry a prefix (`##`). A word that cannot be covered is one unknown token.
public struct WordPiece: TokenModel {
    private let table: TokenTable
    /// Where matching begins within a word; nil where no token has the prefix.
    private let continuation: Int32?
    public let unknown: TokenID?
    public let unknownTokenGap: UnknownTokenGap?
    public let continuingPrefix: [UInt8]
    /// A word of more characters is unknown.
    public let maxCharactersPerWord: Int

    public init(
        tokens: [(spelling: [UInt8], id: TokenID)], unknown: [UInt8] = Array("[UNK]".utf8),
        continuingPrefix: [UInt8] = Array("##".utf8), maxCharactersPerWord: Int = 100
    ) {
        table = TokenTable(tokens)
        self.unknown = table.id(of: unknown)
        unknownTokenGap = self.unknown == nil ? .absent(unknown) : nil
        self.continuingPrefix = continuingPrefix
        self.maxCharactersPerWord = maxCharactersPerWord
        continuation = table.trie.node(after: continuingPrefix, from: ByteTrie.root)
    }

    public var vocabularySize: Int { table.count }
    public func id(of token: some Collection<UInt8>) -> TokenID? { table.id(of: token) }
    public func spelling(of id: TokenID) -> [UInt8]? { table.spelling(of: id) }

    public func tokenize(_ word: UnsafeBufferPointer<UInt8>, into pieces: inout [Piece]) {
        let before = pieces.count
        if characters(word) <= maxCharactersPerWord, cover(word, &pieces) { return }
        pieces.removeSubrange(before...)
        pieces.append(Piece(id: unknown ?? Piece.noToken, range: 0..<word.count))
    }

    private func characters(_ word: UnsafeBufferPointer<UInt8>) -> Int {
        var index = 0
        var count = 0
        while index < word.count {
            index += characterLength(word, index)
            count += 1
        }
        return count
    }

    private func cover(_ word: UnsafeBufferPointer<UInt8>, _ pieces: inout [Piece]) -> Bool {
        table.trie.units.withUnsafeBufferPointer { units in
            var start = 0
            while start < word.count {
                var node = ByteTrie.root
                if start > 0 {
                    guard let continuation else { return false }
                    node = continuation
                }
                var found: (id: TokenID, end: Int)?
                var index = start
                while index < word.count, let next = ByteTrie.step(units, node, word[index]) {
                    node = next
                    index += 1
                    if units[Int(node)].value >= 0 { found = (units[Int(node)].value, index) }
                }
                guard let found else { return false }
                pieces.append(Piece(id: found.id, range: start..<found.end))
                start = found.end
            }
            return true
        }
    }
}
