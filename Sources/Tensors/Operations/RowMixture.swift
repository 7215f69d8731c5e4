import CKernels

/// Sums of rows that different parts of a model made for the same rows of a batch.
public enum RowMixture {
    /// What one part gives: `values` `[rows.count, columns]`, each times its share, for the rows named.
    public struct Part: Sendable {
        public let rows: [Int32]
        public let shares: [Float]
        public let values: Tensor

        public init(rows: [Int32], shares: [Float], values: Tensor) {
            self.rows = rows
            self.shares = shares
            self.values = values
        }
    }

    /// The sum of all parts, added in their order; rows that no part names are zero.
    public static func sum(_ parts: [Part], shape: [Int]) -> Tensor {
        let result = Tensor(uninitialized: shape)
        let columns = result.columns
        let y = result.floats
        y.update(repeating: 0, count: result.count)
        let addScaled = apus_kernels().pointee.add_scaled
        for part in parts {
            let x = part.values.floats
            for (index, row) in part.rows.enumerated() {
                addScaled(x + index * columns, part.shares[index], Int64(columns), y + Int(row) * columns)
            }
        }
        withExtendedLifetime(parts) {}
        return result
    }
}
