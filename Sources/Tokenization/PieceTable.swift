/// What each token of a vocabulary stands for, for schemes in which that does not depend on its neighbours.
public struct PieceTable: Sendable {
    private var arena: [UInt8] = []
    /// Token i is `arena[ends[i - 1]..<ends[i]]`.
    private var ends: [Int] = []
    private var special: [Bool] = []
    /// The first token's leading space is the one that encoding put there: decoding drops it.
    public var dropsLeadingSpace = false
    /// Spaces before punctuation and contractions are removed (llama.cpp's `clean_spaces`).
    public var cleansSpaces = false

    public init() {}

    /// Adds the next token.
    public mutating func append(_ bytes: some Collection<UInt8>, special: Bool = false) {
        arena.append(contentsOf: bytes)
        ends.append(arena.count)
        self.special.append(special)
    }

    public var count: Int { ends.count }

    public func bytes(of id: TokenID) -> [UInt8]? {
        guard id >= 0, Int(id) < ends.count else { return nil }
        return Array(slice(Int(id)))
    }

    func isSpecial(_ id: TokenID) -> Bool { id >= 0 && Int(id) < special.count && special[Int(id)] }

    private func slice(_ index: Int) -> ArraySlice<UInt8> { arena[(index == 0 ? 0 : ends[index - 1])..<ends[index]] }

    /// The bytes of ids, without the final cleaning of spaces.
    func raw(_ ids: some Sequence<TokenID>, skipSpecial: Bool, dropSpace: Bool) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(ids.underestimatedCount * 4)
        var drop = dropSpace
        arena.withUnsafeBufferPointer { arena in
            ends.withUnsafeBufferPointer { ends in
                special.withUnsafeBufferPointer { special in
                    for id in ids where id >= 0 && Int(id) < ends.count {
                        if skipSpecial, special[Int(id)] {
                            drop = false
                            continue
                        }
                        var start = id == 0 ? 0 : ends[Int(id) - 1]
                        let end = ends[Int(id)]
                        if drop, start < end, arena[start] == 0x20 { start += 1 }
                        drop = false
                        result.append(contentsOf: UnsafeBufferPointer(rebasing: arena[start..<end]))
                    }
                }
            }
        }
        return result
    }

    /// The bytes of a whole text.
    func decode(_ ids: some Sequence<TokenID>, skipSpecial: Bool, _ tokens: SpecialTokens) -> [UInt8] {
        // A leading BOS that is left out does not use up the space that was put after it.
        var rest = Array(ids)[...]
        if skipSpecial, let bos = tokens.bos, rest.first == bos, tokens.addsBOS { rest = rest.dropFirst() }
        let text = raw(rest, skipSpecial: skipSpecial, dropSpace: dropsLeadingSpace)
        return cleansSpaces ? PieceTable.cleaned(text) : text
    }

    /// " ?" -> "?", " ' " -> "'", " 's" -> "'s", as llama.cpp does for BERT's vocabularies, in its three passes.
    static func cleaned(_ text: [UInt8]) -> [UInt8] {
        let space = UInt8(ascii: " ")
        let apostrophe = UInt8(ascii: "'")
        let marks = Array("?!.,".utf8)
        func pass(_ text: [UInt8], _ drop: (Int) -> (before: Bool, after: Bool)) -> [UInt8] {
            var result: [UInt8] = []
            result.reserveCapacity(text.count)
            var index = 0
            while index < text.count {
                let (before, after) = index > 0 && text[index - 1] == space ? drop(index) : (false, false)
                if before, result.last == space { result.removeLast() }
                result.append(text[index])
                index += after ? 2 : 1
            }
            return result
        }
        let first = pass(text) { (marks.contains(text[$0]), false) }
        let second = pass(first) {
            let alone = first[$0] == apostrophe && $0 + 1 < first.count && first[$0 + 1] == space
            return (alone, alone)
        }
        return pass(second) {
            guard second[$0] == apostrophe, $0 + 1 < second.count else { return (false, false) }
            let next = second[$0 + 1]
            if next == UInt8(ascii: "s") || next == UInt8(ascii: "m") { return (true, false) }
            guard $0 + 2 < second.count, second[$0 + 2] == UInt8(ascii: "e") else { return (false, false) }
            return (next == UInt8(ascii: "r") || next == UInt8(ascii: "v"), false)
        }
    }
}
