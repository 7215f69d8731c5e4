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
        if let table = tokenizer.parts.pieceTable { return appendPiece(id, table) }
        ids.append(id)
        let (before, text) = window()
        guard text.count > before.count else { return [] }
        let complete = UTF8Scalar.completePrefix(of: text)
        // A decoder that writes U+FFFD for half a character may yet write the character.
        guard complete == text.count, !text.hasSuffix(StreamDecoder.replacement) else { return [] }
        var start = before.count
        // A decoder may have changed what it gave before; what is given now still begins with a whole character.
        while start < text.count, text[start] & 0xC0 == 0x80 { start += 1 }
        let new = Array(text[start...])
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
        if let table = tokenizer.parts.pieceTable { return table.cleansSpaces ? PieceTable.cleaned(held) : held }
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
        let complete = table.cleansSpaces ? cleanPrefix() : UTF8Scalar.completePrefix(of: held)
        let new = Array(held[..<complete])
        held.removeFirst(complete)
        return table.cleansSpaces ? PieceTable.cleaned(new) : new
    }

    /// How much of what is held cleaning can't change any more: all before the last space, and before an apostrophe
    /// that may lose the spaces around it.
    private func cleanPrefix() -> Int {
        guard var place = held.lastIndex(of: 0x20) else { return UTF8Scalar.completePrefix(of: held) }
        while place >= 2, held[place - 1] == UInt8(ascii: "'"), held[place - 2] == 0x20 { place -= 2 }
        return place
    }

    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]
}

extension [UInt8] {
    fileprivate func hasSuffix(_ suffix: [UInt8]) -> Bool {
        count >= suffix.count && self[(count - suffix.count)...].elementsEqual(suffix)
    }
}
