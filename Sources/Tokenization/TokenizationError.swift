/// Why a text has no tokens.
public enum TokenizationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The vocabulary does not cover a stretch of text, and nothing stands for what it does not cover: the tokenizers
    /// package raises in the same cases.
    ///
    /// - Parameters:
    ///   - text: the bytes that no token stands for: a word, or a character for models that go by characters.
    ///   - offset: the byte of the input where they begin.
    case noUnknownToken(text: [UInt8], offset: Int, UnknownTokenGap)

    /// The same about a text that begins `bytes` further on.
    public func moved(by bytes: Int) -> TokenizationError {
        switch self {
        case .noUnknownToken(let text, let offset, let gap):
            .noUnknownToken(text: text, offset: offset.addingReportingOverflow(bytes).partialValue, gap)
        }
    }

    public var description: String {
        switch self {
        case .noUnknownToken(let text, let offset, let gap):
            let shown = String(decoding: text.prefix(80), as: UTF8.self) + (text.count > 80 ? "…" : "")
            return "no token stands for \"\(shown)\" at byte \(offset): \(gap)"
        }
    }
}

/// What is missing where a vocabulary has no token for what it does not cover.
public enum UnknownTokenGap: Sendable, Equatable, CustomStringConvertible {
    /// The tokenizer names an unknown token that its vocabulary lacks.
    case absent([UInt8])
    /// The tokenizer names none (`unk_id` is null).
    case unnamed

    public var description: String {
        switch self {
        case .absent(let name):
            "the unknown token \"\(String(decoding: name, as: UTF8.self))\" is not in the vocabulary; add it to the "
                + "model's \"vocab\", or name another as \"unk_token\""
        case .unnamed: "the tokenizer has no unknown token; name one as the model's \"unk_id\""
        }
    }
}
