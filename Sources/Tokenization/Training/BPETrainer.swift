/// Learns byte-pair merges (Sennrich et al. 2016) from words and their counts: again and again the most frequent pair
/// of neighbours becomes one token.
///
/// Gives the merges of the tokenizers package's `BpeTrainer`: the same initial alphabet and order, ties to the smaller
/// pair of ids. Where that package's own result depends on the order of a hash table (ids of characters that carry a
/// prefix or suffix, characters of equal count that a limited alphabet drops), the order of bytes decides here.
public struct BPETrainer: Sendable {
    public var vocabularySize = 30_000
    /// A pair that was seen less often is never merged.
    public var minimumFrequency = 0
    /// First in the vocabulary, in this order.
    public var specialTokens: [[UInt8]] = []
    /// Characters that are in the vocabulary even if the text has none of them.
    public var initialAlphabet: Set<UInt32> = []
    /// At most so many characters, the most frequent; others are dropped from the words.
    public var limitAlphabet: Int?
    /// What begins each token but a word's first (`##`).
    public var continuingPrefix: [UInt8] = []
    /// What ends each word's last token (`</w>`).
    public var endOfWordSuffix: [UInt8] = []
    /// Tokens of as many or more characters are not made.
    public var maximumTokenLength: Int?

    public init() {}

    /// A vocabulary (ids are positions) and the pairs of ids that merge, the first first.
    public struct Result: Sendable, Equatable {
        public var tokens: [[UInt8]] = []
        public var merges: [Merge] = []
    }

    public struct Merge: Sendable, Equatable {
        public var left: TokenID
        public var right: TokenID
        public var token: TokenID
    }

    /// Words, cut into symbols.
    private struct Corpus {
        /// All words one after another; a word shrinks in its place.
        var symbols: [Int32] = []
        var starts: [Int] = [0]
        var lengths: [Int32] = []
        var counts: [Int] = []
    }

    private struct Candidate: HeapElement {
        var count: Int
        var pair: UInt64
        /// Where its words are listed.
        var list: Int

        @inline(__always)
        static func precedes(_ a: Candidate, _ b: Candidate) -> Bool {
            a.count > b.count || (a.count == b.count && a.pair < b.pair)
        }
    }

    /// - Parameter progress: called now and then with the merges made and the number aimed at.
    public func train(_ words: WordCounts, progress: ((Int, Int) -> Void)? = nil) -> Result {
        let words = words.sorted()
        var vocabulary = Vocabulary()
        for token in specialTokens { vocabulary.id(of: token) }
        for character in alphabet(words) {
            var spelling: [UInt8] = []
            spelling.append(character: character)
            vocabulary.id(of: spelling)
        }
        var corpus = symbols(words, &vocabulary)
        var merges: [Merge] = []
        mergePairs(&corpus, &vocabulary, &merges, progress)
        return Result(tokens: vocabulary.tokens, merges: merges)
    }

    private struct Vocabulary {
        var tokens: [[UInt8]] = []
        /// How many symbols of the beginning each token is made of.
        var lengths: [Int] = []
        private var ids: [[UInt8]: Int32] = [:]

        @discardableResult
        mutating func id(of token: [UInt8], length: Int = 1) -> Int32 {
            if let id = ids[token] { return id }
            let id = Int32(tokens.count)
            ids[token] = id
            tokens.append(token)
            lengths.append(length)
            return id
        }

        func known(_ token: [UInt8]) -> Int32? { ids[token] }
    }

    /// The characters of the words and of the initial alphabet, ascending.
    private func alphabet(_ words: [(word: [UInt8], count: Int)]) -> [UInt32] {
        var counts: [UInt32: Int] = [:]
        for (word, count) in words {
            word.withUnsafeBufferPointer { word in
                var index = 0
                while index < word.count {
                    let (value, length) = character(word, index)
                    counts[value, default: 0] += count
                    index += length
                }
            }
        }
        for character in initialAlphabet { counts[character] = .max }
        if let limitAlphabet, counts.count > limitAlphabet {
            let order = counts.sorted { $0.value > $1.value || ($0.value == $1.value && $0.key < $1.key) }
            return order.prefix(max(0, limitAlphabet)).map(\.key).sorted()
        }
        return counts.keys.sorted()
    }

    private func symbols(_ words: [(word: [UInt8], count: Int)], _ vocabulary: inout Vocabulary) -> Corpus {
        var corpus = Corpus()
        corpus.starts.reserveCapacity(words.count + 1)
        // Ids of single characters, by value, once known.
        var plain: [UInt32: Int32] = [:]
        for (word, count) in words {
            word.withUnsafeBufferPointer { bytes in
                var index = 0
                while index < bytes.count {
                    let (value, length) = character(bytes, index)
                    let isFirst = index == 0
                    index += length
                    let isLast = index == bytes.count
                    let isPlain =
                        (isFirst || continuingPrefix.isEmpty) && (!isLast || endOfWordSuffix.isEmpty)
                    if isPlain, let id = plain[value] {
                        corpus.symbols.append(id)
                        continue
                    }
                    var spelling: [UInt8] = []
                    spelling.append(character: value)
                    guard let id = vocabulary.known(spelling) else { continue }
                    if isPlain {
                        plain[value] = id
                        corpus.symbols.append(id)
                        continue
                    }
                    if !isFirst { spelling = continuingPrefix + spelling }
                    if isLast { spelling += endOfWordSuffix }
                    corpus.symbols.append(vocabulary.id(of: spelling))
                }
            }
            corpus.lengths.append(Int32(corpus.symbols.count - (corpus.starts.last ?? 0)))
            corpus.starts.append(corpus.symbols.count)
            corpus.counts.append(count)
        }
        return corpus
    }

