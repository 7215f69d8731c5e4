/// What merging one word needs, and the words merged before: taken from a pool by whoever encodes, so that no two use
/// one at the same time.
///
/// Sendable without checks because a workspace is reachable only from the pool, behind its lock, or from the one call
/// that has taken it out.
final class BPEWorkspace: @unchecked Sendable {
    /// A word of up to 15 bytes and its tokens.
    struct CachedWord {
        var low: UInt64 = 0
        /// The last seven bytes, and the length in the top one; 0 is no word.
        var high: UInt64 = 0
        var count: Int32 = 0
        var ids: (TokenID, TokenID, TokenID, TokenID, TokenID) = (0, 0, 0, 0, 0)
    }

    static let cachedWords = 1 << 15
    /// Room for symbols that is kept from word to word.
    private static let usualRoom = 1 << 12

    /// One word for each hash; a new one takes the place of an old one.
    let cache: UnsafeMutablePointer<CachedWord>
    private var room = BPESymbols(capacity: BPEWorkspace.usualRoom)
    /// Pairs taken from the heap since the beginning, for tests of how the cost grows.
    var steps = 0

    init() {
        cache = .allocate(capacity: BPEWorkspace.cachedWords)
        cache.initialize(repeating: CachedWord(), count: BPEWorkspace.cachedWords)
    }

    deinit {
        cache.deallocate()
        room.deallocate()
    }

    /// An empty list of symbols with room for as many as a word has bytes. The last list is no longer valid.
    func symbols(for count: Int) -> BPESymbols {
        if count > room.capacity || (room.capacity > BPEWorkspace.usualRoom && count <= BPEWorkspace.usualRoom) {
            room.deallocate()
            room = BPESymbols(capacity: max(count, BPEWorkspace.usualRoom))
        }
        return room
    }
}

