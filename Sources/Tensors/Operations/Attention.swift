import CKernels

/// How an attention layer weighs what it sees.
public struct AttentionRule: Sendable {
    /// Factor of the scores, usually 1/√keyDim.
    public var scale: Float
    /// A query sees this many positions back, itself included; nil for all.
    public var window: Int?
    /// Scores are kept within ± this by tanh; nil for as they are.
    public var softcap: Float?
    /// One slope per query head: slope · (key position − query position) joins the score (ALiBi, Press et al. 2022).
    public var alibiSlopes: [Float]?

    public init(scale: Float, window: Int? = nil, softcap: Float? = nil, alibiSlopes: [Float]? = nil) {
        self.scale = scale
        self.window = window
        self.softcap = softcap
        self.alibiSlopes = alibiSlopes
    }
}

/// Rows of a batch that continue one sequence.
public struct AttentionSegment: Sendable {
    /// Rows of the batch.
    public let rows: Range<Int>
    /// Position of the first row in its sequence.
    public let start: Int
    /// Blocks that hold the sequence's positions up to the end of these rows.
    public let blocks: [KVBlock]

    public init(rows: Range<Int>, start: Int, blocks: [KVBlock]) {
        self.rows = rows
        self.start = start
        self.blocks = blocks
    }
}

extension Tensor {
    /// Causal attention with grouped heads over a cache that this call extends.
    ///
    /// `self` holds queries `[rows, heads · keyDim]`; `keys` `[rows, kvHeads · keyDim]` and `values`
    /// `[rows, kvHeads · valueDim]` are first written to the segments' blocks. The result is `[rows, heads · valueDim]`.
    /// Sums go over positions in fixed steps and spans, so a row's bits depend on its own sequence alone.
    public func attention(
        keys: Tensor, values: Tensor, segments: [AttentionSegment], layout: KVLayout, layer: Int, rule: AttentionRule
    ) -> Tensor {
        let sizes = layout.layers[layer]
        let heads = columns / sizes.keyDim
        let result = Tensor(uninitialized: [rows, heads * sizes.valueDim])
        for segment in segments { segment.store(keys, values, layout: layout, layer: layer) }
        let work = AttentionWork(
            queries: floats, out: result.floats, heads: heads, segments: segments, layout: layout, layer: layer,
            rule: rule)
        let pool = WorkerPool.shared
        let tiles = work.tiles()
        if tiles.count >= 4 * pool.threads || work.longest <= KVLayout.spanPositions {
            pool.run(tasks: tiles.count) { work.run(tiles[$0]) }
        } else {
            work.runSpans(of: tiles)
        }
        withExtendedLifetime((self, segments)) {}
        return result
    }
}

extension Tensor {
    /// The same without a cache, for whole sequences, through which gradients flow: `self`, `keys` and `values` as
    /// above, `segments` the rows of each sequence. Sums are taken in another order than over a cache.
    public func attention(
        keys: Tensor, values: Tensor, segments: [Range<Int>], heads: Int, kvHeads: Int, rule: AttentionRule
    ) -> Tensor {
        let attention = TrainingAttention(segments: segments, heads: heads, kvHeads: kvHeads, rule: rule)
        let (result, logSums) = attention(queries: self, keys: keys, values: values)
        guard Differentiation.records(node, keys.node, values.node) else { return result }
        return result.recorded([node, keys.node, values.node]) { gradient in
            attention.gradients(
                queries: self, keys: keys, values: values, result: result, logSums: logSums, gradient: gradient,
                dqueries: node?.place(), dkeys: keys.node?.place(), dvalues: values.node?.place())
        }
    }
}

/// One call of attention, shared out over threads.
private struct AttentionWork {
    let queries: UnsafeMutablePointer<Float>
    let out: UnsafeMutablePointer<Float>
    let heads: Int
    let segments: [AttentionSegment]
    let layout: KVLayout
    let layer: Int
    let rule: AttentionRule

    private var sizes: KVLayout.Layer { layout.layers[layer] }
    /// Query heads that share a key/value head.
    private var group: Int { heads / sizes.heads }
    /// Floats of a row's state.
    private var stateFloats: Int { Int(APUS_ATTENTION_STATE) + KVLayout.paddedValueDim(sizes.valueDim) }

    /// Positions of the longest sequence.
    var longest: Int { segments.reduce(0) { max($0, $1.start + $1.rows.count) } }

    /// Rows of one segment for some of the heads that share a key/value head: small enough to spread over threads and
    /// to stay in the cache, large enough that a block is converted once for many rows.
    struct Tile {
        let segment: Int
        let rows: Range<Int>
        let head: Int
        let groupHeads: Range<Int>
    }

    func tiles() -> [Tile] {
        let most = Int(APUS_ATTENTION_FLOATS) / stateFloats
        let tileHeads = min(group, most)
        let tileRows = max(1, most / tileHeads)
        var tiles: [Tile] = []
        for (index, segment) in segments.enumerated() {
            for first in stride(from: segment.rows.lowerBound, to: segment.rows.upperBound, by: tileRows) {
                let rows = first..<min(first + tileRows, segment.rows.upperBound)
                for head in 0..<sizes.heads {
                    for member in stride(from: 0, to: group, by: tileHeads) {
                        tiles.append(
                            Tile(
                                segment: index, rows: rows, head: head,
                                groupHeads: member..<min(member + tileHeads, group)))
                    }
                }
            }
        }
        return tiles
    }

