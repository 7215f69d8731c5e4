import CKernels

/// Rows and columns of the result that one task multiplies where both factors are read as they lie.
///
/// Lines of both factors over one step of the depth stay in the second cache, so few lines mean little calculation for
/// what is read, and many do not fit. Threads shall have equally much to do.
struct MatrixBlock {
    var rows: Int
    var columns: Int

    /// What it costs to bring a line near, in elements of the result: measured.
    private static let costOfLine = 10.0
    /// Multiplications below which a block is not worth handing to another thread.
    private static let worthwhile = 1 << 20

    init(_ rows: Int, _ columns: Int, _ depth: Int, _ threads: Int, _ kernels: apus_kernels) {
        let (rowUnit, columnUnit) = (Int(kernels.matrix_rows), Int(kernels.matrix_columns))
        let most = 2 * Int(kernels.matrix_block_rows)
        self.rows = rows
        self.columns = columns
        let parts = depth > 0 ? min(threads * 8, rows * columns / (Self.worthwhile / depth + 1)) : 1
        var least = Double.infinity
        for height in Self.sizes(rows, unit: rowUnit, parts: parts, most: most / 2) {
            for width in Self.sizes(columns, unit: columnUnit, parts: parts, most: most - height) {
                let tasks = (rows + height - 1) / height * ((columns + width - 1) / width)
                let rounds = Double((tasks + threads - 1) / threads)
                let area = Double(height * width)
                let cost = rounds * area * (1 + Self.costOfLine * (1 / Double(height) + 1 / Double(width)))
                if cost < least { (least, self.rows, self.columns) = (cost, height, width) }
            }
        }
    }

    /// Some ways to cut lines into equal numbers of whole panels, no more than `most` each.
    private static func sizes(_ lines: Int, unit: Int, parts: Int, most: Int) -> [Int] {
        let fewest = max(1, (lines + most - 1) / most)
        return (fewest..<fewest + max(1, min(8, parts))).map { count in
            let each = (lines + count - 1) / count
            return (each + unit - 1) / unit * unit
        }
    }
}
