import ApusModelFiles

extension Tokenizer {
    /// The tokenizer that a GGUF file describes, with ids as llama.cpp gives them.
    ///
    /// `tokenizer.ggml.model` may be `gpt2` with any pre-tokenizer that llama.cpp knows, `gemma4`, `llama`, `bert` and
    /// `t5`. Text that is not UTF-8: bytes for `llama`, U+FFFD for the others, as there.
    ///
    /// - Throws: `GGUFError` or `GGUFTokenizerError` with the key and the place in it.
    public convenience init(gguf metadata: GGUFMetadata) throws {
        self.init(try GGUFTokenizer(metadata).parts())
    }
}

/// Reads a tokenizer from GGUF metadata.
struct GGUFTokenizer {
    static let prefix = "tokenizer.ggml."

    let metadata: GGUFMetadata
    let model: String
    let vocabulary: Vocabulary
    private(set) var types: [GGUFTokenType]
    private(set) var scores: [Float]
    private(set) var special = SpecialTokens()

    private func error(_ key: String, _ index: Int? = nil, _ reason: String) -> GGUFTokenizerError {
        GGUFTokenizerError(file: metadata.file, key: GGUFTokenizer.prefix + key, index: index, reason: reason)
    }

    private static let models = ["gpt2", "gemma4", "llama", "bert", "t5"]

    init(_ metadata: GGUFMetadata) throws {
        self.metadata = metadata
        model = try metadata.requireString(GGUFTokenizer.prefix + "model")
        types = []
        scores = []
        vocabulary = try GGUFTokenizer.readTokens(metadata)
        guard GGUFTokenizer.models.contains(model) else {
            throw error(
                "model", nil,
                model == "none" || model == "no_vocab"
                    ? "the file has no vocabulary; give a tokenizer from another file"
                    : "«\(model)» is not supported; supported are \(GGUFTokenizer.models.joined(separator: ", "))")
        }
        types = try readTypes()
        scores = try readScores()
        try readSpecial()
    }

    // MARK: Reading

    private static func readTokens(_ metadata: GGUFMetadata) throws -> Vocabulary {
        let key = prefix + "tokens"
        let model = try metadata.string(prefix + "model")
        if model == "none" || model == "no_vocab" { return Vocabulary() }
        let tokens = try metadata.requireStrings(key)
        guard !tokens.isEmpty, tokens.count <= Vocabulary.highestID else {
            throw GGUFTokenizerError(file: metadata.file, key: key, reason: "\(tokens.count) tokens are no vocabulary")
        }
        var vocabulary = Vocabulary(capacity: tokens.count)
        for index in 0..<tokens.count {
            tokens.withBytes(at: index) { raw in
                if raw.isEmpty {
                    // llama.cpp's name for it.
                    vocabulary.insert(Array("[EMPTY_\(index)]".utf8), id: TokenID(index))
                } else {
                    vocabulary.insert(raw.bindMemory(to: UInt8.self), id: TokenID(index))
                }
            }
        }
        if vocabulary.count != tokens.count {
            // Of equal spellings the last is found: look for one that is not its own.
            for index in 0..<tokens.count {
                let token = vocabulary.spelling(of: TokenID(index)) ?? []
                if let other = vocabulary.id(of: token), other != TokenID(index) {
                    throw GGUFTokenizerError(
                        file: metadata.file, key: key, index: Int(other),
                        reason: "«\(String(decoding: token, as: UTF8.self))» is token \(index) already")
                }
            }
        }
        return vocabulary
    }

    private func readTypes() throws -> [GGUFTokenType] {
        guard let values = try metadata.integers(GGUFTokenizer.prefix + "token_type") else {
            return [GGUFTokenType](repeating: .normal, count: vocabulary.size)
        }
        guard values.count == vocabulary.size else {
            throw error("token_type", nil, "\(values.count) types for \(vocabulary.size) tokens")
        }
        // Types that are unknown are undefined, as in llama.cpp.
        let types = values.map { GGUFTokenType(rawValue: $0) ?? .undefined }
        guard model != "bert" else { return types }
        for (id, type) in types.enumerated() where type == .byte {
            let token = vocabulary.spelling(of: TokenID(id)) ?? []
            guard GGUFTokenizer.byteValue(token) != nil else {
                throw error(
                    "tokens", id,
                    "«\(String(decoding: token, as: UTF8.self))» is a byte token by its type, but not of the form <0x00> to <0xFF>"
                )
            }
        }
        return types
    }