    /// All spans of a tile, one after another.
    func run(_ tile: Tile) {
        withCall(tile) { call in apus_kernels().pointee.attention(call) }
    }

    /// The spans of long sequences on all threads, then what the spans of each tile give together.
    func runSpans(of tiles: [Tile]) {
        var spans: [(tile: Int, span: Int, state: Int)] = []
        var states: [(first: Int, count: Int)] = []
        var floats = 0
        for (index, tile) in tiles.enumerated() {
            let segment = segments[tile.segment]
            let position = segment.start + tile.rows.lowerBound - segment.rows.lowerBound
            let first = max(0, position - (rule.window ?? position + 1) + 1) / KVLayout.spanPositions
            let last = (position + tile.rows.count - 1) / KVLayout.spanPositions
            states.append((floats, last - first + 1))
            for span in first...last {
                spans.append((index, span, floats))
                floats += tile.rows.count * tile.groupHeads.count * stateFloats
            }
        }
        let memory = Storage(byteCount: floats * MemoryLayout<Float>.size)
        let base = memory.pointer.assumingMemoryBound(to: Float.self)
        WorkerPool.shared.run(tasks: spans.count) { task in
            let (tile, span, state) = spans[task]
            withCall(tiles[tile]) { call in
                apus_kernels().pointee.attention_span(call, Int64(span), base + state)
            }
        }
        parallelRows(tiles.count, cost: floats / max(1, tiles.count)) { range in
            for tile in range {
                withCall(tiles[tile]) { call in
                    apus_kernels().pointee.attention_merge(
                        call, base + states[tile].first, Int64(states[tile].count))
                }
            }
        }
        withExtendedLifetime(memory) {}
    }

    private func withCall(_ tile: Tile, _ body: (UnsafePointer<apus_attention>) -> Void) {
        let segment = segments[tile.segment]
        let sizes = sizes
        let group = group
        let firstPosition = segment.start + tile.rows.lowerBound - segment.rows.lowerBound
        let length = firstPosition + tile.rows.count
        let blocks = (length + KVLayout.blockPositions - 1) / KVLayout.blockPositions
        let keyOffset = layout.keys(layer: layer, head: tile.head)
        let valueOffset = layout.values(layer: layer, head: tile.head)
        let firstHead = tile.head * group + tile.groupHeads.lowerBound
        withUnsafeTemporaryAllocation(of: UnsafeRawPointer.self, capacity: blocks * 2) { pointers in
            guard let base = pointers.baseAddress else { return }
            for block in 0..<blocks {
                let start = segment.blocks[block].storage.pointer
                pointers[block] = UnsafeRawPointer(start + keyOffset)
                pointers[blocks + block] = UnsafeRawPointer(start + valueOffset)
            }
            let slopes = rule.alibiSlopes ?? []
            slopes.withUnsafeBufferPointer { slopes in
                var call = apus_attention(
                    q: queries + tile.rows.lowerBound * heads * sizes.keyDim + firstHead * sizes.keyDim,
                    q_stride: Int64(heads * sizes.keyDim),
                    out: out + tile.rows.lowerBound * heads * sizes.valueDim + firstHead * sizes.valueDim,
                    out_stride: Int64(heads * sizes.valueDim), queries: Int64(tile.rows.count),
                    first_position: Int64(firstPosition), length: Int64(length), causal: true,
                    window: Int64(rule.window ?? 0), group: Int32(tile.groupHeads.count),
                    key_dim: Int32(sizes.keyDim), value_dim: Int32(sizes.valueDim),
                    cache_type: layout.dtype.rawValue, keys: base, values: base + blocks, scale: rule.scale,
                    softcap: rule.softcap ?? 0,
                    alibi_slopes: rule.alibiSlopes == nil ? nil : slopes.baseAddress.map { $0 + firstHead })
                body(&call)
            }
        }
    }
}

extension AttentionSegment {
    /// Writes new keys and values at their positions.
    fileprivate func store(_ keys: Tensor, _ values: Tensor, layout: KVLayout, layer: Int) {
        let sizes = layout.layers[layer]
        let kernels = apus_kernels()
        let type = layout.dtype.rawValue
        let k = keys.floats
        let v = values.floats
        let keyDim = sizes.keyDim
        let valueDim = sizes.valueDim
        parallelRows(rows.count, cost: sizes.heads * (keyDim + valueDim) * 4) { range in
            for row in range {
                let position = start + row
                let block = blocks[position / KVLayout.blockPositions].storage.pointer
                let place = Int64(position % KVLayout.blockPositions)
                let batchRow = rows.lowerBound + row
                for head in 0..<sizes.heads {
                    kernels.pointee.store_key(
                        type, k + (batchRow * sizes.heads + head) * keyDim, Int64(keyDim),
                        block + layout.keys(layer: layer, head: head), place)
                    kernels.pointee.store_value(
                        type, v + (batchRow * sizes.heads + head) * valueDim, Int64(valueDim),
                        block + layout.values(layer: layer, head: head), place)
                }
            }
        }
        withExtendedLifetime((keys, values)) {}
    }
}
