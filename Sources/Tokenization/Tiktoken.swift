/// An encoding of tiktoken: its pattern and its special tokens. The ranks are in a `.tiktoken` file.
public enum TiktokenEncoding: String, Sendable, CaseIterable {
    case gpt2, r50k, p50k, cl100k, o200k, whisper

    /// As in tiktoken 0.14; Whisper's is GPT-2's.
    var pattern: String {
        switch self {
        case .gpt2, .r50k, .p50k, .whisper:
            #"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"#
        case .cl100k:
            #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"#
        case .o200k:
            #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
        }
    }

    /// Special tokens and their ids, given how many ranks the file has.
    func specialTokens(ranks: Int) -> [(String, Int)] {
        switch self {
        case .gpt2, .r50k, .p50k: return [("<|endoftext|>", 50256)]
        case .cl100k:
            return [
                ("<|endoftext|>", 100257), ("<|fim_prefix|>", 100258), ("<|fim_middle|>", 100259),
                ("<|fim_suffix|>", 100260), ("<|endofprompt|>", 100276),
            ]
        case .o200k: return [("<|endoftext|>", 199999), ("<|endofprompt|>", 200018)]
        case .whisper:
            let names =
                ["<|endoftext|>", "<|startoftranscript|>"]
                + Self.languages.map { "<|\($0)|>" }
                + [
                    "<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>",
                    "<|notimestamps|>",
                ]
                + (0...1500).map { index in
                    let hundredths = index * 2
                    let rest = hundredths % 100
                    return "<|\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)|>"
                }
            return names.enumerated().map { ($1, ranks + $0) }
        }
    }

    /// Whisper's languages in the order of their tokens: the 99 of all its models but large-v3, which has Cantonese too and
    /// later tokens one higher. The file does not say which model it is for.
    static var languages: [String] {
        let all = """
            en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la \
            mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be \
            tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su
            """
        return all.split(separator: " ").map(String.init)
    }
}

/// Why a `.tiktoken` file was refused.
public struct TiktokenError: Error, Sendable, Equatable, CustomStringConvertible {
    public var file: String
    /// From 1.
    public var line: Int
    public var reason: String

    public var description: String { "\(file), line \(line): \(reason)" }
}

extension Tokenizer {
    /// The tokenizer of a `.tiktoken` file: a line for each token, its bytes in Base64, a space, its rank, which is its
    /// id. Bytes that are not UTF-8 are kept: decoding gives back exactly what was encoded.
    ///
    /// - Throws: `TiktokenError` with the line.
    public convenience init(tiktoken bytes: UnsafeBufferPointer<UInt8>, file: String, encoding: TiktokenEncoding) throws
    {
        let vocabulary = try Tokenizer.readRanks(bytes, file: file)
        var parts = Parts(model: BPEBuilder.ranked(vocabulary))
        parts.preTokenizer = RegexSplitter([try TokenizerRegex(encoding.pattern, dialect: .rust)])
        parts.kind = "tiktoken, \(encoding.rawValue)"
        var table = PieceTable()
        var names: [TokenID: [UInt8]] = [:]
        for (name, id) in encoding.specialTokens(ranks: vocabulary.count) {
            let token = TokenID(id)
            guard vocabulary.spelling(of: token) == nil else {
                throw TiktokenError(
                    file: file, line: 1,
                    reason:
                        "token \(id) should be \(name): the file does not belong to the encoding \(encoding.rawValue)")
            }
            parts.addedTokens.append(AddedToken(id: token, content: Array(name.utf8)))
            names[token] = Array(name.utf8)
            if name == "<|endoftext|>" { parts.special.eos = token }
        }
        parts.special.endOfGeneration = parts.special.eos.map { [$0] } ?? []
        let size = max(vocabulary.size, (names.keys.max().map { Int($0) + 1 }) ?? 0)
        for id in 0..<TokenID(size) {
            if let name = names[id] {
                table.append(name, special: true)
            } else {
                table.append(vocabulary.spelling(of: id) ?? [])
            }
        }
        parts.pieceTable = table
        self.init(parts)
    }

    private static func readRanks(_ bytes: UnsafeBufferPointer<UInt8>, file: String) throws -> Vocabulary {
        var vocabulary = Vocabulary(capacity: bytes.count / 16)
        // A line takes 7 bytes or more.
        let highest = Vocabulary.highestID(tokens: bytes.count / 7)
        var line = 0
        var place = 0
        var seen = 0
        var token: [UInt8] = []
        while place < bytes.count {
            line += 1
            var end = place
            while end < bytes.count, bytes[end] != 0x0A { end += 1 }
            var row = bytes[place..<end]
            place = end + 1
            if row.last == 0x0D { row = row.dropLast() }
            if row.isEmpty { continue }
            func fail(_ reason: String) -> TiktokenError { TiktokenError(file: file, line: line, reason: reason) }
            guard let space = row.firstIndex(of: 0x20) else {
                throw fail("is not a token in Base64, a space and a rank")
            }
            token.removeAll(keepingCapacity: true)
            // Whisper's file for many languages has a token of no bytes, written "=", which counts but is never found.
            let isEmpty = row[..<space].elementsEqual([0x3D])
            guard isEmpty || (decodeBase64(row[..<space], into: &token) && !token.isEmpty) else {
                throw fail("the token is not Base64")
            }
            var rank = 0
            guard space + 1 < row.endIndex else { throw fail("the rank is missing") }
            for digit in row[(space + 1)...] {
                guard digit >= 0x30, digit <= 0x39, rank <= Vocabulary.highestID else {
                    throw fail("the rank is no number up to \(highest)")
                }
                rank = rank * 10 + Int(digit - 0x30)
            }
            guard rank <= highest else {
                throw fail("the rank is above \(highest), which is too high for a file of \(bytes.count) bytes")
            }
            guard rank >= vocabulary.size || vocabulary.spelling(of: TokenID(rank)) == nil else {
                throw fail("the rank \(rank) is there twice")
            }
            vocabulary.insert(token, id: TokenID(rank))
            seen += 1
            guard vocabulary.count == seen else { throw fail("the token is there twice") }
        }
        guard seen > 0 else { throw TiktokenError(file: file, line: 1, reason: "there are no tokens") }
        for byte in UInt8.min...UInt8.max where vocabulary.id(of: [byte]) == nil {
            throw TiktokenError(file: file, line: line, reason: "the byte \(byte) is no token")
        }
        return vocabulary
    }

    /// False for what is not Base64 with its padding.
    private static func decodeBase64(_ text: Slice<UnsafeBufferPointer<UInt8>>, into bytes: inout [UInt8]) -> Bool {
        guard text.count % 4 == 0 else { return false }
        var bits: UInt32 = 0
        var count = 0
        var padding = 0
        for character in text {
            let value: UInt32
            switch character {
            case 0x41...0x5A: value = UInt32(character - 0x41)
            case 0x61...0x7A: value = UInt32(character - 0x61 + 26)
            case 0x30...0x39: value = UInt32(character - 0x30 + 52)
            case 0x2B: value = 62
            case 0x2F: value = 63
            case 0x3D:
                value = 0
                padding += 1
            default: return false
            }
            guard padding == 0 || character == 0x3D else { return false }
            bits = bits << 6 | value
            count += 1
            if count % 4 == 0 {
                for shift in [16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift))) }
                bits = 0
            }
        }
        guard padding <= 2, padding <= bytes.count else { return false }
        bytes.removeLast(padding)
        return true
    }
}
