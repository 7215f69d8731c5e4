/// Turns ids into text one by one. What it gives never ends inside a UTF-8 character, and all of it, with `flush`,
/// is what decoding the ids at once gives.
public struct StreamDecoder: Sendable {
    private let tokenizer: Tokenizer
    private let skipSpecial: Bool
    private var ids: [TokenID] = []
    /// How many of `ids` were given already; they stay for a while as the neighbours of those that follow.
    private var given = 0
    /// Bytes of table tokens that do not yet make a character.
    private var held: [UInt8] = []
    private var atStart = true

    init(_ tokenizer: Tokenizer, skipSpecial: Bool) {
        self.tokenizer = tokenizer
        self.skipSpecial = skipSpecial
    }

    /// The text that is certain once `id` has come: whole characters, perhaps none.
    public mutating func append(_ id: TokenID) -> [UInt8] {
        if let table = tokenizer.parts.pieceTable, !table.cleansSpaces { return appendPiece(id, table) }
        ids.append(id)
        let (before, text) = window()
        guard text.count > before.count else { return [] }
        let complete = UTF8Scalar.completePrefix(of: text)
        // A decoder that writes U+FFFD for half a character may yet write the character.
        guard complete == text.count, !text.hasSuffix(StreamDecoder.replacement) else { return [] }
        let new = Array(text[min(before.count, text.count)...])
        ids.removeFirst(given)
        given = ids.count
        return new
    }

    /// What was held back. Bytes that never became a character come as they are.
    public mutating func flush() -> [UInt8] {
        defer {
            ids = []
            given = 0
            held = []
            atStart = true
        }
        if let table = tokenizer.parts.pieceTable, !table.cleansSpaces { return held }
        let (before, text) = window()
        return text.count > before.count ? Array(text[before.count...]) : []
    }

    /// The window decoded without and with the ids that were not given yet.
    private func window() -> (before: [UInt8], text: [UInt8]) {
        let before = given == 0 ? [] : tokenizer.decode(ids[..<given], skipSpecial: skipSpecial)
        return (before, tokenizer.decode(ids, skipSpecial: skipSpecial))
    }

    private mutating func appendPiece(_ id: TokenID, _ table: PieceTable) -> [UInt8] {
        if skipSpecial, atStart, tokenizer.special.addsBOS, id == tokenizer.special.bos { return [] }
        held += table.raw(
            CollectionOfOne(id), skipSpecial: skipSpecial, dropSpace: atStart && table.dropsLeadingSpace)
        if id >= 0, Int(id) < table.count { atStart = false }
        let complete = UTF8Scalar.completePrefix(of: held)
        let new = Array(held[..<complete])
        held.removeFirst(complete)
        return new
    }

    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]
}

extension [UInt8] {
    fileprivate func hasSuffix(_ suffix: [UInt8]) -> Bool {
        count >= suffix.count && self[(count - suffix.count)...].elementsEqual(suffix)
    }
}
