import ApusTensors

/// The numbers below a count in another order, which takes no memory however many they are.
///
/// Four rounds of a Feistel network over the next power of four; results out of range go round again.
struct KeyedPermutation: Sendable {
    let count: Int
    private let halfBits: UInt64
    private let keys: [UInt64]

    init(count: Int, seed: UInt64) {
        self.count = count
        var bits: UInt64 = 1
        while bits < 31, 1 << (2 * bits) < UInt64(max(1, count)) { bits += 1 }
        halfBits = bits
        var generator = SplitMix64(seed: seed)
        keys = (0..<4).map { _ in generator.next() }
    }

    /// Where `index`, which must be below `count`, goes.
    subscript(index: Int) -> Int {
        let mask: UInt64 = (1 << halfBits) - 1
        var value = UInt64(index)
        repeat {
            var left = value >> halfBits
            var right = value & mask
            for key in keys { (left, right) = (right, left ^ (SplitMix64.mix(right ^ key) & mask)) }
            value = left << halfBits | right
        } while value >= UInt64(count)
        return Int(value)
    }
}
