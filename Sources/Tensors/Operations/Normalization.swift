import CKernels

extension Tensor {
    /// Root mean square normalisation of each row (Zhang and Sennrich 2019): `x / sqrt(mean(x²) + ε) · weight`.
    public func rmsNormalized(weight: Tensor, epsilon: Float) -> Tensor {
        assert(weight.count == columns)
        let kernel = apus_kernels().pointee.rms_norm
        let n = Int64(columns)
        let w = weight.floats
        let result = mapRows(cost: 2) { kernel($0, w, epsilon, n, $1) }
        withExtendedLifetime(weight) {}
        guard Differentiation.records(node, weight.node) else { return result }
        return result.recorded([node, weight.node]) { gradient in
            rmsNormGradients(
                weight: weight, epsilon: epsilon, result: gradient, input: node?.place(),
                weightGradient: weight.node?.place())
        }
    }

    /// Layer normalisation of each row (Ba et al. 2016): `(x − mean) / sqrt(variance + ε) · weight + bias`.
    public func layerNormalized(weight: Tensor, bias: Tensor?, epsilon: Float) -> Tensor {
        assert(weight.count == columns)
        let kernel = apus_kernels().pointee.layer_norm
        let n = Int64(columns)
        let w = weight.floats
        let b = bias?.floats
        let result = mapRows(cost: 3) { kernel($0, w, b, epsilon, n, $1) }
        withExtendedLifetime((weight, bias)) {}
        guard Differentiation.records(node, weight.node, bias?.node) else { return result }
        return result.recorded([node, weight.node, bias?.node]) { gradient in
            layerNormGradients(
                weight: weight, epsilon: epsilon, result: gradient, input: node?.place(),
                weightGradient: weight.node?.place(), biasGradient: bias?.node?.place())
        }
    }

    /// The softmax of each row.
    public func softmax() -> Tensor {
        let kernel = apus_kernels().pointee.softmax
        let columns = columns
        let result = mapRows(cost: 8) { x, y in
            y.update(from: x, count: columns)
            kernel(y, Int64(columns))
        }
        guard Differentiation.records(node) else { return result }
        return result.recorded([node]) { [node] gradient in
            if let node { result.softmaxGradient(result: gradient, input: node.place()) }
        }
    }
}
