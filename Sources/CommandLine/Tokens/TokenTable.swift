import ApusTokenization

/// Tokens as text: coloured, and as a table of ids, pieces and byte offsets.
struct TokenTable {
    let text: TokenizedText
    let tokenizer: Tokenizer
    let style: Style

    /// The input with each token on a colour of its own.
    var coloured: String {
        var result = ""
        for part in text.parts {
            let shown =
                switch part.content {
                case .text(let text): text
                case .bytes(let bytes): "⟨" + TokenizedText.hexadecimal(bytes) + "⟩"
                case .spelling(let spelling): "⟨" + spelling + "⟩"
                }
            guard let token = part.token else {
                result += shown
                continue
            }
            // A colour that runs over a line's end would fill the rest of the line.
            let lines = shown.split(separator: "\n", omittingEmptySubsequences: false)
            result += lines.enumerated().map { index, line in
                let mark = index < lines.count - 1 ? "⏎" : ""
                return style.token(line + mark, number: token)
            }.joined(separator: "\n")
        }
        return result
    }

    /// A line a token. For people the columns are aligned under a heading, for programs they are divided by tabs.
    func lines(aligned: Bool) -> [String] {
        let rows = text.pieces.map { piece in
            [
                String(piece.id), TokenizedText.quoted(tokenizer.piece(of: piece.id) ?? []),
                String(piece.range.lowerBound), String(piece.range.upperBound),
            ]
        }
        guard aligned else { return rows.map { $0.joined(separator: "\t") } }
        return TextTable(
            columns: [
                .init("id", .right), .init("piece", .left, limit: 40), .init("start", .right), .init("end", .right),
            ], rows: rows
        ).lines(style: style)
    }
}