/// The symbols of a word on its way to tokens.
struct BPESymbols {
    let capacity: Int
    let ids: UnsafeMutablePointer<TokenID>
    /// Where each begins in the word.
    let starts: UnsafeMutablePointer<Int32>
    /// The rank of each one's merge with the next, and what that makes.
    let ranks: UnsafeMutablePointer<UInt32>
    let merged: UnsafeMutablePointer<TokenID>
    var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        ids = .allocate(capacity: capacity)
        starts = .allocate(capacity: capacity)
        ranks = .allocate(capacity: capacity)
        merged = .allocate(capacity: capacity)
    }

    func deallocate() {
        ids.deallocate()
        starts.deallocate()
        ranks.deallocate()
        merged.deallocate()
    }

    @inline(__always)
    mutating func append(_ id: TokenID, at start: Int) {
        guard count < capacity else { return }
        ids[count] = id
        starts[count] = Int32(truncatingIfNeeded: start)
        count += 1
    }

    @inline(__always)
    private func rate(_ left: Int, _ right: Int, _ slots: UnsafeBufferPointer<MergeTable.Slot>) {
        let found = MergeTable.find(ids[left], ids[right], in: slots)
        ranks[left] = found.rank
        merged[left] = found.merged
    }

    /// Looks up the merges of all neighbours.
    func rateAll(_ slots: UnsafeBufferPointer<MergeTable.Slot>) {
        var index = 0
        while index < count - 1 {
            rate(index, index + 1, slots)
            index += 1
        }
    }

    /// Merges until no neighbours merge; their merges are looked up already.
    ///
    /// - Returns: how many pairs came out of the heap, 0 for a short word.
    mutating func merge(_ slots: UnsafeBufferPointer<MergeTable.Slot>) -> Int {
        guard count > 1 else { return 0 }
        if count > 96 { return mergeLong(slots) }
        mergeShort(slots)
        return 0
    }

    /// Looks through all ranks for the lowest, each time.
    private mutating func mergeShort(_ slots: UnsafeBufferPointer<MergeTable.Slot>) {
        var count = count
        while count > 1 {
            var best = MergeTable.none
            var place = -1
            var index = 0
            while index < count - 1 {
                if ranks[index] < best {
                    best = ranks[index]
                    place = index
                }
                index += 1
            }
            guard place >= 0 else { break }
            ids[place] = merged[place]
            index = place + 1
            while index < count - 1 {
                ids[index] = ids[index + 1]
                starts[index] = starts[index + 1]
                ranks[index] = ranks[index + 1]
                merged[index] = merged[index + 1]
                index += 1
            }
            count -= 1
            if place > 0 { rate(place - 1, place, slots) }
            if place < count - 1 { rate(place, place + 1, slots) }
        }
        self.count = count
    }

    /// Keeps pairs in a heap by rank and place; those that merges have changed meanwhile are passed over.
    private mutating func mergeLong(_ slots: UnsafeBufferPointer<MergeTable.Slot>) -> Int {
        let count = count
        var next = (0..<Int32(truncatingIfNeeded: count)).map { $0 + 1 }
        var previous = (0..<Int32(truncatingIfNeeded: count)).map { $0 - 1 }
        var heap = MergeHeap()
        ranks[count - 1] = MergeTable.none
        for index in 0..<count - 1 where ranks[index] != MergeTable.none { heap.collect(ranks[index], index) }
        heap.order()
        var steps = 0
        while let (rank, place) = heap.pop() {
            steps += 1
            guard ranks[place] == rank else { continue }
            let right = Int(next[place])
            ids[place] = merged[place]
            ids[right] = -1
            ranks[right] = MergeTable.none
            let after = Int(next[right])
            next[place] = Int32(truncatingIfNeeded: after)
            if after < count {
                previous[after] = Int32(truncatingIfNeeded: place)
                rate(place, after, slots)
                if ranks[place] != MergeTable.none { heap.push(ranks[place], place) }
            } else {
                ranks[place] = MergeTable.none
            }
            let before = Int(previous[place])
            if before >= 0 {
                rate(before, place, slots)
                if ranks[before] != MergeTable.none { heap.push(ranks[before], before) }
            }
        }
        var kept = 0
        for index in 0..<count where ids[index] >= 0 {
            ids[kept] = ids[index]
            starts[kept] = starts[index]
            kept += 1
        }
        self.count = kept
        return steps
    }
}

/// Pairs by rank, of equal rank by place.
private struct MergeHeap {
    private var entries: [UInt64] = []

    private static func entry(_ rank: UInt32, _ place: Int) -> UInt64 {
        UInt64(rank) << 32 | UInt64(UInt32(truncatingIfNeeded: place))
    }

    /// Adds a pair before `order` is called.
    mutating func collect(_ rank: UInt32, _ place: Int) { entries.append(MergeHeap.entry(rank, place)) }

    mutating func order() {
        entries.withUnsafeMutableBufferPointer { heap in
            for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { MergeHeap.sink(index, heap) }
        }
    }

    mutating func push(_ rank: UInt32, _ place: Int) {
        let entry = MergeHeap.entry(rank, place)
        entries.append(entry)
        entries.withUnsafeMutableBufferPointer { heap in
            var index = heap.count - 1
            while index > 0 {
                let parent = (index - 1) / 2
                guard entry < heap[parent] else { break }
                heap[index] = heap[parent]
                index = parent
            }
            heap[index] = entry
        }
    }

    mutating func pop() -> (rank: UInt32, place: Int)? {
        guard let top = entries.first, let last = entries.popLast() else { return nil }
        if !entries.isEmpty {
            entries[0] = last
            entries.withUnsafeMutableBufferPointer { MergeHeap.sink(0, $0) }
        }
        return (UInt32(truncatingIfNeeded: top >> 32), Int(top & 0xFFFF_FFFF))
    }

    private static func sink(_ start: Int, _ heap: UnsafeMutableBufferPointer<UInt64>) {
        let entry = heap[start]
        var index = start
        while true {
            var child = 2 * index + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < entry else { break }
            heap[index] = heap[child]
            index = child
        }
        heap[index] = entry
    }
}
