import CKernels
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
        for form in try Self.forms(size) {
            let expected = MatrixProduct(left: form.roundedLeft, right: form.roundedRight)
            let product = MatrixProduct(
                left: form.left, right: form.right, precision: .bfloat16, bfloat16: .rounded)
            #expect(Self.bits(product, size) == Self.bits(expected, size))
        }
    }

    @Test(
        "BF16 pairs give the sums of the rounded values, in every form the same bits",
        .enabled(if: apus_kernels().pointee.matrix_product_pairs != nil), arguments: sizes)
    func pairs(size: [Int]) throws {
        var first: [UInt32]?
        for form in try Self.forms(size) {
            let product = MatrixProduct(left: form.left, right: form.right, precision: .bfloat16, bfloat16: .pairs)
            let bits = Self.bits(product, size)
            #expect(bits == first ?? bits)
            first = bits
            let expected = Self.bits(MatrixProduct(left: form.roundedLeft, right: form.roundedRight), size)
            for (bits, expected) in zip(bits, expected) {
                let (value, expected) = (Float(bitPattern: bits), Float(bitPattern: expected))
                // Terms are below 1, and so many of them are added in float32.
                #expect(abs(value - expected) <= 1e-6 * Float(size[2]).squareRoot() * 4)
            }
            // Inside a task the pool does everything on the thread that asks.
            WorkerPool.shared.run(tasks: 2) { _ in #expect(Self.bits(product, size) == bits) }
        }
    }

    @Test(
        "BF16 pairs of 16-bit values are those of the values as float32, and are added to what is there",
        .enabled(if: apus_kernels().pointee.matrix_product_pairs != nil), arguments: [DType.f16, .bf16])
    func pairsOfHalves(type: DType) throws {
        for size in [[5, 37, 33], [70, 300, 513], [300, 20, 64]] {
            let a = try Self.converted(Self.random([size[0], size[2]], seed: 10), to: type)
            let b = try Self.converted(Self.random([size[2], size[1]], seed: 11), to: type)
            let (left, right) = (MatrixProduct.lines(a), MatrixProduct.linesAcross(b))
            let (wideA, wideB) = (a.dequantized(), b.dequantized())
            let bits = Self.bits(MatrixProduct(left: left, right: right, precision: .bfloat16, bfloat16: .pairs), size)
            let wide = MatrixProduct(
                left: MatrixProduct.lines(wideA), right: MatrixProduct.linesAcross(wideB), precision: .bfloat16,
                bfloat16: .pairs)
            #expect(bits == Self.bits(wide, size))
            let sum = try Tensor(bits.map { Float(bitPattern: $0) }, shape: [size[0], size[1]])
            let transposed = try Self.converted(Self.transposed(wideB), to: type)
            MatrixProduct(
                left: left, right: MatrixProduct.lines(transposed), precision: .bfloat16, bfloat16: .pairs
            ).write(to: sum.floats, adding: true)
            if size[2] <= 512 { #expect(sum.toArray() == bits.map { 2 * Float(bitPattern: $0) }) }
        }
    }

    @Test("A layer's gradients in BF16 differ from float32's by the rounding") func layerInBFloat16() throws {
        let x = try Self.random([70, 96], seed: 12).requiringGradient()
        let weight = try Self.random([40, 96], seed: 13).requiringGradient()
        func gradients(_ precision: Precision) throws -> [Float] {
            x.clearGradient()
            weight.clearGradient()
            Differentiation.multiplying(in: precision) {
                Differentiation.recording { x.linear(weight) }.backward()
            }
            return try #require(x.gradient).toArray() + #require(weight.gradient).toArray()
        }
        let (wide, narrow) = (try gradients(.float32), try gradients(.bfloat16))
        #expect(wide != narrow)
        #expect(zip(wide, narrow).allSatisfy { abs($0 - $1) <= 0.004 * 96 })
    }

    private static func converted(_ tensor: Tensor, to type: DType) throws -> Tensor {
        let bytes = try tensor.encoded(as: type)
        let storage = Storage(byteCount: bytes.count)
        storage.pointer.copyMemory(from: bytes, byteCount: bytes.count)
        return try Tensor(
            shape: tensor.shape, dtype: type,
            borrowing: UnsafeRawBufferPointer(start: storage.pointer, count: bytes.count), owner: storage)
    }

    private typealias Form = (
        left: apus_matrix, right: apus_matrix, roundedLeft: apus_matrix, roundedRight: apus_matrix, held: [Tensor]
    )

    /// One product with its factors lying in each of the ways that layers have.
    private static func forms(_ size: [Int]) throws -> [Form] {
        let (m, n, k) = (size[0], size[1], size[2])
        let (a, b) = (try random([m, k], seed: 7), try random([k, n], seed: 8))
        let (aAcross, bAlong) = (try transposed(a), try transposed(b))
        return try [(a, false, b, true), (a, false, bAlong, false), (aAcross, true, b, true)].map {
            left, leftAcross, right, rightAcross in
            let (roundedLeft, roundedRight) = (try rounded(left), try rounded(right))
            let l = leftAcross ? MatrixProduct.linesAcross : MatrixProduct.lines
            let r = rightAcross ? MatrixProduct.linesAcross : MatrixProduct.lines
            return (l(left), r(right), l(roundedLeft), r(roundedRight), [left, right, roundedLeft, roundedRight])
        }
    }

    private static func bits(_ product: MatrixProduct, _ size: [Int]) -> [UInt32] {
        let result = Tensor(uninitialized: [size[0], size[1]])
        product.write(to: result.floats)
        return result.toArray().map(\.bitPattern)
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
