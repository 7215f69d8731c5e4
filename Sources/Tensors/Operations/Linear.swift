import CKernels

extension Tensor {
    /// `self · weightᵀ + bias`: `[…, inputs]` times a weight `[outputs, inputs]` of any type gives `[…, outputs]`.
    ///
    /// Quantised weights are multiplied by activations brought to 8-bit blocks, as they are stored or, from the second
    /// product on, from packed panels. Float weights are read row by row, which keeps a single row of activations at
    /// the rate of memory; training multiplies them by panels, which is faster for hundreds of rows and sums in another
    /// order. Each output's bits depend on its row of `self` and of `weight` alone.
    public func linear(_ weight: Tensor, bias: Tensor? = nil) -> Tensor {
        assert(weight.shape.count == 2 && weight.columns == columns)
        LinearObserver.note(self, weight)
        let outputs = weight.shape[0]
        let result = Tensor(uninitialized: shape.dropLast() + [outputs])
        if weight.dtype.isFloat, Differentiation.mode != .off {
            MatrixProduct(
                left: MatrixProduct.lines(self), right: MatrixProduct.lines(weight),
                precision: Differentiation.precision
            ).write(to: result.floats)
        } else {
            multiply(by: weight, into: result)
        }
        if let bias {
            let kernels = apus_kernels().pointee
            let rows = rows
            let y = result.floats
            let b = bias.floats
            parallelRows(rows, cost: outputs) { range in
                for row in range { kernels.add(y + row * outputs, b, Int64(outputs), y + row * outputs) }
            }
        }
        guard Differentiation.records(node, weight.node, bias?.node) else { return result }
        return result.recorded([node, weight.node, bias?.node]) { [bias = bias?.node] gradient in
            bias?.addColumnSums(gradient)
            weight.node?.addProduct(
                of: MatrixProduct.linesAcross(gradient), MatrixProduct.linesAcross(self), gradient, self)
            // A quantised weight is frozen; the gradient flows through what it stands for.
            let floats = weight.dtype.isFloat ? weight : weight.dequantized()
            node?.addProduct(
                of: MatrixProduct.lines(gradient), MatrixProduct.linesAcross(floats), gradient, floats)
        }
    }

    private func multiply(by weight: Tensor, into result: Tensor) {
        let kernels = apus_kernels().pointee
        let inputs = columns
        let outputs = weight.shape[0]
        let rows = rows
        let type = weight.dtype.rawValue
        let activations = activationRows(for: weight.dtype)
        let x = activations.pointer
        let xRowBytes = activations.rowBytes
        let weightBytes = weight.bytes
        let weightRowBytes = weight.rowBytes
        let y = result.floats
        let packed = weight.storage.packed(weight)
        parallelRows(outputs, cost: inputs * rows, multiple: 32) { range in
            if let packed, let product = kernels.product_packed {
                product(
                    type, packed.pointer, Int64(range.lowerBound), Int64(range.count), Int64(inputs),
                    x, xRowBytes, Int64(rows), y + range.lowerBound, Int64(outputs))
            } else {
                kernels.product(
                    type, weightBytes + range.lowerBound * weightRowBytes, weightRowBytes, Int64(range.count),
                    Int64(inputs), x, xRowBytes, Int64(rows), y + range.lowerBound, Int64(outputs))
            }
        }
        withExtendedLifetime((self, weight, activations.storage, packed)) {}
    }

    /// This tensor's rows in the form that products with `weightType` read.
    private func activationRows(for weightType: DType) -> (
        pointer: UnsafeMutableRawPointer, rowBytes: Int, storage: Storage
    ) {
        let kernels = apus_kernels().pointee
        let type = weightType.rawValue
        if weightType.isFloat { return (bytes, rowBytes, storage) }
        let columns = columns
        let rows = rows
        let x = floats
        let formBytes = kernels.activation_row_bytes(type, Int64(columns))
        let storage = storage.activationRows(form: kernels.activation_form(type), offset: offset) {
            let made = Storage(byteCount: rows * formBytes)
            let target = made.pointer
            parallelRows(rows, cost: columns) { range in
                for row in range {
                    kernels.make_activation_row(type, x + row * columns, Int64(columns), target + row * formBytes)
                }
            }
            return made
        }
        return (storage.pointer, formBytes, storage)
    }
}
