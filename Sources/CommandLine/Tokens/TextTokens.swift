import ApusTokenization

/// The tokens of a text file as a model is trained on it: after BOS where the model asks for one.
struct TextTokens {
    let ids: [TokenID]
    /// The token that was put first, where the model asks for one.
    let bos: TokenID?

    init(file: String, tokenizer: Tokenizer) throws {
        let text = try InputFile.read(file)
        bos = tokenizer.addsBOS ? tokenizer.bos : nil
        let ids = try (bos.map { [$0] } ?? []) + tokenizer.encode(text)
        guard ids.count >= 2 else { throw CommandError.tooFewTokens(path: file, tokens: ids.count) }
        self.ids = ids
    }
}
