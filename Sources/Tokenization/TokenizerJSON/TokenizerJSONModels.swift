import ApusModelFiles

/// Makes the model of a `tokenizer.json`.
enum TokenizerJSONModels {
    struct Loaded {
        var model: any TokenModel
        var name: String
        /// How many different tokens it has: where ids of added tokens begin.
        var count: Int
        var highestID: TokenID
        var unknown: TokenID?
        /// Words come as bytes, not in GPT-2's alphabet.
        var takesBytes = false
    }

    /// - Parameter isByteLevel: the steps before the model only write bytes in GPT-2's alphabet; a BPE then takes the
    ///   bytes themselves.
    static func model(_ node: JSONNode, isByteLevel: Bool) throws(TokenizerFileError) -> Loaded {
        let type = if let named = try node.optional("type") { try named.string() } else { try guess(node) }
        switch type {
        case "BPE": return try bpe(node, isByteLevel: isByteLevel)
        case "WordPiece":
            let tokens = try vocabulary(node)
            let model = WordPiece(
                tokens: tokens, unknown: try node.required("unk_token").bytes(),
                continuingPrefix: try node.required("continuing_subword_prefix").bytes(),
                maxCharactersPerWord: try node.required("max_input_chars_per_word").count())
            return loaded(model, "WordPiece", tokens, model.unknown)
        case "WordLevel":
            let tokens = try vocabulary(node)
            let model = WordLevel(tokens: tokens, unknown: try node.required("unk_token").bytes())
            return loaded(model, "WordLevel", tokens, model.unknown)
        case "Unigram": return try unigram(node)
        default: throw TokenizerJSONParts.unknown(type, "model", node)
        }
    }

    private static func loaded(
        _ model: any TokenModel, _ name: String, _ tokens: [(spelling: [UInt8], id: TokenID)], _ unknown: TokenID?
    ) -> Loaded {
        Loaded(
            model: model, name: name, count: model.vocabularySize,
            highestID: tokens.reduce(-1) { max($0, $1.id) }, unknown: unknown)
    }

    /// Files from before there was a "type".
    private static func guess(_ node: JSONNode) throws(TokenizerFileError) -> String {
        if try node.optional("merges") != nil { return "BPE" }
        if try node.optional("continuing_subword_prefix") != nil { return "WordPiece" }
        if case .array? = node.value["vocab"] { return "Unigram" }
        return "WordLevel"
    }

    /// An object from tokens to ids.
    private static func vocabulary(_ node: JSONNode) throws(TokenizerFileError) -> [(spelling: [UInt8], id: TokenID)] {
        let vocab = try node.required("vocab")
        guard case .object(let object) = vocab.value else { throw vocab.error("must be an object of tokens and ids") }
        var tokens: [(spelling: [UInt8], id: TokenID)] = []
        tokens.reserveCapacity(object.count)
        let highest = Vocabulary.highestID(tokens: object.count)
        for (key, value) in object.entries {
            guard let number = value.intValue, number >= 0, number <= highest else {
                throw TokenizerFileError(
                    path: vocab.path,
                    "the id of \"\(key)\" must be a whole number from 0 to \(highest) in a vocabulary of \(object.count)"
                )
            }
            tokens.append((Array(key.utf8), TokenID(number)))
        }
        return tokens
    }

    private static func bpe(_ node: JSONNode, isByteLevel: Bool) throws(TokenizerFileError) -> Loaded {
        let tokens = try vocabulary(node)
        var table = Vocabulary(capacity: tokens.count)
        for token in tokens { table.insert(token.spelling, id: token.id) }
        if let dropout = try node.optional("dropout"), try dropout.double() != 0 {
            throw dropout.error("dropout is for training; set it to null")
        }
        var options = BPE.Options()
        options.fusesUnknown = try node.bool("fuse_unk", default: false)
        options.byteFallback = try node.bool("byte_fallback", default: false)
        options.ignoresMerges = try node.bool("ignore_merges", default: false)
        options.continuingPrefix = try node.optional("continuing_subword_prefix")?.bytes() ?? []
        options.endOfWordSuffix = try node.optional("end_of_word_suffix")?.bytes() ?? []
        if let unknown = try node.optional("unk_token") {
            let name = try unknown.bytes()
            options.unknown = table.id(of: name)
            if options.unknown == nil { options.missingUnknown = name }
        }
        let isPlain = options.continuingPrefix.isEmpty && options.endOfWordSuffix.isEmpty && !options.byteFallback
        options.alphabet = isByteLevel && isPlain ? .byteLevel : .characters
        let list = try node.required("merges")
        guard case .array(let merges) = list.value else { throw list.error("must be an array") }
        var builder = BPEBuilder(table, options: options, mergeCount: merges.count)
        for (index, merge) in merges.enumerated() {
            func bad(_ reason: String) -> TokenizerFileError {
                TokenizerFileError(path: "\(list.path)[\(index)]", reason)
            }
            let left: [UInt8]
            let right: [UInt8]
            switch merge {
            case .string(let text):
                let bytes = Array(text.utf8)
                // Some old files begin their list like merges.txt.
                if text.hasPrefix("#version") { continue }
                let parts = bytes.split(separator: 0x20, omittingEmptySubsequences: false)
                guard parts.count == 2 else { throw bad("\"\(text)\" is not two tokens divided by a space") }
                (left, right) = (Array(parts[0]), Array(parts[1]))
            case .array(let pair):
                guard pair.count == 2, case .string(let first) = pair[0], case .string(let second) = pair[1] else {
                    throw bad("must be two tokens")
                }
                (left, right) = (Array(first.utf8), Array(second.utf8))
            default: throw bad("must be two tokens")
            }
            do throws(BPEError) { try builder.add(left, right) } catch { throw bad(error.description) }
        }
        return Loaded(
            model: builder.build(), name: "BPE", count: table.count,
            highestID: TokenID(truncatingIfNeeded: table.size - 1), unknown: options.unknown,
            takesBytes: options.alphabet == .byteLevel)
    }

    private static func unigram(_ node: JSONNode) throws(TokenizerFileError) -> Loaded {
        let list = try node.required("vocab")
        guard case .array(let elements) = list.value else { throw list.error("must be an array of tokens and scores") }
        var entries: [Unigram.Entry] = []
        entries.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard case .array(let pair) = element, pair.count == 2, case .string(let text) = pair[0],
                let score = pair[1].doubleValue, !score.isNaN
            else { throw TokenizerFileError(path: "\(list.path)[\(index)]", "must be a token and its score") }
            entries.append(Unigram.Entry(spelling: Array(text.utf8), score: score))
        }
        var unknown: TokenID?
        if let id = try node.optional("unk_id") {
            let number = try id.id()
            guard Int(number) < entries.count else {
                throw id.error("\(number) is past the vocabulary of \(entries.count)")
            }
            unknown = number
        }
        let model = Unigram(
            entries: entries, unknown: unknown, byteFallback: try node.bool("byte_fallback", default: false))
        return Loaded(
            model: model, name: "Unigram", count: entries.count,
            highestID: TokenID(truncatingIfNeeded: entries.count - 1), unknown: unknown)
    }
}
