import CKernels
import Glibc
import Testing

/// What gradients are compared with: forward passes in Double, differentiated by central differences.
enum TrainingReference {
    /// Numbers in -spread ..< spread that repeat with the seed.
    static func values(_ count: Int, _ spread: Float = 1, seed: UInt64) -> [Float] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return spread * (Float(state >> 40) / Float(1 << 23) - 1)
        }
    }

    /// How `function` changes with each of `x`.
    static func differences(_ x: [Double], _ function: ([Double]) -> Double) -> [Double] {
        var x = x
        return x.indices.map { index in
            let here = x[index]
            let step = 1e-5 * max(1, here.magnitude)
            x[index] = here + step
            let above = function(x)
            x[index] = here - step
            let below = function(x)
            x[index] = here
            return (above - below) / (2 * step)
        }
    }

    /// Σ dy · y: its gradients are those that dy brings back.
    static func weighted(_ y: [Double], _ dy: [Float]) -> Double { zip(y, dy).reduce(0) { $0 + $1.0 * Double($1.1) } }

    /// Whether all are within `tolerance` of what is expected, relative to the largest of it or 1.
    static func expect(
        _ got: [Float], _ expected: [Double], within tolerance: Double = 2e-6, _ what: String,
        location: SourceLocation = #_sourceLocation
    ) {
        let size = expected.reduce(1) { max($0, $1.magnitude) }
        var worst = 0.0
        for (a, b) in zip(got, expected) { worst = max(worst, a.isFinite ? (Double(a) - b).magnitude : .infinity) }
        #expect(got.count == expected.count, "\(what)", sourceLocation: location)
        #expect(worst <= tolerance * size, "\(what): off by \(worst) of \(size)", sourceLocation: location)
    }

    static func table(_ name: String) throws -> apus_kernels { try #require(apus_kernels_named(name)?.pointee) }

    static func wide(_ x: [Float]) -> [Double] { x.map(Double.init) }
}
