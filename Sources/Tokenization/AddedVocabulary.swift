/// A token that is found in the text before the model sees it: special tokens, and words added to a vocabulary later.
public struct AddedToken: Sendable, Equatable {
    public var id: TokenID
    public var content: [UInt8]
    /// Found only where neither neighbour is a word character (`\w`).
    public var singleWord: Bool
    /// Takes the white space to its left, or right, with it.
    public var stripsLeft: Bool
    public var stripsRight: Bool
    /// Looked for in the normalised text, and itself normalised; otherwise in the text as it was given.
    public var normalized: Bool
    /// A control token: found only when special tokens are parsed, left out when they are skipped in decoding.
    public var special: Bool

    public init(
        id: TokenID, content: [UInt8], singleWord: Bool = false, stripsLeft: Bool = false, stripsRight: Bool = false,
        normalized: Bool = false, special: Bool = true
    ) {
        self.id = id
        self.content = content
        self.singleWord = singleWord
        self.stripsLeft = stripsLeft
        self.stripsRight = stripsRight
        self.normalized = normalized
        self.special = special
    }
}

/// How added tokens that overlap in a text compete.
public enum AddedTokenMatching: Sendable {
    /// The leftmost, and of several that begin there the longest: the tokenizers package.
    case leftmostLongest
    /// The longest in the whole text first, then the next longest in what is left: llama.cpp.
    case longestFirst
}

/// A part of a text: an added token, or text for the model.
struct Fragment: Equatable {
    var range: Range<Int>
    /// nil for text.
    var token: TokenID?
}

/// Finds added tokens in texts.
///
/// The contents lie in a trie that is walked from each place whose byte begins one; the cost is that of the text times,
/// at worst, the longest content.
struct AddedTokenFinder: Sendable {
    private let tokens: [AddedToken]
    private let trie: AddedTokenTrie
    private let matching: AddedTokenMatching

    /// - Parameter spellings: the contents to look for, where they differ from `content` (normalised tokens).
    init(_ tokens: [AddedToken], spellings: [[UInt8]]? = nil, matching: AddedTokenMatching) {
        self.tokens = tokens
        self.matching = matching
        var trie = AddedTokenTrie()
        for (index, token) in tokens.enumerated() {
            let spelling = spellings?[index] ?? token.content
            if !spelling.isEmpty { trie.insert(spelling, value: Int32(index)) }
        }
        self.trie = trie
    }

    var isEmpty: Bool { tokens.isEmpty }

    /// Cuts `text` into fragments that cover it, but for white space that llama.cpp's strip attributes drop.
    ///
    /// - Parameter parseSpecial: whether a special token that is written at a place is that token there.
    func fragments(of text: UnsafeBufferPointer<UInt8>, parseSpecial: (Range<Int>) -> Bool) -> [Fragment] {
        guard !text.isEmpty else { return [] }
        guard !isEmpty else { return [Fragment(range: 0..<text.count)] }
        switch matching {
        case .leftmostLongest: return leftmostLongest(text, parseSpecial)
        case .longestFirst: return longestFirst(text, parseSpecial)
        }
    }

    func fragments(of text: UnsafeBufferPointer<UInt8>, parseSpecial: Bool) -> [Fragment] {
        fragments(of: text) { _ in parseSpecial }
    }

    private func leftmostLongest(
        _ text: UnsafeBufferPointer<UInt8>, _ parseSpecial: (Range<Int>) -> Bool
    ) -> [Fragment] {
        var fragments: [Fragment] = []
        var done = 0
        var place = 0
        while let (found, index) = trie.next(in: text, from: place) {
            // A match that is refused still uses up its bytes: so does the reference's iterator.
            place = found.upperBound
            let token = tokens[Int(index)]
            if token.special, !parseSpecial(found) { continue }
            if token.singleWord, touchesWord(text, found) { continue }
            var start = found.lowerBound
            var stop = found.upperBound
            if token.stripsLeft { start = max(WhiteSpace.start(of: text, before: start), done) }
            if token.stripsRight { stop = WhiteSpace.end(of: text, after: stop) }
            if done < start { fragments.append(Fragment(range: done..<start)) }
            fragments.append(Fragment(range: start..<max(start, stop), token: token.id))
            done = stop
        }
        if done < text.count { fragments.append(Fragment(range: done..<text.count)) }
        return fragments
    }

