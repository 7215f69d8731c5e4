/// Different words and how often each was seen.
///
/// Open addressing over one arena of bytes: counting a word that is known allocates nothing.
public struct WordCounts: Sendable {
    private struct Slot {
        var hash: UInt32
        /// The word's number plus 1; 0 while the slot is free.
        var word: UInt32
    }

    private var arena: [UInt8] = []
    private var starts: [Int] = [0]
    private var counts: [Int] = []
    private var slots = [Slot](repeating: Slot(hash: 0, word: 0), count: 1 << 12)
    private let seed: UInt64

    public init() {
        // A seed per table keeps a text from being made to collide.
        seed = UInt64.random(in: .min ... .max) | 1
    }

    /// How many different words there are.
    public var count: Int { counts.count }
    /// How many words were seen in all.
    public var total: Int { counts.reduce(0, +) }

    public mutating func add(_ word: UnsafeBufferPointer<UInt8>, count: Int = 1) {
        guard !word.isEmpty else { return }
        let hash = hash(word)
        let mask = slots.count - 1
        var slot = Int(hash) & mask
        while slots[slot].word != 0 {
            let known = Int(slots[slot].word) - 1
            if slots[slot].hash == hash, isEqual(known, word) {
                counts[known] += count
                return
            }
            slot = (slot + 1) & mask
        }
        arena.append(contentsOf: word)
        starts.append(arena.count)
        counts.append(count)
        slots[slot] = Slot(hash: hash, word: UInt32(truncatingIfNeeded: counts.count))
        if counts.count * 2 > slots.count { grow() }
    }

    public mutating func add(_ word: [UInt8], count: Int = 1) {
        word.withUnsafeBufferPointer { add($0, count: count) }
    }

    /// Adds all words of another table.
    public mutating func merge(_ other: WordCounts) {
        other.visit { add($0, count: $1) }
    }

    public func visit(_ body: (UnsafeBufferPointer<UInt8>, Int) -> Void) {
        arena.withUnsafeBufferPointer { arena in
            for index in counts.indices {
                body(UnsafeBufferPointer(rebasing: arena[starts[index]..<starts[index + 1]]), counts[index])
            }
        }
    }

    /// The words in the order of their bytes, so that training does not depend on the order of reading.
    public func sorted() -> [(word: [UInt8], count: Int)] {
        var result: [(word: [UInt8], count: Int)] = []
        result.reserveCapacity(counts.count)
        visit { result.append((Array($0), $1)) }
        result.sort { ByteTrie.precedes($0.word, $1.word) }
        return result
    }

    private func isEqual(_ index: Int, _ word: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = starts[index]
        guard starts[index + 1] - start == word.count else { return false }
        return arena.withUnsafeBufferPointer { arena in
            for k in 0..<word.count where arena[start + k] != word[k] { return false }
            return true
        }
    }

    private func hash(_ word: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var hash = seed
        for byte in word { hash = (hash ^ UInt64(byte)) &* 0x9E37_79B9_7F4A_7C15 ^ hash >> 29 }
        hash ^= hash >> 32
        return UInt32(truncatingIfNeeded: hash &* seed >> 16)
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(hash: 0, word: 0), count: old.count * 2)
        let mask = slots.count - 1
        for entry in old where entry.word != 0 {
            var slot = Int(entry.hash) & mask
            while slots[slot].word != 0 { slot = (slot + 1) & mask }
            slots[slot] = entry
        }
    }
}
