import CKernels

/// Where the gradient of a tensor goes: room for its elements, which an operation overwrites or adds to.
///
/// Nobody else reads or writes the place meanwhile, and it overlaps none of the operation's tensors.
struct GradientTarget {
    /// As many floats as the tensor has elements, in its order.
    let floats: UnsafeMutablePointer<Float>
    /// Whether the gradient is added to what is there.
    let adding: Bool

    init(_ floats: UnsafeMutablePointer<Float>, adding: Bool = false) {
        self.floats = floats
        self.adding = adding
    }
}

/// Shares out the elements of an operation that treats each by itself, in stretches that begin at whole vectors: an
/// element has the same bits however many threads there are. `cost` is the work of one, an addition being 1.
func parallelElements(_ count: Int, cost: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
    parallelRows(count, cost: cost, multiple: 64) { range in
        if !range.isEmpty { body(range.lowerBound, range.count) }
    }
}

/// Sums over the rows of a matrix, shared out over threads in blocks of rows that depend on their number alone. The sums
/// of blocks are added in order, so that threads do not change a bit.
struct RowSums {
    let rows: Int
    /// Sums for each block.
    let width: Int
    /// The work of a row, an addition being 1.
    let cost: Int

    private static let mostBlocks = 256
    private var blockRows: Int { max(32, (rows + Self.mostBlocks - 1) / Self.mostBlocks) }

    /// `add` adds some rows to `width` sums. The totals go to `targets`, one behind another, `width / targets.count` each.
    func write(to targets: [GradientTarget?], add: (_ rows: Range<Int>, _ sums: UnsafeMutablePointer<Float>) -> Void) {
        let blockRows = blockRows
        let blocks = (rows + blockRows - 1) / blockRows
        let partial = Storage(byteCount: blocks * width * MemoryLayout<Float>.size)
        let sums = partial.pointer.assumingMemoryBound(to: Float.self)
        parallelRows(blocks, cost: blockRows * cost) { range in
            for block in range {
                (sums + block * width).update(repeating: 0, count: width)
                add(block * blockRows..<min(rows, (block + 1) * blockRows), sums + block * width)
            }
        }
        let addScaled = apus_kernels().pointee.add_scaled
        let columns = width / max(1, targets.count)
        for (index, target) in targets.enumerated() {
            guard let target else { continue }
            parallelElements(columns, cost: blocks) { first, count in
                let y = target.floats + first
                if !target.adding { y.update(repeating: 0, count: count) }
                for block in 0..<blocks {
                    addScaled(sums + block * width + index * columns + first, 1, Int64(count), y)
                }
            }
        }
        withExtendedLifetime(partial) {}
    }
}
