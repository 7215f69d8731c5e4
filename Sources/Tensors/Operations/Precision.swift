import CKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the values of a product of float matrices are multiplied as. Sums are of float32 always.
public enum Precision: String, Sendable, CaseIterable {
    case float32
    /// Each value counts as the nearest one with 8 bits of fraction, ties to even.
    case bfloat16

    /// Whether products take two values of the depth at once, by instructions for BF16.
    public var multipliesPairs: Bool { self == .bfloat16 && BFloat16Products.preferred == .pairs }

    /// The faster one here for a linear layer that learns: its output, and the gradients of its input and weights,
    /// measured in turn for as many rows as a step has. BF16 has to win by a twentieth, for what it loses in exactness.
    ///
    /// - Parameter rows: texts times tokens of a step.
    public static func fastest(rows: Int, inputs: Int, outputs: Int) -> Precision {
        // BF16 products without instructions of their own are float32 ones of values that are rounded first.
        guard inputs > 0, outputs > 0, BFloat16Products.preferred == .pairs else { return .float32 }
        let rows = max(1, min(rows, 1024))
        let (x, weight) = (noise(rows, inputs), noise(outputs, inputs))
        let y = noise(rows, outputs)
        func step(_ precision: Precision) -> UInt64 {
            let start = nanoseconds()
            for (left, right, result) in [
                (MatrixProduct.lines(x), MatrixProduct.lines(weight), Tensor(uninitialized: [rows, outputs])),
                (MatrixProduct.lines(y), MatrixProduct.linesAcross(weight), Tensor(uninitialized: [rows, inputs])),
                (MatrixProduct.linesAcross(y), MatrixProduct.linesAcross(x), Tensor(uninitialized: [outputs, inputs])),
            ] {
                MatrixProduct(left: left, right: right, precision: precision).write(to: result.floats)
            }
            return nanoseconds() - start
        }
        var best: [Precision: UInt64] = [:]
        for _ in 0..<5 {
            for precision in allCases { best[precision] = min(best[precision] ?? .max, step(precision)) }
        }
        let (float32, bfloat16) = (Double(best[.float32] ?? 0), Double(best[.bfloat16] ?? 0))
        withExtendedLifetime((x, weight, y)) {}
        return bfloat16 < 0.95 * float32 ? .bfloat16 : .float32
    }

    private static func noise(_ rows: Int, _ columns: Int) -> Tensor {
        let tensor = Tensor(uninitialized: [rows, columns])
        for index in 0..<tensor.count { tensor.floats[index] = Float(index % 251) / 125 - 1 }
        return tensor
    }
}

/// How BF16 values are multiplied.
enum BFloat16Products: Sendable {
    /// By instructions that take two values of *k* at once, as two BF16 in a word.
    case pairs
    /// As float32, once they are rounded.
    case rounded

    /// Pairs where the processor has them and multiplies them faster than float32 values, which some do (Zen 4: twice as
    /// fast) and some do not (Emerald Rapids: half as fast): measured at the first use.
    static let preferred: BFloat16Products = {
        let kernels = apus_kernels().pointee
        guard kernels.matrix_product_pairs != nil else { return .rounded }
        return rate(Int32(APUS_PEAK_BFLOAT), kernels) > rate(Int32(APUS_PEAK_FLOAT), kernels) ? .pairs : .rounded
    }()

    /// Operations a nanosecond: the best of some short measurements.
    private static func rate(_ kind: Int32, _ kernels: apus_kernels) -> Double {
        (0..<8).map { _ in
            let start = nanoseconds()
            let operations = apus_peak(kernels.name, kind, 2000)
            return Double(operations) / Double(max(1, nanoseconds() - start))
        }.max() ?? 0
    }
}

private func nanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}
