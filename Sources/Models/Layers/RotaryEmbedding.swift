import ApusTensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Rotary position embedding (Su et al. 2021) with the ways of stretching it to longer contexts.
public struct RotaryEmbedding: Sendable, Equatable {
    /// Dimensions of each head that are rotated, in pairs.
    public var dimensions: Int
    /// Base of the wavelengths, θ in the paper.
    public var base: Double
    public var scaling: Scaling
    /// Whether pairs are neighbours (GGUF's `llama` arrangement) or half of `dimensions` apart (Hugging Face's).
    public var interleaved: Bool

    public init(dimensions: Int, base: Double, scaling: Scaling = .none, interleaved: Bool = false) {
        self.dimensions = dimensions
        self.base = base
        self.scaling = scaling
        self.interleaved = interleaved
    }

    public enum Scaling: Sendable, Equatable {
        case none
        /// Positions divided by a factor (Chen et al. 2023).
        case linear(factor: Double)
        /// A base that grows with the context in use ("NTK-aware", dynamic).
        case dynamic(factor: Double, trainedContext: Int)
        /// Long wavelengths divided by a factor, short ones kept, a ramp between (Llama 3.1).
        case llama3(factor: Double, lowFrequency: Double, highFrequency: Double, trainedContext: Int)
        case yarn(YaRN)
        case longRope(LongRope)
        /// Each frequency divided by a stored factor: GGUF's form of `llama3`.
        case divisors([Float])
    }

    /// YaRN (Peng et al. 2023).
    public struct YaRN: Sendable, Equatable {
        public var factor: Double
        public var trainedContext: Int
        public var betaFast: Double = 32
        public var betaSlow: Double = 1
        /// Whether the ends of the ramp are whole dimensions.
        public var truncates = true
        /// Factor of cosines and sines.
        public var amplitude: Double

        /// The amplitude that the paper recommends for a factor: 0.1 ln s + 1.
        public static func recommendedAmplitude(_ factor: Double, _ weight: Double = 1) -> Double {
            factor <= 1 ? 1 : 0.1 * weight * log(factor) + 1
        }
    }

    /// LongRoPE (Ding et al. 2024): searched factors for each frequency, a set for the trained context, a set beyond.
    public struct LongRope: Sendable, Equatable {
        public var short: [Float]
        public var long: [Float]
        public var trainedContext: Int
        /// Factor of cosines and sines.
        public var amplitude: Double
    }

    /// Radians per position of each pair, and the factor of cosines and sines, for a context of `context` positions.
    ///
    /// The scalings that depend on the length take the context in use, not the length so far: a sequence's rotations
    /// never change midway.
    public func frequencies(context: Int) -> (frequencies: [Float], amplitude: Float) {
        let pairs = dimensions / 2
        // In float32, step by step as the reference does: an ulp matters at position 100,000.
        func wavelengths(_ base: Double) -> [Float] {
            (0..<pairs).map { powf(Float(base), Float(2 * $0) / Float(dimensions)) }
        }
        let plain = wavelengths(base).map { 1 / $0 }
        switch scaling {
        case .none:
            return (plain, 1)
        case .linear(let factor):
            return (plain.map { $0 / Float(factor) }, 1)
        case .dynamic(let factor, let trained):
            let ratio = Double(max(context, trained)) / Double(trained)
            let exponent = Double(dimensions) / Double(dimensions - 2)
            return (wavelengths(base * pow(factor * ratio - (factor - 1), exponent)).map { 1 / $0 }, 1)
        case .llama3(let factor, let low, let high, let trained):
            return (plain.map { Self.llama3($0, Float(factor), Float(low), Float(high), Float(trained)) }, 1)
        case .yarn(let yarn):
            return (yarn.frequencies(wavelengths(base), dimensions: dimensions, base: base), Float(yarn.amplitude))
        case .longRope(let rope):
            let factors = context > rope.trainedContext ? rope.long : rope.short
            return (zip(factors, wavelengths(base)).map { 1 / ($0 * $1) }, Float(rope.amplitude))
        case .divisors(let divisors):
            return (zip(plain, divisors).map { $0 / $1 }, 1)
        }
    }

    /// The rotation of a batch's rows.
    public func rotation(_ batch: Batch) -> Rotation {
        let (frequencies, amplitude) = frequencies(context: batch.context)
        return Rotation(
            positions: batch.positions, frequencies: frequencies, amplitude: amplitude, interleaved: interleaved)
    }

    private static func llama3(
        _ frequency: Float, _ factor: Float, _ low: Float, _ high: Float, _ trained: Float
    ) -> Float {
        let wavelength = 2 * Float.pi / frequency
        if wavelength < trained / high { return frequency }
        if wavelength > trained / low { return frequency / factor }
        let smooth = (trained / wavelength - low) / (high - low)
        return (1 - smooth) * frequency / factor + smooth * frequency
    }
}

extension RotaryEmbedding.YaRN {
    /// Frequencies below the ramp are interpolated, those above kept.
    fileprivate func frequencies(_ wavelengths: [Float], dimensions: Int, base: Double) -> [Float] {
        func dimension(_ rotations: Double) -> Double {
            Double(dimensions) * log(Double(trainedContext) / (rotations * 2 * .pi)) / (2 * log(base))
        }
        var low = dimension(betaFast)
        var high = dimension(betaSlow)
        if truncates {
            low = low.rounded(.down)
            high = high.rounded(.up)
        }
        low = max(low, 0)
        high = min(high, Double(dimensions - 1))
        if low == high { high += 0.001 }
        return wavelengths.enumerated().map { index, wavelength in
            let ramp = min(max((Float(index) - Float(low)) / Float(high - low), 0), 1)
            let kept = 1 - ramp
            return (1 / (Float(factor) * wavelength)) * (1 - kept) + (1 / wavelength) * kept
        }
    }
}
