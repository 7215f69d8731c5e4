import ApusModelFiles

/// Makes the steps of a tokenizer from their descriptions in `tokenizer.json`.
enum TokenizerJSONParts {
    /// Steps within steps; the package nests them once or twice.
    private static let deepest = 32

    static func type(_ node: JSONNode) throws(TokenizerFileError) -> String { try node.required("type").string() }

    static func unknown(_ type: String, _ what: String, _ node: JSONNode) -> TokenizerFileError {
        TokenizerFileError(path: node.path, "\"\(type)\" is no \(what) that is known here")
    }

    private static func guardDepth(_ depth: Int, _ node: JSONNode) throws(TokenizerFileError) {
        if depth > deepest { throw node.error("more than \(deepest) steps within each other") }
    }

    private static func pattern(_ node: JSONNode) throws(TokenizerFileError) -> TokenPattern {
        if let text = try node.optional("String") { return .text(try text.bytes()) }
        if let regex = try node.optional("Regex") { return .regex(try compiled(try regex.string(), regex)) }
        throw node.error("must be {\"String\": …} or {\"Regex\": …}")
    }

    static func compiled(_ pattern: String, _ node: JSONNode) throws(TokenizerFileError) -> TokenizerRegex {
        do {
            return try TokenizerRegex(pattern, dialect: .oniguruma)
        } catch {
            throw node.error("the pattern \(pattern) cannot be used: \(error)")
        }
    }

    // MARK: Normalisers

    static func normalizer(_ node: JSONNode, depth: Int = 0) throws(TokenizerFileError) -> JSONNormalizer {
        try guardDepth(depth, node)
        let type = try type(node)
        switch type {
        case "Sequence":
            var steps: [JSONNormalizer] = []
            for step in try node.required("normalizers").elements() {
                steps.append(try normalizer(step, depth: depth + 1))
            }
            return .sequence(steps)
        case "BertNormalizer", "Bert":
            let lowercase = try node.required("lowercase").bool()
            return .bert(
                JSONNormalizer.BertSteps(
                    cleanText: try node.required("clean_text").bool(),
                    handleChineseCharacters: try node.required("handle_chinese_chars").bool(),
                    stripAccents: try node.optional("strip_accents")?.bool() ?? lowercase, lowercase: lowercase))
        case "Strip":
            return .strip(left: try node.required("strip_left").bool(), right: try node.required("strip_right").bool())
        case "StripAccents": return .stripAccents
        case "NFC": return .form(.nfc)
        case "NFD": return .form(.nfd)
        case "NFKC": return .form(.nfkc)
        case "NFKD": return .form(.nfkd)
        case "Lowercase": return .lowercase
        case "Nmt": return .nmt
        case "Precompiled":
            // transformers writes null where the model has no map.
            guard let map = try node.optional("precompiled_charsmap") else { return .sequence([]) }
            let text = try map.string()
            guard let bytes = Base64.decode(text.utf8) else { throw map.error("is not base64") }
            do {
                return bytes.isEmpty ? .sequence([]) : .precompiled(try PrecompiledMap(bytes))
            } catch {
                throw map.error(error.description)
            }
        case "Replace":
            let content = try node.required("content").bytes()
            return .replace(try pattern(try node.required("pattern")), content)
        case "Prepend": return .prepend(try node.required("prepend").bytes())
        case "ByteLevel": return .byteLevel
        default: throw unknown(type, "normaliser", node)
        }
    }

    // MARK: Pre-tokenisers

    static func preTokenizer(_ node: JSONNode, depth: Int = 0) throws(TokenizerFileError) -> JSONPreTokenizer {
        try guardDepth(depth, node)
        let type = try type(node)
        switch type {
        case "Sequence":
            var steps: [JSONPreTokenizer] = []
            for step in try node.required("pretokenizers").elements() {
                steps.append(try preTokenizer(step, depth: depth + 1))
            }
            return .sequence(steps)
        case "BertPreTokenizer": return .bert
        case "ByteLevel":
            let useRegex = try node.bool("use_regex", default: true)
            return .byteLevel(
                addPrefixSpace: try node.required("add_prefix_space").bool(),
                pattern: useRegex ? try compiled(gpt2Pattern, node) : nil)
        case "CharDelimiterSplit": return .delimiter(try node.required("delimiter").character())
        case "Metaspace":
            let (replacement, prepend) = try metaspace(node)
            return .metaspace(replacement: replacement, prepend: prepend, split: try node.bool("split", default: true))
        case "Whitespace": return .whitespace
        case "WhitespaceSplit": return .whitespaceSplit
        case "Split":
            let behavior = try behavior(try node.required("behavior"))
            let invert = try node.required("invert").bool()
            return .split(try pattern(try node.required("pattern")), behavior, invert: invert)
        case "Punctuation": return .punctuation(try node.optional("behavior").map(behavior) ?? .isolated)
        case "Digits": return .digits(individual: try node.required("individual_digits").bool())
        case "UnicodeScripts": return .scripts
        case "FixedLength":
            let length = try node.optional("length")?.count() ?? 5
            guard length > 0 else { throw node.error("\"length\" must be above 0") }
            return .fixedLength(length)
        default: throw unknown(type, "pre-tokeniser", node)
        }
    }

    /// The pattern of GPT-2, which `ByteLevel` has built in.
    static let gpt2Pattern = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    private static func behavior(_ node: JSONNode) throws(TokenizerFileError) -> JSONPreTokenizer.Behavior {
        let name = try node.string()
        guard let behavior = JSONPreTokenizer.Behavior(rawValue: name) else {
            throw unknown(name, "behaviour of a split", node)
        }
        return behavior
    }

