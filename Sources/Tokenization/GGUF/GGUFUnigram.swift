/// A unigram model as llama.cpp runs it (T5): the best path by sums of scores in double precision; user-defined tokens
/// score 0; unknown characters beside each other are one unknown token.
struct GGUFUnigram: TokenModel {
    private let vocabulary: Vocabulary
    private let trie: ByteTrie
    private let scores: [Double]
    private let unknown: TokenID
    private let unknownScore: Double

    init(_ vocabulary: Vocabulary, types: [GGUFTokenType], scores: [Float], unknown: TokenID) {
        self.vocabulary = vocabulary
        self.unknown = unknown
        var spellings: [[UInt8]] = []
        var ids: [Int32] = []
        var lowest = Float.greatestFiniteMagnitude
        var doubles = [Double](repeating: 0, count: vocabulary.size)
        for id in 0..<vocabulary.size {
            let type = types[id]
            let score = id < scores.count ? scores[id] : 0
            doubles[id] = type == .userDefined ? 0 : Double(score)
            if type == .normal { lowest = min(lowest, score) }
            guard type == .normal || type == .userDefined || type == .unused,
                let spelling = vocabulary.spelling(of: TokenID(id))
            else { continue }
            spellings.append(spelling)
            ids.append(Int32(id))
        }
        trie = ByteTrie(spellings, values: ids)
        self.scores = doubles
        unknownScore = Double(lowest - 10)
    }

    var vocabularySize: Int { vocabulary.size }
    func id(of token: some Collection<UInt8>) -> TokenID? { vocabulary.id(of: token) }
    func spelling(of id: TokenID) -> [UInt8]? { vocabulary.spelling(of: id) }

    private struct Step {
        var id: TokenID
        var start: Int
        var score: Double
    }

    func tokenize(_ word: UnsafeBufferPointer<UInt8>, into pieces: inout [Piece]) {
        let count = word.count
        guard count > 0 else { return }
        var steps = [Step](
            repeating: Step(id: unknown, start: 0, score: -Double.greatestFiniteMagnitude), count: count + 1)
        steps[0].score = 0
        trie.units.withUnsafeBufferPointer { units in
            var place = 0
            while place < count {
                let first = word[place]
                let length = min(first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4, count - place)
                let score = steps[place].score
                var isKnown = false
                var node = ByteTrie.root
                var index = place
                while index < count, let next = ByteTrie.step(units, node, word[index]) {
                    node = next
                    index += 1
                    let id = units[Int(node)].value
                    guard id >= 0 else { continue }
                    if index - place == length { isKnown = true }
                    let sum = score + scores[Int(id)]
                    if sum > steps[index].score { steps[index] = Step(id: id, start: place, score: sum) }
                }
                if !isKnown, score + unknownScore > steps[place + length].score {
                    steps[place + length] = Step(id: unknown, start: place, score: score + unknownScore)
                }
                place += length
            }
        }
        var path: [Piece] = []
        var end = count
        while end > 0 {
            let step = steps[end]
            if step.id == unknown, path.last?.id == unknown {
                path[path.count - 1].range = step.start..<path[path.count - 1].range.upperBound
            } else {
                path.append(Piece(id: step.id, range: step.start..<end))
            }
            guard step.start < end else { break }
            end = step.start
        }
        pieces.append(contentsOf: path.reversed())
    }
}

/// Prepares text for a T5 vocabulary as llama.cpp does: user-defined tokens stay, the precompiled map is applied, white
/// space becomes "▁".
struct GGUFUnigramNormalizer: Normalizer {
    private let map: PrecompiledMap?
    private let userDefined: ByteTrie?
    private let addsSpace: Bool
    private let mergesSpaces: Bool

    init(map: [UInt8], userDefined: [[UInt8]], addsSpace: Bool, mergesSpaces: Bool) throws(SentencePieceError) {
        self.map = map.isEmpty ? nil : try PrecompiledMap(map)
        self.userDefined =
            userDefined.isEmpty ? nil : ByteTrie(userDefined, values: userDefined.indices.map { Int32($0) })
        self.addsSpace = addsSpace
        self.mergesSpaces = mergesSpaces
    }

    func normalize(_ text: inout AlignedText) {
        let input = text
        var bytes: [UInt8] = []
        var sources: [Range<Int32>] = []
        func append(_ part: some Collection<UInt8>, _ source: Range<Int32>) {
            bytes.append(contentsOf: part)
            sources.append(contentsOf: repeatElement(source, count: part.count))
        }
        var isSpaced = false
        var inWord = false
        input.bytes.withUnsafeBufferPointer { raw in
            var place = 0
            while place < raw.count {
                let (part, length) = prefix(raw, place)
                let range = input.source(of: place..<place + length)
                let source = Int32(truncatingIfNeeded: range.lowerBound)..<Int32(truncatingIfNeeded: range.upperBound)
                for byte in part {
                    if byte != 0x20 {
                        if !inWord {
                            inWord = true
                            if (addsSpace && !isSpaced) || mergesSpaces {
                                append(BPE.metaspace, source.lowerBound..<source.lowerBound)
                                isSpaced = true
                            }
                        }
                        append(CollectionOfOne(byte), source)
                    } else {
                        inWord = false
                        if !mergesSpaces { append(BPE.metaspace, source) }
                    }
                }
                place += length
            }
        }
        text = AlignedText(bytes: bytes, sources: sources, origin: text.origin)
    }

    /// What the text at `place` becomes, and how much of it.
    private func prefix(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) -> ([UInt8], Int) {
        if let userDefined {
            // llama.cpp takes any beginning of a user-defined token for one.
            let length = userDefined.units.withUnsafeBufferPointer { units in
                var node = ByteTrie.root
                var index = place
                while index < text.count, let next = ByteTrie.step(units, node, text[index]) {
                    node = next
                    index += 1
                }
                return index - place
            }
            if length > 0 { return (Array(text[place..<place + length]), length) }
        }
        if let map, let match = map.match(text, place..<text.count) {
            return (Array(map.replacement(match.replacement)), match.length)
        }
        let scalar = UTF8Scalar.at(place, in: text)
        if scalar.length == 1, scalar.value == 0xFFFD { return ([0xEF, 0xBF, 0xBD], 1) }
        return (Array(text[place..<place + scalar.length]), scalar.length)
    }
}
