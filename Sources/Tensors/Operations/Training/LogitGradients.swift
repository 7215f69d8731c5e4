import CKernels

extension Tensor {
    /// The cross entropy of each row of logits `[rows, vocabulary]`, and its gradient in place of the logits:
    /// (softmax(row) − one at the target) · factor. Reads and writes a row twice, the second time from the cache.
    ///
    /// This is the one operation that changes its tensor: a caller multiplies some rows of a batch by the output matrix,
    /// gives the logits to nobody else, and multiplies back what they became, so that the logits of a whole batch never
    /// lie in memory at once.
    ///
    /// - Parameters:
    ///   - targets: the token that each row should predict; rows with a negative one are left out: loss and gradient 0.
    ///   - factor: of the gradient, usually 1 / targets that count.
    /// - Returns: −ln of each target's probability, in nats.
    /// - Throws: ``TensorError/rowsOutOfRange(_:of:)`` for a target past the vocabulary.
    public func crossEntropyInPlace(targets: [Int32], factor: Float) throws(TensorError) -> [Double] {
        try crossEntropyInPlace(targets) { _ in factor }
    }

    /// The same with a factor for each row.
    public func crossEntropyInPlace(targets: [Int32], factors: [Float]) throws(TensorError) -> [Double] {
        assert(factors.count == targets.count)
        return try crossEntropyInPlace(targets) { factors[$0] }
    }

    private func crossEntropyInPlace(_ targets: [Int32], _ factor: (Int) -> Float) throws(TensorError) -> [Double] {
        assert(dtype == .f32 && targets.count == rows)
        let n = columns
        for target in targets where Int(target) >= n {
            throw .rowsOutOfRange(Int(target)..<Int(target) + 1, of: shape)
        }
        let x = floats
        let kernel = apus_kernels().pointee.cross_entropy
        let losses = [Double](unsafeUninitializedCapacity: targets.count) { buffer, count in
            parallelRows(targets.count, cost: n * 8) { range in
                for row in range { buffer[row] = kernel(x + row * n, Int64(n), Int64(targets[row]), factor(row)) }
            }
            count = targets.count
        }
        withExtendedLifetime(self) {}
        return losses
    }
}
