import CKernels

/// Sums of rows that different experts made for the same rows of a batch.
public enum RowMixture {
    /// What one expert gives: `values` `[rows.count, columns]` for the rows named.
    public struct Part: Sendable {
        public let expert: Int
        public let rows: [Int32]
        public let values: Tensor

        public init(expert: Int, rows: [Int32], values: Tensor) {
            self.expert = expert
            self.rows = rows
            self.values = values
        }
    }

    /// The sum of all parts, each row times the expert's share of it, added in the order of `parts`; rows that no part
    /// names are zero.
    ///
    /// - Parameter shares: `[rows, experts]`.
    public static func sum(_ parts: [Part], shares: Tensor, columns: Int) -> Tensor {
        let rows = shares.rows
        let experts = shares.columns
        let result = Tensor(uninitialized: [rows, columns])
        let y = result.floats
        y.update(repeating: 0, count: result.count)
        let share = shares.floats
        let addScaled = apus_kernels().pointee.add_scaled
        for part in parts {
            let x = part.values.floats
            for (index, row) in part.rows.enumerated() {
                let place = Int(row) * experts + part.expert
                addScaled(x + index * columns, share[place], Int64(columns), y + Int(row) * columns)
            }
        }
        withExtendedLifetime((parts, shares)) {}
        guard Differentiation.mode == .recording else { return result }
        let nodes = parts.map(\.values.node) + [shares.node]
        guard nodes.contains(where: { $0 != nil }) else { return result }
        return result.recorded(nodes) { gradient in
            let own = Tensor(uninitialized: shares.shape)
            own.floats.update(repeating: 0, count: own.count)
            for part in parts { part.passBack(gradient, shares, shareGradient: own.floats) }
            shares.node?.add(own)
        }
    }
}

extension RowMixture.Part {
    /// Values take their row's gradient times the share; a share takes the product of gradient and values.
    fileprivate func passBack(_ gradient: Tensor, _ shares: Tensor, shareGradient: UnsafeMutablePointer<Float>) {
        let columns = gradient.columns
        let result = Tensor(uninitialized: values.shape)
        let scale = apus_kernels().pointee.scale
        for (index, row) in rows.enumerated() {
            let place = Int(row) * shares.columns + expert
            let dy = gradient.floats + Int(row) * columns
            let x = values.floats + index * columns
            var sum = Float(0)
            for column in 0..<columns { sum += dy[column] * x[column] }
            shareGradient[place] = sum
            scale(dy, shares.floats[place], Int64(columns), result.floats + index * columns)
        }
        values.node?.add(result)
        withExtendedLifetime((gradient, shares, values)) {}
    }
}

extension Tensor {
    /// Of each row of probabilities the `count` largest, scaled to a sum of 1; zeros elsewhere. Of equal ones the first
    /// are taken.
    public func largestShares(_ count: Int) -> Tensor {
        let columns = columns
        let result = Tensor(uninitialized: shape)
        let p = floats
        let share = result.floats
        share.update(repeating: 0, count: result.count)
        var sums = [Float](repeating: 0, count: rows)
        for row in 0..<rows {
            let own = p + row * columns
            let best = (0..<columns).sorted { own[$0] != own[$1] ? own[$0] > own[$1] : $0 < $1 }.prefix(count)
            sums[row] = best.reduce(0) { $0 + own[$1] }
            for index in best { share[row * columns + index] = own[index] / sums[row] }
        }
        withExtendedLifetime(self) {}
        guard Differentiation.records(node) else { return result }
        return result.recorded([node]) { [node] gradient in
            // With s = p / Σp over the kept ones: dp = (ds − Σ ds · s) / Σp.
            let own = Tensor(uninitialized: result.shape)
            for row in 0..<own.rows {
                let first = row * columns
                var mean = Float(0)
                for index in first..<first + columns { mean += gradient.floats[index] * result.floats[index] }
                for index in first..<first + columns {
                    let isKept = result.floats[index] != 0
                    own.floats[index] = isKept ? (gradient.floats[index] - mean) / sums[row] : 0
                }
            }
            node?.add(own)
        }
    }
}
