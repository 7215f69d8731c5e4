/// Whole words only: a word that is not in the vocabulary is the unknown token.
public struct WordLevel: TokenModel {
    private let table: TokenTable
    /// The id of words that are not in the vocabulary.
    public let unknown: TokenID?
    public let unknownTokenGap: UnknownTokenGap?

    public init(tokens: [(spelling: [UInt8], id: TokenID)], unknown: [UInt8]) {
        table = TokenTable(tokens)
        self.unknown = table.id(of: unknown)
        unknownTokenGap = self.unknown == nil ? .absent(unknown) : nil
    }

    public var vocabularySize: Int { table.count }
    public func id(of token: some Collection<UInt8>) -> TokenID? { table.id(of: token) }
    public func spelling(of id: TokenID) -> [UInt8]? { table.spelling(of: id) }

    public func tokenize(_ word: UnsafeBufferPointer<UInt8>, into pieces: inout [Piece]) {
        pieces.append(Piece(id: table.id(of: word) ?? unknown ?? Piece.noToken, range: 0..<word.count))
    }
}
