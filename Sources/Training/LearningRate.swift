#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How the learning rate goes over a run.
public struct LearningRate: Sendable, Equatable {
    public enum Shape: String, Sendable, CaseIterable {
        /// Warm-up, then half a cosine down to the floor (Loshchilov and Hutter 2017).
        case cosine
        /// Warm-up, a long plateau, a steep end ("warm-up–stable–decay", Hu et al. 2024).
        case stable
        /// Warm-up, then a straight line down to the floor.
        case linear
        /// Warm-up, then no change.
        case constant
    }

    public var shape: Shape
    /// The highest rate.
    public var peak: Double
    /// Steps over which the rate rises from 0.
    public var warmup: Int
    /// The last rate, as a share of the peak.
    public var floor: Double
    /// Share of the steps in which `stable` comes down.
    public var decayShare: Double

    public init(_ shape: Shape, peak: Double, warmup: Int, floor: Double = 0.1, decayShare: Double = 0.2) {
        self.shape = shape
        self.peak = peak
        self.warmup = warmup
        self.floor = floor
        self.decayShare = decayShare
    }

    /// The rate of step 0, 1, … of `steps`.
    public func rate(step: Int, of steps: Int) -> Double {
        if step < warmup { return peak * Double(step + 1) / Double(warmup + 1) }
        let rest = Double(max(1, steps - warmup))
        let progress = min(1, Double(step - warmup) / rest)
        switch shape {
        case .constant: return peak
        case .linear: return peak * (1 - (1 - floor) * progress)
        case .cosine: return peak * (floor + (1 - floor) * 0.5 * (1 + cos(.pi * progress)))
        case .stable:
            let start = 1 - decayShare
            return progress < start ? peak : peak * (1 - (1 - floor) * (progress - start) / decayShare)
        }
    }
}
