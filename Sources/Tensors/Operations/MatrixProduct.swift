import CKernels

/// A product of two float matrices, shared out over the pool by blocks of the result.
///
/// Where both factors can be read as they lie (a gradient of weights, or of activations), nothing is packed. Otherwise
/// threads take columns and pack those of the right factor themselves; and where that would pack much twice, or the left
/// factor does not lie well, the factor with fewer lines is brought into panels once, for all threads. Each element is
/// one sum in a fixed order, so neither the other elements nor the number of threads change its bits.
struct MatrixProduct {
    /// `[rows, depth]`.
    let left: apus_matrix
    /// `[depth, columns]`.
    let right: apus_matrix
    /// Whether panels hold two BF16 values of the depth in a word.
    private let inPairs: Bool

    init(
        left: apus_matrix, right: apus_matrix, precision: Precision = .float32,
        bfloat16 products: BFloat16Products? = nil
    ) {
        var factors = (left, right)
        factors.0.rounded = precision == .bfloat16
        factors.1.rounded = precision == .bfloat16
        (self.left, self.right) = factors
        inPairs =
            precision == .bfloat16 && (products ?? .preferred) == .pairs
            && apus_kernels().pointee.matrix_product_pairs != nil
    }

    private var rows: Int { Int(left.lines) }
    private var columns: Int { Int(right.lines) }
    private var depth: Int { Int(left.depth) }
    /// Words of a panel for each of its lines.
    private var panelDepth: Int { inPairs ? (depth + 1) / 2 : depth }

    /// A factor that holds its lines one after the other: `[lines, depth]`.
    static func lines(_ tensor: Tensor) -> apus_matrix {
        factor(tensor, alongDepth: true, lines: tensor.rows, depth: tensor.columns)
    }

    /// A factor that holds its lines side by side: `[depth, lines]`.
    static func linesAcross(_ tensor: Tensor) -> apus_matrix {
        factor(tensor, alongDepth: false, lines: tensor.columns, depth: tensor.rows)
    }

    private static func factor(_ tensor: Tensor, alongDepth: Bool, lines: Int, depth: Int) -> apus_matrix {
        assert(tensor.dtype.isFloat)
        return apus_matrix(
            data: UnsafeRawPointer(tensor.bytes), type: tensor.dtype.rawValue, line_bytes: tensor.rowBytes,
            lines_along_depth: alongDepth, lines: Int64(lines), depth: Int64(depth), rounded: false)
    }

    /// Writes the product to `out`, `[rows, columns]`, or adds it to what is there.
    func write(to out: UnsafeMutablePointer<Float>, adding: Bool = false) {
        guard rows > 0, columns > 0 else { return }
        let kernels = apus_kernels().pointee
        let (rowUnit, columnUnit) = (Int(kernels.matrix_rows), Int(kernels.matrix_columns))
        let leftLies = withUnsafePointer(to: left) { apus_matrix_lies_well($0, true) }
        let rightLies = withUnsafePointer(to: right) { apus_matrix_lies_well($0, false) }
        if leftLies, rightLies {
            let block = MatrixBlock(rows, columns, depth, WorkerPool.shared.threads, kernels)
            multiply(out, adding, rowStep: block.rows, columnStep: block.columns)
        } else if leftLies, rows > 4 * rowUnit, rows <= Self.mostRowsUnshared,
            columns >= 2 * columnUnit * WorkerPool.shared.threads
        {
            let step = Self.step(
                columns, unit: columnUnit, block: Int(kernels.matrix_block_columns), cost: depth * rows)
            multiply(out, adding, rowStep: rows, columnStep: step)
        } else if rows <= columns {
            multiply(
                out, adding, shared: left, others: columns, unit: columnUnit, block: Int(kernels.matrix_block_columns))
        } else {
            multiply(out, adding, shared: right, others: rows, unit: rowUnit, block: Int(kernels.matrix_block_rows))
        }
    }

    /// With so many rows each thread packs its columns of the right factor; with more, all rows of it are worth packing
    /// before any is multiplied.
    private static let mostRowsUnshared = 1024

    /// Blocks of the result, of which no factor is packed beforehand.
    private func multiply(_ out: UnsafeMutablePointer<Float>, _ adding: Bool, rowStep: Int, columnStep: Int) {
        let kernels = apus_kernels().pointee
        let across = (columns + columnStep - 1) / columnStep
        let packed = min(rowStep, Int(kernels.matrix_block_rows)) + min(columnStep, Int(kernels.matrix_block_columns))
        WorkerPool.shared.run(tasks: (rows + rowStep - 1) / rowStep * across) { task in
            let (row, column) = (task / across * rowStep, task % across * columnStep)
            let workspace = Storage(byteCount: (packed + 64) * Int(APUS_MATRIX_STEP) * MemoryLayout<Float>.size)
            var product = product(
                row..<min(rows, row + rowStep), column..<min(columns, column + columnStep), out, adding)
            product.workspace = workspace.pointer.assumingMemoryBound(to: Float.self)
            multiply(product)
            withExtendedLifetime(workspace) {}
        }
    }

    private func multiply(_ part: apus_matrix_product) {
        let kernels = apus_kernels().pointee
        withUnsafePointer(to: part) { part in
            if inPairs { kernels.matrix_product_pairs?(part) } else { kernels.matrix_product(part) }
        }
    }

