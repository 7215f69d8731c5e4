import CKernels

extension Tensor {
    /// Root mean square normalisation of each row (Zhang and Sennrich 2019): `x / sqrt(mean(x²) + ε) · weight`.
    public func rmsNormalized(weight: Tensor, epsilon: Float) -> Tensor {
        assert(weight.count == columns)
        let kernel = apus_kernels().pointee.rms_norm
        let n = Int64(columns)
        let w = weight.floats
        return mapRows(cost: 2) { kernel($0, w, epsilon, n, $1) }
    }

    /// Layer normalisation of each row (Ba et al. 2016): `(x − mean) / sqrt(variance + ε) · weight + bias`.
    public func layerNormalized(weight: Tensor, bias: Tensor?, epsilon: Float) -> Tensor {
        assert(weight.count == columns)
        let kernel = apus_kernels().pointee.layer_norm
        let n = Int64(columns)
        let w = weight.floats
        let b = bias?.floats
        return mapRows(cost: 3) { kernel($0, w, b, epsilon, n, $1) }
    }

    /// The softmax of each row.
    public func softmax() -> Tensor {
        let kernel = apus_kernels().pointee.softmax
        let columns = columns
        return mapRows(cost: 8) { x, y in
            y.update(from: x, count: columns)
            kernel(y, Int64(columns))
        }
    }
}
