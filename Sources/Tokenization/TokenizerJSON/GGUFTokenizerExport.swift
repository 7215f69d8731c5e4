import ApusModelFiles

/// What `convert` writes into a GGUF file for a tokenizer: the keys `tokenizer.ggml.*`.
public enum GGUFTokenizerExport {
    /// Types of tokens, as GGUF numbers them.
    private enum TokenType: Int32 {
        case normal = 1
        case unknown = 2
        case control = 3
        case userDefined = 4
        case unused = 5
        case byte = 6
    }

    /// - Parameters:
    ///   - vocabularySize: rows of the model's embedding; ids past the tokenizer's are filled with `[PADn]`.
    ///   - ends: tokens that end a text by the model's configuration.
    /// - Throws: `TokenizerFileError` where llama.cpp has nothing that works like this tokenizer.
    public static func metadata(
        _ folder: TokenizerFolder, vocabularySize: Int? = nil, ends: [Int] = []
    ) throws -> [(key: String, value: GGUFValue)] {
        let tokenizer = try folder.tokenizer()
        var entries: [(key: String, value: GGUFValue)]
        switch folder.source {
        case .json(let json): entries = try metadata(json, tokenizer, vocabularySize)
        case .sentencePiece(let model): entries = metadata(model, tokenizer, vocabularySize)
        }
        var special = tokenizer.special
        let rows = max(tokenizer.vocabularySize, vocabularySize ?? 0)
        let ends = ends.filter { (0..<rows).contains($0) }.compactMap { TokenID(exactly: $0) }
        if special.eos == nil { special.eos = ends.first }
        for (name, id) in [
            ("bos", special.bos), ("eos", special.eos), ("unknown", special.unk), ("padding", special.pad),
            ("seperator", special.sep), ("cls", special.cls), ("mask", special.mask),
        ] {
            // "seperator" is how the format spells it.
            if let id, id >= 0 { entries.append(("tokenizer.ggml.\(name)_token_id", .uint32(UInt32(id)))) }
        }
        entries += otherEnds(ends, tokenizer, eos: special.eos)
        entries.append(("tokenizer.ggml.add_bos_token", .bool(special.addsBOS)))
        entries.append(("tokenizer.ggml.add_eos_token", .bool(special.addsEOS)))
        return entries
    }

    /// GGUF has a key for one token that ends a text, and for one of a turn and one of a message, which end it too.
    /// Readers know others by their names; where all that is not enough, a key of Apus's own lists them.
    private static func otherEnds(
        _ ends: [TokenID], _ tokenizer: Tokenizer, eos: TokenID?
    ) -> [(key: String, value: GGUFValue)] {
        var others: [TokenID] = []
        for id in ends where id != eos && !others.contains(id) {
            let name = tokenizer.addedTokens.first { $0.id == id }?.content ?? []
            if !GGUFTokenTypes.ends.contains(String(decoding: name, as: UTF8.self)) { others.append(id) }
        }
        var entries: [(key: String, value: GGUFValue)] = zip(["eot", "eom"], others).map { name, id in
            ("tokenizer.ggml.\(name)_token_id", .uint32(UInt32(id)))
        }
        if others.count > 2 { entries.append(("tokenizer.ggml.end_token_ids", .array(GGUFArray(others)))) }
        return entries
    }

    private struct Tokens {
        var spellings: [[UInt8]] = []
        var types: [Int32] = []
        var scores: [Float] = []

        /// Ids without a token get a name of their own.
        init(count: Int) {
            spellings = (0..<count).map { Array("[PAD\($0)]".utf8) }
            types = [Int32](repeating: TokenType.unused.rawValue, count: count)
            scores = [Float](repeating: -1000, count: count)
        }

        mutating func set(_ id: Int, _ spelling: [UInt8], _ type: TokenType, _ score: Float? = nil) {
            guard spellings.indices.contains(id) else { return }
            spellings[id] = spelling
            types[id] = type.rawValue
            if let score { scores[id] = score }
        }

        func entries(model: String, withScores: Bool) -> [(key: String, value: GGUFValue)] {
            var result: [(key: String, value: GGUFValue)] = [
                ("tokenizer.ggml.model", .string(GGUFString(model))),
                ("tokenizer.ggml.tokens", .array(GGUFArray(spellings))),
                ("tokenizer.ggml.token_type", .array(GGUFArray(types))),
            ]
            if withScores { result.append(("tokenizer.ggml.scores", .array(GGUFArray(scores)))) }
            return result
        }
    }

