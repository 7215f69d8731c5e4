import ApusModelFiles

/// Learns a vocabulary from text files and writes it as `tokenizer.json`.
public struct VocabularyTraining: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case byteLevelBPE = "bpe"
        case wordPiece = "wordpiece"
        case unigram
    }

    public enum Stage: String, Sendable {
        /// Counted in bytes of text.
        case countingWords = "counting words"
        /// Counted in merges, or in rounds of estimation.
        case learning
    }

    public var kind: Kind
    public var vocabularySize: Int
    /// A pair that was seen less often is never merged (BPE, WordPiece).
    public var minimumFrequency = 0
    /// First in the vocabulary, in this order. Where an unknown token is needed it must be among them.
    public var specialTokens: [String]
    public var unknownToken: String?
    public var limitAlphabet: Int?
    public var maximumTokenLength: Int?
    public var threads = 2
    /// The sections `normalizer`, `pre_tokenizer`, `post_processor` and `decoder` of the file.
    public var steps: JSON.Object

    /// The usual steps and special tokens of each kind: GPT-2's, BERT's, T5's.
    public init(_ kind: Kind, vocabularySize: Int) {
        self.kind = kind
        self.vocabularySize = vocabularySize
        switch kind {
        case .byteLevelBPE:
            specialTokens = ["<|endoftext|>"]
            let bytes: JSON = [
                "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
            ]
            steps = ["normalizer": .null, "pre_tokenizer": bytes, "post_processor": .null, "decoder": bytes]
        case .wordPiece:
            specialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
            unknownToken = "[UNK]"
            steps = [
                "normalizer": [
                    "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": .null,
                    "lowercase": true,
                ],
                "pre_tokenizer": ["type": "BertPreTokenizer"],
                "post_processor": ["type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]],
                "decoder": ["type": "WordPiece", "prefix": "##", "cleanup": true],
            ]
        case .unigram:
            specialTokens = ["<unk>", "<s>", "</s>"]
            unknownToken = "<unk>"
            let metaspace: JSON = [
                "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true,
            ]
            steps = [
                "normalizer": ["type": "NFKC"], "pre_tokenizer": metaspace, "post_processor": .null,
                "decoder": metaspace,
            ]
        }
    }

    /// - Parameter progress: called with the stage, what is done and what there is to do, one call at a time.
    /// - Returns: a `tokenizer.json`.
    /// - Throws: `FileError`, `TokenizerFileError` for steps that are not known, `UnigramTrainer.Problem`.
    public func train(files: [String], progress: (@Sendable (Stage, Int, Int) -> Void)? = nil) throws -> JSON {
        let words = try counting().count(files) { progress?(.countingWords, $0, $1) }
        return try train(words) { progress?(.learning, $0, $1) }
    }

    /// The same from a text in memory.
    public func train(text: [UInt8]) throws -> JSON {
        let counting = try counting()
        return try train(text.withUnsafeBufferPointer { counting.count($0) }, progress: nil)
    }

    private func counting() throws(TokenizerFileError) -> WordCounting {
        let root = JSONNode(.object(steps))
        var normalizer: JSONNormalizer?
        var preTokenizer: JSONPreTokenizer?
        if let node = try root.optional("normalizer") { normalizer = try TokenizerJSONParts.normalizer(node) }
        if let node = try root.optional("pre_tokenizer") { preTokenizer = try TokenizerJSONParts.preTokenizer(node) }
        let splitter = preTokenizer.flatMap(ByteLevelSplitter.init)
        return WordCounting(
            normalizer: normalizer, preTokenizer: splitter?.preTokenizer ?? preTokenizer, spellsBytes: splitter != nil,
            threads: threads)
    }

    private func train(_ words: WordCounts, progress: ((Int, Int) -> Void)?) throws -> JSON {
        let special = specialTokens.map { Array($0.utf8) }
        let model: JSON
        switch kind {
        case .byteLevelBPE, .wordPiece:
            var trainer = BPETrainer()
            trainer.vocabularySize = vocabularySize
            trainer.minimumFrequency = minimumFrequency
            trainer.specialTokens = special
            trainer.limitAlphabet = limitAlphabet
            trainer.maximumTokenLength = maximumTokenLength
            if kind == .byteLevelBPE {
                trainer.initialAlphabet = Set(ByteAlphabet.characters)
            } else {
                trainer.continuingPrefix = Array("##".utf8)
            }
            let result = trainer.train(words, progress: progress)
            model = kind == .byteLevelBPE ? bpe(result) : wordPiece(result)
        case .unigram:
            var trainer = UnigramTrainer()
            trainer.vocabularySize = vocabularySize
            trainer.specialTokens = special
            trainer.unknownToken = unknownToken.map { Array($0.utf8) }
            trainer.threads = threads
            if let maximumTokenLength { trainer.maximumPieceLength = maximumTokenLength }
            let result = try trainer.train(words, progress: progress)
            model = [
                "type": "Unigram", "unk_id": result.unknown.map { .integer(Int($0)) } ?? .null,
                "vocab": .array(result.pieces.map { [.string(text($0.spelling)), .number($0.score)] }),
                "byte_fallback": false,
            ]
        }
        return file(model)
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func vocabulary(_ tokens: [[UInt8]]) -> JSON {
        .object(JSON.Object(tokens.enumerated().lazy.map { (text($1), .integer($0)) }))
    }

    private func bpe(_ result: BPETrainer.Result) -> JSON {
        [
            "type": "BPE", "dropout": .null, "unk_token": unknownToken.map { .string($0) } ?? .null,
            "continuing_subword_prefix": .null, "end_of_word_suffix": .null, "fuse_unk": false, "byte_fallback": false,
            "ignore_merges": false, "vocab": vocabulary(result.tokens),
            "merges": .array(
                result.merges.map { merge in
                    [
                        .string(text(result.tokens[Int(merge.left)])), .string(text(result.tokens[Int(merge.right)])),
                    ]
                }),
        ]
    }

    private func wordPiece(_ result: BPETrainer.Result) -> JSON {
        [
            "type": "WordPiece", "unk_token": .string(unknownToken ?? "[UNK]"), "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": vocabulary(result.tokens),
        ]
    }

    private func file(_ model: JSON) -> JSON {
        var file: JSON.Object = ["version": "1.0", "truncation": .null, "padding": .null]
        let offset = kind == .unigram && unknownToken.map { !specialTokens.contains($0) } ?? false ? 1 : 0
        file["added_tokens"] = .array(
            specialTokens.enumerated().map { id, token in
                [
                    "id": .integer(id + offset), "content": .string(token), "single_word": false, "lstrip": false,
                    "rstrip": false, "normalized": false, "special": true,
                ]
            })
        for section in ["normalizer", "pre_tokenizer", "post_processor", "decoder"] {
            file[section] = steps[section] ?? .null
        }
        file["model"] = model
        return .object(file)
    }
}
