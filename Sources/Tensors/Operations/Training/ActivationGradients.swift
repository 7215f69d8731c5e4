import CKernels

extension Activation {
    /// How the kernels call it.
    fileprivate var kernelNumber: Int32 {
        switch self {
        case .silu: Int32(APUS_SILU)
        case .geluTanh: Int32(APUS_GELU_TANH)
        case .gelu: Int32(APUS_GELU)
        case .relu: Int32(APUS_RELU)
        }
    }
}

extension Tensor {
    /// The gradient of ``activated(_:)`` of `self`, given that of its result: dx = dy · f′(x).
    ///
    /// - Parameter result: dy, with as many elements as `self`.
    func activationGradient(_ function: Activation, result: Tensor, input: GradientTarget) {
        assert(result.count == count)
        let kernel = apus_kernels().pointee.activation_gradient
        let number = function.kernelNumber
        let (x, dy) = (floats, result.floats)
        parallelElements(count, cost: 8) { first, count in
            kernel(number, x + first, dy + first, Int64(count), input.adding, input.floats + first)
        }
        withExtendedLifetime((self, result)) {}
    }

    /// The gradients of ``gated(_:_:)``, f(self) · up, given that of its result, in one pass:
    /// dgate = dy · up · f′(gate) and dup = dy · f(gate).
    ///
    /// - Parameters:
    ///   - result: dy, with as many elements as `self` and `up`.
    ///   - gate: where the gradient of `self` goes.
    func gatedGradients(
        _ function: Activation, _ up: Tensor, result: Tensor, gate: GradientTarget, upGradient: GradientTarget
    ) {
        assert(result.count == count && up.count == count)
        let kernel = apus_kernels().pointee.gated_gradient
        let number = function.kernelNumber
        let (x, u, dy) = (floats, up.floats, result.floats)
        // The kernel adds to both or to neither; what differs is made alike before.
        let adding = gate.adding || upGradient.adding
        parallelElements(count, cost: 10) { first, count in
            if adding, !gate.adding { (gate.floats + first).update(repeating: 0, count: count) }
            if adding, !upGradient.adding { (upGradient.floats + first).update(repeating: 0, count: count) }
            kernel(
                number, x + first, u + first, dy + first, Int64(count), adding, gate.floats + first,
                upGradient.floats + first)
        }
        withExtendedLifetime((self, up, result)) {}
    }

    /// The gradient of ``softcapped(_:)`` of `self`, given that of its result: dx = dy · (1 − tanh²(x / cap)).
    ///
    /// - Parameter result: dy, with as many elements as `self`.
    func softcapGradient(_ cap: Float, result: Tensor, input: GradientTarget) {
        assert(result.count == count)
        let kernel = apus_kernels().pointee.softcap_gradient
        let (x, dy) = (floats, result.floats)
        parallelElements(count, cost: 8) { first, count in
            kernel(x + first, cap, dy + first, Int64(count), input.adding, input.floats + first)
        }
        withExtendedLifetime((self, result)) {}
    }

    /// The gradient of ``softmax()``, where `self` is its result y, `[…, n]`: dx = y · (dy − Σ y · dy) in each row.
    ///
    /// - Parameter result: dy, with as many elements as `self`.
    func softmaxGradient(result: Tensor, input: GradientTarget) {
        assert(result.count == count)
        let kernel = apus_kernels().pointee.softmax_gradient
        let n = columns
        let (y, dy) = (floats, result.floats)
        parallelRows(rows, cost: 2 * n) { range in
            for row in range {
                kernel(y + row * n, dy + row * n, Int64(n), input.adding, input.floats + row * n)
            }
        }
        withExtendedLifetime((self, result)) {}
    }
}
