/// The decoders of the tokenizers package.
indirect enum JSONDecoder: TokenDecoder {
    case bpe(suffix: [UInt8])
    case byteLevel
    case wordPiece(prefix: [UInt8], cleanup: Bool)
    case metaspace(replacement: [UInt8], dropsFirst: Bool)
    case ctc(padding: [UInt8], delimiter: [UInt8], cleanup: Bool)
    case replace(TokenPattern, [UInt8])
    case fuse
    case strip(content: [UInt8], start: Int, stop: Int)
    case byteFallback
    case sequence([JSONDecoder])

    func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
        switch self {
        case .bpe(let suffix):
            return tokens.enumerated().map { index, token in
                token.replacing(suffix, by: index == tokens.count - 1 ? [] : [0x20])
            }
        case .byteLevel: return [JSONDecoder.bytes(tokens)]
        case .wordPiece(let prefix, let cleanup):
            return tokens.enumerated().map { index, token in
                var token = token
                if index > 0 {
                    token = token.starts(with: prefix) ? Array(token[prefix.count...]) : [0x20] + token
                }
                return cleanup ? JSONDecoder.cleaned(token) : token
            }
        case .metaspace(let replacement, let dropsFirst):
            return tokens.enumerated().map { index, token in
                token.replacing(replacement, by: index == 0 && dropsFirst ? [] : [0x20])
            }
        case .ctc(let padding, let delimiter, let cleanup):
            return JSONDecoder.connectionist(tokens, padding, delimiter, cleanup)
        case .replace(let pattern, let content): return tokens.map { pattern.replacing($0, by: content) }
        case .fuse: return [Array(tokens.joined())]
        case .strip(let content, let start, let stop): return tokens.map { $0.stripping(content, start, stop) }
        case .byteFallback: return JSONDecoder.fallback(tokens)
        case .sequence(let decoders): return decoders.reduce(tokens) { $1.decode($0) }
        }
    }

    /// A token in GPT-2's alphabet for bytes becomes those bytes; another stays as it is.
    private static func bytes(_ tokens: [[UInt8]]) -> [UInt8] {
        var result: [UInt8] = []
        for token in tokens {
            let before = result.count
            let isAlphabet = token.withUnsafeBufferPointer { token in
                var index = 0
                while index < token.count {
                    let (value, length) = character(token, index)
                    guard let byte = ByteAlphabet.byte(of: value) else { return false }
                    result.append(byte)
                    index += length
                }
                return true
            }
            if !isAlphabet {
                result.removeSubrange(before...)
                result.append(contentsOf: token)
            }
        }
        return result
    }

    /// Spaces before punctuation and contractions go.
    private static func cleaned(_ token: [UInt8]) -> [UInt8] {
        let rules = [
            (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
            (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
        ]
        guard token.contains(0x20) else { return token }
        return rules.reduce(token) { $0.replacing(Array($1.0.utf8), by: Array($1.1.utf8)) }
    }

    private static func connectionist(
        _ tokens: [[UInt8]], _ padding: [UInt8], _ delimiter: [UInt8], _ cleanup: Bool
    ) -> [[UInt8]] {
        var result: [[UInt8]] = []
        var previous: [UInt8]?
        for token in tokens {
            defer { previous = token }
            if token == previous { continue }
            var token = token.replacing(padding, by: [])
            if cleanup { token = cleaned(token).replacing(delimiter, by: [0x20]) }
            if !token.isEmpty { result.append(token) }
        }
        return result
    }

    /// Runs of `<0x00>` … become their bytes where these are UTF-8, and as many U+FFFD where they are not.
    private static func fallback(_ tokens: [[UInt8]]) -> [[UInt8]] {
        var result: [[UInt8]] = []
        var run: [UInt8] = []
        func flush() {
            guard !run.isEmpty else { return }
            if run.isValidUTF8 {
                result.append(run)
            } else {
                for _ in run { result.append([0xEF, 0xBF, 0xBD]) }
            }
            run = []
        }
        for token in tokens {
            if let byte = hexByte(token) {
                run.append(byte)
            } else {
                flush()
                result.append(token)
            }
        }
        flush()
        return result
    }

    /// The value of `<0x0a>`, in either case, as Rust's `from_str_radix` reads it.
    private static func hexByte(_ token: [UInt8]) -> UInt8? {
        guard token.count == 6, token.starts(with: Array("<0x".utf8)), token[5] == UInt8(ascii: ">") else { return nil }
        let digits = Array(token[3...4])
        // Rust also takes a sign before a single digit.
        if digits[0] == UInt8(ascii: "+") { return UInt8(String(decoding: digits[1...], as: UTF8.self), radix: 16) }
        guard digits[0] != UInt8(ascii: "-") else { return nil }
        return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}

extension [UInt8] {
    /// Every occurrence of `old`, from the left, replaced by `new`. An empty `old` is nowhere.
    func replacing(_ old: [UInt8], by new: [UInt8]) -> [UInt8] {
        guard let first = old.first, contains(first), count >= old.count else { return self }
        var result: [UInt8] = []
        result.reserveCapacity(count)
        var index = 0
        while index < count {
            if self[index] == first, index + old.count <= count, self[index..<index + old.count].elementsEqual(old) {
                result.append(contentsOf: new)
                index += old.count
            } else {
                result.append(self[index])
                index += 1
            }
        }
        return result
    }

    /// Without up to `start` times `content` at the beginning, and up to `stop` times at the end.
    func stripping(_ content: [UInt8], _ start: Int, _ stop: Int) -> [UInt8] {
        guard !content.isEmpty else { return self }
        var rest = self[...]
        for _ in 0..<start {
            guard rest.starts(with: content) else { break }
            rest = rest.dropFirst(content.count)
        }
        for _ in 0..<stop {
            guard rest.count >= content.count, rest.suffix(content.count).elementsEqual(content) else { break }
            rest = rest.dropLast(content.count)
        }
        return Array(rest)
    }

    var isValidUTF8: Bool {
        withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                let length = characterLength(bytes, index)
                if length == 1, bytes[index] >= 0x80 { return false }
                index += length
            }
            return true
        }
    }
}
