/// What a token of a GGUF vocabulary is (`tokenizer.ggml.token_type`).
enum GGUFTokenType: Int, Sendable {
    case undefined = 0
    case normal = 1
    case unknown = 2
    case control = 3
    case userDefined = 4
    case unused = 5
    case byte = 6
}

/// The tokens of a GGUF vocabulary with their types as llama.cpp changes them, and the special ones found by name.
struct GGUFTokenTypes {
    var types: [GGUFTokenType]
    /// Control tokens by name or by type: found in text only when special tokens are parsed.
    private(set) var isControl: [Bool]
    private(set) var special: SpecialTokens

    private static let endOfTurn = [
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>", "<EOT>", "_<EOT>",
        "[EOT]", "<｜end▁of▁sentence｜>", "<end_of_utterance>",
    ]
    private static let endOfMessage = ["<|eom_id|>"]
    private static let fimPrefix = [
        "<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>", "<|code_prefix|>",
        "<|prefix|>",
    ]
    private static let fimSuffix = [
        "<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>", "<|code_suffix|>",
        "<|suffix|>",
    ]
    private static let fimMiddle = [
        "<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>", "<|code_middle|>",
        "<|middle|>",
    ]
    private static let fimPad = ["<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"]
    private static let fimRepository = ["<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"]
    private static let fimSeparator = ["<|file_sep|>"]
    /// Tokens at which generation ends, whatever the file says.
    static let ends = [
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>", "<end_of_turn>",
        "<|endoftext|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>",
        "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>", "<｜end▁of▁sentence｜>", "[e~[",
    ]
    /// gpt-oss's markers, which are text to its readers.
    private static let alwaysFound = ["<|channel|>", "<|message|>", "<|start|>", "<|constrain|>"]

    /// - Parameter special: what the file's keys say.
    init(_ types: [GGUFTokenType], _ vocabulary: Vocabulary, special: SpecialTokens) {
        self.types = types
        self.special = special
        isControl = types.map { $0 == .control || $0 == .unknown }
        func id(_ name: String) -> TokenID? { vocabulary.id(of: name.utf8) }
        func found(_ known: TokenID?, _ names: [String]) -> TokenID? {
            if let known { return known }
            // Where a vocabulary has several, llama.cpp takes any; here the first of the list.
            guard let id = names.lazy.compactMap({ id($0) }).first else { return nil }
            isControl[Int(id)] = true
            return id
        }
        self.special.eot = found(special.eot, GGUFTokenTypes.endOfTurn)
        self.special.eom = found(special.eom, GGUFTokenTypes.endOfMessage)
        self.special.fimPrefix = found(special.fimPrefix, GGUFTokenTypes.fimPrefix)
        self.special.fimSuffix = found(special.fimSuffix, GGUFTokenTypes.fimSuffix)
        self.special.fimMiddle = found(special.fimMiddle, GGUFTokenTypes.fimMiddle)
        self.special.fimPad = found(special.fimPad, GGUFTokenTypes.fimPad)
        self.special.fimRepository = found(special.fimRepository, GGUFTokenTypes.fimRepository)
        self.special.fimSeparator = found(special.fimSeparator, GGUFTokenTypes.fimSeparator)
        var ends = Set<TokenID>()
        for token in [self.special.fimPad, self.special.fimRepository, self.special.fimSeparator] {
            if let token { ends.insert(token) }
        }
        for name in GGUFTokenTypes.ends {
            guard let token = id(name) else { continue }
            ends.insert(token)
            isControl[Int(token)] = true
        }
        for name in GGUFTokenTypes.alwaysFound {
            guard let token = id(name) else { continue }
            self.types[Int(token)] = .userDefined
            isControl[Int(token)] = false
        }
        for token in [self.special.eos, self.special.eot, self.special.eom] { if let token { ends.insert(token) } }
        // Harmony's <|end|> ends a message, not the reply; Gemma 4's and PLaMo's </s> is text.
        func ended(_ name: String) -> Bool { id(name).map { ends.contains($0) } ?? false }
        let calls = ended("<|call|>") || ended("<|calls|>")
        if let end = id("<|end|>"), ends.contains(end), calls, ended("<|return|>") || ended("<|flush|>") {
            ends.remove(end)
            self.types[Int(end)] = .userDefined
            isControl[Int(end)] = false
        }
        if ended("<|tool_response>") || ended("<|plamo:eos|>"), let token = id("</s>"), ends.contains(token) {
            ends.remove(token)
            self.types[Int(token)] = .normal
            isControl[Int(token)] = false
        }
        self.special.endOfGeneration = ends
    }
}
