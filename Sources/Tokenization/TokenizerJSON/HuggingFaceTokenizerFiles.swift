import ApusModelFiles

extension GGUFTokenizerExport {
    /// The way back: `tokenizer.json` and `tokenizer_config.json` for the tokenizer of a GGUF file of the kinds `gpt2`,
    /// `llama` and `t5`, as transformers reads them.
    ///
    /// - Throws: ``TokenizerFileError`` for other kinds and for tokens that are not UTF-8, and `GGUFError`.
    public static func huggingFaceFiles(_ metadata: GGUFMetadata) throws -> [(name: String, contents: String)] {
        let vocabulary = try GGUFVocabulary(metadata)
        let kind = try metadata.requireString("tokenizer.ggml.model")
        var tokenizer: JSON.Object = [
            "version": "1.0", "truncation": .null, "padding": .null, "added_tokens": .array(vocabulary.addedTokens),
        ]
        switch kind {
        case "gpt2": try vocabulary.fillByteLevel(&tokenizer)
        case "llama": try vocabulary.fillSentencePiece(&tokenizer)
        case "t5": try vocabulary.fillUnigram(&tokenizer)
        default:
            throw TokenizerFileError(
                file: metadata.file, path: "tokenizer.ggml.model",
                "a tokenizer of the kind '\(kind)' has no form as tokenizer.json here; 'gpt2', 'llama' and 't5' have")
        }
        return [
            ("tokenizer.json", JSON.object(tokenizer).serialized(pretty: true) + "\n"),
            ("tokenizer_config.json", JSON.object(vocabulary.config).serialized(pretty: true) + "\n"),
        ]
    }
}

/// The tokens of a GGUF file as text.
private struct GGUFVocabulary {
    let metadata: GGUFMetadata
    let tokens: [String]
    let types: [Int]
    /// The tokenizer as Apus uses it: what the keys say, and what follows from names of tokens.
    let tokenizer: Tokenizer

