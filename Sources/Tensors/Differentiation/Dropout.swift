import Synchronization

/// Leaves out a share of the elements while a model is trained, and scales the others up so that the mean stays
/// (Srivastava et al. 2014). Outside of a recorded step everything passes.
///
/// Which elements are left out follows from the seed, the step and the place of the layer, so that a step can be computed
/// again, by a checkpointed block or after a break, with the same bits.
public struct Dropout: Sendable {
    /// Share of elements that are left out, 0 ..< 1.
    public let rate: Float
    /// Tells the layers of a model apart.
    public let layer: UInt64
    private let clock: Clock

    /// The step, and the part of it, that all layers of a model are at.
    public final class Clock: Sendable {
        private let current = Atomic<UInt64>(0)
        public let seed: UInt64

        public init(seed: UInt64) { self.seed = seed }

        /// Parts of a step, which are computed one after another, have draws of their own, as steps have.
        public func begin(step: Int, part: Int = 0) {
            current.store(UInt64(truncatingIfNeeded: step) << 24 | UInt64(truncatingIfNeeded: part), ordering: .relaxed)
        }

        /// Different for each part of each step.
        var draw: UInt64 { current.load(ordering: .relaxed) }
    }

    public init(rate: Float, layer: UInt64, clock: Clock) {
        self.rate = rate
        self.layer = layer
        self.clock = clock
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        guard rate > 0, Differentiation.mode.isStep else { return x }
        let mask = Tensor(uninitialized: x.shape)
        let columns = x.columns
        let kept = 1 / (1 - rate)
        let limit = UInt64(Double(rate) * 0x1p32)
        let target = mask.floats
        parallelRows(x.rows, cost: columns * 4) { rows in
            for row in rows {
                var draws = RandomGenerator(
                    seed: clock.seed ^ (clock.draw &* 0x9E37_79B9_7F4A_7C15),
                    stream: layer << 32 | UInt64(row) | 1 << 63)
                for column in stride(from: 0, to: columns, by: 2) {
                    let draw = draws.next()
                    target[row * columns + column] = draw & 0xFFFF_FFFF < limit ? 0 : kept
                    if column + 1 < columns { target[row * columns + column + 1] = draw >> 32 < limit ? 0 : kept }
                }
            }
        }
        return x * mask
    }
}
