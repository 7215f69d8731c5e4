import ApusModelFiles

/// The tokenizer files of a model's folder, as transformers writes them.
public struct TokenizerFolder: Sendable {
    /// How the vocabulary is written.
    public enum Source: Sendable {
        /// `tokenizer.json`, or older files put into its form.
        case json(JSON)
        case sentencePiece(SentencePieceModel)
    }

    public let path: String
    public let source: Source
    /// `tokenizer_config.json`, with what only `special_tokens_map.json` says; an empty object where there is neither.
    public let config: JSON.Object

    /// - Throws: `FileError`, `JSONError`, `TokenizerFileError`, `SentencePieceError`.
    public init(path: String) throws {
        self.path = path
        func file(_ name: String) -> String { path.hasSuffix("/") ? path + name : "\(path)/\(name)" }
        func json(_ name: String) throws -> JSON? {
            guard FileMapping.isFile(file(name)) else { return nil }
            return try FileMapping(path: file(name)).withBytes {
                try JSON(parsing: $0, allowsNonFinite: true, source: file(name))
            }
        }
        var config = try json("tokenizer_config.json")?.objectValue ?? [:]
        for (key, value) in try json("special_tokens_map.json")?.objectValue ?? [:] where config[key] == nil {
            config[key] = value
        }
        self.config = config
        if let tokenizer = try json("tokenizer.json") {
            source = .json(tokenizer)
        } else if let name = ["tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "source.spm"].first(where: {
            FileMapping.isFile(file($0))
        }) {
            source = .sentencePiece(
                try FileMapping(path: file(name)).withBytes {
                    try SentencePieceModel(parsing: $0.bindMemory(to: UInt8.self))
                })
        } else if let vocabulary = try json("vocab.json"), FileMapping.isFile(file("merges.txt")) {
            let merges = try FileMapping(path: file("merges.txt")).withBytes { Array($0) }
            source = .json(OlderFiles.bpe(vocabulary, merges, added: try json("added_tokens.json"), config))
        } else if FileMapping.isFile(file("vocab.txt")) {
            let lines = try FileMapping(path: file("vocab.txt")).withBytes { Array($0) }
            source = .json(OlderFiles.bert(lines, config))
        } else {
            throw TokenizerFileError(
                file: path, path: "",
                "there is no tokenizer.json, tokenizer.model, spiece.model, vocab.json with merges.txt, or vocab.txt")
        }
    }

    /// The text of a special token in the configuration: a string, or an object with "content".
    public func special(_ key: String) -> String? {
        guard let value = config[key] else { return nil }
        return value.stringValue ?? value["content"]?.stringValue
    }

    /// The tokenizer of the folder, with its special tokens and whether BOS and EOS are added.
    public func tokenizer() throws -> Tokenizer {
        var parts: Tokenizer.Parts
        switch source {
        case .json(let json):
            do {
                parts = try TokenizerJSON.parts(json)
            } catch {
                var error = error
                error.file = "\(path)/tokenizer.json"
                throw error
            }
        case .sentencePiece(let model): parts = try Tokenizer(sentencePiece: model).parts
        }
        let plain = Tokenizer(parts)
        func token(_ key: String, _ otherwise: TokenID?) -> TokenID? {
            special(key).flatMap { plain.id(of: $0.utf8) } ?? otherwise
        }
        parts.special.bos = token("bos_token", parts.special.bos)
        parts.special.eos = token("eos_token", parts.special.eos)
        parts.special.unk = token("unk_token", parts.special.unk)
        parts.special.pad = token("pad_token", parts.special.pad)
        parts.special.sep = token("sep_token", parts.special.sep)
        parts.special.cls = token("cls_token", parts.special.cls)
        parts.special.mask = token("mask_token", parts.special.mask)
        let addsBOS = config["add_bos_token"]?.boolValue
        let addsEOS = config["add_eos_token"]?.boolValue
        if addsBOS != nil || addsEOS != nil || parts.postProcessor == nil {
            // As transformers: what the configuration says replaces the file's own post-processor.
            let first = addsBOS == true ? parts.special.bos : nil
            let last = addsEOS == true ? parts.special.eos : nil
            if first != nil || last != nil || addsBOS != nil || addsEOS != nil {
                let before: [JSONPostProcessor.Slot] = first.map { [.special([$0])] } ?? []
                let after: [JSONPostProcessor.Slot] = last.map { [.special([$0])] } ?? []
                parts.postProcessor = JSONPostProcessor(
                    kind: .template(
                        single: before + [.first] + after,
                        pair: before + [.first] + after + before + [.second] + after))
            }
        }
        let added = parts.postProcessor?.process([], nil, texts: []).map(\.id) ?? []
        parts.special.addsBOS = parts.special.bos != nil && added.first == parts.special.bos
        parts.special.addsEOS = parts.special.eos != nil && added.last == parts.special.eos && !added.isEmpty
        if let eos = parts.special.eos { parts.special.endOfGeneration.insert(eos) }
        return Tokenizer(parts)
    }
}

