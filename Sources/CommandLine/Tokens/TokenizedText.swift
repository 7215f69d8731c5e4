import ApusTokenization

/// A text with its tokens, ready to be shown.
struct TokenizedText: Sendable {
    /// A stretch of what is shown.
    struct Part: Sendable {
        enum Content: Sendable, Equatable {
            /// Characters of the input.
            case text(String)
            /// Bytes of the input that are no whole characters: a character that several tokens share.
            case bytes([UInt8])
            /// A token that stands for nothing of its own in the input, by its spelling: one that was added, or one
            /// more for bytes that were shown already.
            case spelling(String)
        }
        var content: Content
        /// The position in `pieces`; nil for input that no token stands for.
        var token: Int?
    }

    let bytes: [UInt8]
    let pieces: [Piece]
    let parts: [Part]

    init(bytes: [UInt8], pieces: [Piece], tokenizer: Tokenizer) {
        self.bytes = bytes
        self.pieces = pieces
        var parts: [Part] = []
        var shown = 0
        for (index, piece) in pieces.enumerated() {
            let start = max(0, min(piece.range.lowerBound, bytes.count))
            let end = max(start, min(piece.range.upperBound, bytes.count))
            if end > shown, start > shown {
                parts.append(Part(content: Self.content(bytes[shown..<start]), token: nil))
                shown = start
            }
            if end > shown {
                parts.append(Part(content: Self.content(bytes[shown..<end]), token: index))
                shown = end
            } else {
                let spelling = String(decoding: tokenizer.spelling(of: piece.id) ?? [], as: UTF8.self)
                parts.append(Part(content: .spelling(spelling), token: index))
            }
        }
        if shown < bytes.count { parts.append(Part(content: Self.content(bytes[shown...]), token: nil)) }
        self.parts = parts
    }

    private static func content(_ bytes: ArraySlice<UInt8>) -> Part.Content {
        String(validating: bytes, as: UTF8.self).map { .text($0) } ?? .bytes(Array(bytes))
    }

    /// Bytes as two hexadecimal digits each.
    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: " ")
    }

    /// Bytes as a text in quotes, in which everything that has no picture is escaped.
    static func quoted(_ bytes: [UInt8]) -> String {
        var result = "\""
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let (scalar, length) = firstScalar(of: rest) else {
                let byte = rest.removeFirst()
                result += "\\x" + hexadecimal([byte])
                continue
            }
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
                    result += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
                default: result.unicodeScalars.append(scalar)
                }
            }
            rest.removeFirst(length)
        }
        return result + "\""
    }

    private static func firstScalar(of bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
        for length in 1...4 where length <= bytes.count {
            if let text = String(validating: bytes.prefix(length), as: UTF8.self),
                let scalar = text.unicodeScalars.first
            {
                return (scalar, length)
            }
        }
        return nil
    }
}
