extension Tokenizer {
    /// The tokenizer of a SentencePiece `.model`: ids and texts as the sentencepiece package gives them.
    ///
    /// Control pieces (`<s>`, `</s>`) are found in text only with `parseSpecial`. `addSpecial` puts BOS first, or, in
    /// models without one (T5), EOS last.
    public convenience init(sentencePiece model: SentencePieceModel) throws(SentencePieceError) {
        let vocabulary = SentencePieceVocabulary(model)
        var parts = Parts(model: vocabulary)
        parts.normalizer = try SentencePieceNormalizer(
            model.normalization, userDefined: model.pieces.filter { $0.kind == .userDefined }.map(\.spelling),
            treatWhitespaceAsSuffix: model.treatWhitespaceAsSuffix)
        parts.decoder = try SentencePieceDecoder(model, vocabulary)
        for (id, entry) in model.pieces.enumerated() where entry.kind == .control {
            parts.addedTokens.append(AddedToken(id: TokenID(id), content: entry.spelling, special: true))
        }
        func token(_ id: Int) -> TokenID? { id < 0 ? nil : TokenID(id) }
        parts.special.bos = token(model.bosID)
        parts.special.eos = token(model.eosID)
        parts.special.pad = token(model.padID)
        parts.special.unk = token(model.unknownID)
        if let eos = parts.special.eos { parts.special.endOfGeneration.insert(eos) }
        parts.special.addsBOS = parts.special.bos != nil
        parts.special.addsEOS = parts.special.bos == nil && parts.special.eos != nil
        let first: [JSONPostProcessor.Slot] = parts.special.bos.map { [.special([$0])] } ?? []
        let last: [JSONPostProcessor.Slot] =
            parts.special.addsEOS ? parts.special.eos.map { [.special([$0])] } ?? [] : []
        parts.postProcessor = JSONPostProcessor(
            kind: .template(
                single: first + [.first] + last, pair: first + [.first] + last + first + [.second] + last))
        parts.kind = "sentencepiece, \(model.algorithm)"
        self.init(parts)
    }
}