    private static func metadata(
        _ json: JSON, _ tokenizer: Tokenizer, _ size: Int?
    ) throws -> [(key: String, value: GGUFValue)] {
        let count = max(tokenizer.vocabularySize, size ?? 0)
        var tokens = Tokens(count: count)
        let added = tokenizer.addedTokens
        let model = json["model"]
        let isByteFallback = model?["byte_fallback"]?.boolValue ?? false
        switch tokenizer.parts.model {
        case let bpe as BPE:
            for id in 0..<count {
                guard let spelling = bpe.spelling(of: TokenID(id)) else { continue }
                let isByte = isByteFallback && SentencePieceModel.byteValue(spelling) != nil
                let isUnknown = isByteFallback && bpe.options.unknown == TokenID(id)
                tokens.set(id, spelling, isByte ? .byte : isUnknown ? .unknown : .normal)
            }
            for token in added where !(isByteFallback && token.id == bpe.options.unknown) {
                tokens.set(Int(token.id), token.content, token.special ? .control : .userDefined)
            }
            let merges = merges(model)
            if isByteFallback {
                // A token's score is the place of its first merge: SentencePiece joins the highest score first.
                for id in tokens.scores.indices { tokens.scores[id] = 0 }
                var isScored = Set<TokenID>()
                for (rank, merge) in merges.enumerated() {
                    guard let id = bpe.id(of: merge.left + merge.right), isScored.insert(id).inserted else { continue }
                    tokens.scores[Int(id)] = -Float(rank)
                }
                return tokens.entries(model: "llama", withScores: true) + [
                    ("tokenizer.ggml.pre", .string("default")),
                    ("tokenizer.ggml.add_space_prefix", .bool(addsSpacePrefix(json))),
                ]
            }
            return tokens.entries(model: "gpt2", withScores: false) + [
                ("tokenizer.ggml.pre", .string(GGUFString(try preTokenizer(json)))),
                ("tokenizer.ggml.merges", .array(GGUFArray(merges.map { $0.left + [0x20] + $0.right }))),
            ]
        case let piece as WordPiece:
            for id in 0..<count {
                guard let spelling = piece.spelling(of: TokenID(id)) else { continue }
                let isSpecial = spelling.first == UInt8(ascii: "[") && spelling.last == UInt8(ascii: "]")
                let isContinuing = spelling.starts(with: piece.continuingPrefix)
                let phantom: [UInt8] = [0xE2, 0x96, 0x81]
                tokens.set(
                    id,
                    isSpecial
                        ? spelling
                        : isContinuing ? Array(spelling[piece.continuingPrefix.count...]) : phantom + spelling, .normal)
            }
            for token in added {
                tokens.set(Int(token.id), token.content, token.id == piece.unknown ? .unknown : .control)
            }
            return tokens.entries(model: "bert", withScores: true) + [("tokenizer.ggml.pre", .string("default"))]
        case let unigram as Unigram:
            for id in 0..<count {
                guard let spelling = unigram.spelling(of: TokenID(id)) else { continue }
                let isByte = isByteFallback && SentencePieceModel.byteValue(spelling) != nil
                tokens.set(
                    id, spelling, isByte ? .byte : TokenID(id) == unigram.unknown ? .unknown : .normal,
                    unigram.score(of: TokenID(id)).map { Float($0) })
            }
            for token in added where token.id != unigram.unknown {
                tokens.set(Int(token.id), token.content, token.special ? .control : .userDefined)
            }
            return tokens.entries(model: "t5", withScores: true) + [
                ("tokenizer.ggml.pre", .string("default")),
                ("tokenizer.ggml.add_space_prefix", .bool(true)),
                ("tokenizer.ggml.remove_extra_whitespaces", .bool(false)),
            ] + map(json)
        default:
            throw TokenizerFileError(path: "model", "GGUF has no kind of tokenizer like this one (\(tokenizer.kind))")
        }
    }

    private static func metadata(
        _ model: SentencePieceModel, _ tokenizer: Tokenizer, _ size: Int?
    ) -> [(key: String, value: GGUFValue)] {
        var tokens = Tokens(count: max(tokenizer.vocabularySize, size ?? 0))
        for (id, entry) in model.pieces.enumerated() {
            tokens.set(
                id, entry.spelling, TokenType(rawValue: Int32(entry.kind.rawValue)) ?? .normal, Float(entry.score))
        }
        let isUnigram = model.algorithm == .unigram
        var entries = tokens.entries(model: isUnigram ? "t5" : "llama", withScores: true)
        entries.append(("tokenizer.ggml.pre", .string("default")))
        entries.append(("tokenizer.ggml.add_space_prefix", .bool(model.normalization.addDummyPrefix)))
        if isUnigram {
            entries.append(
                ("tokenizer.ggml.remove_extra_whitespaces", .bool(model.normalization.removeExtraWhitespaces)))
            if !model.normalization.precompiledMap.isEmpty {
                entries.append(
                    ("tokenizer.ggml.precompiled_charsmap", .array(GGUFArray(model.normalization.precompiledMap))))
            }
        }
        return entries
    }