    private func touchesWord(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        if range.lowerBound > 0, let scalar = UTF8Scalar.before(range.lowerBound, in: text),
            UnicodeTables.isWord(scalar)
        {
            return true
        }
        return range.upperBound < text.count
            && UnicodeTables.isWord(UTF8Scalar.at(range.upperBound, in: text).value)
    }

    /// llama.cpp cuts the text at all occurrences of its longest token, then cuts what is left at those of the next.
    private func longestFirst(
        _ text: UnsafeBufferPointer<UInt8>, _ parseSpecial: (Range<Int>) -> Bool
    ) -> [Fragment] {
        var matches: [(length: Int, order: Int32, start: Int)] = []
        trie.forEachMatch(in: text) { start, length, index in
            if !tokens[Int(index)].special || parseSpecial(start..<start + length) {
                matches.append((length, index, start))
            }
        }
        guard !matches.isEmpty else { return [Fragment(range: 0..<text.count)] }
        matches.sort {
            if $0.length != $1.length { return $0.length > $1.length }
            return $0.order != $1.order ? $0.order < $1.order : $0.start < $1.start
        }
        // What is taken: token by first byte, and each byte's owner.
        var taken = [Bool](repeating: false, count: text.count)
        var found: [(start: Int, end: Int, index: Int32)] = []
        for match in matches {
            let end = match.start + match.length
            // Longer tokens came first, so a taken stretch inside this one reaches one of its ends, or was stripped.
            if taken[match.start..<end].contains(true) { continue }
            for place in match.start..<end { taken[place] = true }
            found.append((match.start, end, match.order))
            let token = tokens[Int(match.order)]
            if token.stripsLeft {
                var place = match.start
                while place > 0, !taken[place - 1], WhiteSpace.isASCII(text[place - 1]) {
                    place -= 1
                    taken[place] = true
                }
            }
            if token.stripsRight {
                var place = end
                while place < text.count, !taken[place], WhiteSpace.isASCII(text[place]) {
                    taken[place] = true
                    place += 1
                }
            }
        }
        found.sort { $0.start < $1.start }
        var fragments: [Fragment] = []
        var place = 0
        for match in found {
            appendText(place..<match.start, taken, to: &fragments)
            fragments.append(Fragment(range: match.start..<match.end, token: tokens[Int(match.index)].id))
            place = match.end
        }
        appendText(place..<text.count, taken, to: &fragments)
        return fragments
    }

    /// The text between two tokens, without the white space that they took.
    private func appendText(_ range: Range<Int>, _ taken: [Bool], to fragments: inout [Fragment]) {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, taken[start] { start += 1 }
        while end > start, taken[end - 1] { end -= 1 }
        if start < end { fragments.append(Fragment(range: start..<end)) }
    }
}

/// White space as the rules for added tokens see it.
enum WhiteSpace {
    /// C's `isspace` in the "C" locale.
    static func isASCII(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

    /// Where the white space (Unicode's) begins that ends at `end`.
    static func start(of text: UnsafeBufferPointer<UInt8>, before end: Int) -> Int {
        var place = end
        while place > 0 {
            var start = place - 1
            while start > 0, place - start < 4, text[start] & 0xC0 == 0x80 { start -= 1 }
            let scalar = UTF8Scalar.at(start, in: text)
            guard start + scalar.length == place, UnicodeTables.isWhiteSpace(scalar.value) else { break }
            place = start
        }
        return place
    }

    /// Where the white space (Unicode's) ends that begins at `start`.
    static func end(of text: UnsafeBufferPointer<UInt8>, after start: Int) -> Int {
        var place = start
        while place < text.count {
            let scalar = UTF8Scalar.at(place, in: text)
            guard UnicodeTables.isWhiteSpace(scalar.value) else { break }
            place += scalar.length
        }
        return place
    }
}
