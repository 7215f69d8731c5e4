import CKernels
import Glibc
import Testing

private typealias Reference = TrainingReference

@Suite("Rows of training on every table")
struct TrainingRowsTests {
    static let lengths = [1, 2, 3, 7, 8, 15, 16, 17, 32, 33, 63, 70]
    private let rows = 3

    @Test("The gradients of RMS norm are those of central differences", arguments: tables, lengths)
    func rmsNorm(name: String, n: Int) throws {
        let kernel = try Reference.table(name).rms_norm_gradient
        let x = Reference.values(rows * n, 2, seed: 1)
        let weight = Reference.values(n, 2, seed: 2)
        let dy = Reference.values(rows * n, seed: 3)
        let epsilon: Float = 1e-3
        let loss = { (x: [Double], weight: [Double]) in
            var y: [Double] = []
            for row in 0..<rows {
                let own = x[row * n..<(row + 1) * n]
                let root = (own.reduce(0) { $0 + $1 * $1 } / Double(n) + Double(epsilon)).squareRoot()
                y += zip(own, weight).map { $0 / root * $1 }
            }
            return Reference.weighted(y, dy)
        }
        let dx = Reference.differences(Reference.wide(x)) { loss($0, Reference.wide(weight)) }
        let dw = Reference.differences(Reference.wide(weight)) { loss(Reference.wide(x), $0) }
        for add in [false, true] {
            var input = [Float](repeating: 3, count: rows * n)
            var sums = [Float](repeating: 0, count: n)
            kernel(x, weight, epsilon, dy, Int64(rows), Int64(n), add, &input, &sums)
            Reference.expect(input, dx.map { $0 + (add ? 3 : 0) }, "dx")
            Reference.expect(sums, dw, "dw")
            var alone = [Float](repeating: 3, count: rows * n)
            kernel(x, weight, epsilon, dy, Int64(rows), Int64(n), add, &alone, nil)
            #expect(alone == input)
            var sumsAlone = [Float](repeating: 0, count: n)
            kernel(x, weight, epsilon, dy, Int64(rows), Int64(n), add, nil, &sumsAlone)
            #expect(sumsAlone == sums)
        }
    }

    @Test("The gradients of layer norm are those of central differences", arguments: tables, lengths)
    func layerNorm(name: String, n: Int) throws {
        let kernel = try Reference.table(name).layer_norm_gradient
        let x = Reference.values(rows * n, 2, seed: 4)
        let weight = Reference.values(n, 2, seed: 5)
        let bias = Reference.values(n, 2, seed: 6)
        let dy = Reference.values(rows * n, seed: 7)
        let epsilon: Float = 1e-2
        let loss = { (x: [Double], weight: [Double], bias: [Double]) in
            var y: [Double] = []
            for row in 0..<rows {
                let own = x[row * n..<(row + 1) * n]
                let mean = own.reduce(0, +) / Double(n)
                let variance = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
                let root = (variance + Double(epsilon)).squareRoot()
                y += zip(own, zip(weight, bias)).map { ($0 - mean) / root * $1.0 + $1.1 }
            }
            return Reference.weighted(y, dy)
        }
        let (wideX, wideWeight, wideBias) = (Reference.wide(x), Reference.wide(weight), Reference.wide(bias))
        let dx = Reference.differences(wideX) { loss($0, wideWeight, wideBias) }
        let dw = Reference.differences(wideWeight) { loss(wideX, $0, wideBias) }
        let db = Reference.differences(wideBias) { loss(wideX, wideWeight, $0) }
        for add in [false, true] {
            var input = [Float](repeating: 3, count: rows * n)
            var sums = [Float](repeating: 0, count: n)
            var biasSums = sums
            kernel(x, weight, epsilon, dy, Int64(rows), Int64(n), add, &input, &sums, &biasSums)
            Reference.expect(input, dx.map { $0 + (add ? 3 : 0) }, within: 4e-6, "dx")
            Reference.expect(sums, dw, "dw")
            Reference.expect(biasSums, db, "db")
        }
    }

    /// The formulas, in Double.
    private static func activation(_ function: Int32, _ x: Double) -> Double {
        switch function {
        case Int32(APUS_SILU): x / (1 + exp(-x))
        case Int32(APUS_GELU_TANH): 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case Int32(APUS_GELU): 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
        default: max(0, x)
        }
    }

    static let functions = [APUS_SILU, APUS_GELU_TANH, APUS_GELU, APUS_RELU].map { Int32($0) }

