import ApusTokenization
import Synchronization

/// The tokens of a vocabulary that may be part of a constrained text, by their bytes, in one tree: tokens that begin
/// alike are looked at together.
final class TokenTrie: Sendable {
    /// A beginning of tokens. A node's descendants follow it.
    struct Node: Sendable {
        /// Where the descendants end.
        var end: Int32
        /// The tokens that are this node: `tokens[firstToken..<next node's firstToken]`.
        var firstToken: Int32
        /// Bytes from the root.
        var depth: UInt16
        var byte: UInt8
    }

    let vocabulary: Int
    /// One more at the end. The root is not among them.
    let nodes: [Node]
    /// In the order of the nodes.
    let tokens: [TokenID]
    private let arena: [UInt8]
    /// Token i is `arena[ends[i - 1]..<ends[i]]`.
    private let ends: [Int32]
    /// The tokens inside of what every grammar has.
    private let leaves = Mutex<[Grammar.StateID: LeafTokens]>([:])

    /// Longer tokens are left out; they are runs of spaces or of the like.
    static let mostBytes = 512

    var count: Int { nodes.count - 1 }

    /// Control tokens, and those without a text, are never part of a text.
    convenience init(_ tokenizer: Tokenizer, vocabulary: Int, except: Set<TokenID>) {
        self.init(vocabulary: vocabulary) { id in
            guard !except.contains(id), !tokenizer.isSpecial(id), id != tokenizer.unk,
                let piece = tokenizer.piece(of: id)
            else { return [] }
            // A decoder that makes characters of bytes can't show a single byte beyond ASCII.
            if piece == [0xEF, 0xBF, 0xBD], let byte = Self.byte(tokenizer.spelling(of: id) ?? []) { return [byte] }
            return piece
        }
    }

    /// The value of «<0xE4>».
    private static func byte(_ spelling: [UInt8]) -> UInt8? {
        guard spelling.count == 6, spelling.starts(with: "<0x".utf8), spelling[5] == UInt8(ascii: ">") else {
            return nil
        }
        return UInt8(String(decoding: spelling[3...4], as: UTF8.self), radix: 16)
    }

    /// - Parameter piece: the bytes of each token; none for one that is left out.
    init(vocabulary: Int, piece: (TokenID) -> [UInt8]) {
        self.vocabulary = vocabulary
        var arena: [UInt8] = []
        var ends: [Int32] = []
        var order: [Int32] = []
        for id in 0..<vocabulary {
            let piece = piece(TokenID(truncatingIfNeeded: id))
            if !piece.isEmpty, piece.count <= Self.mostBytes {
                order.append(Int32(id))
                arena += piece
            }
            ends.append(Int32(truncatingIfNeeded: arena.count))
        }
        func range(_ id: Int32) -> Range<Int> { (id == 0 ? 0 : Int(ends[Int(id) - 1]))..<Int(ends[Int(id)]) }
        arena.withUnsafeBufferPointer { arena in
            order.sort { a, b in
                let (x, y) = (
                    UnsafeBufferPointer(rebasing: arena[range(a)]), UnsafeBufferPointer(rebasing: arena[range(b)])
                )
                for index in 0..<min(x.count, y.count) where x[index] != y[index] { return x[index] < y[index] }
                return x.count == y.count ? a < b : x.count < y.count
            }
        }
        var nodes: [Node] = []
        /// The nodes of the token before.
        var path: [Int] = []
        for (place, id) in order.enumerated() {
            let bytes = arena[range(id)]
            var common = 0
            while common < path.count, common < bytes.count,
                nodes[path[common]].byte == bytes[bytes.startIndex + common]
            {
                common += 1
            }
            for index in path[common...] { nodes[index].end = Int32(nodes.count) }
            path.removeLast(path.count - common)
            for depth in common..<bytes.count {
                path.append(nodes.count)
                nodes.append(
                    Node(
                        end: 0, firstToken: Int32(place), depth: UInt16(depth + 1),
                        byte: bytes[bytes.startIndex + depth]))
            }
        }
        for index in path { nodes[index].end = Int32(nodes.count) }
        nodes.append(Node(end: Int32(nodes.count), firstToken: Int32(order.count), depth: 0, byte: 0))
        self.nodes = nodes
        tokens = order
        self.arena = arena
        self.ends = ends
    }

    func bytes(of id: TokenID) -> ArraySlice<UInt8> {
        guard id >= 0, Int(id) < ends.count else { return [] }
        return arena[(id == 0 ? 0 : Int(ends[Int(id) - 1]))..<Int(ends[Int(id)])]
    }

    /// What is inside a state that every grammar has.
    func leaf(_ state: Grammar.StateID, _ grammar: Grammar) -> LeafTokens {
        if let known = leaves.withLock({ $0[state] }) { return known }
        let made = LeafTokens(state, grammar, self)
        leaves.withLock { $0[state] = made }
        return made
    }
}

/// A model's tokens as a trie, made when they are first needed.
final class LazyTokenTrie: Sendable {
    private let trie = Mutex<TokenTrie?>(nil)

    func callAsFunction(_ make: () -> TokenTrie) -> TokenTrie {
        trie.withLock { trie in
            if let trie { return trie }
            let made = make()
            trie = made
            return made
        }
    }
}