    init(_ metadata: GGUFMetadata) throws {
        self.metadata = metadata
        tokenizer = try Tokenizer(gguf: metadata)
        tokens = try metadata.requireStrings("tokenizer.ggml.tokens").enumerated().map { index, bytes in
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw TokenizerFileError(
                    file: metadata.file, path: "tokenizer.ggml.tokens[\(index)]", "the token is not UTF-8")
            }
            return text
        }
        let types = try metadata.integers("tokenizer.ggml.token_type") ?? []
        self.types = types.count == tokens.count ? types : [Int](repeating: 1, count: tokens.count)
    }

    /// Control and user-defined tokens, which are found in text before the vocabulary cuts it.
    var addedTokens: [JSON] {
        tokenizer.addedTokens.sorted { $0.id < $1.id }.map { token in
            [
                "id": .integer(Int(token.id)), "content": .string(tokens[Int(token.id)]), "single_word": false,
                "lstrip": .bool(token.stripsLeft), "rstrip": .bool(token.stripsRight), "normalized": false,
                "special": .bool(token.special),
            ]
        }
    }

    private func token(_ id: TokenID?) -> String? {
        id.flatMap { tokens.indices.contains(Int($0)) ? tokens[Int($0)] : nil }
    }

    /// What is put around a text; null for nothing.
    private var ends: JSON {
        let special = tokenizer.special
        let first = special.addsBOS ? special.bos : nil
        let last = special.addsEOS ? special.eos : nil
        guard first != nil || last != nil else { return .null }
        func slot(_ id: TokenID?) -> [JSON] {
            token(id).map { [["SpecialToken": ["id": .string($0), "type_id": 0]]] } ?? []
        }
        func sequence(_ name: JSON) -> [JSON] { [["Sequence": ["id": name, "type_id": 0]]] }
        let single = slot(first) + sequence("A") + slot(last)
        var named = JSON.Object()
        for id in [first, last] {
            guard let id, let text = token(id) else { continue }
            named[text] = ["id": .string(text), "ids": [.integer(Int(id))], "tokens": [.string(text)]]
        }
        return [
            "type": "TemplateProcessing", "single": .array(single),
            "pair": .array(single + slot(first) + sequence("B") + slot(last)), "special_tokens": .object(named),
        ]
    }

    // MARK: Kinds

    /// Byte-level BPE: the words are cut by the expressions of the file's `pre` kind.
    func fillByteLevel(_ json: inout JSON.Object) throws {
        let name = try metadata.string("tokenizer.ggml.pre") ?? "default"
        guard let pre = GGUFPreTokenizer.named(name), !pre.patterns.contains(GGUFPreTokenizer.digitGroups),
            !pre.escapesSpaces
        else {
            throw TokenizerFileError(
                file: metadata.file, path: "tokenizer.ggml.pre",
                "words cut by the rules of '\(name)' have no form as tokenizer.json here")
        }
        let splits = pre.patterns.map { pattern -> JSON in
            ["type": "Split", "pattern": ["Regex": .string(pattern)], "behavior": "Isolated", "invert": false]
        }
        func bytes(_ cuts: Bool) -> JSON {
            ["type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": .bool(cuts)]
        }
        json["normalizer"] = .null
        json["pre_tokenizer"] =
            name == "gpt-2"
            ? bytes(true) : ["type": "Sequence", "pretokenizers": .array(splits + [bytes(false)])]
        json["post_processor"] = ends
        json["decoder"] = ["type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true]
        let merges = try metadata.requireStrings("tokenizer.ggml.merges").map { bytes -> JSON in
            .string(String(decoding: bytes, as: UTF8.self))
        }
        json["model"] = bpe(merges: merges, byteFallback: false, ignoresMerges: pre.ignoresMerges, unknown: nil)
    }

    /// SentencePiece's BPE: the pair whose token has the best score is merged first.
    func fillSentencePiece(_ json: inout JSON.Object) throws {
        let prefix = try metadata.bool("tokenizer.ggml.add_space_prefix") ?? true
        let replace: JSON = ["type": "Replace", "pattern": ["String": " "], "content": "▁"]
        json["normalizer"] =
            prefix
            ? ["type": "Sequence", "normalizers": [["type": "Prepend", "prepend": "▁"], replace]] : replace
        json["pre_tokenizer"] = .null
        json["post_processor"] = ends
        json["decoder"] = spacesAndBytes(dropsFirst: prefix)
        json["model"] = bpe(
            merges: merges(try scores()), byteFallback: true, ignoresMerges: false, unknown: token(tokenizer.unk))
    }

    /// SentencePiece's unigram: pieces with their logarithmic probabilities.
    func fillUnigram(_ json: inout JSON.Object) throws {
        let prefix = try metadata.bool("tokenizer.ggml.add_space_prefix") ?? false
        let merges = try metadata.bool("tokenizer.ggml.remove_extra_whitespaces") ?? false
        var normalizers: [JSON] = []
        if let map = try metadata.integers("tokenizer.ggml.precompiled_charsmap"), !map.isEmpty {
            let bytes = map.map { UInt8(truncatingIfNeeded: $0) }
            normalizers.append(["type": "Precompiled", "precompiled_charsmap": .string(Base64.encode(bytes))])
        }
        if merges {
            normalizers.append(["type": "Strip", "strip_left": false, "strip_right": true])
            normalizers.append(["type": "Replace", "pattern": ["Regex": " {2,}"], "content": "▁"])
            let metaspace: JSON = [
                "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true,
            ]
            json["pre_tokenizer"] = metaspace
            json["decoder"] = types.contains(6) ? spacesAndBytes(dropsFirst: true) : metaspace
        } else {
            // Where spaces are kept, a text that begins with one gets another.
            if prefix { normalizers.append(["type": "Prepend", "prepend": "▁"]) }
            normalizers.append(["type": "Replace", "pattern": ["String": " "], "content": "▁"])
            json["pre_tokenizer"] = .null
            json["decoder"] = spacesAndBytes(dropsFirst: prefix)
        }
        json["normalizer"] = ["type": "Sequence", "normalizers": .array(normalizers)]
        json["post_processor"] = ends
        let scores = try scores()
        json["model"] = [
            "type": "Unigram", "unk_id": tokenizer.unk.map { .integer(Int($0)) } ?? .null,
            "vocab": .array(zip(tokens, scores).map { [.string($0), .number(Double($1))] }),
            "byte_fallback": .bool(types.contains(6)),
        ]
    }

    /// "▁" becomes a space and `<0x41>` a byte, and the space that was put before the text goes.
    private func spacesAndBytes(dropsFirst: Bool) -> JSON {
        var decoders: [JSON] = [
            ["type": "Replace", "pattern": ["String": "▁"], "content": " "], ["type": "ByteFallback"], ["type": "Fuse"],
        ]
        if dropsFirst { decoders.append(["type": "Strip", "content": " ", "start": 1, "stop": 0]) }
        return ["type": "Sequence", "decoders": .array(decoders)]
    }

    private func scores() throws -> [Float] {
        let scores = try metadata.requireFloats("tokenizer.ggml.scores")
        guard scores.count == tokens.count else {
            throw TokenizerFileError(
                file: metadata.file, path: "tokenizer.ggml.scores",
                "there are \(scores.count) scores for \(tokens.count) tokens")
        }
        return scores
    }

    // MARK: BPE

    /// Every way to make a token of two others, those of the best tokens first.
    private func merges(_ scores: [Float]) -> [JSON] {
        var ids: [[UInt8]: Int] = [:]
        // Normal tokens, and user-defined ones, which text can also grow into.
        let isMade = types.map { $0 == 1 || $0 == 4 }
        for (id, token) in tokens.enumerated() where isMade[id] { ids[Array(token.utf8)] = id }
        let order = tokens.indices.filter { isMade[$0] }.sorted {
            scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1
        }
        return order.flatMap { id -> [JSON] in
            let scalars = Array(tokens[id].unicodeScalars)
            guard scalars.count > 1 else { return [] }
            let pairs = (1..<scalars.count).compactMap { cut -> (left: Int, right: Int)? in
                guard let left = ids[utf8(scalars[..<cut])], let right = ids[utf8(scalars[cut...])] else { return nil }
                return (left, right)
            }
            return pairs.sorted { ($0.left, $0.right) < ($1.left, $1.right) }.map {
                .array([.string(tokens[$0.left]), .string(tokens[$0.right])])
            }
        }
    }

    private func utf8(_ scalars: ArraySlice<UnicodeScalar>) -> [UInt8] {
        scalars.flatMap { Array(String($0).utf8) }
    }

    private func bpe(merges: [JSON], byteFallback: Bool, ignoresMerges: Bool, unknown: String?) -> JSON {
        [
            "type": "BPE", "dropout": .null, "unk_token": unknown.map { JSON.string($0) } ?? .null,
            "continuing_subword_prefix": .null, "end_of_word_suffix": .null, "fuse_unk": .bool(byteFallback),
            "byte_fallback": .bool(byteFallback), "ignore_merges": .bool(ignoresMerges),
            "vocab": .object(JSON.Object(tokens.enumerated().map { ($1, .integer($0)) })), "merges": .array(merges),
        ]
    }

    /// `tokenizer_config.json`.
    var config: JSON.Object {
        var config: JSON.Object = ["tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": false]
        let special = tokenizer.special
        for (key, id) in [
            ("bos_token", special.bos), ("eos_token", special.eos), ("unk_token", special.unk),
            ("pad_token", special.pad),
        ] {
            if let text = token(id) { config[key] = .string(text) }
        }
        if special.bos != nil { config["add_bos_token"] = .bool(special.addsBOS) }
        if special.eos != nil { config["add_eos_token"] = .bool(special.addsEOS) }
        return config
    }
}
