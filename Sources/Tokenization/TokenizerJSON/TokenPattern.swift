/// What a `Split` or `Replace` step looks for: a text as it stands, or a regular expression.
enum TokenPattern: Sendable {
    case text([UInt8])
    case regex(TokenizerRegex)

    /// All matches from left to right; they do not overlap and may be empty.
    func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        switch self {
        case .regex(let regex): return regex.matches(in: bytes)
        case .text(let text):
            guard let first = text.first else { return TokenPattern.boundaries(bytes) }
            var result: [Range<Int>] = []
            var index = 0
            while index + text.count <= bytes.count {
                if bytes[index] == first, text.indices.allSatisfy({ bytes[index + $0] == text[$0] }) {
                    result.append(index..<index + text.count)
                    index += text.count
                } else {
                    index += 1
                }
            }
            return result
        }
    }

    /// The empty text is found before, after and between all characters.
    private static func boundaries(_ bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var index = 0
        while index < bytes.count {
            result.append(index..<index)
            index += characterLength(bytes, index)
        }
        return result + [bytes.count..<bytes.count]
    }

    func replacing(_ bytes: [UInt8], by content: [UInt8]) -> [UInt8] {
        if case .text(let text) = self, !text.isEmpty { return bytes.replacing(text, by: content) }
        guard !bytes.isEmpty else { return bytes }
        var result: [UInt8] = []
        var end = 0
        for match in bytes.withUnsafeBufferPointer({ matches($0) }) {
            result.append(contentsOf: bytes[end..<match.lowerBound])
            result.append(contentsOf: content)
            end = match.upperBound
        }
        result.append(contentsOf: bytes[end...])
        return result
    }
}
