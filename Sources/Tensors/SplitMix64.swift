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
    public static func mix(_ value: UInt64) -> UInt64 {
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
