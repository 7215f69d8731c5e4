import CKernels

extension Tensor {
    /// The gradients of ``rmsNormalized(weight:epsilon:)`` of `self`, `[…, n]`, given that of its result.
    ///
    /// With r = 1 / √(mean(x²) + ε): dx = r · w · dy − x · r³ · mean(w · dy · x), and dw = Σ dy · x · r over rows.
    /// Statistics are taken from `self` again.
    ///
    /// - Parameters:
    ///   - result: dy, with as many elements as `self`.
    ///   - input: where dx goes, if it is wanted.
    ///   - weightGradient: where dw goes, `[n]`, if it is wanted.
    func rmsNormGradients(
        weight: Tensor, epsilon: Float, result: Tensor, input: GradientTarget?, weightGradient: GradientTarget?
    ) {
        assert(weight.count == columns && result.count == count)
        let kernel = apus_kernels().pointee.rms_norm_gradient
        let n = columns
        let (x, w, dy) = (floats, weight.floats, result.floats)
        let someRows = { (range: Range<Int>, sums: UnsafeMutablePointer<Float>?) in
            let first = range.lowerBound * n
            kernel(
                x + first, w, epsilon, dy + first, Int64(range.count), Int64(n), input?.adding ?? false,
                input.map { $0.floats + first }, sums)
        }
        if let weightGradient {
            RowSums(rows: rows, width: n, cost: 4 * n).write(to: [weightGradient]) { someRows($0, $1) }
        } else {
            parallelRows(rows, cost: 3 * n) { someRows($0, nil) }
        }
        withExtendedLifetime((self, weight, result)) {}
    }

    /// The gradients of ``layerNormalized(weight:bias:epsilon:)`` of `self`, `[…, n]`, given that of its result.
    ///
    /// With r = 1 / √(variance + ε) and z = (x − mean) · r: dx = r · (w · dy − mean(w · dy) − z · mean(w · dy · z)),
    /// dw = Σ dy · z and db = Σ dy over rows. Statistics are taken from `self` again.
    ///
    /// - Parameters:
    ///   - result: dy, with as many elements as `self`.
    ///   - input: where dx goes, if it is wanted.
    ///   - weightGradient: where dw goes, `[n]`, if it is wanted.
    ///   - biasGradient: where db goes, `[n]`, if it is wanted.
    func layerNormGradients(
        weight: Tensor, epsilon: Float, result: Tensor, input: GradientTarget?, weightGradient: GradientTarget?,
        biasGradient: GradientTarget?
    ) {
        assert(weight.count == columns && result.count == count)
        let kernel = apus_kernels().pointee.layer_norm_gradient
        let n = columns
        let (x, w, dy) = (floats, weight.floats, result.floats)
        let someRows = {
            (range: Range<Int>, weightSums: UnsafeMutablePointer<Float>?, biasSums: UnsafeMutablePointer<Float>?) in
            let first = range.lowerBound * n
            kernel(
                x + first, w, epsilon, dy + first, Int64(range.count), Int64(n), input?.adding ?? false,
                input.map { $0.floats + first }, weightSums, biasSums)
        }
        if weightGradient == nil, biasGradient == nil {
            parallelRows(rows, cost: 4 * n) { someRows($0, nil, nil) }
        } else {
            RowSums(rows: rows, width: 2 * n, cost: 6 * n).write(to: [weightGradient, biasGradient]) { range, sums in
                someRows(range, weightGradient == nil ? nil : sums, biasGradient == nil ? nil : sums + n)
            }
        }
        withExtendedLifetime((self, weight, result)) {}
    }
}
