import ApusTokenization

/// What tokens do in a leaf state of a grammar, whatever called it: found once by a walk through all tokens.
struct LeafTokens: Sendable {
    /// A place in the trie where the leaf has come to its end; what is behind it is the caller's business.
    struct Exit: Sendable {
        var node: Int32
        /// How many were counted on the way.
        var taken: Int32
    }

    /// Tokens that stay inside, however many they count.
    private let inside: TokenMask
    /// The same tokens, those that count least first; empty where nothing is counted.
    private let byCount: [TokenID]
    /// How many of them count n or less.
    private let countEnds: [Int]
    let exits: [Exit]

    init(_ state: Grammar.StateID, _ grammar: Grammar, _ trie: TokenTrie) {
        var inside = TokenMask(vocabulary: trie.vocabulary)
        var tokens: [(id: TokenID, taken: Int32)] = []
        var exits: [Exit] = []
        var counts = false
        // The state at each depth, and what was counted up to it.
        var states = [Grammar.StateID](repeating: state, count: TokenTrie.mostBytes + 1)
        var taken = [Int32](repeating: 0, count: TokenTrie.mostBytes + 1)
        trie.nodes.withUnsafeBufferPointer { nodes in
            var index = 0
            while index < trie.count {
                let node = nodes[index]
                let depth = Int(node.depth)
                guard let transition = grammar.transition(states[depth - 1], node.byte),
                    grammar.levels[Int(transition.target)] != .max
                else {
                    index = Int(node.end)
                    continue
                }
                var count = taken[depth - 1]
                if transition.action == .take { count += 1 }
                let target = transition.target
                let accepts = grammar.accepts[Int(target)]
                let goesOn = grammar.hasTransitions(target)
                if accepts { exits.append(Exit(node: Int32(index), taken: count)) }
                if goesOn, !accepts {
                    for place in node.firstToken..<nodes[index + 1].firstToken {
                        inside[trie.tokens[Int(place)]] = true
                        tokens.append((trie.tokens[Int(place)], count))
                        if count > 0 { counts = true }
                    }
                }
                guard goesOn else {
                    index = Int(node.end)
                    continue
                }
                states[depth] = target
                taken[depth] = count
                index += 1
            }
        }
        self.inside = inside
        self.exits = exits
        guard counts else {
            byCount = []
            countEnds = []
            return
        }
        var ends = [Int](repeating: 0, count: Int(tokens.lazy.map(\.taken).max() ?? 0) + 1)
        for token in tokens { ends[Int(token.taken)] += 1 }
        for index in ends.indices.dropFirst() { ends[index] += ends[index - 1] }
        var next = [0] + ends.dropLast()
        var sorted = [TokenID](repeating: 0, count: tokens.count)
        for token in tokens {
            sorted[next[Int(token.taken)]] = token.id
            next[Int(token.taken)] += 1
        }
        byCount = sorted
        countEnds = ends
    }

    /// The tokens that stay inside and count `most` or fewer.
    func mask(most: Int32) -> TokenMask {
        guard Int(most) < countEnds.count - 1 else { return inside }
        let end = most < 0 ? 0 : countEnds[Int(most)]
        // From the side on which there is less to do.
        if end > byCount.count / 2 {
            var mask = inside
            for id in byCount[end...] { mask[id] = false }
            return mask
        }
        var mask = TokenMask(vocabulary: inside.vocabulary)
        for id in byCount[..<end] { mask[id] = true }
        return mask
    }

    /// Memory that this takes, about.
    var bytes: Int { inside.words.count * 8 + byCount.count * 4 + exits.count * 8 }
}