    private static func metaspace(
        _ node: JSONNode
    ) throws(TokenizerFileError) -> (replacement: [UInt8], prepend: JSONPreTokenizer.Prepend) {
        var replacement: [UInt8] = []
        replacement.append(character: try node.required("replacement").character())
        var prepend = JSONPreTokenizer.Prepend.always
        if let scheme = try node.optional("prepend_scheme") {
            let name = try scheme.string()
            guard let known = JSONPreTokenizer.Prepend(rawValue: name) else {
                throw unknown(name, "prepend scheme", scheme)
            }
            prepend = known
        }
        if let legacy = try node.optional("add_prefix_space"), try legacy.bool() == false {
            // The package refuses a file whose two settings differ; older files have only this one.
            if try node.optional("prepend_scheme") != nil, prepend != .never {
                throw legacy.error("does not match prepend_scheme")
            }
            prepend = .never
        }
        return (replacement, prepend)
    }

    // MARK: Decoders

    static func decoder(_ node: JSONNode, depth: Int = 0) throws(TokenizerFileError) -> JSONDecoder {
        try guardDepth(depth, node)
        let type = try type(node)
        switch type {
        case "Sequence":
            var steps: [JSONDecoder] = []
            for step in try node.required("decoders").elements() { steps.append(try decoder(step, depth: depth + 1)) }
            return .sequence(steps)
        case "BPEDecoder": return .bpe(suffix: try node.required("suffix").bytes())
        case "ByteLevel": return .byteLevel
        case "WordPiece":
            return .wordPiece(
                prefix: try node.required("prefix").bytes(), cleanup: try node.required("cleanup").bool())
        case "Metaspace":
            let (replacement, prepend) = try metaspace(node)
            return .metaspace(replacement: replacement, dropsFirst: prepend != .never)
        case "CTC":
            return .ctc(
                padding: try node.required("pad_token").bytes(),
                delimiter: try node.required("word_delimiter_token").bytes(),
                cleanup: try node.required("cleanup").bool())
        case "Replace":
            let content = try node.required("content").bytes()
            return .replace(try pattern(try node.required("pattern")), content)
        case "Fuse": return .fuse
        case "Strip":
            var content: [UInt8] = []
            content.append(character: try node.required("content").character())
            return .strip(
                content: content, start: try node.required("start").count(), stop: try node.required("stop").count())
        case "ByteFallback": return .byteFallback
        default: throw unknown(type, "decoder", node)
        }
    }

    // MARK: Post-processors

    static func postProcessor(
        _ node: JSONNode, model: any TokenModel, added: [AddedToken] = [], depth: Int = 0
    ) throws(TokenizerFileError) -> JSONPostProcessor.Kind {
        try guardDepth(depth, node)
        let type = try type(node)
        func special(_ key: String) throws(TokenizerFileError) -> TokenID {
            let pair = try node.required(key)
            let parts = try pair.elements()
            guard parts.count == 2 else { throw pair.error("must be a token and its id") }
            _ = try parts[0].string()
            return try parts[1].id()
        }
        func trimming() throws(TokenizerFileError) -> JSONPostProcessor.Trimming? {
            guard try node.required("trim_offsets").bool() else { return nil }
            return JSONPostProcessor.Trimming(
                addPrefixSpace: try node.required("add_prefix_space").bool(), model: model,
                added: Dictionary(added.map { ($0.id, $0.content) }) { $1 })
        }
        switch type {
        case "Sequence":
            var steps: [JSONPostProcessor.Kind] = []
            for step in try node.required("processors").elements() {
                steps.append(try postProcessor(step, model: model, added: added, depth: depth + 1))
            }
            return .sequence(steps)
        case "BertProcessing": return .bert(separator: try special("sep"), classifier: try special("cls"))
        case "RobertaProcessing":
            return .roberta(separator: try special("sep"), classifier: try special("cls"), trim: try trimming())
        case "ByteLevel": return .byteLevel(trim: try trimming())
        case "TemplateProcessing":
            let tokens = try node.optional("special_tokens")
            return .template(
                single: try template(try node.required("single"), tokens, isPair: false),
                pair: try template(try node.required("pair"), tokens, isPair: true))
        default: throw unknown(type, "post-processor", node)
        }
    }

    private static func template(
        _ node: JSONNode, _ tokens: JSONNode?, isPair: Bool
    ) throws(TokenizerFileError) -> [JSONPostProcessor.Slot] {
        var slots: [JSONPostProcessor.Slot] = []
        for element in try node.elements() {
            if let sequence = try element.optional("Sequence") {
                let id = try sequence.required("id").string()
                guard id == "A" || id == "B" else { throw sequence.error("\"\(id)\" is neither A nor B") }
                guard id == "A" || isPair else { throw sequence.error("a single text has no sequence B") }
                slots.append(id == "A" ? .first : .second)
            } else if let special = try element.optional("SpecialToken") {
                let id = try special.required("id")
                let name = try id.string()
                guard let token = try tokens?.optional(name) else {
                    throw id.error("\"\(name)\" is not among the special_tokens")
                }
                var ids: [TokenID] = []
                for number in try token.required("ids").elements() { ids.append(try number.id()) }
                slots.append(.special(ids))
            } else {
                throw element.error("must be a Sequence or a SpecialToken")
            }
        }
        return slots
    }
}
