import CKernels

extension Tensor {
    /// Applies a kernel to each row of `self`, giving a tensor of the same shape.
    func mapRows(cost: Int = 1, _ body: (_ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>) -> Void)
        -> Tensor
    {
        let result = Tensor(uninitialized: shape)
        let columns = columns
        let x = floats
        let y = result.floats
        parallelRows(rows, cost: columns * cost) { range in
            for row in range { body(x + row * columns, y + row * columns) }
        }
        withExtendedLifetime(self) {}
        return result
    }

    /// The sum, element by element. `other` has the same shape, or is one row added to each.
    public static func + (_ first: Tensor, _ second: Tensor) -> Tensor {
        let result = combine(first, second, apus_kernels().pointee.add)
        guard Differentiation.records(first.node, second.node) else { return result }
        let isRow = second.count != first.count
        return result.recorded([first.node, second.node]) { [first = first.node, second = second.node] gradient in
            first?.add(gradient)
            if isRow { second?.addColumnSums(gradient) } else { second?.add(gradient) }
        }
    }

    /// The product, element by element. `other` has the same shape, or is one row that multiplies each.
    public static func * (_ first: Tensor, _ second: Tensor) -> Tensor {
        let result = combine(first, second, apus_kernels().pointee.multiply)
        guard Differentiation.records(first.node, second.node) else { return result }
        let isRow = second.count != first.count
        return result.recorded([first.node, second.node]) { gradient in
            let multiply = apus_kernels().pointee.multiply
            first.node?.add(combine(gradient, second, multiply))
            let own = combine(gradient, first, multiply)
            if isRow { second.node?.addColumnSums(own) } else { second.node?.add(own) }
        }
    }

    private static func combine(
        _ first: Tensor, _ second: Tensor,
        _ kernel:
            @convention(c) (UnsafePointer<Float>, UnsafePointer<Float>, Int64, UnsafeMutablePointer<Float>) -> Void
    ) -> Tensor {
        assert(second.count == first.count || second.count == first.columns)
        let columns = first.columns
        let step = second.count == first.count ? columns : 0
        let result = Tensor(uninitialized: first.shape)
        let a = first.floats
        let b = second.floats
        let y = result.floats
        parallelRows(first.rows, cost: columns) { range in
            for row in range { kernel(a + row * columns, b + row * step, Int64(columns), y + row * columns) }
        }
        withExtendedLifetime((first, second)) {}
        return result
    }

    /// Every element times a number.
    public func scaled(by factor: Float) -> Tensor {
        let kernel = apus_kernels().pointee.scale
        let n = Int64(columns)
        let result = mapRows { kernel($0, factor, n, $1) }
        guard Differentiation.records(node) else { return result }
        return result.recorded([node]) { [node] gradient in node?.add(gradient.scaled(by: factor)) }
    }

    /// `cap · tanh(x / cap)`: keeps values within ±cap (Gemma 2).
    public func softcapped(_ cap: Float) -> Tensor {
        let kernel = apus_kernels().pointee.softcap
        let n = Int64(columns)
        let result = mapRows(cost: 8) { kernel($0, cap, n, $1) }
        guard Differentiation.records(node) else { return result }
        return result.recorded([node]) { gradient in
            if let node { softcapGradient(cap, result: gradient, input: node.place()) }
        }
    }

    /// The activation function of a feed-forward layer, element by element.
    public func activated(_ function: Activation) -> Tensor {
        let kernels = apus_kernels().pointee
        let n = Int64(columns)
        let result =
            switch function {
            case .silu: mapRows(cost: 8) { kernels.silu($0, n, $1) }
            case .geluTanh: mapRows(cost: 8) { kernels.gelu_tanh($0, n, $1) }
            case .gelu: mapRows(cost: 8) { kernels.gelu_erf($0, n, $1) }
            case .relu: mapRows { kernels.relu($0, n, $1) }
            }
        guard Differentiation.records(node) else { return result }
        return result.recorded([node]) { gradient in
            if let node { activationGradient(function, result: gradient, input: node.place()) }
        }
    }

    /// `activation(self) · up`, the gate of a gated feed-forward layer (SwiGLU, GeGLU), in one pass.
    public func gated(_ function: Activation, _ up: Tensor) -> Tensor {
        assert(up.count == count)
        let kernels = apus_kernels().pointee
        let columns = columns
        let n = Int64(columns)
        let other = up.floats
        let base = floats
        let kernel =
            switch function {
            case .silu: kernels.silu
            case .geluTanh: kernels.gelu_tanh
            case .gelu: kernels.gelu_erf
            case .relu: kernels.relu
            }
        let result = mapRows(cost: 8) { x, y in
            kernel(x, n, y)
            kernels.multiply(y, other + (x - base), n, y)
        }
        withExtendedLifetime(up) {}
        guard Differentiation.records(node, up.node) else { return result }
        return result.recorded([node, up.node]) { gradient in
            // Where one of them asks for no gradient, its part goes nowhere.
            let spare = node == nil || up.node == nil ? Tensor(uninitialized: shape) : nil
            guard let gate = node?.place() ?? spare.map({ GradientTarget($0.floats) }),
                let upGradient = up.node?.place() ?? spare.map({ GradientTarget($0.floats) })
            else { return }
            gatedGradients(function, up, result: gradient, gate: gate, upGradient: upGradient)
            withExtendedLifetime(spare) {}
        }
    }
}

/// Activation functions of feed-forward layers.
public enum Activation: String, Sendable, CaseIterable {
    /// x · sigmoid(x), also called swish.
    case silu
    /// GELU by its tanh approximation (`gelu_new`, `gelu_pytorch_tanh`).
    case geluTanh
    /// GELU by the error function.
    case gelu
    case relu
}
