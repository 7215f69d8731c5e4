/// One step of Muon for a matrix (Jordan et al. 2024): the step goes along the mean of gradients, made orthogonal by five
/// rounds of a Newton–Schulz iteration.
///
/// With d = g · gradientFactor: m = μ m + (1 − μ) d, and a parameter p of shape `[A, B]` becomes
/// p (1 − rate · decay) − rate · 0.2 √max(A, B) · orthogonal((1 − μ) d + μ m). The factor gives steps the size of AdamW's,
/// so that rates mean the same for both (Liu et al. 2025); this is `torch.optim.Muon` with `match_rms_adamw`, in float32.
public struct MuonStep: Sendable {
    private let rate: Double
    private let momentum: Float
    private let decay: Double
    private let gradientFactor: Float

    /// - Parameter gradientFactor: of every gradient: what clipping by the global norm asks for.
    public init(rate: Double, momentum: Double = 0.95, decay: Double = 0.1, gradientFactor: Double = 1) {
        self.rate = rate
        self.momentum = Float(momentum)
        self.decay = decay
        self.gradientFactor = Float(gradientFactor)
    }

    /// Changes a matrix and the running mean of its gradients in place. All are float32 and of the same shape; nobody else
    /// reads or writes them meanwhile. The mean begins as zeros.
    public func apply(to parameter: Tensor, gradient: Tensor, mean: Tensor) {
        assert(parameter.shape == gradient.shape && parameter.shape == mean.shape)
        let (rows, columns) = (parameter.rows, parameter.columns)
        var update = Tensor(uninitialized: [rows, columns])
        do {
            let (g, m, u) = (gradient.floats, mean.floats, update.floats)
            let (factor, momentum) = (gradientFactor, momentum)
            parallelElements(parameter.count, cost: 3) { first, count in
                for index in first..<first + count {
                    let d = g[index] * factor
                    m[index] += (1 - momentum) * (d - m[index])
                    u[index] = d + momentum * (m[index] - d)
                }
            }
        }
        // The smaller square is multiplied.
        let isTall = rows > columns
        if isTall { update = update.transposed() }
        update = update.orthogonalized()
        if isTall { update = update.transposed() }
        let (p, u) = (parameter.floats, update.floats)
        let keep = Float(1 - rate * decay)
        let step = Float(rate * 0.2 * Double(max(rows, columns)).squareRoot())
        parallelElements(parameter.count, cost: 2) { first, count in
            for index in first..<first + count { p[index] = p[index] * keep - step * u[index] }
        }
        withExtendedLifetime((parameter, gradient, mean, update)) {}
    }
}

extension Tensor {
    /// The nearest matrix whose rows are orthogonal and of length 1, roughly: singular values end between 0.7 and 1.2.
    /// The matrix has no more rows than columns.
    fileprivate func orthogonalized() -> Tensor {
        let (a, b, c): (Float, Float, Float) = (3.4445, -4.7750, 2.0315)
        var x = scaled(by: Float(1 / max(sumOfSquares().squareRoot(), 1e-7)))
        for _ in 0..<5 {
            let gram = Tensor(uninitialized: [rows, rows])
            MatrixProduct(left: MatrixProduct.lines(x), right: MatrixProduct.lines(x)).write(to: gram.floats)
            let square = Tensor(uninitialized: [rows, rows])
            MatrixProduct(left: MatrixProduct.lines(gram), right: MatrixProduct.lines(gram)).write(to: square.floats)
            let mixed = gram.mixed(b, square, c)
            let next = Tensor(uninitialized: shape)
            MatrixProduct(left: MatrixProduct.lines(mixed), right: MatrixProduct.linesAcross(x)).write(to: next.floats)
            x = x.mixed(a, next, 1)
            withExtendedLifetime((gram, square, mixed)) {}
        }
        return x
    }

    /// `a · self + b · other`.
    private func mixed(_ a: Float, _ other: Tensor, _ b: Float) -> Tensor {
        let result = Tensor(uninitialized: shape)
        let (x, y, z) = (floats, other.floats, result.floats)
        parallelElements(count, cost: 2) { first, count in
            for index in first..<first + count { z[index] = a * x[index] + b * y[index] }
        }
        withExtendedLifetime((self, other)) {}
        return result
    }

    /// `[columns, rows]`.
    fileprivate func transposed() -> Tensor {
        let result = Tensor(uninitialized: [columns, rows])
        let (x, y, height, width) = (floats, result.floats, rows, columns)
        parallelRows(width, cost: height) { range in
            for column in range {
                for row in 0..<height { y[column * height + row] = x[row * width + column] }
            }
        }
        withExtendedLifetime(self) {}
        return result
    }
}
