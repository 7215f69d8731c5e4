import ApusModelFiles

/// Reads `tokenizer.json`, the file of the tokenizers package: a model, the steps before and after it, and added tokens.
public enum TokenizerJSON {
    /// What a tokenizer is made of, from the text of a `tokenizer.json`.
    ///
    /// Sections `truncation` and `padding` are for callers of a model and have no part in it.
    public static func parts(parsing bytes: UnsafeBufferPointer<UInt8>) throws -> Tokenizer.Parts {
        try parts(JSON(parsing: UnsafeRawBufferPointer(bytes)))
    }

    public static func parts(_ json: JSON) throws(TokenizerFileError) -> Tokenizer.Parts {
        let root = JSONNode(json)
        if let version = try root.optional("version"), try version.string() != "1.0" {
            throw version.error("only version 1.0 is known")
        }
        var preTokenizer = try root.optional("pre_tokenizer").map { node throws(TokenizerFileError) in
            try TokenizerJSONParts.preTokenizer(node)
        }
        let modelNode = try root.required("model")
        let splitter = preTokenizer.flatMap(ByteLevelSplitter.init)
        let model = try TokenizerJSONModels.model(modelNode, isByteLevel: splitter != nil)
        var parts = Tokenizer.Parts(model: model.model)
        if let splitter, model.takesBytes {
            parts.preTokenizer = splitter.preTokenizer
            preTokenizer = nil
        } else {
            parts.preTokenizer = preTokenizer
        }
        if let node = try root.optional("normalizer") { parts.normalizer = try TokenizerJSONParts.normalizer(node) }
        if let node = try root.optional("added_tokens") {
            parts.addedTokens = try addedTokens(node, model.model, count: model.count)
        }
        if let node = try root.optional("post_processor") {
            parts.postProcessor = JSONPostProcessor(
                kind: try TokenizerJSONParts.postProcessor(node, model: model.model, added: parts.addedTokens))
        }
        if let node = try root.optional("decoder") {
            let decoder = try TokenizerJSONParts.decoder(node)
            parts.decoder = decoder
            if case .byteLevel = decoder { parts.pieceTable = pieceTable(parts, highest: model.highestID) }
        }
        parts.special.unk = model.unknown
        parts.kind = "tokenizer.json, \(model.name)"
        return parts
    }

    /// Added tokens get the ids that the package gives them: the model's own where it has the token, otherwise the next
    /// free one, whatever the file says.
    private static func addedTokens(
        _ node: JSONNode, _ model: any TokenModel, count: Int
    ) throws(TokenizerFileError) -> [AddedToken] {
        var tokens: [AddedToken] = []
        var places: [[UInt8]: Int] = [:]
        var byID: [TokenID: Int] = [:]
        var next = TokenID(truncatingIfNeeded: count)
        for element in try node.elements() {
            _ = try element.required("id").id()
            let content = try element.required("content").bytes()
            guard !content.isEmpty else { continue }
            var token = AddedToken(
                id: 0, content: content, singleWord: try element.bool("single_word", default: false),
                stripsLeft: try element.bool("lstrip", default: false),
                stripsRight: try element.bool("rstrip", default: false),
                normalized: try element.bool("normalized", default: true),
                special: try element.bool("special", default: false))
            if let place = places[content] {
                token.id = tokens[place].id
                tokens[place] = token
                continue
            }
            if let id = model.id(of: content) {
                token.id = id
            } else {
                token.id = next
                next += 1
            }
            // Of two tokens with one id the later is the one that counts.
            if let place = byID[token.id] {
                tokens[place] = token
                places[content] = place
            } else {
                byID[token.id] = tokens.count
                places[content] = tokens.count
                tokens.append(token)
            }
        }
        return tokens
    }

    /// What each token stands for, where the decoder is `ByteLevel`: nothing depends on a token's neighbours there.
    private static func pieceTable(_ parts: Tokenizer.Parts, highest: TokenID) -> PieceTable? {
        let top = parts.addedTokens.reduce(highest) { max($0, $1.id) }
        guard top < 1 << 22 else { return nil }
        var added: [TokenID: AddedToken] = [:]
        for token in parts.addedTokens { added[token.id] = token }
        var table = PieceTable()
        for id in 0...max(0, top) {
            let token = added[id]
            var spelling = token?.content ?? parts.model.spelling(of: id) ?? []
            if let token, token.normalized, let normalizer = parts.normalizer {
                var text = AlignedText(bytes: spelling)
                normalizer.normalize(&text)
                spelling = text.bytes
            }
            table.append(ByteAlphabet.bytes(of: spelling) ?? spelling, special: token?.special ?? false)
        }
        return table
    }
}

/// The pre-tokenisers of byte-level vocabularies, as one pass over the bytes of a text: patterns that isolate what they
/// find, and `ByteLevel` last.
struct ByteLevelSplitter {
    let preTokenizer: any PreTokenizer

    init?(_ steps: JSONPreTokenizer) {
        var regexes: [TokenizerRegex] = []
        var list = [steps]
        if case .sequence(let several) = steps { list = several }
        guard case .byteLevel(let addPrefixSpace, let pattern)? = list.popLast() else { return nil }
        for step in list {
            guard case .split(.regex(let regex), .isolated, invert: false) = step else { return nil }
            regexes.append(regex)
        }
        // A space that is put before each word can only be put before the text if that is the only word.
        guard !addPrefixSpace || regexes.isEmpty else { return nil }
        if let pattern { regexes.append(pattern) }
        let splitter = RegexSplitter(regexes)
        preTokenizer = addPrefixSpace ? PrefixSpaceSplitter(splitter: splitter) : splitter
    }
}

/// Puts a space before a text that does not begin with one, then cuts it.
struct PrefixSpaceSplitter: PreTokenizer {
    let splitter: RegexSplitter

    func split(_ words: [AlignedText]) -> [AlignedText] {
        splitter.split(
            words.map { word in
                guard word.bytes.first != 0x20 else { return word }
                var word = word
                word.prepend([0x20])
                return word
            })
    }
}

extension Tokenizer {
    /// The tokenizer of a `tokenizer.json`.
    /// - Throws: `JSONError`, `TokenizerFileError`.
    public convenience init(tokenizerJSON bytes: [UInt8]) throws {
        self.init(try bytes.withUnsafeBufferPointer { try TokenizerJSON.parts(parsing: $0) })
    }
}
