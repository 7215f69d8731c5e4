import ApusTokenization

/// A constraint that follows one text: says which tokens may come next, and takes the one that does.
final class ConstraintMatcher {
    private let trie: TokenTrie
    private let ends: Set<TokenID>
    private var stacks: GrammarStacks
    private var place: GrammarStacks.SetID
    /// The last bytes of the text, for messages.
    private var tail: [UInt8] = []
    /// The masks of places that were met.
    private var masks: [GrammarStacks.SetID: TokenMask] = [:]
    private var leaves: [Grammar.StateID: LeafTokens] = [:]
    private var leafBytes = 0
    /// States that every grammar has.
    private let commonStates: Int

    private static let mostMasks = 256
    private static let mostLeafBytes = 32 << 20

    /// - Parameter ends: tokens that end a text; allowed where the document may end.
    /// - Throws: `ConstraintError.tooLarge` where the beginning alone has too many ways.
    init(_ constraint: Constraint, _ trie: TokenTrie, ends: Set<TokenID>) throws(ConstraintError) {
        self.trie = trie
        self.ends = ends
        stacks = GrammarStacks(constraint.grammar)
        place = stacks.start()
        commonStates = JSONGrammar.shared?.count ?? 0
        try checkAmbiguity()
    }

    private func checkAmbiguity() throws(ConstraintError) {
        if stacks.isTooAmbiguous { throw GrammarStacks.tooAmbiguous }
    }

    /// Whether the document may end here.
    var isComplete: Bool { stacks.nodes(of: place).first == GrammarStacks.end }

    /// Whether nothing can follow.
    var isOver: Bool { isComplete && stacks.nodes(of: place).count == 1 }

    /// The tokens that may come next.
    ///
    /// - Throws: `ConstraintError.noToken` where there is none.
    func mask() throws(ConstraintError) -> TokenMask {
        if let known = masks[place] { return known }
        if masks.count >= Self.mostMasks { masks = [:] }
        if stacks.isLarge {
            masks = [:]
            place = stacks.forget(allBut: place)
        }
        let made = makeMask()
        try checkAmbiguity()
        guard made.words.contains(where: { $0 != 0 }) else {
            throw .noToken(after: String(decoding: tail, as: UTF8.self))
        }
        masks[place] = made
        return made
    }

    /// Goes on with a token that the mask allows.
    ///
    /// - Throws: `ConstraintError.noToken` for another.
    func accept(_ token: TokenID) throws(ConstraintError) {
        for byte in trie.bytes(of: token) {
            place = stacks.step(place, byte)
            tail.append(byte)
        }
        if tail.count > 64 { tail.removeFirst(tail.count - 40) }
        try checkAmbiguity()
        if place == GrammarStacks.nowhere { throw .noToken(after: String(decoding: tail, as: UTF8.self)) }
    }

    // MARK: - Masks

    private func makeMask() -> TokenMask {
        var mask: TokenMask?
        var others: [GrammarStacks.NodeID] = []
        var counted: [GrammarStacks.NodeID] = []
        for node in stacks.nodes(of: place) where node != GrammarStacks.end {
            if stacks.grammar.isLeaf[Int(stacks.nodes[Int(node)].state)] {
                counted.append(node)
            } else {
                others.append(node)
            }
        }
        for node in counted {
            let leaf = stacks.nodes[Int(node)]
            let tokens = leafTokens(leaf.state)
            let inside = tokens.mask(most: leaf.high)
            if mask == nil { mask = inside } else { mask?.formUnion(inside) }
            var own = mask ?? inside
            mask = nil
            addExits(tokens, leaf, to: &own)
            mask = own
        }
        var result = mask ?? TokenMask(vocabulary: trie.vocabulary)
        mask = nil
        if !others.isEmpty {
            let set = others.count == stacks.nodes(of: place).count ? place : stacks.set(ofSome: others)
            walk(0, trie.count, from: .set(set), depth: 0, into: &result)
        }
        if isComplete { for end in ends { result[end] = true } }
        return result
    }

    private func leafTokens(_ state: Grammar.StateID) -> LeafTokens {
        if Int(state) < commonStates { return trie.leaf(state, stacks.grammar) }
        if let known = leaves[state] { return known }
        let made = LeafTokens(state, stacks.grammar, trie)
        if leafBytes > Self.mostLeafBytes { (leaves, leafBytes) = ([:], 0) }
        leaves[state] = made
        leafBytes += made.bytes
        return made
    }

    /// Tokens that leave a leaf, and go on where its caller does.
    private func addExits(_ tokens: LeafTokens, _ leaf: GrammarStacks.Node, to mask: inout TokenMask) {
        let next = stacks.after(leaf.parent)
        let endsThere = stacks.nodes(of: next) == [GrammarStacks.end]
        for exit in tokens.exits where exit.taken >= leaf.low && exit.taken <= leaf.high {
            let node = trie.nodes[Int(exit.node)]
            for place in node.firstToken..<trie.nodes[Int(exit.node) + 1].firstToken {
                mask[trie.tokens[Int(place)]] = true
            }
            if !endsThere, node.end > exit.node + 1 {
                walk(Int(exit.node) + 1, Int(node.end), from: .set(next), depth: Int(node.depth), into: &mask)
            }
        }
    }

    /// Where a walk through the trie is.
    private enum Place {
        case set(GrammarStacks.SetID)
        case leaf(GrammarStacks.Node)
    }

    /// Allows the tokens of a stretch of the trie that a place allows.
    ///
    /// - Parameter depth: that of the node which the stretch is behind.
    private func walk(_ start: Int, _ end: Int, from: Place, depth base: Int, into mask: inout TokenMask) {
        var places = [from]
        trie.nodes.withUnsafeBufferPointer { nodes in
            var index = start
            while index < end {
                let node = nodes[index]
                let depth = Int(node.depth) - base
                places.removeLast(places.count - depth)
                guard let next = step(places[depth - 1], node.byte) else {
                    index = Int(node.end)
                    continue
                }
                for place in node.firstToken..<nodes[index + 1].firstToken { mask[trie.tokens[Int(place)]] = true }
                places.append(next)
                index += 1
            }
        }
    }

    @inline(__always)
    private func step(_ place: Place, _ byte: UInt8) -> Place? {
        switch place {
        case .set(let set):
            let next = stacks.step(set, byte)
            guard next != GrammarStacks.nowhere else { return nil }
            return stacks.onlyLeaf(next).map(Place.leaf) ?? .set(next)
        case .leaf(let leaf):
            guard let transition = stacks.grammar.transition(leaf.state, byte),
                let limits = stacks.limits(after: transition, leaf.low, leaf.high)
            else { return nil }
            let next = GrammarStacks.Node(
                state: transition.target, low: limits.low, high: limits.high, parent: leaf.parent)
            guard stacks.grammar.levels[Int(next.state)] != .max else { return nil }
            if !stacks.grammar.accepts[Int(next.state)] { return .leaf(next) }
            let set = stacks.set(of: next)
            return set == GrammarStacks.nowhere ? nil : .set(set)
        }
    }
}
