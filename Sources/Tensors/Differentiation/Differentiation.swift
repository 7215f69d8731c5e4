/// Automatic differentiation in reverse: what is computed within ``recording(_:)`` from tensors that ask for gradients
/// can be walked back from a result by ``Tensor/backward(_:)``.
///
/// Outside of it nothing is recorded, so that running a model costs nothing for being trainable.
public enum Differentiation {
    public enum Mode: Sendable {
        /// Nobody trains: a float weight is multiplied in the way that suits few rows.
        case off
        /// Training, but this part is not recorded: a loss on held-out text.
        case paused
        /// A part of a recorded step that is not recorded now, since it will be computed again on the way back.
        case postponed
        case recording

        /// Whether this is a step that learns, in which dropout leaves elements out.
        var isStep: Bool { self == .postponed || self == .recording }
    }

    @TaskLocal static var mode = Mode.off

    /// What training multiplies values as.
    @TaskLocal static var precision = Precision.float32

    /// Multiplies in this precision what `body` computes as training does, on the way there and back.
    public static func multiplying<Result>(in precision: Precision, _ body: () throws -> Result) rethrows -> Result {
        try $precision.withValue(precision, operation: body)
    }

    /// Records what `body` computes.
    public static func recording<Result>(_ body: () throws -> Result) rethrows -> Result {
        try $mode.withValue(.recording, operation: body)
    }

    /// Computes as in training, to the same bits, without recording.
    public static func paused<Result>(_ body: () throws -> Result) rethrows -> Result {
        try $mode.withValue(.paused, operation: body)
    }

    /// Computes in the way of the step that is under way, without recording.
    static func inStep<Result>(_ body: () throws -> Result) rethrows -> Result {
        try $mode.withValue(mode == .recording ? .postponed : mode, operation: body)
    }

    /// Whether an operation on tensors with these nodes is to be recorded.
    @inline(__always)
    static func records(_ first: GradientNode?, _ second: GradientNode? = nil, _ third: GradientNode? = nil) -> Bool {
        (first != nil || second != nil || third != nil) && mode == .recording
    }

    /// Computes `body` now without recording it, and once more with recording when gradients come back: memory for the
    /// activations of one block in place of all (Chen et al. 2016).
    ///
    /// The block is recorded even where `x` asks for no gradient, since its parameters may.
    public static func checkpoint(_ x: Tensor, _ body: @escaping (Tensor) -> Tensor) -> Tensor {
        guard mode == .recording else { return body(x) }
        let result = inStep { body(x.withoutGradient()) }
        let node = x.node
        return result.recorded([node]) { gradient in
            let input = node == nil ? x : x.requiringGradient()
            let output = recording { body(input) }
            output.node?.add(gradient)
            output.node?.walkBack()
            if let node, let gradient = input.gradient { node.add(gradient) }
        }
    }
}

extension Tensor {
    /// The same elements as a leaf whose gradient is asked for.
    public func requiringGradient() -> Tensor { with(GradientNode(leaf: shape)) }

    /// The same elements, from which no gradient flows back.
    public func withoutGradient() -> Tensor { with(nil) }

    /// Whether a gradient can flow back through this tensor.
    public var requiresGradient: Bool { node != nil }

    /// What has flowed back to a leaf since ``clearGradient()``; nil for nothing.
    public var gradient: Tensor? { node?.gradient }

    /// Forgets a leaf's gradient.
    public func clearGradient() { node?.clear() }

    /// Walks back from this result: adds to the gradient of every leaf that it depends on.
    ///
    /// - Parameter gradient: how what is minimised changes with each element of this tensor; ones for nil.
    public func backward(_ gradient: Tensor? = nil) {
        guard let node else { return }
        if let gradient {
            node.add(gradient)
        } else {
            let target = node.place()
            for index in 0..<count { target.floats[index] = (target.adding ? target.floats[index] : 0) + 1 }
        }
        node.walkBack()
    }

    /// This result with a node that passes gradients back by `pullback`. Callers ask ``Differentiation/records(_:_:_:)``
    /// first, and capture no tensor that the way back does not need.
    func recorded(_ inputs: [GradientNode?], _ pullback: @escaping (Tensor) -> Void) -> Tensor {
        with(GradientNode(shape: shape, inputs: inputs.compactMap { $0 }, pullback: pullback))
    }
}
