/// Tokens by spelling and by id: all spellings in one buffer, found through an open-addressing table. Made for fast
/// loading of hundreds of thousands of tokens.
public struct Vocabulary: Sendable {
    /// Ids above this are refused: no vocabulary comes near, and tables grow with the highest id.
    public static let highestID = 1 << 24

    private var arena: [UInt8] = []
    /// Where the spelling of an id begins; -1 for an id without a token.
    private var starts: [Int] = []
    private var lengths: [Int32] = []
    /// Ids by hash; -1 where free. The size is a power of two.
    private var slots: [Int32]
    /// How many different spellings there are.
    public private(set) var count = 0
    /// Bytes of the longest spelling.
    public private(set) var longest = 0

    public init(capacity: Int = 0) {
        var size = 64
        while size < min(capacity, Vocabulary.highestID) * 2 { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
        starts.reserveCapacity(capacity)
        lengths.reserveCapacity(capacity)
    }

    /// One more than the highest id.
    public var size: Int { starts.count }

    /// Adds a token. Of equal spellings the last one's id is found. An id that has a spelling already keeps it for the
    /// way back; both spellings are found.
    ///
    /// - Returns: false, adding nothing, for an id that is negative or above `highestID`.
    @discardableResult
    public mutating func insert(_ spelling: UnsafeBufferPointer<UInt8>, id: TokenID) -> Bool {
        guard id >= 0, Int(id) <= Vocabulary.highestID, spelling.count < Int(Int32.max) else { return false }
        longest = max(longest, spelling.count)
        while starts.count <= Int(id) {
            starts.append(-1)
            lengths.append(0)
        }
        var entry = id
        if starts[Int(id)] >= 0 {
            // A second spelling of an id: kept under an entry past all ids would need another table; it is rare, and
            // lies in `others`.
            if !equals(spelling, entry) { others[Array(spelling)] = id }
            return true
        }
        starts[Int(id)] = arena.count
        lengths[Int(id)] = Int32(truncatingIfNeeded: spelling.count)
        arena.append(contentsOf: spelling)
        if count * 2 >= slots.count { grow() }
        var slot = Int(truncatingIfNeeded: Vocabulary.hash(spelling)) & (slots.count - 1)
        while slots[slot] >= 0 {
            if equals(spelling, slots[slot]) {
                swap(&slots[slot], &entry)
                return true
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = entry
        count += 1
        return true
    }

    @discardableResult
    public mutating func insert(_ spelling: [UInt8], id: TokenID) -> Bool {
        spelling.withUnsafeBufferPointer { insert($0, id: id) }
    }

    private var others: [[UInt8]: TokenID] = [:]

    /// The id of exactly these bytes.
    public func id(of spelling: UnsafeBufferPointer<UInt8>) -> TokenID? {
        var slot = Int(truncatingIfNeeded: Vocabulary.hash(spelling)) & (slots.count - 1)
        while slots[slot] >= 0 {
            if equals(spelling, slots[slot]) { return slots[slot] }
            slot = (slot + 1) & (slots.count - 1)
        }
        return others.isEmpty ? nil : others[Array(spelling)]
    }

    public func id(of spelling: some Collection<UInt8>) -> TokenID? {
        spelling.withContiguousStorageIfAvailable { id(of: $0) }
            ?? Array(spelling).withUnsafeBufferPointer { id(of: $0) }
    }

    public func spelling(of id: TokenID) -> [UInt8]? { withSpelling(of: id) { Array($0) } }

    /// Calls `body` with a token's spelling where it lies; nil for an id without a token.
    @inline(__always)
    public func withSpelling<Result>(of id: TokenID, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
        guard id >= 0, Int(id) < starts.count, starts[Int(id)] >= 0 else { return nil }
        let range = starts[Int(id)]..<starts[Int(id)] + Int(lengths[Int(id)])
        return arena.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
    }

    private func equals(_ spelling: UnsafeBufferPointer<UInt8>, _ id: Int32) -> Bool {
        guard Int(lengths[Int(id)]) == spelling.count else { return false }
        let start = starts[Int(id)]
        return arena.withUnsafeBufferPointer { arena in
            var index = 0
            while index < spelling.count {
                if arena[start + index] != spelling[index] { return false }
                index += 1
            }
            return true
        }
    }

    private mutating func grow() {
        var bigger = [Int32](repeating: -1, count: slots.count * 2)
        arena.withUnsafeBufferPointer { arena in
            for id in slots where id >= 0 {
                let start = starts[Int(id)]
                let bytes = UnsafeBufferPointer(rebasing: arena[start..<start + Int(lengths[Int(id)])])
                var slot = Int(truncatingIfNeeded: Vocabulary.hash(bytes)) & (bigger.count - 1)
                while bigger[slot] >= 0 { slot = (slot + 1) & (bigger.count - 1) }
                bigger[slot] = id
            }
        }
        slots = bigger
    }

    /// Eight bytes at a time, multiplied and folded.
    @inline(__always)
    static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
        var hash = UInt64(truncatingIfNeeded: bytes.count) &* factor
        var place = 0
        if let base = bytes.baseAddress {
            let raw = UnsafeRawPointer(base)
            while place + 8 <= bytes.count {
                hash = (hash ^ raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* factor
                hash ^= hash >> 29
                place += 8
            }
        }
        var tail: UInt64 = 0
        while place < bytes.count {
            tail = tail << 8 | UInt64(bytes[place])
            place += 1
        }
        hash = (hash ^ tail) &* factor
        return hash ^ hash >> 32
    }
}
