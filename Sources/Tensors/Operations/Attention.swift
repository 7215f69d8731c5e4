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
    /// Sums go over positions in fixed blocks, so a row's bits depend on its own sequence alone.
    public func attention(
        keys: Tensor, values: Tensor, segments: [AttentionSegment], layout: KVLayout, layer: Int, rule: AttentionRule
    ) -> Tensor {
        let sizes = layout.layers[layer]
        let heads = columns / sizes.keyDim
        let group = heads / sizes.heads
        let result = Tensor(uninitialized: [rows, heads * sizes.valueDim])
        for segment in segments {
            segment.store(keys, values, layout: layout, layer: layer)
        }

        // A task is a key/value head of a tile of rows. Tiles are small enough to spread over threads, and large enough
        // that the cache is read once for several rows.
        struct Tile {
            let segment: Int
            let rows: Range<Int>
            let head: Int
        }
        let tileRows = max(1, min(16, KVLayout.largestGroup / group))
        var tiles: [Tile] = []
        for (index, segment) in segments.enumerated() {
            for first in stride(from: segment.rows.lowerBound, to: segment.rows.upperBound, by: tileRows) {
                let rows = first..<min(first + tileRows, segment.rows.upperBound)
                for head in 0..<sizes.heads { tiles.append(Tile(segment: index, rows: rows, head: head)) }
            }
        }
        let q = floats
        let out = result.floats
        let qColumns = columns
        let attention = apus_kernels().pointee.attention
        let slopes = rule.alibiSlopes ?? []
        slopes.withUnsafeBufferPointer { slopes in
            tiles.withUnsafeBufferPointer { tiles in
                WorkerPool.shared.run(tasks: tiles.count) { task in
                    let tile = tiles[task]
                    let segment = segments[tile.segment]
                    let firstPosition = segment.start + tile.rows.lowerBound - segment.rows.lowerBound
                    let length = firstPosition + tile.rows.count
                    let blocks = (length + KVLayout.blockPositions - 1) / KVLayout.blockPositions
                    withUnsafeTemporaryAllocation(of: UnsafeRawPointer.self, capacity: blocks * 2) { pointers in
                        let keyOffset = layout.keys(layer: layer, head: tile.head)
                        let valueOffset = layout.values(layer: layer, head: tile.head)
                        for block in 0..<blocks {
                            let start = segment.blocks[block].storage.pointer
                            pointers[block] = UnsafeRawPointer(start + keyOffset)
                            pointers[blocks + block] = UnsafeRawPointer(start + valueOffset)
                        }
                        guard let base = pointers.baseAddress else { return }
                        let firstHead = tile.head * group
                        var call = apus_attention(
                            q: q + tile.rows.lowerBound * qColumns + firstHead * sizes.keyDim,
                            q_stride: Int64(qColumns),
                            out: out + tile.rows.lowerBound * heads * sizes.valueDim + firstHead * sizes.valueDim,
                            out_stride: Int64(heads * sizes.valueDim), queries: Int64(tile.rows.count),
                            first_position: Int64(firstPosition), length: Int64(length), causal: true,
                            window: Int64(rule.window ?? 0), group: Int32(group), key_dim: Int32(sizes.keyDim),
                            value_dim: Int32(sizes.valueDim), cache_type: layout.dtype.rawValue, keys: base,
                            values: base + blocks, scale: rule.scale, softcap: rule.softcap ?? 0,
                            alibi_slopes: rule.alibiSlopes == nil ? nil : slopes.baseAddress.map { $0 + firstHead })
                        attention(&call)
                    }
                }
            }
        }
        withExtendedLifetime(self) {}
        return result
    }
}

extension AttentionSegment {
    /// Writes new keys and values at their positions.
    fileprivate func store(_ keys: Tensor, _ values: Tensor, layout: KVLayout, layer: Int) {
        let sizes = layout.layers[layer]
        let toHalf = apus_kernels().pointee.to_half
        let k = keys.floats
        let v = values.floats
        func put(_ source: UnsafeMutablePointer<Float>, _ target: UnsafeMutableRawPointer, _ count: Int) {
            if layout.dtype == .f16 {
                toHalf(source, Int64(count), target)
            } else {
                target.copyMemory(from: source, byteCount: count * MemoryLayout<Float>.size)
            }
        }
        parallelRows(rows.count, cost: sizes.heads * (sizes.keyDim + sizes.valueDim)) { range in
            for row in range {
                let position = start + row
                let block = blocks[position / KVLayout.blockPositions].storage.pointer
                let place = position % KVLayout.blockPositions
                let batchRow = rows.lowerBound + row
                for head in 0..<sizes.heads {
                    put(
                        k + (batchRow * sizes.heads + head) * sizes.keyDim,
                        block + layout.keys(layer: layer, head: head) + place * sizes.keyDim * layout.dtype.blockBytes,
                        sizes.keyDim)
                    put(
                        v + (batchRow * sizes.heads + head) * sizes.valueDim,
                        block + layout.values(layer: layer, head: head)
                            + place * sizes.valueDim * layout.dtype.blockBytes,
                        sizes.valueDim)
                }
            }
        }
        withExtendedLifetime((keys, values)) {}
    }
}
