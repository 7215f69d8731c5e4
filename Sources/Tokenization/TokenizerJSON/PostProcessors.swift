/// The post-processors of the tokenizers package.
struct JSONPostProcessor: PostProcessor {
    enum Slot: Sendable {
        case first
        case second
        case special([TokenID])
    }

    indirect enum Kind: Sendable {
        case template(single: [Slot], pair: [Slot])
        case bert(separator: TokenID, classifier: TokenID)
        case roberta(separator: TokenID, classifier: TokenID, trim: Trimming?)
        case byteLevel(trim: Trimming?)
        case sequence([Kind])
    }

    /// Takes leading and trailing spaces out of ranges; needs to know how tokens are spelled.
    struct Trimming: Sendable {
        var addPrefixSpace: Bool
        var model: any TokenModel
    }

    let kind: Kind

    func process(_ first: [Piece], _ second: [Piece]?) -> [Piece] {
        Array(JSONPostProcessor.apply(kind, second.map { [first, $0] } ?? [first]).joined())
    }

    private static func apply(_ kind: Kind, _ parts: [[Piece]]) -> [[Piece]] {
        func added(_ id: TokenID) -> [Piece] { [Piece(id: id, range: 0..<0)] }
        switch kind {
        case .template(let single, let pair):
            return (parts.count > 1 ? pair : single).map { slot in
                switch slot {
                case .first: parts.first ?? []
                case .second: parts.count > 1 ? parts[1] : []
                case .special(let ids): ids.map { Piece(id: $0, range: 0..<0) }
                }
            }
        case .bert(let separator, let classifier):
            return parts.enumerated().map { index, part in
                (index == 0 ? added(classifier) : []) + part + added(separator)
            }
        case .roberta(let separator, let classifier, let trim):
            return parts.map { trimmed($0, trim) }.enumerated().map { index, part in
                added(index == 0 ? classifier : separator) + part + added(separator)
            }
        case .byteLevel(let trim): return parts.map { trimmed($0, trim) }
        case .sequence(let kinds): return kinds.reduce(parts) { apply($1, $0) }
        }
    }

    private static func trimmed(_ pieces: [Piece], _ trimming: Trimming?) -> [Piece] {
        guard let trimming else { return pieces }
        var pieces = pieces
        for index in pieces.indices {
            guard let spelling = trimming.model.spelling(of: pieces[index].id) else { continue }
            var (leading, trailing) = spaces(spelling)
            guard leading.count > 0 || trailing.count > 0 else { continue }
            var low = pieces[index].range.lowerBound
            var high = pieces[index].range.upperBound
            if leading.count == 1, index == 0 || low == 0, trimming.addPrefixSpace {
                leading = (0, 0)
                // A space by itself that was put before the text stands for none of it.
                if spelling == [0xC4, 0xA0] || spelling == [0x20] { high = low }
            }
            low = min(low + leading.bytes, high)
            if trailing.bytes <= high { high = max(high - trailing.bytes, low) }
            pieces[index].range = low..<high
        }
        return pieces
    }

    /// White space at both ends: how many characters, and how many bytes of text they stand for (`Ġ` for one).
    private static func spaces(
        _ spelling: [UInt8]
    ) -> (leading: (count: Int, bytes: Int), trailing: (count: Int, bytes: Int)) {
        var characters: [(value: UInt32, length: Int)] = []
        spelling.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                characters.append(character(bytes, index))
                index += characters[characters.count - 1].length
            }
        }
        func run(_ characters: some Sequence<(value: UInt32, length: Int)>) -> (count: Int, bytes: Int) {
            var result = (count: 0, bytes: 0)
            for (value, length) in characters {
                guard value == 0x120 || UnicodeTables.isWhiteSpace(value) else { break }
                result = (result.count + 1, result.bytes + (value == 0x120 ? 1 : length))
            }
            return result
        }
        return (run(characters), run(characters.reversed()))
    }
}
