/// Numbers for pairs of token ids, in the order of their appearance: a hash table with linear probing.
struct PairTable {
    private var keys: [UInt64]
    private var numbers: [Int32]
    private(set) var pairs: [UInt64] = []

    /// No pair of ids is this: ids are below 2^31.
    private static let free = UInt64.max

    init() {
        keys = [UInt64](repeating: PairTable.free, count: 1 << 12)
        numbers = [Int32](repeating: 0, count: 1 << 12)
    }

    @inline(__always)
    static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    @inline(__always)
    private static func slot(_ key: UInt64, _ mask: Int) -> Int {
        let mixed = key &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> 32) & mask
    }

    /// The pair's number, a new one where it was not there.
    @inline(__always)
    mutating func number(of key: UInt64) -> Int {
        let mask = keys.count - 1
        var slot = PairTable.slot(key, mask)
        while keys[slot] != key {
            if keys[slot] == PairTable.free {
                keys[slot] = key
                numbers[slot] = Int32(pairs.count)
                pairs.append(key)
                if pairs.count * 2 > keys.count { grow() }
                return pairs.count - 1
            }
            slot = (slot + 1) & mask
        }
        return Int(numbers[slot])
    }

    private mutating func grow() {
        let size = keys.count * 2
        keys = [UInt64](repeating: PairTable.free, count: size)
        numbers = [Int32](repeating: 0, count: size)
        for (number, key) in pairs.enumerated() {
            var slot = PairTable.slot(key, size - 1)
            while keys[slot] != PairTable.free { slot = (slot + 1) & (size - 1) }
            keys[slot] = key
            numbers[slot] = Int32(number)
        }
    }
}