    /// 10 for "<0x0A>".
    static func byteValue(_ token: [UInt8]) -> UInt8? {
        guard token.count == 6, token.starts(with: Array("<0x".utf8)), token[5] == UInt8(ascii: ">") else { return nil }
        return UInt8(String(decoding: token[3..<5], as: UTF8.self), radix: 16)
    }

    private func readScores() throws -> [Float] {
        let key = GGUFTokenizer.prefix + "scores"
        guard let array = try metadata.array(key) else { return [] }
        guard array.count == vocabulary.size else {
            throw error("scores", nil, "\(array.count) scores for \(vocabulary.size) tokens")
        }
        if array.elementType == .int32 { return try (metadata.integers(key) ?? []).map { Float($0) } }
        let scores = try metadata.floats(key) ?? []
        if let index = scores.firstIndex(where: { $0.isNaN }) { throw error("scores", index, "is not a number") }
        return scores
    }

    private mutating func readSpecial() throws {
        func id(_ keys: String..., otherwise: TokenID? = nil) throws -> TokenID? {
            for key in keys {
                guard let value = try metadata.integer(GGUFTokenizer.prefix + key) else { continue }
                if value >= 0, value < vocabulary.size { return TokenID(value) }
                // -1, in whatever type, is how files say that there is none.
                guard value == -1 || value == Int(UInt32.max) else {
                    throw error(key, nil, "token \(value) is not in the vocabulary of \(vocabulary.size)")
                }
                return nil
            }
            return otherwise.flatMap { Int($0) < vocabulary.size ? $0 : nil }
        }
        // Defaults are llama.cpp's, but that it takes token 11 for both ends of a `gpt2` vocabulary without any.
        let isSPM = model == "llama"
        let isBERT = model == "bert"
        let isT5 = model == "t5"
        special.bos = try id("bos_token_id", otherwise: isSPM ? 1 : nil)
        special.eos = try id("eos_token_id", otherwise: isSPM ? 2 : isT5 ? 1 : nil)
        special.unk = try id("unknown_token_id", otherwise: isSPM ? 0 : isBERT ? 100 : isT5 ? 2 : nil)
        special.pad = try id("padding_token_id", otherwise: isBERT || isT5 ? 0 : nil)
        special.sep = try id("seperator_token_id", otherwise: isBERT ? 102 : nil)
        special.cls = try id("cls_token_id", otherwise: isBERT ? 101 : nil)
        special.mask = try id("mask_token_id", otherwise: isBERT ? 103 : nil)
        if isBERT, special.bos == nil { special.bos = special.cls }
        special.eot = try id("eot_token_id")
        special.eom = try id("eom_token_id")
        special.fimPrefix = try id("fim_pre_token_id", "prefix_token_id")
        special.fimSuffix = try id("fim_suf_token_id", "suffix_token_id")
        special.fimMiddle = try id("fim_mid_token_id", "middle_token_id")
        special.fimPad = try id("fim_pad_token_id")
        special.fimRepository = try id("fim_rep_token_id")
        special.fimSeparator = try id("fim_sep_token_id")
    }

    private func flag(_ key: String, _ otherwise: Bool) throws -> Bool {
        try metadata.bool(GGUFTokenizer.prefix + key) ?? otherwise
    }

    // MARK: Putting together

    func parts() throws -> Parts {
        switch model {
        case "llama": return try sentencePieceParts()
        case "bert": return try wordPieceParts()
        case "t5": return try unigramParts()
        default: return try bpeParts()
        }
    }

    typealias Parts = Tokenizer.Parts