    private func mergePairs(
        _ corpus: inout Corpus, _ vocabulary: inout Vocabulary, _ merges: inout [Merge],
        _ progress: ((Int, Int) -> Void)?
    ) {
        var state = MergeState(corpus: corpus, limit: maximumTokenLength ?? .max)
        state.countAllPairs()
        var queue = Heap(state.takeCandidates())
        let goal = max(0, vocabularySize - vocabulary.tokens.count)
        while vocabulary.tokens.count < vocabularySize, var top = queue.pop() {
            let current = state.count(of: top.pair)
            if top.count != current {
                // The count fell since it was queued: back, to wait for its turn.
                guard current > 0 else { continue }
                top.count = current
                queue.push(top)
                continue
            }
            if top.count < max(1, minimumFrequency) { break }
            let left = Int32(truncatingIfNeeded: top.pair >> 32)
            let right = Int32(truncatingIfNeeded: top.pair)
            var rest = vocabulary.tokens[Int(right)][...]
            if !continuingPrefix.isEmpty, rest.starts(with: continuingPrefix) {
                rest = rest.dropFirst(continuingPrefix.count)
            }
            let length = vocabulary.lengths[Int(left)] + vocabulary.lengths[Int(right)]
            let token = vocabulary.id(of: vocabulary.tokens[Int(left)] + rest, length: length)
            merges.append(Merge(left: left, right: right, token: token))
            state.merge(left, right, token, in: top.list, lengths: vocabulary.lengths)
            for candidate in state.takeCandidates() { queue.push(candidate) }
            if let progress, merges.count % 256 == 0 { progress(merges.count, goal) }
        }
        progress?(merges.count, max(goal, merges.count))
    }

    /// The words, the counts of pairs, and which words hold them.
    private struct MergeState {
        var corpus: Corpus
        let limit: Int
        var table = PairTable()
        var counts: [Int] = []
        /// Lists of words, by candidate.
        var lists: [[Int32]] = []
        /// The list that is being filled for a pair, or -1.
        var open: [Int32] = []
        var opened: [Int] = []

        init(corpus: Corpus, limit: Int) {
            self.corpus = corpus
            self.limit = limit
        }

        mutating func number(_ left: Int32, _ right: Int32) -> Int {
            let number = table.number(of: PairTable.key(left, right))
            if number == counts.count {
                counts.append(0)
                open.append(-1)
            }
            return number
        }

        mutating func count(of pair: UInt64) -> Int {
            counts[number(Int32(truncatingIfNeeded: pair >> 32), Int32(truncatingIfNeeded: pair))]
        }

        mutating func note(_ number: Int, _ word: Int32) {
            if open[number] < 0 {
                open[number] = Int32(lists.count)
                opened.append(number)
                lists.append([word])
            } else if lists[Int(open[number])].last != word {
                lists[Int(open[number])].append(word)
            }
        }

        mutating func countAllPairs() {
            for word in corpus.counts.indices {
                let start = corpus.starts[word]
                let end = start + Int(corpus.lengths[word])
                guard end - start > 1 else { continue }
                for index in start..<end - 1 {
                    let pair = number(corpus.symbols[index], corpus.symbols[index + 1])
                    counts[pair] += corpus.counts[word]
                    note(pair, Int32(word))
                }
            }
        }

        /// The pairs that were noted since the last call, with their present counts.
        mutating func takeCandidates() -> [Candidate] {
            var result: [Candidate] = []
            result.reserveCapacity(opened.count)
            for number in opened {
                let list = Int(open[number])
                open[number] = -1
                if counts[number] > 0 {
                    result.append(Candidate(count: counts[number], pair: table.pairs[number], list: list))
                } else {
                    lists[list] = []
                }
            }
            opened.removeAll(keepingCapacity: true)
            return result
        }

        /// Joins `left` and `right` in all words of a list.
        mutating func merge(_ left: Int32, _ right: Int32, _ token: Int32, in list: Int, lengths: [Int]) {
            let words = lists[list]
            lists[list] = []
            let length = lengths[Int(token)]
            for word in words {
                let start = corpus.starts[Int(word)]
                var end = start + Int(corpus.lengths[Int(word)])
                let count = corpus.counts[Int(word)]
                // Nothing to do where an earlier merge took the pair away.
                var read = start
                while read + 1 < end, corpus.symbols[read] != left || corpus.symbols[read + 1] != right { read += 1 }
                guard read + 1 < end else { continue }
                var write = read
                while read < end {
                    let symbol = corpus.symbols[read]
                    guard symbol == left, read + 1 < end, corpus.symbols[read + 1] == right else {
                        corpus.symbols[write] = symbol
                        write += 1
                        read += 1
                        continue
                    }
                    if write > start {
                        let before = corpus.symbols[write - 1]
                        counts[number(before, left)] -= count
                        if lengths[Int(before)] + length < limit {
                            let pair = number(before, token)
                            counts[pair] += count
                            note(pair, word)
                        }
                    }
                    corpus.symbols[write] = token
                    write += 1
                    read += 2
                    if read < end {
                        let after = corpus.symbols[read]
                        counts[number(right, after)] -= count
                        if lengths[Int(after)] + length < limit {
                            let pair = number(token, after)
                            counts[pair] += count
                            note(pair, word)
                        }
                    }
                }
                end = write
                corpus.lengths[Int(word)] = Int32(end - start)
            }
        }
    }
}
