import ApusTokenization

extension Tokenizer {
    /// The tokens of bytes that stand in the middle of a text: none is added before them, and no space.
    ///
    /// Many tokenizers treat the beginning of a text differently. So the bytes are encoded behind others, whose tokens
    /// are taken away; which others stay tokens of their own depends on how the tokenizer cuts words.
    ///
    /// - Parameter contexts: texts to stand before, the best first.
    func encodeContinuation(
        _ bytes: some Collection<UInt8>, after contexts: [String] = ["\n", "a", ":"]
    ) throws(TokenizationError) -> [TokenID] {
        if bytes.isEmpty { return [] }
        for context in contexts {
            // A small vocabulary may lack the context.
            guard let before = try? encode(Array(context.utf8)), let both = try? encode(Array(context.utf8) + bytes)
            else {
                continue
            }
            if !before.isEmpty, both.starts(with: before) { return Array(both[before.count...]) }
        }
        return try encode(bytes)
    }
}