    /// What all kinds share: added tokens, ends, and how tokens are read.
    private func finish(
        _ parts: inout Parts, addsBOS: Bool, addsEOS: Bool, decode: ([UInt8], GGUFTokenType) -> [UInt8],
        dropsSpace: Bool = false, cleansSpaces: Bool = false
    ) throws {
        var known = GGUFTokenTypes(types, vocabulary, special: special)
        let addsBOS = try flag("add_bos_token", addsBOS)
        let addsEOS = try flag("add_eos_token", addsEOS)
        parts.special = known.special
        // Apus's own key, for models with more ends than the format has keys for.
        for id in try metadata.integers(GGUFTokenizer.prefix + "end_token_ids") ?? [] {
            guard id >= 0, id < vocabulary.size else { throw error("end_token_ids", nil, "token \(id) is not there") }
            parts.special.endOfGeneration.insert(TokenID(id))
        }
        parts.special.addsBOS = addsBOS && special.bos != nil
        parts.special.addsEOS = addsEOS && special.eos != nil
        parts.matching = .longestFirst
        var table = PieceTable()
        table.dropsLeadingSpace = dropsSpace
        table.cleansSpaces = cleansSpaces
        let strips = try stripRules()
        for id in 0..<vocabulary.size {
            let token = vocabulary.spelling(of: TokenID(id)) ?? []
            let isAdded = known.isControl[id] || known.types[id] == .userDefined
            if isAdded {
                let text = String(decoding: token, as: UTF8.self)
                parts.addedTokens.append(
                    AddedToken(
                        id: TokenID(id), content: token, stripsLeft: strips.left.contains(text),
                        stripsRight: strips.allRight && !strips.notRight.contains(text), normalized: false,
                        special: known.isControl[id]))
            }
            table.append(isAdded ? token : decode(token, known.types[id]), special: known.isControl[id])
        }
        known.types = []
        parts.pieceTable = table
        let first = parts.special.addsBOS ? special.bos : nil
        let last = parts.special.addsEOS ? special.eos : nil
        if parts.postProcessor == nil, first != nil || last != nil {
            parts.postProcessor = GGUFEnds(first: first, last: last, middle: nil)
        }
    }

    /// Which special tokens take white space with them. Files do not say; llama.cpp goes by names.
    private func stripRules() throws -> (left: Set<String>, allRight: Bool, notRight: Set<String>) {
        let name = (try metadata.string("general.name") ?? "").lowercased()
        let pre = try metadata.string(GGUFTokenizer.prefix + "pre") ?? ""
        let architecture = try metadata.string("general.architecture") ?? ""
        if ["jina-v2-de", "jina-v2-es", "jina-v2-code"].contains(where: { pre.contains($0) })
            || ["nomic-bert-moe", "jina-bert-v3"].contains(where: { architecture.contains($0) })
        {
            return (["<mask>"], false, [])
        }
        if name.contains("phi-3") || name.contains("phi3") { return ([], true, ["<unk>", "<s>", "<|endoftext|>"]) }
        if name.contains("modern-bert") { return (["[MASK]"], false, []) }
        return ([], false, [])
    }

    private func bpeParts() throws -> Parts {
        let name = model == "gemma4" ? "gemma4" : try metadata.string(GGUFTokenizer.prefix + "pre") ?? "default"
        guard let kind = GGUFPreTokenizer.named(name) else {
            let known = GGUFPreTokenizer.all.flatMap(\.names).sorted().joined(separator: ", ")
            throw error("pre", nil, "the pre-tokenizer «\(name)» is unknown; known are \(known)")
        }
        var options = BPE.Options()
        options.alphabet = kind.escapesSpaces ? .characters : .byteLevel
        options.byteFallback = kind.escapesSpaces
        options.ignoresMerges = kind.ignoresMerges
        var parts = Parts(model: try readMerges(options, isOptional: name == "kimi-k2"))
        if name == "gemma4" || name == "granite-embed-multi-311m", let bpe = parts.model as? BPE {
            parts.model = WholeNewlines(base: bpe)
        }
        parts.kind = "\(model), \(name)"
        if kind.escapesSpaces { parts.normalizer = EscapedSpaces(prefix: false) }
        parts.preTokenizer = try kind.splitter()
        parts.invalidUTF8 = .replaceEach
        try finish(
            &parts, addsBOS: kind.addsBOS || name == "gemma4", addsEOS: false,
            decode: { token, type in
                switch type {
                case .normal: return kind.escapesSpaces ? EscapedSpaces.unescape(token) : GGUFTokenizer.bytes(token)
                case .byte: return GGUFTokenizer.byteValue(token).map { [$0] } ?? []
                default: return []
                }
            })
        return parts
    }

