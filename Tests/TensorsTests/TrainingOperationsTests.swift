import CKernels
import Glibc
import Testing

@testable import ApusTensors

private typealias Reference = TrainingReference

@Suite("Operations of training")
struct TrainingOperationsTests {
    static let shapes = [[1, 1], [5, 7], [32, 64], [33, 65], [100, 70], [700, 33], [9000, 3]]

    private static func random(_ shape: [Int], seed: UInt64) throws -> Tensor {
        try Tensor(Reference.values(shape.reduce(1, *), seed: seed), shape: shape)
    }

    /// What an operation writes to places that hold ones, adding or not, on all threads; checked to have the same bits on
    /// one thread.
    private func written(
        _ shapes: [[Int]], adding: Bool, _ operation: ([GradientTarget]) -> Void
    ) -> [[Float]] {
        func once() -> [[Float]] {
            let places = shapes.map { Tensor(uninitialized: $0) }
            for place in places { place.floats.update(repeating: adding ? 1 : .nan, count: place.count) }
            operation(places.map { GradientTarget($0.floats, adding: adding) })
            return places.map { $0.toArray() }
        }
        let result = once()
        WorkerPool.shared.run(tasks: 2) { _ in
            #expect(once().map { $0.map(\.bitPattern) } == result.map { $0.map(\.bitPattern) })
        }
        return result
    }

    @Test("Norms of many rows are those of each row, weights' gradients the sum", arguments: shapes, [false, true])
    func norms(shape: [Int], adding: Bool) throws {
        let (rows, n) = (shape[0], shape[1])
        let x = try Self.random(shape, seed: 1)
        let weight = try Self.random([n], seed: 2)
        let dy = try Self.random(shape, seed: 3)
        let kernels = apus_kernels().pointee
        let (xs, ws, dys) = (x.toArray(), weight.toArray(), dy.toArray())
        var dx = [Float](repeating: adding ? 1 : 0, count: rows * n)
        var sums = [Double](repeating: adding ? 1 : 0, count: n)
        for row in 0..<rows {
            var own = [Float](repeating: 0, count: n)
            dx.withUnsafeMutableBufferPointer { dx in
                guard let at = dx.baseAddress else { return }
                kernels.rms_norm_gradient(
                    Array(xs[row * n..<(row + 1) * n]), ws, 1e-5, Array(dys[row * n..<(row + 1) * n]), 1, Int64(n),
                    adding,
                    at + row * n, &own)
            }
            for column in 0..<n { sums[column] += Double(own[column]) }
        }
        let got = written([shape, [n]], adding: adding) {
            x.rmsNormGradients(weight: weight, epsilon: 1e-5, result: dy, input: $0[0], weightGradient: $0[1])
        }
        #expect(got[0] == dx)
        Reference.expect(got[1], sums, within: 1e-5, "dw")
        let alone = written([shape], adding: adding) {
            x.rmsNormGradients(weight: weight, epsilon: 1e-5, result: dy, input: $0[0], weightGradient: nil)
        }
        #expect(alone[0] == dx)

        let layer = written([shape, [n], [n]], adding: adding) {
            x.layerNormGradients(
                weight: weight, epsilon: 1e-5, result: dy, input: $0[0], weightGradient: $0[1], biasGradient: $0[2])
        }
        let onlyBias = written([[n]], adding: adding) {
            x.layerNormGradients(
                weight: weight, epsilon: 1e-5, result: dy, input: nil, weightGradient: nil, biasGradient: $0[0])
        }
        #expect(onlyBias[0] == layer[2])
        let onlyInput = written([shape], adding: adding) {
            x.layerNormGradients(
                weight: weight, epsilon: 1e-5, result: dy, input: $0[0], weightGradient: nil, biasGradient: nil)
        }
        #expect(onlyInput[0] == layer[0])
        let columnSums = written([[n]], adding: adding) { dy.columnSums(to: $0[0]) }
        let expected = (0..<n).map { column in
            (0..<rows).reduce(adding ? 1.0 : 0) { $0 + Double(dys[$1 * n + column]) }
        }
        Reference.expect(columnSums[0], expected, within: 1e-5, "column sums")
        Reference.expect(layer[2], expected, within: 1e-5, "db")
    }

