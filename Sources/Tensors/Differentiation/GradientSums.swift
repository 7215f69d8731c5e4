import CKernels

/// The ways in which operations add to a gradient without making a tensor of it first.
extension GradientNode {
    /// Adds a product of two matrices that view `factors`.
    func addProduct(of left: apus_matrix, _ right: apus_matrix, _ factors: Tensor...) {
        let target = place()
        MatrixProduct(left: left, right: right, precision: Differentiation.precision).write(
            to: target.floats, adding: target.adding)
        withExtendedLifetime(factors) {}
    }

    /// Adds the sum of a gradient's rows.
    func addColumnSums(_ gradient: Tensor) { gradient.columnSums(to: place()) }

    /// Adds `gradient` to columns `range` of rows that have `width` of them.
    func addColumns(_ gradient: Tensor, _ range: Range<Int>, of width: Int) {
        let kernel = apus_kernels().pointee.add
        let x = gradient.floats
        let target = place()
        parallelRows(gradient.rows, cost: width) { rows in
            for row in rows {
                let y = target.floats + row * width
                if !target.adding { y.update(repeating: 0, count: width) }
                kernel(y + range.lowerBound, x + row * range.count, Int64(range.count), y + range.lowerBound)
            }
        }
        withExtendedLifetime(gradient) {}
    }
}
