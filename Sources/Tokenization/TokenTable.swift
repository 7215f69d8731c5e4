/// The tokens of a vocabulary: id to spelling and spelling to id, by bytes.
struct TokenTable: Sendable {
    /// All spellings one after another.
    private let storage: [UInt8]
    /// Where the spelling of each entry begins; one more at the end.
    private let starts: [Int]
    /// The entry of each id where ids are dense; -1 for an id without a token.
    private let entryOfID: [Int32]
    /// The entry of each id where they are not.
    private let sparse: [TokenID: Int32]
    /// From spelling to id.
    let trie: ByteTrie
    /// How many different spellings there are.
    let count: Int

    /// Of equal spellings the last one's id counts; of equal ids the last one's spelling.
    init(_ tokens: [(spelling: [UInt8], id: TokenID)]) {
        var storage: [UInt8] = []
        storage.reserveCapacity(tokens.reduce(0) { $0 + $1.spelling.count })
        var starts = [0]
        starts.reserveCapacity(tokens.count + 1)
        var highest: TokenID = -1
        for token in tokens {
            storage.append(contentsOf: token.spelling)
            starts.append(storage.count)
            highest = max(highest, token.id)
        }
        self.storage = storage
        self.starts = starts
        var dense: [Int32] = []
        var sparse: [TokenID: Int32] = [:]
        if Int(highest) < 4 * tokens.count + 65_536 {
            dense = [Int32](repeating: -1, count: Int(highest) + 1)
            for (entry, token) in tokens.enumerated() where token.id >= 0 { dense[Int(token.id)] = Int32(entry) }
        } else {
            for (entry, token) in tokens.enumerated() where token.id >= 0 { sparse[token.id] = Int32(entry) }
        }
        entryOfID = dense
        self.sparse = sparse
        trie = ByteTrie(tokens.map(\.spelling), values: tokens.map(\.id))
        var distinct = 0
        for unit in trie.units where unit.value >= 0 { distinct += 1 }
        count = distinct + (tokens.contains { $0.spelling.isEmpty } ? 1 : 0)
    }

    func id(of spelling: some Collection<UInt8>) -> TokenID? { trie.value(of: spelling) }

    func spelling(of id: TokenID) -> [UInt8]? {
        let entry: Int
        if id >= 0, Int(id) < entryOfID.count {
            entry = Int(entryOfID[Int(id)])
        } else {
            entry = Int(sparse[id] ?? -1)
        }
        guard entry >= 0 else { return nil }
        return Array(storage[starts[entry]..<starts[entry + 1]])
    }
}

/// How many bytes the character that begins at `index` takes: 1 to 4, and 1 for a byte that is no valid UTF-8.
@inline(__always)
func characterLength(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
    let first = bytes[index]
    if first < 0x80 { return 1 }
    let left = bytes.count - index
    @inline(__always) func trail(_ k: Int) -> Bool { bytes[index + k] & 0xC0 == 0x80 }
    if first >= 0xC2, first < 0xE0 { return left >= 2 && trail(1) ? 2 : 1 }
    if first >= 0xE0, first < 0xF0 {
        guard left >= 3, trail(1), trail(2) else { return 1 }
        if first == 0xE0, bytes[index + 1] < 0xA0 { return 1 }
        if first == 0xED, bytes[index + 1] >= 0xA0 { return 1 }
        return 3
    }
    if first >= 0xF0, first < 0xF5 {
        guard left >= 4, trail(1), trail(2), trail(3) else { return 1 }
        if first == 0xF0, bytes[index + 1] < 0x90 { return 1 }
        if first == 0xF4, bytes[index + 1] >= 0x90 { return 1 }
        return 4
    }
    return 1
}
