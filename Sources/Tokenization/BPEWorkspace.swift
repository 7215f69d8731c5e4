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

    /// Symbols of the word: id, where it begins, the rank of its merge with the next one and what that makes.
    var ids: [TokenID] = []
    var starts: [Int32] = []
    var ranks: [UInt32] = []
    var merged: [TokenID] = []
    /// For long words: neighbours, and pairs by rank and place.
    var next: [Int32] = []
    var previous: [Int32] = []
    var heap: [UInt64] = []
    /// Pairs looked at since the beginning, for tests of how the cost grows.
    var steps = 0
    /// One word for each hash; a new one takes the place of an old one.
    let cache: UnsafeMutablePointer<CachedWord>

    init() {
        cache = .allocate(capacity: BPEWorkspace.cachedWords)
        cache.initialize(repeating: CachedWord(), count: BPEWorkspace.cachedWords)
    }

    deinit { cache.deallocate() }

    /// Merges the symbols in `ids` and `starts` until no neighbours merge.
    func merge(_ slots: UnsafeBufferPointer<MergeTable.Slot>) {
        let count = ids.count
        guard count > 1 else { return }
        if count <= 96 { mergeShort(slots) } else { mergeLong(slots) }
    }

    /// Looks through all ranks for the lowest, each time.
    private func mergeShort(_ slots: UnsafeBufferPointer<MergeTable.Slot>) {
        var count = ids.count
        if ranks.count < count {
            ranks = [UInt32](repeating: MergeTable.none, count: max(128, count))
            merged = [TokenID](repeating: -1, count: max(128, count))
        }
        var examined = 0
        ids.withUnsafeMutableBufferPointer { ids in
            starts.withUnsafeMutableBufferPointer { starts in
                ranks.withUnsafeMutableBufferPointer { ranks in
                    merged.withUnsafeMutableBufferPointer { merged in
                        @inline(__always) func rate(_ index: Int) {
                            let found = MergeTable.find(ids[index], ids[index + 1], in: slots)
                            ranks[index] = found.rank
                            merged[index] = found.merged
                        }
                        for index in 0..<count - 1 { rate(index) }
                        while count > 1 {
                            var best = MergeTable.none
                            var place = -1
                            for index in 0..<count - 1 where ranks[index] < best {
                                best = ranks[index]
                                place = index
                            }
                            examined += count
                            guard place >= 0 else { break }
                            ids[place] = merged[place]
                            var index = place + 1
                            while index < count - 1 {
                                ids[index] = ids[index + 1]
                                starts[index] = starts[index + 1]
                                ranks[index] = ranks[index + 1]
                                merged[index] = merged[index + 1]
                                index += 1
                            }
                            count -= 1
                            if place > 0 { rate(place - 1) }
                            if place < count - 1 { rate(place) }
                        }
                    }
                }
            }
        }
        steps += examined
        ids.removeLast(ids.count - count)
        starts.removeLast(starts.count - count)
    }

    /// Keeps pairs in a heap by rank and place; those that merges have changed meanwhile are passed over.
    private func mergeLong(_ slots: UnsafeBufferPointer<MergeTable.Slot>) {
        let count = ids.count
        ranks = [UInt32](repeating: MergeTable.none, count: count)
        merged = [TokenID](repeating: -1, count: count)
        next = (0..<Int32(truncatingIfNeeded: count)).map { $0 + 1 }
        previous = (0..<Int32(truncatingIfNeeded: count)).map { $0 - 1 }
        heap.removeAll(keepingCapacity: true)
        ids.withUnsafeMutableBufferPointer { ids in
            ranks.withUnsafeMutableBufferPointer { ranks in
                merged.withUnsafeMutableBufferPointer { merged in
                    next.withUnsafeMutableBufferPointer { next in
                        previous.withUnsafeMutableBufferPointer { previous in
                            for index in 0..<count - 1 {
                                let found = MergeTable.find(ids[index], ids[index + 1], in: slots)
                                ranks[index] = found.rank
                                merged[index] = found.merged
                                if found.rank != MergeTable.none { heap.append(entry(found.rank, index)) }
                            }
                            orderHeap()
                            while let top = popHeap() {
                                steps += 1
                                let place = Int(truncatingIfNeeded: top & 0xFFFF_FFFF)
                                guard ranks[place] == UInt32(truncatingIfNeeded: top >> 32) else { continue }
                                let right = Int(next[place])
                                ids[place] = merged[place]
                                ids[right] = -1
                                ranks[right] = MergeTable.none
                                let after = Int(next[right])
                                next[place] = Int32(truncatingIfNeeded: after)
                                if after < count { previous[after] = Int32(truncatingIfNeeded: place) }
                                rate(place, after, count, ids, ranks, merged, slots)
                                let before = Int(previous[place])
                                if before >= 0 { rate(before, place, count, ids, ranks, merged, slots) }
                            }
                        }
                    }
                }
            }
        }
        var kept = 0
        for index in 0..<count where ids[index] >= 0 {
            ids[kept] = ids[index]
            starts[kept] = starts[index]
            kept += 1
        }
        ids.removeLast(count - kept)
        starts.removeLast(count - kept)
        if count > 1 << 16 {
            // A long word's memory is not kept.
            (ranks, merged, next, previous, heap) = ([], [], [], [], [])
        }
    }

    private func rate(
        _ left: Int, _ right: Int, _ count: Int, _ ids: UnsafeMutableBufferPointer<TokenID>,
        _ ranks: UnsafeMutableBufferPointer<UInt32>, _ merged: UnsafeMutableBufferPointer<TokenID>,
        _ slots: UnsafeBufferPointer<MergeTable.Slot>
    ) {
        guard right < count else {
            ranks[left] = MergeTable.none
            return
        }
        let found = MergeTable.find(ids[left], ids[right], in: slots)
        ranks[left] = found.rank
        merged[left] = found.merged
        if found.rank != MergeTable.none { pushHeap(entry(found.rank, left)) }
    }

    private func entry(_ rank: UInt32, _ place: Int) -> UInt64 {
        UInt64(rank) << 32 | UInt64(UInt32(truncatingIfNeeded: place))
    }

    private func orderHeap() {
        heap.withUnsafeMutableBufferPointer { heap in
            for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { BPEWorkspace.sink(index, heap) }
        }
    }

    private func pushHeap(_ entry: UInt64) {
        heap.append(entry)
        heap.withUnsafeMutableBufferPointer { heap in
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

    private func popHeap() -> UInt64? {
        guard let top = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            heap.withUnsafeMutableBufferPointer { BPEWorkspace.sink(0, $0) }
        }
        return top
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
