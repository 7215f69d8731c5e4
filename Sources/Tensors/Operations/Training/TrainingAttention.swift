import CKernels

/// Causal attention of whole sequences, as training needs it: without a cache, and differentiable.
///
/// Scores are not kept but computed again on the way back (Dao et al. 2022, FlashAttention), so memory grows with the
/// rows, not with their square. A row sees its own segment alone, from position 0 on. Bits do not depend on threads or
/// on other segments.
public struct TrainingAttention: Sendable {
    /// Rows of each sequence; they do not overlap. Rows outside of all give zeros.
    public let segments: [Range<Int>]
    /// Query heads; a multiple of `kvHeads`.
    public let heads: Int
    /// Heads of keys and values.
    public let kvHeads: Int
    public let rule: AttentionRule

    public init(segments: [Range<Int>], heads: Int, kvHeads: Int, rule: AttentionRule) {
        assert(kvHeads > 0 && heads % kvHeads == 0)
        self.segments = segments
        self.heads = heads
        self.kvHeads = kvHeads
        self.rule = rule
    }

    /// softmax(rule(q · kᵀ)) · v.
    ///
    /// - Parameters:
    ///   - queries: `[rows, heads · keyDim]`.
    ///   - keys: `[rows, kvHeads · keyDim]`.
    ///   - values: `[rows, kvHeads · valueDim]`.
    /// - Returns: the result, `[rows, heads · valueDim]`, and for each row and head the logarithm of the sum of e^score,
    ///   `[rows, heads]`, which the way back needs.
    public func callAsFunction(queries: Tensor, keys: Tensor, values: Tensor) -> (result: Tensor, logSums: Tensor) {
        let rows = queries.rows
        let result = Tensor(uninitialized: [rows, heads * (values.columns / kvHeads)])
        let logSums = Tensor(uninitialized: [rows, heads])
        if !coversAll(rows) {
            result.floats.update(repeating: 0, count: result.count)
            logSums.floats.update(repeating: 0, count: logSums.count)
        }
        let call = call(queries, keys, values, result, logSums)
        let kernels = apus_kernels().pointee
        // Heads that share keys go together, so that keys are brought near once, where that leaves enough to share out.
        let together = segments.count * kvHeads >= 4 * WorkerPool.shared.threads ? heads / kvHeads : 1
        run(call, together: together, back: false) { kernels.training_attention($0) }
        withExtendedLifetime((queries, keys, values)) {}
        return (result, logSums)
    }

    /// The gradients of ``callAsFunction(queries:keys:values:)`` with the same tensors.
    ///
    /// - Parameters:
    ///   - result: what the call gave, and `logSums` likewise.
    ///   - gradient: of the result, `[rows, heads · valueDim]`.
    ///   - dqueries: where the gradient of the queries goes, if it is wanted; likewise the others.
    func gradients(
        queries: Tensor, keys: Tensor, values: Tensor, result: Tensor, logSums: Tensor, gradient: Tensor,
        dqueries: GradientTarget?, dkeys: GradientTarget?, dvalues: GradientTarget?
    ) {
        assert(gradient.count == result.count)
        if !coversAll(queries.rows) {
            for (target, tensor) in [(dqueries, queries), (dkeys, keys), (dvalues, values)] {
                if let target, !target.adding { target.floats.update(repeating: 0, count: tensor.count) }
            }
        }
        var call = call(queries, keys, values, result, logSums)
        call.dout = UnsafePointer(gradient.floats)
        call.dq = dqueries?.floats
        call.dk = dkeys?.floats
        call.dv = dvalues?.floats
        call.add_dq = dqueries?.adding ?? false
        call.add_dk = dkeys?.adding ?? false
        call.add_dv = dvalues?.adding ?? false
        let kernels = apus_kernels().pointee
        run(call, together: heads / kvHeads, back: true) { kernels.training_attention_gradients($0) }
        withExtendedLifetime((queries, keys, values, result, logSums, gradient)) {}
    }

    private func coversAll(_ rows: Int) -> Bool { segments.reduce(0) { $0 + $1.count } == rows }

    /// A call for the first row and head.
    private func call(
        _ queries: Tensor, _ keys: Tensor, _ values: Tensor, _ result: Tensor, _ logSums: Tensor
    ) -> apus_training_attention {
        assert(queries.columns % heads == 0 && keys.columns == queries.columns / heads * kvHeads)
        assert(keys.rows == queries.rows && values.rows == queries.rows && values.columns % kvHeads == 0)
        assert(segments.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= queries.rows })
        var call = apus_training_attention(
            q: queries.floats, k: keys.floats, v: values.floats, q_stride: Int64(queries.columns),
            k_stride: Int64(keys.columns), v_stride: Int64(values.columns), out: result.floats,
            out_stride: Int64(result.columns), log_sums: logSums.floats, log_sums_stride: Int64(heads),
            positions: 0, window: Int64(rule.window ?? 0), group: 0, key_dim: Int32(keys.columns / kvHeads),
            value_dim: Int32(values.columns / kvHeads), scale: rule.scale, softcap: rule.softcap ?? 0,
            alibi_slopes: nil, workspace: nil, dout: nil, dq: nil, dk: nil, dv: nil, add_dq: false, add_dk: false,
            add_dv: false)
        call.positions = Int64(segments.map(\.count).max() ?? 0)
        return call
    }

    /// Runs a kernel for each segment and each `together` heads that share keys and values.
    private func run(
        _ call: apus_training_attention, together: Int, back: Bool,
        _ kernel: (UnsafePointer<apus_training_attention>) -> Void
    ) {
        let parts = heads / together
        let keyDim = Int(call.key_dim)
        let valueDim = Int(call.value_dim)
        let floats = withUnsafePointer(to: call) { apus_kernels().pointee.training_attention_floats($0, back) }
        let slopes = rule.alibiSlopes ?? []
        slopes.withUnsafeBufferPointer { slopes in
            WorkerPool.shared.run(tasks: segments.count * parts) { task in
                let rows = segments[task / parts]
                guard !rows.isEmpty else { return }
                let head = task % parts * together
                let kvHead = head / (heads / kvHeads)
                let workspace = Storage(byteCount: Int(floats) * MemoryLayout<Float>.size)
                let q = rows.lowerBound * Int(call.q_stride) + head * keyDim
                let k = rows.lowerBound * Int(call.k_stride) + kvHead * keyDim
                let v = rows.lowerBound * Int(call.v_stride) + kvHead * valueDim
                let out = rows.lowerBound * Int(call.out_stride) + head * valueDim
                var part = call
                part.q += q
                part.k += k
                part.v += v
                part.out += out
                part.log_sums += rows.lowerBound * heads + head
                part.positions = Int64(rows.count)
                part.group = Int32(together)
                part.alibi_slopes = rule.alibiSlopes == nil ? nil : slopes.baseAddress.map { $0 + head }
                part.workspace = workspace.pointer.assumingMemoryBound(to: Float.self)
                part.dout = call.dout.map { $0 + out }
                part.dq = call.dq.map { $0 + q }
                part.dk = call.dk.map { $0 + k }
                part.dv = call.dv.map { $0 + v }
                kernel(&part)
                withExtendedLifetime(workspace) {}
            }
        }
    }
}