extension Tokenizer {
    /// The tokenizer of a model's folder: `tokenizer.json`, a SentencePiece model, or the older `vocab.json` with
    /// `merges.txt` and `vocab.txt`, with `tokenizer_config.json` and `special_tokens_map.json` beside them.
    public static func folder(_ path: String) throws -> Tokenizer { try TokenizerFolder(path: path).tokenizer() }
}

/// Files from before `tokenizer.json`, put into its form.
enum OlderFiles {
    private static func added(_ content: String, _ id: Int, special: Bool) -> JSON {
        [
            "id": .integer(id), "content": .string(content), "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": .bool(!special), "special": .bool(special),
        ]
    }

    /// GPT-2's `vocab.json` and `merges.txt`.
    static func bpe(_ vocabulary: JSON, _ merges: [UInt8], added extra: JSON?, _ config: JSON.Object) -> JSON {
        let lines = merges.split(separator: 0x0A).map { line in
            line.last == 0x0D ? line.dropLast() : line
        }
        let list = lines.filter { !$0.starts(with: Array("#version".utf8)) && !$0.isEmpty }
        let bytes: JSON = [
            "type": "ByteLevel", "add_prefix_space": .bool(config["add_prefix_space"]?.boolValue ?? false),
            "trim_offsets": true, "use_regex": true,
        ]
        var tokens: [JSON] = []
        var seen: Set<String> = []
        for (content, id) in extra?.objectValue ?? [:] where seen.insert(content).inserted {
            tokens.append(added(content, id.intValue ?? 0, special: false))
        }
        for key in ["bos_token", "eos_token", "unk_token", "pad_token"] {
            guard let content = config[key]?.stringValue ?? config[key]?["content"]?.stringValue,
                seen.insert(content).inserted
            else { continue }
            tokens.append(added(content, vocabulary[content]?.intValue ?? 0, special: true))
        }
        if tokens.isEmpty, let id = vocabulary["<|endoftext|>"]?.intValue {
            tokens.append(added("<|endoftext|>", id, special: true))
        }
        return [
            "version": "1.0", "added_tokens": .array(tokens), "normalizer": .null, "pre_tokenizer": bytes,
            "post_processor": .null, "decoder": bytes,
            "model": [
                "type": "BPE", "vocab": vocabulary,
                "merges": .array(list.map { .string(String(decoding: $0, as: UTF8.self)) }),
            ],
        ]
    }

    /// BERT's `vocab.txt`.
    static func bert(_ file: [UInt8], _ config: JSON.Object) -> JSON {
        var lines = file.split(separator: 0x0A, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        var vocabulary = JSON.Object()
        for (id, line) in lines.enumerated() {
            let trimmed = line.reversed().drop { $0 == 0x0D || $0 == 0x20 || $0 == 0x09 }.reversed()
            vocabulary[String(decoding: Array(trimmed), as: UTF8.self)] = .integer(id)
        }
        let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].compactMap { content in
            vocabulary[content]?.intValue.map { added(content, $0, special: true) }
        }
        var processor: JSON = .null
        if let separator = vocabulary["[SEP]"], let classifier = vocabulary["[CLS]"] {
            processor = ["type": "BertProcessing", "sep": ["[SEP]", separator], "cls": ["[CLS]", classifier]]
        }
        return [
            "version": "1.0", "added_tokens": .array(special),
            "normalizer": [
                "type": "BertNormalizer", "clean_text": true,
                "handle_chinese_chars": .bool(config["tokenize_chinese_chars"]?.boolValue ?? true),
                "strip_accents": config["strip_accents"] ?? .null,
                "lowercase": .bool(config["do_lower_case"]?.boolValue ?? true),
            ],
            "pre_tokenizer": ["type": "BertPreTokenizer"], "post_processor": processor,
            "decoder": ["type": "WordPiece", "prefix": "##", "cleanup": true],
            "model": [
                "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100, "vocab": .object(vocabulary),
            ],
        ]
    }
}