    private static func merges(_ model: JSON?) -> [(left: [UInt8], right: [UInt8])] {
        (model?["merges"]?.arrayValue ?? []).compactMap { merge in
            switch merge {
            case .string(let text):
                let parts = Array(text.utf8).split(separator: 0x20, omittingEmptySubsequences: false)
                return parts.count == 2 ? (Array(parts[0]), Array(parts[1])) : nil
            case .array(let pair):
                guard let left = pair.first?.stringValue, let right = pair.last?.stringValue else { return nil }
                return (Array(left.utf8), Array(right.utf8))
            default: return nil
            }
        }
    }

    /// Whether a text gets a space put before it: `Prepend` among the normalisers, or a metaspace that is prepended.
    private static func addsSpacePrefix(_ json: JSON) -> Bool {
        func steps(_ node: JSON?, _ list: String) -> [JSON] {
            guard let node, !node.isNull else { return [] }
            return [node] + (node[list]?.arrayValue ?? [])
        }
        return steps(json["normalizer"], "normalizers").contains { $0["type"]?.stringValue == "Prepend" }
            || steps(json["pre_tokenizer"], "pretokenizers").contains {
                $0["type"]?.stringValue == "Metaspace" && $0["prepend_scheme"]?.stringValue != "never"
            }
    }

    private static func map(_ json: JSON) -> [(key: String, value: GGUFValue)] {
        let node = json["normalizer"]
        let steps = [node].compactMap { $0 } + (node?["normalizers"]?.arrayValue ?? [])
        guard let text = steps.compactMap({ $0["precompiled_charsmap"]?.stringValue }).first,
            let bytes = Base64.decode(text.utf8), !bytes.isEmpty
        else { return [] }
        return [("tokenizer.ggml.precompiled_charsmap", .array(GGUFArray(bytes)))]
    }

    /// llama.cpp's name for the way a byte-level vocabulary cuts text, found by the pattern itself.
    static func preTokenizer(_ json: JSON) throws(TokenizerFileError) -> String {
        let node = json["pre_tokenizer"]
        let steps = node?["pretokenizers"]?.arrayValue ?? [node].compactMap { $0 }
        let ignoresMerges = json["model"]?["ignore_merges"]?.boolValue ?? false
        let description = steps.map { step -> String in
            let pattern = step["pattern"]?["Regex"]?.stringValue ?? step["pattern"]?["String"]?.stringValue
            let isPlain = step["use_regex"]?.boolValue == false
            return (step["type"]?.stringValue ?? "") + (isPlain ? " plain" : "") + (pattern.map { " " + $0 } ?? "")
        }
        let patterns = steps.compactMap { $0["pattern"]?["Regex"]?.stringValue }
        let types = steps.compactMap { $0["type"]?.stringValue }
        switch types {
        case ["ByteLevel"] where description == ["ByteLevel"]: return "gpt-2"
        case ["Digits", "ByteLevel"]: return "starcoder"
        case ["Punctuation", "ByteLevel", "Digits"], ["Punctuation", "ByteLevel", "Digits", "Split"]: return "falcon"
        default: break
        }
        for (known, name) in knownPatterns where patterns.first == known {
            return name == "llama-bpe" && !ignoresMerges ? "dbrx" : name
        }
        if patterns.contains(where: { $0.hasPrefix(#"\s?[A-Za-zµ"#) }) { return "deepseek-llm" }
        if patterns.contains(#"\s?\p{L}+"#), patterns.contains(#"\s?\p{P}+"#) { return "deepseek-coder" }
        if patterns.first == #"\p{N}{1,3}"#, patterns.contains(where: { $0.contains("一-龥぀-ゟ゠-ヿ") }) {
            return "deepseek-v3"
        }
        throw TokenizerFileError(
            path: "pre_tokenizer",
            "llama.cpp has no kind of pre-tokenizer that cuts like \(description.joined(separator: ", then "))")
    }

    private static let knownPatterns: [(String, String)] = {
        let tail = #"[^\r\n\p{L}\p{N}]?\p{L}+|"#
        let end = #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
        var result: [(String, String)] = []
        for contractions in [
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|", "'(?i:[sdmt]|ll|ve|re)|", "(?i:'(?:[sdmt]|ll|ve|re))|",
        ] {
            result.append((contractions + tail + #"\p{N}{1,3}"# + end, "llama-bpe"))
            result.append((contractions + tail + #"\p{N}"# + end, "qwen2"))
        }
        let upper = #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
        let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#
        let marks = #"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
        result.append((upper + "*" + lower + "+|" + upper + "+" + lower + #"*|\p{N}"# + marks, "tekken"))
        let suffix = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        result.append(
            (
                upper + "*" + lower + "+" + suffix + "|" + upper + "+" + lower + "*" + suffix + #"|\p{N}{1,3}"# + marks,
                "gpt-4o"
            ))
        result.append((#" ?[^(\s|[.,!?…。，、।۔،])]+"#, "bloom"))
        result.append((TokenizerJSONParts.gpt2Pattern, "gpt-2"))
        return result
    }()
}
