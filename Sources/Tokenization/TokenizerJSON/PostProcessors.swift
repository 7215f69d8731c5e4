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
        var added: [TokenID: [UInt8]] = [:]

        /// An added token is spelled as it stands in the text, with the white space that it takes in.
        func spelling(of piece: Piece, in text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
            guard let content = added[piece.id] else { return model.spelling(of: piece.id) }
            guard !piece.range.isEmpty, piece.range.upperBound <= text.count else { return content }
            return Array(text[piece.range])
        }
    }

    /// Pieces, and which of the texts their ranges refer to.
    private struct Part {
        var pieces: [Piece]
        var text: Int
    }

    let kind: Kind

    func process(_ first: [Piece], _ second: [Piece]?, texts: [UnsafeBufferPointer<UInt8>]) -> [Piece] {
        let parts = [Part(pieces: first, text: 0)] + (second.map { [Part(pieces: $0, text: 1)] } ?? [])
        return JSONPostProcessor.apply(kind, parts, texts).flatMap(\.pieces)
    }

    private static func apply(_ kind: Kind, _ parts: [Part], _ texts: [UnsafeBufferPointer<UInt8>]) -> [Part] {
        func added(_ id: TokenID) -> [Piece] { [Piece(id: id, range: 0..<0)] }
        func trimmed(_ trim: Trimming?) -> [Part] {
            parts.map { part in
                guard let trim, part.text < texts.count else { return part }
                return Part(pieces: JSONPostProcessor.trimmed(part.pieces, trim, texts[part.text]), text: part.text)
            }
        }
        func surrounded(_ parts: [Part], _ first: TokenID, _ second: TokenID?, _ last: TokenID) -> [Part] {
            parts.enumerated().map { index, part in
                let before = index == 0 ? added(first) : second.map(added) ?? []
                return Part(pieces: before + part.pieces + added(last), text: part.text)
            }
        }
        switch kind {
        case .template(let single, let pair):
            return (parts.count > 1 ? pair : single).map { slot in
                switch slot {
                case .first: parts.first ?? Part(pieces: [], text: 0)
                case .second: parts.count > 1 ? parts[1] : Part(pieces: [], text: 1)
                case .special(let ids): Part(pieces: ids.map { Piece(id: $0, range: 0..<0) }, text: 0)
                }
            }
        case .bert(let separator, let classifier): return surrounded(parts, classifier, nil, separator)
        case .roberta(let separator, let classifier, let trim):
            return surrounded(trimmed(trim), classifier, separator, separator)
        case .byteLevel(let trim): return trimmed(trim)
        case .sequence(let kinds): return kinds.reduce(parts) { apply($1, $0, texts) }
        }
    }

    /// As the package does it, by whole characters of the text: a token that begins with two spaces begins two
    /// characters later, whatever these are.
    private static func trimmed(
        _ pieces: [Piece], _ trimming: Trimming, _ text: UnsafeBufferPointer<UInt8>
    ) -> [Piece] {
        func isInside(_ place: Int) -> Bool { place > 0 && place < text.count && text[place] & 0xC0 == 0x80 }
        func after(_ place: Int) -> Int {
            var place = place + 1
            while isInside(place) { place += 1 }
            return place
        }
        func before(_ place: Int) -> Int {
            var place = place - 1
            while isInside(place) { place -= 1 }
            return place
        }
        var pieces = pieces
        for index in pieces.indices {
            guard let spelling = trimming.spelling(of: pieces[index], in: text) else { continue }
            var (leading, trailing) = spaces(spelling)
            guard leading > 0 || trailing > 0 else { continue }
            var low = pieces[index].range.lowerBound
            var high = pieces[index].range.upperBound
            if !pieces[index].range.isEmpty {
                while isInside(low) { low -= 1 }
                while isInside(high) { high += 1 }
            }
            if leading == 1, index == 0 || low == 0, trimming.addPrefixSpace {
                leading = 0
                // A space by itself that was put before the text stands for none of it.
                if spelling == [0xC4, 0xA0] || spelling == [0x20] { high = low }
            }
            while leading > 0, low < high {
                low = after(low)
                leading -= 1
            }
            low = min(low, high)
            while trailing > 0, high > low {
                high = before(high)
                trailing -= 1
            }
            pieces[index].range = low..<max(low, high)
        }
        return pieces
    }

    /// How many characters at both ends are white space.
    private static func spaces(_ spelling: [UInt8]) -> (leading: Int, trailing: Int) {
        var isSpace: [Bool] = []
        spelling.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                let (value, length) = character(bytes, index)
                isSpace.append(value == 0x120 || UnicodeTables.isWhiteSpace(value))
                index += length
            }
        }
        return (isSpace.prefix { $0 }.count, isSpace.reversed().prefix { $0 }.count)
    }
}
