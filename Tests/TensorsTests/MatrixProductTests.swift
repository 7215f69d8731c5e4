import Testing

@testable import ApusTensors

@Suite("Products of matrices") struct MatrixProductTests {
    private static func random(_ shape: [Int], seed: UInt64) throws -> Tensor {
        var state = seed
        let values = (0..<shape.reduce(1, *)).map { _ -> Float in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 23) - 1
        }
        return try Tensor(values, shape: shape)
    }

    private static func transposed(_ tensor: Tensor) throws -> Tensor {
        let values = tensor.toArray()
        let (rows, columns) = (tensor.rows, tensor.columns)
        return try Tensor(
            (0..<rows * columns).map { values[$0 % rows * columns + $0 / rows] }, shape: [columns, rows])
    }

    static let sizes = [
        [1, 1, 1], [1, 700, 300], [7, 33, 129], [65, 300, 40], [300, 65, 520], [513, 40, 70], [400, 400, 1100],
        [200, 352, 1030], [90, 1024, 64], [1030, 64, 1024], [300, 2048, 100],
    ]

    @Test("The three forms are one product", arguments: sizes)
    func forms(size: [Int]) throws {
        let (m, n, k) = (size[0], size[1], size[2])
        let a = try Self.random([m, k], seed: 1)
        let b = try Self.random([k, n], seed: 2)
        let product = a.times(b)
        #expect(product.shape == [m, n])
        let bits = product.toArray().map(\.bitPattern)
        let bTransposed = try Self.transposed(b)
        #expect(a.timesTransposed(bTransposed).toArray().map(\.bitPattern) == bits)
        #expect(try Self.transposed(a).transposedTimes(b).toArray().map(\.bitPattern) == bits)
        let (left, right) = (a.toArray(), b.toArray())
        for row in stride(from: 0, to: m, by: 1 + m / 9) {
            for column in stride(from: 0, to: n, by: 1 + n / 11) {
                var sum = 0.0
                var magnitude = 0.0
                for i in 0..<k {
                    let term = Double(left[row * k + i]) * Double(right[i * n + column])
                    sum += term
                    magnitude += abs(term)
                }
                #expect(abs(Double(Float(bitPattern: bits[row * n + column])) - sum) <= 4e-6 * magnitude)
            }
        }
    }

    @Test("Bits do not depend on the threads, nor on the rows multiplied together", arguments: sizes)
    func anySplit(size: [Int]) throws {
        let (m, n, k) = (size[0], size[1], size[2])
        let a = try Self.random([m, k], seed: 3)
        let b = try Self.random([n, k], seed: 4)
        let bits = a.timesTransposed(b).toArray().map(\.bitPattern)
        // Inside a task the pool does everything on the thread that asks.
        WorkerPool.shared.run(tasks: 2) { _ in
            #expect(a.timesTransposed(b).toArray().map(\.bitPattern) == bits)
        }
        for height in [1, 2, 13, 64] where height < m {
            for first in stride(from: 0, through: m - height, by: max(height, m / 3)) {
                let part = try a.slice(first..<first + height).timesTransposed(b).toArray().map(\.bitPattern)
                #expect(part == Array(bits[first * n..<(first + height) * n]), "\(height) rows from \(first)")
            }
        }
    }

    @Test("A product is added to what its place holds") func adding() throws {
        let a = try Self.random([20, 30], seed: 5)
        let b = try Self.random([30, 10], seed: 6)
        let once = a.times(b).toArray()
        let sum = try Tensor(once, shape: [20, 10])
        MatrixProduct(left: MatrixProduct.lines(a), right: MatrixProduct.linesAcross(b)).write(
            to: sum.floats, adding: true)
        #expect(sum.toArray() == once.map { $0 + $0 })
    }

    @Test("In BF16 the values are rounded, and the sums are those of the rounded values", arguments: sizes)
    func bfloat16(size: [Int]) throws {
        let (m, n, k) = (size[0], size[1], size[2])
        let a = try Self.random([m, k], seed: 7)
        let b = try Self.random([n, k], seed: 8)
        let product = Tensor(uninitialized: [m, n])
        MatrixProduct(left: MatrixProduct.lines(a), right: MatrixProduct.lines(b), precision: .bfloat16).write(
            to: product.floats)
        let expected = try Self.rounded(a).timesTransposed(Self.rounded(b))
        #expect(product.toArray().map(\.bitPattern) == expected.toArray().map(\.bitPattern))
        let gradient = try Self.random([m, n], seed: 9)
        let sums = Tensor(uninitialized: [n, k])
        MatrixProduct(
            left: MatrixProduct.linesAcross(gradient), right: MatrixProduct.linesAcross(a), precision: .bfloat16
        ).write(to: sums.floats)
        let expectedSums = try Self.rounded(gradient).transposedTimes(Self.rounded(a))
        #expect(sums.toArray().map(\.bitPattern) == expectedSums.toArray().map(\.bitPattern))
    }

    /// The nearest BF16 values, ties to even.
    private static func rounded(_ tensor: Tensor) throws -> Tensor {
        try Tensor(
            tensor.toArray().map { value in
                let below = Float(bitPattern: value.bitPattern & 0xFFFF_0000)
                let above = Float(bitPattern: (value.bitPattern & 0xFFFF_0000) &+ 0x1_0000)
                let (down, up) = (abs(value - below), abs(above - value))
                if down != up { return down < up ? below : above }
                return below.bitPattern & 0x1_0000 == 0 ? below : above
            }, shape: tensor.shape)
    }
}