    @Test("Activations, gates, caps and softmax are their kernels", arguments: shapes, [false, true])
    func activations(shape: [Int], adding: Bool) throws {
        let x = try Self.random(shape, seed: 4)
        let up = try Self.random(shape, seed: 5)
        let dy = try Self.random(shape, seed: 6)
        let before: Float = adding ? 1 : 0
        for function in Activation.allCases {
            let (low, high) = try (
                Tensor(x.toArray().map { $0 - 0.01 }, shape: shape), Tensor(x.toArray().map { $0 + 0.01 }, shape: shape)
            )
            let rise = zip(high.activated(function).toArray(), low.activated(function).toArray()).map {
                Double($0 - $1) / 0.02
            }
            let slopes = zip(rise, dy.toArray()).map { $0 * Double($1) }
            let alone = written([shape], adding: adding) { x.activationGradient(function, result: dy, input: $0[0]) }
            let isNear = zip(x.toArray(), zip(alone[0], slopes)).allSatisfy { x, pair in
                function == .relu && x.magnitude < 0.01 || (Double(pair.0 - before) - pair.1).magnitude < 2e-3
            }
            #expect(isNear, "\(function)")
            let gated = written([shape, shape], adding: adding) {
                x.gatedGradients(function, up, result: dy, gate: $0[0], upGradient: $0[1])
            }
            let product = zip(alone[0], up.toArray()).map { Double(($0 - before) * $1 + before) }
            Reference.expect(gated[0], product, "gate")
            let value = zip(x.activated(function).toArray(), dy.toArray()).map { Double($0 * $1 + before) }
            Reference.expect(gated[1], value, "up")
        }
        let capped = written([shape], adding: adding) { x.softcapGradient(2, result: dy, input: $0[0]) }
        let expected = zip(x.toArray(), dy.toArray()).map { x, dy in
            let t = tanh(Double(x) / 2)
            return Double(dy) * (1 - t * t) + Double(before)
        }
        Reference.expect(capped[0], expected, "softcap")
        let y = x.softmax()
        let soft = written([shape], adding: adding) { y.softmaxGradient(result: dy, input: $0[0]) }
        let n = shape[1]
        let (ys, dys) = (Reference.wide(y.toArray()), Reference.wide(dy.toArray()))
        let rows = (0..<ys.count).map { index in
            let first = index / n * n
            let mean = (first..<first + n).reduce(0.0) { $0 + ys[$1] * dys[$1] }
            return ys[index] * (dys[index] - mean) + Double(before)
        }
        Reference.expect(soft[0], rows, "softmax")
    }

    @Test("A gate may be added to and its other half overwritten")
    func mixedGate() throws {
        let x = try Self.random([40, 70], seed: 7)
        let up = try Self.random([40, 70], seed: 8)
        let dy = try Self.random([40, 70], seed: 9)
        let plain = written([x.shape, x.shape], adding: false) {
            x.gatedGradients(.silu, up, result: dy, gate: $0[0], upGradient: $0[1])
        }
        let (gate, other) = (Tensor(uninitialized: x.shape), Tensor(uninitialized: x.shape))
        gate.floats.update(repeating: 1, count: gate.count)
        other.floats.update(repeating: .nan, count: other.count)
        x.gatedGradients(
            .silu, up, result: dy, gate: GradientTarget(gate.floats, adding: true),
            upGradient: GradientTarget(other.floats))
        Reference.expect(gate.toArray(), plain[0].map { Double($0 + 1) }, "gate")
        #expect(other.toArray() == plain[1])
    }

    @Test(
        "Rows looked up often gather their gradients in order", arguments: [[7, 3, 5], [50, 70, 900], [3, 33, 4000]])
    func embedding(size: [Int]) throws {
        let (tableRows, n, count) = (size[0], size[1], size[2])
        let ids = (0..<count).map { Int32($0 * $0 % tableRows) }
        let dy = try Self.random([count, n], seed: 10)
        for adding in [false, true] {
            var expected = [Float](repeating: adding ? 1 : 0, count: tableRows * n)
            let dys = dy.toArray()
            for (row, id) in ids.enumerated() {
                for column in 0..<n { expected[Int(id) * n + column] += dys[row * n + column] }
            }
            let got = written([[tableRows, n]], adding: adding) {
                dy.embeddingGradient(ids: ids, tableRows: tableRows, to: $0[0])
            }
            #expect(got[0] == expected)
        }
    }

