import CKernels

extension Tensor {
    /// For rows of states `[rows, width]` and the output matrix `[vocabulary, width]` of a language model, the negative
    /// logarithm of each target's probability in nats; 0 where the target is negative, which leaves the row out.
    ///
    /// Logits are made, used and forgotten for some rows at a time, so that memory does not grow with rows times
    /// vocabulary. Within ``Differentiation/recording(_:)`` and with `factors`, gradients of `Σ factor · loss` are added
    /// to the states' node, the matrix and the bias at once; ``backward(_:)`` is not called on a loss, but
    /// ``passBack()`` on the states.
    ///
    /// - Parameters:
    ///   - softcap: logits are kept within ± this by tanh.
    ///   - factors: one per row; nil where only losses are wanted.
    /// - Throws: ``TensorError/rowsOutOfRange(_:of:)`` for a target outside the vocabulary.
    public func crossEntropy(
        _ weight: Tensor, bias: Tensor? = nil, softcap: Float? = nil, targets: [Int32], factors: [Float]? = nil
    ) throws(TensorError) -> [Double] {
        assert(targets.count == rows && factors.map { $0.count == rows } ?? true)
        let vocabulary = weight.rows
        for target in targets where Int(target) >= vocabulary {
            throw .rowsOutOfRange(Int(target)..<Int(target) + 1, of: weight.shape)
        }
        let factors = Differentiation.records(node, weight.node, bias?.node) ? factors : nil
        let floats = factors == nil || weight.dtype.isFloat ? weight : weight.dequantized()
        let gradient = factors == nil || node == nil ? nil : Tensor(uninitialized: shape)
        var losses: [Double] = []
        let step = max(32, min(rows, Self.mostLogits / max(1, vocabulary)))
        for first in stride(from: 0, to: rows, by: step) {
            let range = first..<min(first + step, rows)
            let states = try withoutGradient().slice(range)
            let logits = Differentiation.inStep { states.linear(weight, bias: bias) }
            let capped = softcap.map(logits.softcapped) ?? logits
            let rowFactors = factors.map { Array($0[range]) } ?? [Float](repeating: 0, count: range.count)
            losses += try capped.crossEntropyInPlace(targets: Array(targets[range]), factors: rowFactors)
            guard factors != nil else { continue }
            let flow =
                softcap.map { cap in
                    let flow = Tensor(uninitialized: logits.shape)
                    logits.softcapGradient(cap, result: capped, input: GradientTarget(flow.floats))
                    return flow
                } ?? capped
            bias?.node?.addColumnSums(flow)
            weight.node?.addProduct(
                of: MatrixProduct.linesAcross(flow), MatrixProduct.linesAcross(states), flow, states)
            if let gradient {
                MatrixProduct(
                    left: MatrixProduct.lines(flow), right: MatrixProduct.linesAcross(floats),
                    precision: Differentiation.precision
                ).write(to: gradient.floats + first * columns)
            }
        }
        if let gradient { node?.add(gradient) }
        withExtendedLifetime((self, floats)) {}
        return losses
    }

    /// Logits held at a time: 16 MiB.
    private static let mostLogits = 1 << 22

    /// Passes what has gathered at this tensor back to the leaves.
    public func passBack() { node?.walkBack() }
}
