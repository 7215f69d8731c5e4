import CKernels

extension Tensor {
    /// The sum over rows, `[n]`: the gradient of a bias that was added to each row of a result whose gradient `self` is.
    func columnSums(to target: GradientTarget) {
        let kernel = apus_kernels().pointee.add_rows
        let n = columns
        let x = floats
        RowSums(rows: rows, width: n, cost: n).write(to: [target]) { range, sums in
            kernel(x + range.lowerBound * n, Int64(range.count), Int64(n), sums)
        }
        withExtendedLifetime(self) {}
    }

    /// The gradient of a table whose rows `ids` were looked up: adds row i of `self`, `[ids.count, n]`, to row ids[i] of
    /// the table, in ascending order of i. Threads share out columns, so that rows looked up twice need no locks.
    ///
    /// - Parameters:
    ///   - ids: rows that the table has.
    ///   - target: room for the table, `[tableRows, n]`.
    func embeddingGradient(ids: [Int32], tableRows: Int, to target: GradientTarget) {
        assert(ids.count == rows && ids.allSatisfy { $0 >= 0 && Int($0) < tableRows })
        let n = columns
        let dy = floats
        let table = target.floats
        if !target.adding {
            parallelElements(tableRows * n, cost: 1) { (table + $0).update(repeating: 0, count: $1) }
        }
        let kernel = apus_kernels().pointee.add_scaled
        // Stripes of two lines of cache at least: narrower ones would be read twice.
        let stripes = ids.count * n < 16_384 ? 1 : max(1, min(WorkerPool.shared.threads, n / 32))
        let width = ((n + stripes - 1) / stripes + 15) / 16 * 16
        ids.withUnsafeBufferPointer { ids in
            WorkerPool.shared.run(tasks: (n + width - 1) / max(1, width)) { stripe in
                let first = stripe * width
                let count = Int64(min(width, n - first))
                for row in 0..<ids.count { kernel(dy + row * n + first, 1, count, table + Int(ids[row]) * n + first) }
            }
        }
        withExtendedLifetime(self) {}
    }

    /// The sum of all squares, in double precision: finite if and only if every element is. Blocks of fixed size are
    /// summed in order, so that threads do not change a bit.
    public func sumOfSquares() -> Double {
        assert(dtype == .f32)
        let block = 1 << 16
        let count = count
        let x = floats
        let kernel = apus_kernels().pointee.sum_of_squares
        let sum = withUnsafeTemporaryAllocation(of: Double.self, capacity: (count + block - 1) / block) { sums in
            parallelRows(sums.count, cost: block) { range in
                for index in range {
                    sums[index] = kernel(x + index * block, Int64(min(block, count - index * block)))
                }
            }
            return sums.reduce(0, +)
        }
        withExtendedLifetime(self) {}
        return sum
    }
}
