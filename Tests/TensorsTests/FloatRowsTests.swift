import ApusTensors
import CKernels
import Glibc
import Testing

/// The tables that this processor has.
let tables: [String] = InstructionSets.available

@Suite("Float rows on every table")
struct FloatRowsTests {
    static let lengths: [Int] = [1, 7, 8, 33, 192, 1000]

    private func values(_ count: Int, _ spread: Float, seed: UInt64 = 1) -> [Float] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return spread * (Float(state >> 40) / Float(1 << 23) - 1)
        }
    }

    private func check(_ got: [Float], _ expected: [Double], _ tolerance: Double, _ what: String) {
        for (a, b) in zip(got, expected) {
            #expect((Double(a) - b).magnitude <= tolerance * max(1, b.magnitude), "\(what): \(a) for \(b)")
        }
    }

    private func table(_ name: String) throws -> apus_kernels { try #require(apus_kernels_named(name)?.pointee) }

    @Test("Activation functions are within 4e-7 of their formulas", arguments: tables, lengths)
    func activations(name: String, length: Int) throws {
        let kernels = try table(name)
        let x = values(length, 12)
        var y = x
        kernels.silu(x, Int64(length), &y)
        check(y, x.map { Double($0) / (1 + exp(-Double($0))) }, 4e-7, "silu")
        kernels.gelu_tanh(x, Int64(length), &y)
        check(y, x.map { gelu(Double($0)) }, 4e-7, "gelu_tanh")
        kernels.gelu_erf(x, Int64(length), &y)
        check(y, x.map { 0.5 * Double($0) * (1 + erf(Double($0) / 2.0.squareRoot())) }, 2e-6, "gelu_erf")
        kernels.softcap(x, 5, Int64(length), &y)
        check(y, x.map { 5 * tanh(Double($0) / 5) }, 4e-7, "softcap")
        kernels.relu(x, Int64(length), &y)
        check(y, x.map { max(0, Double($0)) }, 0, "relu")
    }

    private func gelu(_ x: Double) -> Double {
        0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    }

    @Test("Norms and softmax are within 1e-6 of their formulas", arguments: tables, lengths)
    func norms(name: String, length: Int) throws {
        let kernels = try table(name)
        let x = values(length, 3)
        let weight = values(length, 1, seed: 2)
        let bias = values(length, 1, seed: 3)
        let wide = x.map(Double.init)
        var y = x
        kernels.rms_norm(x, weight, 1e-5, Int64(length), &y)
        let root = (wide.reduce(0) { $0 + $1 * $1 } / Double(length) + 1e-5).squareRoot()
        check(y, zip(wide, weight).map { $0 / root * Double($1) }, 1e-6, "rms_norm")

        kernels.layer_norm(x, weight, bias, 1e-5, Int64(length), &y)
        let mean = wide.reduce(0, +) / Double(length)
        let deviation = (wide.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(length) + 1e-5).squareRoot()
        let normed = zip(wide, zip(weight, bias)).map { ($0 - mean) / deviation * Double($1.0) + Double($1.1) }
        check(y, normed, 3e-6, "layer_norm")

        var p = x
        kernels.softmax(&p, Int64(length))
        let top = wide.max() ?? 0
        let sum = wide.reduce(0) { $0 + exp($1 - top) }
        check(p, wide.map { exp($0 - top) / sum }, 1e-6, "softmax")
    }

    @Test("Extremes give their limits and NaN stays NaN", arguments: tables)
    func extremes(name: String) throws {
        let kernels = try table(name)
        let x: [Float] = [-.infinity, -1e30, -100, 0, 100, 1e30, .nan, 88.72, -87.3]
        var y = x
        kernels.silu(x, Int64(x.count), &y)
        #expect(y[2].magnitude < 1e-30 && y[3] == 0 && y[4] == 100 && y[6].isNaN)
        kernels.softcap(x, 30, Int64(x.count), &y)
        #expect(y[1] == -30 && y[3] == 0 && y[5] == 30 && y[6].isNaN)
        kernels.relu(x, Int64(x.count), &y)
        #expect(y[0] == 0 && y[6].isNaN)
    }

    @Test("Both arrangements rotate pairs by their angles", arguments: tables)
    func rotation(name: String) throws {
        let kernels = try table(name)
        let pairs = 5
        let angles = (0..<pairs).map { Float($0) * 0.7 }
        let cosines = angles.map { cosf($0) }
        let sines = angles.map { sinf($0) }
        let x = values(12, 2)
        for interleaved in [false, true] {
            var y = x
            kernels.rotate(&y, cosines, sines, Int64(pairs), interleaved)
            for pair in 0..<pairs {
                let (i, j) = interleaved ? (2 * pair, 2 * pair + 1) : (pair, pair + pairs)
                #expect((y[i] - (x[i] * cosines[pair] - x[j] * sines[pair])).magnitude < 1e-6)
                #expect((y[j] - (x[i] * sines[pair] + x[j] * cosines[pair])).magnitude < 1e-6)
            }
            #expect(y[10...] == x[10...])
        }
    }
}