    @Test("The gradients of activations and gates are those of central differences", arguments: tables, lengths)
    func activations(name: String, n: Int) throws {
        let kernels = try Reference.table(name)
        let x = Reference.values(n, 9, seed: 8)
        let up = Reference.values(n, 3, seed: 9)
        let dy = Reference.values(n, seed: 10)
        for function in Self.functions {
            let slopes = x.map { x in
                Reference.differences([Double(x)]) { Self.activation(function, $0[0]) }[0]
            }
            let dx = zip(slopes, dy).map { $0 * Double($1) }
            let dgate = zip(dx, up).map { $0 * Double($1) }
            let dup = zip(x, dy).map { Self.activation(function, Double($0)) * Double($1) }
            for add in [false, true] {
                let before = add ? 2.0 : 0
                var input = [Float](repeating: 2, count: n)
                kernels.activation_gradient(function, x, dy, Int64(n), add, &input)
                Reference.expect(input, dx.map { $0 + before }, "function \(function)")
                var gate = [Float](repeating: 2, count: n)
                var other = gate
                kernels.gated_gradient(function, x, up, dy, Int64(n), add, &gate, &other)
                Reference.expect(gate, dgate.map { $0 + before }, "gate \(function)")
                Reference.expect(other, dup.map { $0 + before }, "up \(function)")
            }
        }
    }

