/// Passes over a vocabulary of logits: eight at a time, without calls into the C library, so that they cost a fraction
/// of a millisecond for 256,000 tokens and give the same bits on every machine.
enum Exponentials {
    /// How many weights are added up in one piece of `sums`.
    static let block = 512

    /// e^x for x <= 0, to 2 units in the last place; 0 below -87, where the smallest normal number is near.
    @inline(__always)
    static func exp(_ x: SIMD8<Float>) -> SIMD8<Float> {
        let isZero = x .< -87
        let x = x.replacing(with: 0, where: isZero)
        // Adding 1.5 * 2^23 rounds to an integer and leaves it in the lowest bits.
        let shifted = x * 1.442_695_04 + 12_582_912
        let n = shifted - 12_582_912
        let r = (x - n * 0.693_359_375) - n * -2.121_944_4e-4
        var p = r * 1.987_569_15e-4 + 1.398_199_95e-3
        p = p * r + 8.333_451_9e-3
        p = p * r + 4.166_579_6e-2
        p = p * r + 1.666_666_55e-1
        p = p * r + 5.000_000_1e-1
        p = p * (r * r) + r + 1
        let exponent = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &<< 23
        let result = unsafeBitCast(unsafeBitCast(p, to: SIMD8<Int32>.self) &+ exponent, to: SIMD8<Float>.self)
        return result.replacing(with: 0, where: isZero)
    }

    @inline(__always)
    static func exp(_ x: Float) -> Float { exp(SIMD8<Float>(repeating: x))[0] }

    @inline(__always)
    private static func load(_ logits: UnsafeBufferPointer<Float>, _ index: Int) -> SIMD8<Float> {
        if index + 8 <= logits.count, let base = logits.baseAddress {
            return UnsafeRawPointer(base + index).loadUnaligned(as: SIMD8<Float>.self)
        }
        var last = SIMD8<Float>(repeating: -.infinity)
        for lane in 0..<(logits.count - index) { last[lane] = logits[index + lane] }
        return last
    }

    /// The largest logit; nil when one of them is not a number.
    static func max(_ logits: UnsafeBufferPointer<Float>) -> Float? {
        var best = SIMD8<Float>(repeating: -.infinity)
        var isBroken = SIMDMask<SIMD8<Int32>>(repeating: false)
        var index = 0
        while index < logits.count {
            let values = load(logits, index)
            best = best.replacing(with: values, where: values .> best)
            isBroken.replace(with: true, where: values .!= values)
            index += 8
        }
        return any(isBroken) ? nil : best.max()
    }

    /// The lowest index with exactly this value.
    static func firstIndex(of value: Float, in logits: UnsafeBufferPointer<Float>) -> Int? {
        var index = 0
        while index < logits.count {
            if any(load(logits, index) .== value) {
                for lane in index..<Swift.min(index + 8, logits.count) where logits[lane] == value { return lane }
            }
            index += 8
        }
        return nil
    }

    /// 1 / temperature, kept so small and so large that neither 0 * infinity nor infinity * 0 can arise: with any
    /// positive temperature the largest logit weighs 1 and a banned token 0.
    static func scale(temperature: Double) -> Float {
        Float(Swift.min(Swift.max(1 / temperature, 1e-37), 3e38))
    }

    /// e^((logit - max) * scale) of one block, into `weights`; returns their sum.
    static func weights(
        _ logits: UnsafeBufferPointer<Float>, max: Float, scale: Float, into weights: inout [Float]
    ) -> Double {
        weights.removeAll(keepingCapacity: true)
        var total = 0.0
        for logit in logits {
            let weight = exp((logit - max) * scale)
            weights.append(weight)
            total += Double(weight)
        }
        return total
    }

    /// The sums of e^((logit - max) * scale) over each block of `block` logits.
    static func sums(_ logits: UnsafeBufferPointer<Float>, max: Float, scale: Float, into sums: inout [Double]) {
        sums.removeAll(keepingCapacity: true)
        var start = 0
        while start < logits.count {
            let end = Swift.min(start + block, logits.count)
            var sum = SIMD8<Float>.zero
            var total = 0.0
            var index = start
            while index < end {
                sum += exp((load(logits, index) - max) * scale)
                index += 8
                if (index - start) & 127 == 0 || index >= end {
                    for lane in 0..<8 { total += Double(sum[lane]) }
                    sum = .zero
                }
            }
            sums.append(total)
            start = end
        }
    }

    /// The sum of e^(logit - max) over all logits.
    static func total(_ logits: UnsafeBufferPointer<Float>, max: Float) -> Double {
        var total = 0.0
        var sums: [Double] = []
        sums.reserveCapacity(logits.count / block + 1)
        self.sums(logits, max: max, scale: 1, into: &sums)
        for sum in sums { total += sum }
        return total
    }
}
