/// Which pairs of tokens merge, in which order, and into what: an open-addressing table by the pair.
struct MergeTable: Sendable {
    struct Slot: Sendable {
        var pair: UInt64 = MergeTable.free
        var rank: UInt32 = MergeTable.none
        var merged: TokenID = -1
    }

    static let free = UInt64.max
    /// The rank of pairs that do not merge, after all others.
    static let none = UInt32.max

    private(set) var slots: [Slot]
    private(set) var count = 0

    init(capacity: Int) {
        var size = 64
        while size < min(capacity, 1 << 26) * 2 { size *= 2 }
        slots = [Slot](repeating: Slot(), count: size)
    }

    @inline(__always)
    static func key(_ left: TokenID, _ right: TokenID) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    @inline(__always)
    static func place(_ key: UInt64, _ mask: Int) -> Int {
        let mixed = key &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed ^ mixed >> 32) & mask
    }

    /// - Parameter replaces: of equal pairs the last one's rank counts, otherwise the first one's.
    mutating func insert(_ left: TokenID, _ right: TokenID, rank: UInt32, merged: TokenID, replaces: Bool) {
        if count * 2 >= slots.count { grow() }
        let key = MergeTable.key(left, right)
        var place = MergeTable.place(key, slots.count - 1)
        while slots[place].pair != MergeTable.free {
            if slots[place].pair == key {
                if replaces { slots[place] = Slot(pair: key, rank: rank, merged: merged) }
                return
            }
            place = (place + 1) & (slots.count - 1)
        }
        slots[place] = Slot(pair: key, rank: rank, merged: merged)
        count += 1
    }

    private mutating func grow() {
        var bigger = [Slot](repeating: Slot(), count: slots.count * 2)
        for slot in slots where slot.pair != MergeTable.free {
            var place = MergeTable.place(slot.pair, bigger.count - 1)
            while bigger[place].pair != MergeTable.free { place = (place + 1) & (bigger.count - 1) }
            bigger[place] = slot
        }
        slots = bigger
    }

    /// The rank and result of a pair, by the table's storage; `none` where it does not merge.
    @inline(__always)
    static func find(
        _ left: TokenID, _ right: TokenID, in slots: UnsafeBufferPointer<Slot>
    ) -> (rank: UInt32, merged: TokenID) {
        let key = MergeTable.key(left, right)
        let mask = slots.count - 1
        var place = MergeTable.place(key, mask)
        while true {
            let slot = slots[place]
            if slot.pair == key { return (slot.rank, slot.merged) }
            if slot.pair == MergeTable.free { return (MergeTable.none, -1) }
            place = (place + 1) & mask
        }
    }
}
