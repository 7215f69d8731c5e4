/// A generator of 64-bit numbers that is the same on every machine and in every version (Steele, Lea and Flood 2014).
///
/// Data are shuffled with it: what a run read must be known from its seed alone, so neither the system's generator nor
/// the standard library's `shuffle`, whose order is not promised, will do.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// A generator for one purpose of a run: different numbers for each list of words, all fixed by the first.
    public init(seed: UInt64, _ words: UInt64...) {
        state = words.reduce(seed) { Self.mix($0 &+ 0x9E37_79B9_7F4A_7C15) ^ Self.mix($1 &+ 0xD1B5_4A32_D192_ED03) }
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// A number from 0 up to, not including, `bound`; 0 for a bound below 1.
    public mutating func number(below bound: Int) -> Int {
        guard bound > 1 else { return 0 }
        return Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// Each bit of the result depends on each of `value`.
    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// The numbers below `count` in an order of this generator (Fisher and Yates).
    public mutating func permutation(of count: Int) -> [Int32] {
        var order = (0..<Int32(clamping: max(0, count))).map { $0 }
        guard order.count > 1 else { return order }
        for last in stride(from: order.count - 1, to: 0, by: -1) {
            order.swapAt(last, number(below: last + 1))
        }
        return order
    }
}

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