    /// Some rows and columns of the product; panels and workspace are still to be given.
    private func product(
        _ rows: Range<Int>, _ columns: Range<Int>, _ out: UnsafeMutablePointer<Float>, _ adding: Bool
    ) -> apus_matrix_product {
        var product = apus_matrix_product()
        product.left = left
        product.right = right
        product.first_row = Int64(rows.lowerBound)
        product.rows = Int64(rows.count)
        product.first_column = Int64(columns.lowerBound)
        product.columns = Int64(columns.count)
        product.out = out + rows.lowerBound * self.columns + columns.lowerBound
        product.out_stride = Int64(self.columns)
        product.add = adding
        return product
    }

    /// Panels of one factor at a time take no more than this, in floats.
    private static let mostShared = 1 << 25

    private func multiply(
        _ out: UnsafeMutablePointer<Float>, _ adding: Bool, shared: apus_matrix, others: Int, unit: Int, block: Int
    ) {
        let kernels = apus_kernels().pointee
        let sharesLeft = rows <= columns
        let sharedUnit = Int(sharesLeft ? kernels.matrix_rows : kernels.matrix_columns)
        let sharedLines = Int(shared.lines)
        let atOnce = max(sharedUnit, Self.mostShared / max(1, depth) / sharedUnit * sharedUnit)
        let step = Self.step(others, unit: unit, block: block, cost: depth * min(sharedLines, atOnce))
        for first in stride(from: 0, to: sharedLines, by: atOnce) {
            let count = min(atOnce, sharedLines - first)
            let panels = panels(shared, isLeft: sharesLeft, first: first, count: count, unit: sharedUnit)
            WorkerPool.shared.run(tasks: (others + step - 1) / step) { task in
                let other = task * step..<min(others, (task + 1) * step)
                let workspace = Storage(
                    byteCount: min(block + 32, other.count + unit) * Int(APUS_MATRIX_STEP) * MemoryLayout<Float>.size)
                let rows = sharesLeft ? first..<first + count : other
                let columns = sharesLeft ? other : first..<first + count
                var product = product(rows, columns, out, adding)
                product.left_panels = sharesLeft ? panels.start : nil
                product.right_panels = sharesLeft ? nil : panels.start
                product.workspace = workspace.pointer.assumingMemoryBound(to: Float.self)
                multiply(product)
                withExtendedLifetime(workspace) {}
            }
            withExtendedLifetime(panels.storage) {}
        }
    }

    /// Lines for one task: whole panels, equally many tasks for every thread where the work is worth it.
    private static func step(_ lines: Int, unit: Int, block: Int, cost: Int) -> Int {
        let threads = WorkerPool.shared.threads
        let rounds = (lines + threads * block - 1) / (threads * block)
        let even = (lines + threads * rounds - 1) / (threads * rounds)
        let worthwhile = max(even, 32_768 / max(1, cost))
        return (worthwhile + unit - 1) / unit * unit
    }

    /// Lines first ..< first + count of a factor as panels.
    private func panels(_ factor: apus_matrix, isLeft: Bool, first: Int, count: Int, unit: Int) -> (
        start: UnsafePointer<Float>, storage: Storage?
    ) {
        let panelDepth = panelDepth
        if isLeft, count == 1, factor.lines_along_depth, factor.type == DType.f32.rawValue, !factor.rounded,
            let data = factor.data
        {
            return (data.assumingMemoryBound(to: Float.self) + first * panelDepth, nil)  // a row is its own panel
        }
        let storage = Storage(byteCount: (count + 16) * panelDepth * MemoryLayout<Float>.size)
        let start = storage.pointer.assumingMemoryBound(to: Float.self)
        parallelRows((count + unit - 1) / unit, cost: unit * depth) { range in
            let line = range.lowerBound * unit
            withUnsafePointer(to: factor) { factor in
                let kernels = apus_kernels().pointee
                let lines = (first: Int64(first + line), count: Int64(min(count, range.upperBound * unit) - line))
                if inPairs {
                    kernels.matrix_pack_pairs?(factor, isLeft, lines.first, lines.count, start + line * panelDepth)
                } else {
                    kernels.matrix_pack(factor, isLeft, lines.first, lines.count, start + line * panelDepth)
                }
            }
        }
        return (UnsafePointer(start), storage)
    }
}

extension Tensor {
    /// `self · other`: `[…, k]` times `[k, n]` gives `[…, n]`, in the precision of ``Differentiation/multiplying(in:_:)``.
    public func times(_ other: Tensor) -> Tensor {
        assert(other.shape.count == 2 && other.rows == columns)
        return Self.product(
            MatrixProduct.lines(self), MatrixProduct.linesAcross(other), shape: shape.dropLast() + [other.columns],
            self, other)
    }

    /// `self · otherᵀ`: `[…, k]` times `[n, k]` gives `[…, n]`. ``linear(_:bias:)`` takes quantised weights too.
    public func timesTransposed(_ other: Tensor) -> Tensor {
        assert(other.shape.count == 2 && other.columns == columns)
        return Self.product(
            MatrixProduct.lines(self), MatrixProduct.lines(other), shape: shape.dropLast() + [other.rows], self, other)
    }

    /// `selfᵀ · other`: `[…, m]` and `[…, n]` with equally many rows give `[m, n]`, a sum over the rows.
    public func transposedTimes(_ other: Tensor) -> Tensor {
        assert(other.rows == rows)
        return Self.product(
            MatrixProduct.linesAcross(self), MatrixProduct.linesAcross(other), shape: [columns, other.columns], self,
            other)
    }

    private static func product(
        _ left: apus_matrix, _ right: apus_matrix, shape: [Int], _ factors: Tensor...
    ) -> Tensor {
        let result = Tensor(uninitialized: shape)
        MatrixProduct(left: left, right: right, precision: Differentiation.precision).write(to: result.floats)
        withExtendedLifetime(factors) {}
        return result
    }
}
