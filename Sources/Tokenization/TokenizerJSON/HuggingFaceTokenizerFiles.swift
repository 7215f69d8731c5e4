import ApusModelFiles

extension GGUFTokenizerExport {
    /// The way back: `tokenizer.json` and `tokenizer_config.json` for the tokenizer of a GGUF file of the kinds `gpt2` and
    /// `llama`, as transformers reads them.
    ///
    /// - Throws: ``TokenizerFileError`` for other kinds and for tokens that are not UTF-8, and `GGUFError`.
    public static func huggingFaceFiles(_ metadata: GGUFMetadata) throws -> [(name: String, contents: String)] {
        let vocabulary = try GGUFVocabulary(metadata)
        let kind = try metadata.requireString("tokenizer.ggml.model")
        var tokenizer: JSON.Object = [
            "version": "1.0", "truncation": nil, "padding": nil, "added_tokens": .array(vocabulary.addedTokens),
        ]
        switch kind {
        case "gpt2": try vocabulary.fillByteLevel(&tokenizer, metadata)
        case "llama": try vocabulary.fillSentencePiece(&tokenizer, metadata)
        default:
            throw TokenizerFileError(
                file: metadata.file, path: "tokenizer.ggml.model",
                "a tokenizer of the kind '\(kind)' has no form as tokenizer.json here; 'gpt2' and 'llama' have")
        }
        return [
            ("tokenizer.json", JSON.object(tokenizer).serialized(pretty: true) + "\n"),
            ("tokenizer_config.json", JSON.object(try vocabulary.config(metadata)).serialized(pretty: true) + "\n"),
        ]
    }
}

/// The tokens of a GGUF file as text.
private struct GGUFVocabulary {
    let tokens: [String]
    let types: [Int]

    init(_ metadata: GGUFMetadata) throws {
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
        tokens.indices.filter { types[$0] == 3 || types[$0] == 4 || types[$0] == 2 }.map { id in
            [
                "id": .integer(id), "content": .string(tokens[id]), "single_word": false, "lstrip": false,
                "rstrip": false,
                "normalized": false, "special": .bool(types[id] != 4),
            ]
        }
    }

    private var vocabulary: JSON { .object(JSON.Object(tokens.enumerated().map { ($1, .integer($0)) })) }

    private func beginning(_ metadata: GGUFMetadata, otherwise: Bool) throws -> JSON {
        guard try metadata.bool("tokenizer.ggml.add_bos_token") ?? otherwise,
            let id = try metadata.integer("tokenizer.ggml.bos_token_id"), tokens.indices.contains(id)
        else { return nil }
        let token = JSON.string(tokens[id])
        let sequenceA: JSON = ["Sequence": ["id": "A", "type_id": 0]]
        let sequenceB: JSON = ["Sequence": ["id": "B", "type_id": 0]]
        let special: JSON = ["SpecialToken": ["id": token, "type_id": 0]]
        return [
            "type": "TemplateProcessing", "single": [special, sequenceA],
            "pair": [special, sequenceA, special, sequenceB],
            "special_tokens": .object([
                tokens[id]: ["id": token, "ids": [.integer(id)], "tokens": [token]]
            ]),
        ]
    }

    /// Byte-level BPE: the words are cut by the expressions of the file's `pre` kind.
    func fillByteLevel(_ tokenizer: inout JSON.Object, _ metadata: GGUFMetadata) throws {
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
        let bytes: JSON = ["type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false]
        let isGPT2 = name == "gpt-2"
        tokenizer["normalizer"] = JSON.null
        tokenizer["pre_tokenizer"] =
            isGPT2
            ? ["type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true]
            : ["type": "Sequence", "pretokenizers": .array(splits + [bytes])]
        tokenizer["post_processor"] = try beginning(metadata, otherwise: pre.addsBOS)
        tokenizer["decoder"] = ["type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true]
        let merges = try metadata.requireStrings("tokenizer.ggml.merges").map { bytes -> JSON in
            .string(String(decoding: bytes, as: UTF8.self))
        }
        tokenizer["model"] = model(merges: merges, byteFallback: false, ignoresMerges: pre.ignoresMerges, unknown: nil)
    }

    /// SentencePiece's BPE: the pair whose token has the best score is merged first.
    func fillSentencePiece(_ tokenizer: inout JSON.Object, _ metadata: GGUFMetadata) throws {
        let prefix = try metadata.bool("tokenizer.ggml.add_space_prefix") ?? true
        let replace: JSON = ["type": "Replace", "pattern": ["String": " "], "content": "▁"]
        tokenizer["normalizer"] =
            prefix
            ? ["type": "Sequence", "normalizers": [["type": "Prepend", "prepend": "▁"], replace]] : replace
        tokenizer["pre_tokenizer"] = JSON.null
        tokenizer["post_processor"] = try beginning(metadata, otherwise: true)
        var decoders: [JSON] = [
            ["type": "Replace", "pattern": ["String": "▁"], "content": " "], ["type": "ByteFallback"], ["type": "Fuse"],
        ]
        if prefix { decoders.append(["type": "Strip", "content": " ", "start": 1, "stop": 0]) }
        tokenizer["decoder"] = ["type": "Sequence", "decoders": .array(decoders)]
        let scores = try metadata.requireFloats("tokenizer.ggml.scores")
        guard scores.count == tokens.count else {
            throw TokenizerFileError(
                file: metadata.file, path: "tokenizer.ggml.scores",
                "there are \(scores.count) scores for \(tokens.count) tokens")
        }
        let unknown = try metadata.integer("tokenizer.ggml.unknown_token_id").flatMap {
            tokens.indices.contains($0) ? tokens[$0] : nil
        }
        tokenizer["model"] = model(merges: merges(scores), byteFallback: true, ignoresMerges: false, unknown: unknown)
    }

    /// Every way to make a token of two others, those of the best tokens first.
    private func merges(_ scores: [Float]) -> [JSON] {
        var ids: [[UInt8]: Int] = [:]
        for (id, token) in tokens.enumerated() where types[id] == 1 { ids[Array(token.utf8)] = id }
        let order = tokens.indices.filter { types[$0] == 1 }.sorted {
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

    private func model(merges: [JSON], byteFallback: Bool, ignoresMerges: Bool, unknown: String?) -> JSON {
        [
            "type": "BPE", "dropout": nil, "unk_token": unknown.map { JSON.string($0) } ?? JSON.null,
            "continuing_subword_prefix": nil, "end_of_word_suffix": nil, "fuse_unk": .bool(byteFallback),
            "byte_fallback": .bool(byteFallback), "ignore_merges": .bool(ignoresMerges), "vocab": vocabulary,
            "merges": .array(merges),
        ]
    }

    func config(_ metadata: GGUFMetadata) throws -> JSON.Object {
        var config: JSON.Object = ["tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": false]
        for (key, name) in [
            ("bos_token", "bos"), ("eos_token", "eos"), ("unk_token", "unknown"), ("pad_token", "padding"),
        ] {
            if let id = try metadata.integer("tokenizer.ggml.\(name)_token_id"), tokens.indices.contains(id) {
                config[key] = .string(tokens[id])
            }
        }
        if let adds = try metadata.bool("tokenizer.ggml.add_bos_token") { config["add_bos_token"] = .bool(adds) }
        if let adds = try metadata.bool("tokenizer.ggml.add_eos_token") { config["add_eos_token"] = .bool(adds) }
        return config
    }
}
