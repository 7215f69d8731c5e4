/// WordPiece as llama.cpp runs it: "▁" before each word, then the longest token at each place; a word with a place
/// where none fits is unknown.
struct GGUFWordPiece: TokenModel {
    private let vocabulary: Vocabulary
    private let trie: ByteTrie
    private let unknown: TokenID

    init(_ vocabulary: Vocabulary, unknown: TokenID) {
        self.vocabulary = vocabulary
        self.unknown = unknown
        var spellings: [[UInt8]] = []
        var ids: [Int32] = []
        for id in 0..<TokenID(truncatingIfNeeded: vocabulary.size) {
            guard let spelling = vocabulary.spelling(of: id) else { continue }
            spellings.append(spelling)
            ids.append(id)
        }
        trie = ByteTrie(spellings, values: ids)
    }

    var vocabularySize: Int { vocabulary.size }
    func id(of token: some Collection<UInt8>) -> TokenID? { vocabulary.id(of: token) }
    func spelling(of id: TokenID) -> [UInt8]? { vocabulary.spelling(of: id) }

    func tokenize(_ word: UnsafeBufferPointer<UInt8>, into pieces: inout [Piece]) {
        let marked = BPE.metaspace + word
        let before = pieces.count
        var place = 0
        marked.withUnsafeBufferPointer { marked in
            trie.units.withUnsafeBufferPointer { units in
                while place < marked.count {
                    var node = ByteTrie.root
                    var index = place
                    var best: (end: Int, id: Int32)?
                    while index < marked.count, let next = ByteTrie.step(units, node, marked[index]) {
                        node = next
                        index += 1
                        if units[Int(node)].value >= 0 { best = (index, units[Int(node)].value) }
                    }
                    guard let best else {
                        pieces.removeLast(pieces.count - before)
                        break
                    }
                    pieces.append(Piece(id: best.id, range: max(0, place - 3)..<max(0, best.end - 3)))
                    place = best.end
                }
            }
        }
        if pieces.count == before { pieces.append(Piece(id: unknown, range: 0..<word.count)) }
    }
}

/// Prepares text for BERT's vocabularies as llama.cpp does: no accents, lower case, words at white space, each mark of
/// punctuation and each Chinese character a word.
struct GGUFWords: PreTokenizer {
    let lowercase: Bool
    let stripsAccents: Bool

    func split(_ words: [AlignedText]) -> [AlignedText] {
        var result: [AlignedText] = []
        for text in words { split(text, into: &result) }
        return result
    }

    private func split(_ text: AlignedText, into result: inout [AlignedText]) {
        var word = AlignedText(bytes: [], sources: [], origin: text.origin)
        func end() {
            if !word.bytes.isEmpty { result.append(word) }
            word = AlignedText(bytes: [], sources: [], origin: text.origin)
        }
        var replaced = text
        replaced.replaceInvalidUTF8(longest: false)
        let names = UnicodeData.categoryNames
        replaced.bytes.withUnsafeBufferPointer { bytes in
            var place = 0
            while place < bytes.count {
                let scalar = UTF8Scalar.at(place, in: bytes)
                let source = replaced.source(of: place..<place + scalar.length)
                place += scalar.length
                let value = stripsAccents ? GGUFWords.base(scalar.value) : scalar.value
                var flags = UnicodeTables.flags(value)
                if flags & UnicodeTables.Flags.later != 0 { flags = 0 }
                if flags & UnicodeTables.Flags.whiteSpace != 0 {
                    end()
                    continue
                }
                let category = names[Int(flags & UnicodeTables.Flags.category)]
                let isControl = category.hasPrefix("C") && category != "Cn"
                if value == 0 || value == 0xFFFD || isControl { continue }
                if stripsAccents, category.hasPrefix("M") { continue }
                let alone =
                    category.hasPrefix("P") || (value < 0x7F && category.hasPrefix("S"))
                    || GGUFWords.isChinese(value)
                if alone { end() }
                let before = word.bytes.count
                UTF8Scalar.append(lowercase ? GGUFWords.lower(value, category) : value, to: &word.bytes)
                let range = Int32(truncatingIfNeeded: source.lowerBound)..<Int32(truncatingIfNeeded: source.upperBound)
                word.sources?.append(contentsOf: repeatElement(range, count: word.bytes.count - before))
                if alone { end() }
            }
        }
        end()
    }

    /// The first character of the canonical decomposition: all that llama.cpp keeps of it.
    private static func base(_ scalar: UInt32) -> UInt32 {
        if scalar >= 0xAC00, scalar <= 0xD7A3 { return 0x1100 + (scalar - 0xAC00) / 588 }
        if scalar == 0x11938 { return 0x11935 }
        var scalar = scalar
        while UnicodeTables.flags(scalar) & UnicodeTables.Flags.canonical != 0, scalar < 0xAC00 || scalar > 0xD7A3,
            let first = NormalizationData.shared.canonical[scalar]?.first
        {
            scalar = first
        }
        return scalar
    }

    private static func lower(_ scalar: UInt32, _ category: String) -> UInt32 {
        category == "Cn" ? scalar : UnicodeTables.lowerCase(scalar).0
    }

    private static func isChinese(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }
}