    @Test("Losses and gradients of rows, some left out, and targets past the vocabulary")
    func crossEntropy() throws {
        let logits = Reference.values(40 * 300, 5, seed: 11)
        var targets = (0..<40).map { Int32($0 * 7 % 300) }
        targets[3] = -1
        targets[39] = -100
        let tensor = try Tensor(logits, shape: [40, 300])
        let losses = try tensor.crossEntropyInPlace(targets: targets, factor: 0.25)
        let before = try Tensor(logits, shape: [40, 300])
        let expected = try before.negativeLogLikelihoods(of: targets.map { max(0, $0) })
        let probabilities = before.softmax().toArray()
        let gradient = tensor.toArray()
        for row in 0..<40 {
            let isLeftOut = targets[row] < 0
            #expect((losses[row] - (isLeftOut ? 0 : expected[row])).magnitude < 1e-5)
            for column in 0..<300 {
                let hit: Float = column == Int(targets[row]) ? 1 : 0
                let own = isLeftOut ? 0 : (probabilities[row * 300 + column] - hit) / 4
                #expect((gradient[row * 300 + column] - own).magnitude < 1e-6)
            }
        }
        let factors = (0..<40).map { Float($0) / 40 }
        let weighted = try Tensor(logits, shape: [40, 300])
        #expect(try weighted.crossEntropyInPlace(targets: targets, factors: factors) == losses)
        let scaled = zip(weighted.toArray(), gradient).enumerated().allSatisfy { index, pair in
            (pair.0 - pair.1 * 4 * factors[index / 300]).magnitude < 1e-6
        }
        #expect(scaled)
        #expect(throws: TensorError.self) { try before.crossEntropyInPlace(targets: [300] + targets[1...], factor: 1) }
    }

    @Test("The sum of squares is that of Double, and not finite where an element is not")
    func sumOfSquares() throws {
        for count in [1, 63, 65_536, 65_537, 1_000_003] {
            var values = Reference.values(count, seed: 12)
            let expected = values.reduce(0) { $0 + Double($1) * Double($1) }
            let sum = try Tensor(values, shape: [count]).sumOfSquares()
            #expect((sum - expected).magnitude < 1e-12 * expected)
            WorkerPool.shared.run(tasks: 2) { _ in
                #expect((try? Tensor(values, shape: [count]).sumOfSquares()) == sum)
            }
            values[count / 2] = .nan
            #expect(try !Tensor(values, shape: [count]).sumOfSquares().isFinite)
        }
    }

    @Test("A step of AdamW changes parameter and moments in place") func adamw() throws {
        let count = 70_001
        let p = try Self.random([count], seed: 13)
        let before = p.toArray()
        let g = try Self.random([count], seed: 14)
        let m = try Tensor([Float](repeating: 0, count: count), shape: [count])
        let v = try Tensor([Float](repeating: 0, count: count), shape: [count])
        AdamWStep(rate: 0.1, decay: 0.5, number: 1).apply(to: p, gradient: g, first: m, second: v)
        let (after, gradients) = (p.toArray(), g.toArray())
        for index in stride(from: 0, to: count, by: 97) {
            // The first step goes by the rate against the gradient's sign.
            let expected = before[index] * 0.95 - 0.1 * gradients[index] / (gradients[index].magnitude + 1e-8)
            #expect((after[index] - expected).magnitude < 2e-6)
        }
        #expect(m.toArray()[5] == Float(1 - 0.9) * gradients[5])
    }

    @Test("The inverse rotation is the transpose of the rotation", arguments: [false, true])
    func rotation(interleaved: Bool) throws {
        let rotation = Rotation(
            positions: [0, 5, 17], frequencies: [1, 0.3, 0.01], amplitude: 1.3, interleaved: interleaved)
        let x = try Self.random([3, 16], seed: 15)
        let dy = try Self.random([3, 16], seed: 16)
        let forwards = x.rotated(rotation, headDim: 8).toArray()
        let backwards = dy.rotated(rotation.inverse, headDim: 8).toArray()
        let left = zip(forwards, dy.toArray()).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        let right = zip(backwards, x.toArray()).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        #expect((left - right).magnitude < 1e-5)
    }
}
