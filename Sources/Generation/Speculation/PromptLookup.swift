import ApusTokenization

/// Guesses that a text goes on as it did where its last tokens stood before (prompt look-up decoding, Saxena 2023).
///
/// The place with the longest common past is taken, of equals the latest. Each token enters an index once.
final class PromptLookup: Drafter {
    private var tokens: [TokenID]
    /// The latest place of each pair of tokens: the index of its second one.
    private var places: [UInt64: Int] = [:]
    /// For each place, the one before it of the same pair; -1 for none.
    private var earlier: [Int] = [-1]
    /// The place whose past is most like that of the end.
    private var source: Int?

    /// How many places are compared, and how far back.
    private static let mostPlaces = 16
    private static let mostCompared = 32

    init(_ tokens: [TokenID]) {
        self.tokens = tokens
    }

    func append(_ token: TokenID) { tokens.append(token) }

    func ground() -> DraftGround? {
        source = nil
        index()
        guard tokens.count > 2 else { return nil }
        var place = places[pair(endingAt: tokens.count - 1)] ?? -1
        var longest = 1
        for _ in 0..<Self.mostPlaces where place >= 0 {
            let length = commonPast(place)
            if length > longest { (source, longest) = (place, length) }
            place = earlier[place]
        }
        return source.map { _ in DraftGround(repeated: longest) }
    }

    /// A text that repeats itself in a loop is guessed to go on in it.
    func draft(_ count: Int) -> [TokenID] {
        guard let source else { return [] }
        var draft: [TokenID] = []
        for place in source + 1..<source + 1 + count {
            draft.append(place < tokens.count ? tokens[place] : draft[place - tokens.count])
        }
        return draft
    }

    /// Enters all pairs but the last, which is the one looked for.
    private func index() {
        for place in earlier.count..<max(earlier.count, tokens.count - 1) {
            earlier.append(places.updateValue(place, forKey: pair(endingAt: place)) ?? -1)
        }
    }

    private func pair(endingAt place: Int) -> UInt64 {
        UInt64(UInt32(bitPattern: tokens[place - 1])) << 32 | UInt64(UInt32(bitPattern: tokens[place]))
    }

    /// How many tokens up to `place` are those at the end of the text.
    private func commonPast(_ place: Int) -> Int {
        var length = 0
        while length < min(Self.mostCompared, place + 1), tokens[place - length] == tokens[tokens.count - 1 - length] {
            length += 1
        }
        return length
    }
}
