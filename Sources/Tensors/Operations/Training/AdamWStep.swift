import CKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One step of AdamW (Loshchilov and Hutter 2019), the same for all parameters that share a rate and a decay.
///
/// With d = g · gradientFactor: m = β₁ m + (1 − β₁) d, v = β₂ v + (1 − β₂) d², and a parameter p becomes
/// p (1 − rate · decay) − rate · m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε), as in PyTorch.
public struct AdamWStep: Sendable {
    private let constants: apus_adamw

    /// - Parameters:
    ///   - number: t, counted from 1.
    ///   - gradientFactor: of every gradient: what clipping by the global norm asks for.
    public init(
        rate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, decay: Double = 0.01,
        number: Int, gradientFactor: Double = 1
    ) {
        constants = apus_adamw(
            gradient_factor: Float(gradientFactor), beta1: Float(beta1), rest1: Float(1 - beta1), beta2: Float(beta2),
            rest2: Float(1 - beta2), epsilon: Float(epsilon), keep: Float(1 - rate * decay),
            step: Float(rate / (1 - pow(beta1, Double(number)))),
            root: Float(1 / (1 - pow(beta2, Double(number))).squareRoot()))
    }

    /// Changes a parameter and its moments in place, in one pass over memory. All are float32 with as many elements as
    /// the parameter; nobody else reads or writes them meanwhile. Moments begin as zeros.
    public func apply(to parameter: Tensor, gradient: Tensor, first: Tensor, second: Tensor) {
        let count = parameter.count
        assert(gradient.count == count && first.count == count && second.count == count)
        assert([parameter, gradient, first, second].allSatisfy { $0.dtype == .f32 })
        let kernel = apus_kernels().pointee.adamw
        let (p, g, m, v) = (parameter.floats, gradient.floats, first.floats, second.floats)
        withUnsafePointer(to: constants) { constants in
            parallelElements(count, cost: 4) { first, count in
                kernel(constants, p + first, g + first, m + first, v + first, Int64(count))
            }
        }
        withExtendedLifetime((parameter, gradient, first, second)) {}
    }
}
