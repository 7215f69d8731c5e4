extension Tokenizer {
    // MARK: - Decoding

    /// The bytes of a text, from its ids. Ids that the vocabulary does not have stand for nothing.
    public func decode(_ ids: some Sequence<TokenID>, skipSpecial: Bool = false) -> [UInt8] {
        if let table = parts.pieceTable { return table.decode(ids, skipSpecial: skipSpecial, special) }
        var spellings: [[UInt8]] = []
        for id in ids {
            if skipSpecial, isSpecial(id) { continue }
            if let spelling = spelling(of: id) { spellings.append(spelling) }
        }
        guard let decoder = parts.decoder else { return Array(spellings.joined(separator: [0x20])) }
        return Array(decoder.decode(spellings).joined())
    }

    /// The text of ids; bytes that are not UTF-8 become U+FFFD.
    public func text(_ ids: some Sequence<TokenID>, skipSpecial: Bool = false) -> String {
        String(decoding: decode(ids, skipSpecial: skipSpecial), as: UTF8.self)
    }

    /// A decoder that takes ids one by one and gives text as soon as it is sure.
    public func stream(skipSpecial: Bool = true) -> StreamDecoder { StreamDecoder(self, skipSpecial: skipSpecial) }

    // MARK: - The vocabulary

    /// The bytes that a token stands for by itself, in the middle of a text; nil for an id that the vocabulary lacks.
    public func piece(of id: TokenID) -> [UInt8]? {
        if let table = parts.pieceTable { return table.bytes(of: id) }
        guard let spelling = spelling(of: id) else { return nil }
        guard let decoder = parts.decoder else { return spelling }
        // Decoders treat a text's first token differently (they drop its space): give them another one before it.
        let alone = Array(decoder.decode([spelling]).joined())
        let before = Array(decoder.decode([[0x61]]).joined())
        let both = Array(decoder.decode([[0x61], spelling]).joined())
        return both.starts(with: before) ? Array(both[before.count...]) : alone
    }

    /// The vocabulary's own spelling of a token ("Ġthe", "▁the", "<0x0A>").
    public func spelling(of id: TokenID) -> [UInt8]? {
        addedByID[id]?.content ?? parts.model.spelling(of: id)
    }

    /// The id of a token in the vocabulary's own spelling.
    public func id(of spelling: some Collection<UInt8>) -> TokenID? {
        if let added = parts.addedTokens.first(where: { $0.content.elementsEqual(spelling) }) { return added.id }
        return parts.model.id(of: spelling)
    }

    /// A control token: never plain text, left out of what people read.
    public func isSpecial(_ id: TokenID) -> Bool {
        addedByID[id]?.special ?? parts.pieceTable?.isSpecial(id) ?? false
    }

    public var addedTokens: [AddedToken] { parts.addedTokens }
    public var bos: TokenID? { special.bos }
    public var eos: TokenID? { special.eos }
    public var unk: TokenID? { special.unk }
    public var pad: TokenID? { special.pad }
    public var endOfGeneration: Set<TokenID> { special.endOfGeneration }
    public var addsBOS: Bool { special.addsBOS }
    public var addsEOS: Bool { special.addsEOS }
}