    @Test("Far out slopes are 0 or 1, and NaN stays NaN except where ReLU's is 1 as in PyTorch", arguments: tables)
    func extremes(name: String) throws {
        let kernels = try Reference.table(name)
        let x: [Float] = [-3e38, -1e19, -200, -89, 0, 89, 200, 1e19, 3e38, .nan, 0, 0, 0, 0, 0, 0, -1e30, 1e30]
        let dy = [Float](repeating: 1, count: x.count)
        for function in Self.functions {
            var dx = x
            kernels.activation_gradient(function, x, dy, Int64(x.count), false, &dx)
            for (x, slope) in zip(x, dx) where x != 0 {
                if x.isNaN, function != Int32(APUS_RELU) {
                    #expect(slope.isNaN, "\(function)")
                } else {
                    #expect((slope - (x < 0 ? 0 : 1)).magnitude < 1e-30, "\(function) at \(x)")
                }
            }
        }
        var dx = x
        kernels.softcap_gradient(x, 30, dy, Int64(x.count), false, &dx)
        for (x, slope) in zip(x, dx) where x.magnitude > 2000 { #expect(slope == 0) }
        #expect(dx[4] == 1 && dx[9].isNaN)
        let far = 4 * exp(-2.0 * 200 / 30) / pow(1 + exp(-2.0 * 200 / 30), 2)
        #expect((Double(dx[6]) - far).magnitude < 1e-6 * far)
    }

    @Test("The gradients of capping and softmax are those of central differences", arguments: tables, lengths)
    func capAndSoftmax(name: String, n: Int) throws {
        let kernels = try Reference.table(name)
        let x = Reference.values(n, 9, seed: 11)
        let dy = Reference.values(n, seed: 12)
        let capped = Reference.differences(Reference.wide(x)) { Reference.weighted($0.map { 4 * tanh($0 / 4) }, dy) }
        let soft = Reference.differences(Reference.wide(x)) { x in
            let sum = x.reduce(0) { $0 + exp($1) }
            return Reference.weighted(x.map { exp($0) / sum }, dy)
        }
        var y = x
        kernels.softmax(&y, Int64(n))
        for add in [false, true] {
            var dx = [Float](repeating: 2, count: n)
            kernels.softcap_gradient(x, 4, dy, Int64(n), add, &dx)
            Reference.expect(dx, capped.map { $0 + (add ? 2 : 0) }, "softcap")
            dx = [Float](repeating: 2, count: n)
            kernels.softmax_gradient(y, dy, Int64(n), add, &dx)
            Reference.expect(dx, soft.map { $0 + (add ? 2 : 0) }, "softmax")
        }
    }

    @Test("Rows are added, squares are summed", arguments: tables, lengths)
    func sums(name: String, n: Int) throws {
        let kernels = try Reference.table(name)
        for rows in [0, 1, 3, 4, 5, 11] {
            let x = Reference.values(rows * n, 2, seed: 13)
            var sums = [Float](repeating: 1, count: n)
            kernels.add_rows(x, Int64(rows), Int64(n), &sums)
            let expected = (0..<n).map { column in
                (0..<rows).reduce(1) { $0 + Double(x[$1 * n + column]) }
            }
            Reference.expect(sums, expected, "\(rows) rows")
        }
        var x = Reference.values(n, 1e30, seed: 14)
        let squares = x.reduce(0) { $0 + Double($1) * Double($1) }
        #expect((kernels.sum_of_squares(x, Int64(n)) - squares).magnitude <= 1e-14 * squares)
        for bad in [Float.nan, .infinity, -.infinity] {
            for index in [0, n / 2, n - 1] {
                let kept = x[index]
                x[index] = bad
                #expect(!kernels.sum_of_squares(x, Int64(n)).isFinite)
                x[index] = kept
            }
        }
        x = [Float](repeating: .greatestFiniteMagnitude, count: n)
        #expect(kernels.sum_of_squares(x, Int64(n)).isFinite)
    }

    @Test("Cross entropy and its gradient are those of central differences", arguments: tables, lengths)
    func crossEntropy(name: String, n: Int) throws {
        let kernel = try Reference.table(name).cross_entropy
        let logits = Reference.values(n, 9, seed: 15)
        for target in Set([0, n / 2, n - 1]) {
            let loss = { (x: [Double]) in log(x.reduce(0) { $0 + exp($1) }) - x[target] }
            var row = logits
            let got = kernel(&row, Int64(n), Int64(target), 0.5)
            #expect((got - loss(Reference.wide(logits))).magnitude <= 1e-6 * max(1, got))
            let gradient = Reference.differences(Reference.wide(logits), loss)
            Reference.expect(row, gradient.map { $0 * 0.5 }, within: 5e-7, "target \(target)")
        }
        var row = logits
        #expect(kernel(&row, Int64(n), -1, 0.5) == 0)
        #expect(row.allSatisfy { $0 == 0 })
    }

    @Test("Rows of any length are one softmax, whatever order their logits come in", arguments: tables)
    func longCrossEntropy(name: String) throws {
        let kernel = try Reference.table(name).cross_entropy
        for n in [1023, 1024, 1025, 5000, 300_001] {
            for order in 0..<3 {
                var logits = Reference.values(n, 40, seed: 16)
                if order == 1 { logits.sort() }
                if order == 2 { logits.sort(by: >) }
                let top = Double(logits.max() ?? 0)
                let sum = logits.reduce(0) { $0 + exp(Double($1) - top) }
                let target = n / 3
                var row = logits
                let loss = kernel(&row, Int64(n), Int64(target), 1)
                let expected = log(sum) + top - Double(logits[target])
                #expect((loss - expected).magnitude <= 1e-6 * max(1, expected), "\(n) in order \(order)")
                var gradient = logits.map { exp(Double($0) - top) / sum }
                gradient[target] -= 1
                Reference.expect(row, gradient, within: 1e-6, "\(n) in order \(order)")
            }
        }
    }

    @Test("Impossible and huge logits count as what they are", arguments: tables)
    func extremeLogits(name: String) throws {
        let kernel = try Reference.table(name).cross_entropy
        var row = [Float](repeating: -.infinity, count: 3000)
        row[2500] = 3
        row[2501] = 3
        #expect((kernel(&row, 3000, 2500, 1) - log(2.0)).magnitude < 1e-6)
        #expect(row[0] == 0 && row[2500] == -0.5 && row[2501] == 0.5 && row[2999] == 0)
        row = [3e38, -3e38, 0]
        #expect(kernel(&row, 3, 0, 1) == 0)
        #expect(row == [0, 0, 0])
        row = [1, .nan, 0]
        #expect(kernel(&row, 3, 0, 1).isNaN)
        row = [.infinity, 1, 0]
        #expect(!kernel(&row, 3, 1, 1).isFinite)
        row = [-.infinity, -.infinity]
        #expect(!kernel(&row, 2, 1, 1).isFinite)
    }

    @Test("AdamW is that of PyTorch", arguments: tables, lengths)
    func adamw(name: String, n: Int) throws {
        let kernel = try Reference.table(name).adamw
        var p = Reference.values(n, seed: 17)
        var m = [Float](repeating: 0, count: n)
        var v = m
        var (wideP, wideM, wideV) = (Reference.wide(p), Reference.wide(m), Reference.wide(v))
        let (rate, beta1, beta2, epsilon, decay, clip) = (0.01, 0.9, 0.99, 1e-8, 0.1, 0.5)
        for step in 1...5 {
            let g = Reference.values(n, 3, seed: 17 + UInt64(step))
            var constants = apus_adamw(
                gradient_factor: Float(clip), beta1: Float(beta1), rest1: Float(1 - beta1), beta2: Float(beta2),
                rest2: Float(1 - beta2), epsilon: Float(epsilon), keep: Float(1 - rate * decay),
                step: Float(rate / (1 - pow(beta1, Double(step)))),
                root: Float(1 / (1 - pow(beta2, Double(step))).squareRoot()))
            kernel(&constants, &p, g, &m, &v, Int64(n))
            for i in 0..<n {
                let d = Double(g[i]) * clip
                wideM[i] = beta1 * wideM[i] + (1 - beta1) * d
                wideV[i] = beta2 * wideV[i] + (1 - beta2) * d * d
                let first = wideM[i] / (1 - pow(beta1, Double(step)))
                let second = wideV[i] / (1 - pow(beta2, Double(step)))
                wideP[i] -= rate * decay * wideP[i]
                wideP[i] -= rate * first / (second.squareRoot() + epsilon)
            }
            Reference.expect(p, wideP, within: 1e-6, "p")
            Reference.expect(m, wideM, within: 1e-6, "m")
            Reference.expect(v, wideV, within: 1e-6, "v")
        }
    }
}