    /// What a spelling in GPT-2's alphabet stands for; characters outside of the alphabet stand for themselves.
    private static func bytes(_ token: [UInt8]) -> [UInt8] {
        token.withUnsafeBufferPointer { token in
            var result: [UInt8] = []
            result.reserveCapacity(token.count)
            var place = 0
            while place < token.count {
                let scalar = UTF8Scalar.at(place, in: token)
                if let byte = ByteAlphabet.byte(of: scalar.value) {
                    result.append(byte)
                } else {
                    result.append(contentsOf: token[place..<place + scalar.length])
                }
                place += scalar.length
            }
            return result
        }
    }

    private func readMerges(_ options: BPE.Options, isOptional: Bool) throws -> BPE {
        let key = GGUFTokenizer.prefix + "merges"
        if isOptional, !metadata.has(key) {
            return BPEBuilder(vocabulary, options: options, mergeCount: 0).build()
        }
        let merges = try metadata.requireStrings(key)
        var builder = BPEBuilder(vocabulary, options: options, mergeCount: merges.count, lastMergeCounts: false)
        for index in 0..<merges.count {
            try merges.withBytes(at: index) { raw in
                let merge = raw.bindMemory(to: UInt8.self)
                // A token may begin with a space: the one that divides is the first after the first character.
                guard merge.count > 2, let space = merge[1...].firstIndex(of: 0x20), space + 1 < merge.count else {
                    throw error(
                        "merges", index,
                        "«\(String(decoding: merge, as: UTF8.self))» is not two tokens with a space between")
                }
                do {
                    try builder.add(
                        UnsafeBufferPointer(rebasing: merge[..<space]),
                        UnsafeBufferPointer(rebasing: merge[(space + 1)...]))
                } catch let failure as BPEError {
                    throw error(
                        "merges", index,
                        "«\(String(decoding: merge, as: UTF8.self))» needs the token "
                            + "«\(String(decoding: failure.missing, as: UTF8.self))», which the vocabulary lacks")
                }
            }
        }
        return builder.build()
    }

    private func sentencePieceParts() throws -> Parts {
        var options = BPE.Options()
        options.alphabet = .looseCharacters
        options.byteFallback = true
        options.unknown = special.unk
        var parts = Parts(model: BPEBuilder.scored(vocabulary, scores: scores, options: options))
        let addsSpace = try flag("add_space_prefix", true)
        parts.kind = "llama"
        parts.normalizer = EscapedSpaces(prefix: addsSpace)
        try finish(
            &parts, addsBOS: true, addsEOS: false, decode: GGUFTokenizer.decodePiece, dropsSpace: addsSpace)
        return parts
    }

    private static func decodePiece(_ token: [UInt8], _ type: GGUFTokenType) -> [UInt8] {
        switch type {
        case .normal: EscapedSpaces.unescape(token)
        case .byte: byteValue(token).map { [$0] } ?? []
        default: []
        }
    }

    private func wordPieceParts() throws -> Parts {
        guard let unknown = special.unk else { throw error("unknown_token_id", nil, "is missing") }
        var parts = Parts(model: GGUFWordPiece(vocabulary, unknown: unknown))
        let lowercase = try flag("normalizer.lowercase", true)
        parts.kind = "bert"
        parts.preTokenizer = GGUFWords(
            lowercase: lowercase, stripsAccents: try flag("normalizer.strip_accents", lowercase))
        if special.bos != nil || special.sep != nil {
            parts.postProcessor = GGUFEnds(first: special.bos, last: special.sep, middle: special.sep)
        }
        try finish(
            &parts, addsBOS: true, addsEOS: false,
            decode: { token, type in type == .normal ? EscapedSpaces.unescape(token) : [] }, cleansSpaces: true)
        return parts
    }

    private func unigramParts() throws -> Parts {
        guard let unknown = special.unk else { throw error("unknown_token_id", nil, "is missing") }
        var map: [UInt8] = []
        let key = GGUFTokenizer.prefix + "precompiled_charsmap"
        if let values = try metadata.integers(key) { map = values.map { UInt8(truncatingIfNeeded: $0) } }
        let userDefined = types.indices.filter { types[$0] == .userDefined }
            .compactMap { vocabulary.spelling(of: TokenID($0)) }
        var parts = Parts(model: GGUFUnigram(vocabulary, types: types, scores: scores, unknown: unknown))
        let addsSpace = try flag("add_space_prefix", false)
        parts.kind = "t5"
        do {
            parts.normalizer = try GGUFUnigramNormalizer(
                map: map, userDefined: userDefined, addsSpace: addsSpace,
                mergesSpaces: try flag("remove_extra_whitespaces", false))
        } catch let failure as SentencePieceError {
            throw error("precompiled_charsmap", nil, "\(failure)")
        }
        try finish(&parts, addsBOS: false, addsEOS: true, decode: GGUFTokenizer.decodePiece, dropsSpace: addsSpace)
        return parts
    }
}

/// Puts tokens around a text, or a pair of texts.
struct GGUFEnds: PostProcessor {
    let first: TokenID?
    let last: TokenID?
    /// After the first text of a pair.
    let middle: TokenID?

    func process(_ first: [Piece], _ second: [Piece]?, texts: [UnsafeBufferPointer<UInt8>]) -> [Piece] {
        func token(_ id: TokenID?, _ place: Int) -> [Piece] { id.map { [Piece(id: $0, range: place..<place)] } ?? [] }
        let end = first.last?.range.upperBound ?? 0
        guard let second else { return token(self.first, 0) + first + token(last, end) }
        return token(self.first, 0) + first + token(middle, end) + second
            + token(last, second.last?.range.upperBound ?? 0)
    }
}

/// Writes spaces as "▁".
struct EscapedSpaces: BytesNormalizer {
    /// Puts a space before the text.
    let prefix: Bool

    func normalize(_ text: inout AlignedText) {
        guard !text.bytes.isEmpty else { return }
        var bytes: [UInt8] = []
        var sources: [Range<Int32>] = []
        bytes.reserveCapacity(text.bytes.count + text.bytes.count / 2)
        sources.reserveCapacity(text.bytes.count + text.bytes.count / 2)
        if prefix {
            let place = Int32(truncatingIfNeeded: text.source(of: 0..<1).lowerBound)
            bytes += BPE.metaspace
            sources += repeatElement(place..<place, count: 3)
        }
        for (index, byte) in text.bytes.enumerated() {
            let source = text.source(of: index)
            if byte == 0x20 {
                bytes += BPE.metaspace
                sources += repeatElement(source, count: 3)
            } else {
                bytes.append(byte)
                sources.append(source)
            }
        }
        text = AlignedText(bytes: bytes, sources: sources, origin: text.origin)
    }

    func normalized(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        guard !text.isEmpty else { return [] }
        var spaces = prefix ? 1 : 0
        for byte in text where byte == 0x20 { spaces += 1 }
        return [UInt8](unsafeUninitializedCapacity: text.count + 3 * spaces) { output, count in
            var place = 0
            func addSpace() {
                output[place] = 0xE2
                output[place + 1] = 0x96
                output[place + 2] = 0x81
                place += 3
            }
            if prefix { addSpace() }
            for byte in text {
                if byte == 0x20 {
                    addSpace()
                } else {
                    output[place] = byte
                    place += 1
                }
            }
            count = place
        }
    }

    /// The way back.
    static func unescape(_ token: [UInt8]) -> [UInt8] {
        guard token.contains(0xE2) else { return token }
        var result: [UInt8] = []
        var place = 0
        while place < token.count {
            if token[place] == 0xE2, token[place...].starts(with: BPE.metaspace) {
                result.append(0x20)
                place += 3
            } else {
                result.append(token[place])
                place += 1
            }
        }
        return result
    }
}

/// Gemma 4's rule for words of line ends alone: the whole word is a token where the vocabulary has it.
struct WholeNewlines: TokenModel {
    let base: BPE

    var vocabularySize: Int { base.vocabularySize }
    func id(of token: some Collection<UInt8>) -> TokenID? { base.id(of: token) }
    func spelling(of id: TokenID) -> [UInt8]? { base.spelling(of: id) }

    func tokenize(_ word: UnsafeBufferPointer<UInt8>, into pieces: inout [Piece]) {
        if word.allSatisfy({ $0 == 0x0A }), let id = base.vocabulary.id(of: word) {
            pieces.append(Piece(id: id, range: 0..<word.count))
        } else {
            base.tokenize(word, into: &pieces)
        }
    }
}
