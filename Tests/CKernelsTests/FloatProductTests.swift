import CKernels
import Testing

/// A factor of a product of float matrices, with what its elements stand for.
private struct Factor {
    let type: StoredType
    let lines: Int
    let depth: Int
    let alongDepth: Bool
    let bytes: [UInt8]
    /// [line][k]
    let values: [[Float]]

    /// Rows of memory are `padding` bytes apart, filled with NaN.
    init(_ type: StoredType, lines: Int, depth: Int, alongDepth: Bool, padding: Int = 0, _ value: (Int, Int) -> Float) {
        self.type = type
        self.lines = lines
        self.depth = depth
        self.alongDepth = alongDepth
        var bytes: [UInt8] = []
        var values = [[Float]](repeating: [Float](repeating: 0, count: depth), count: lines)
        for row in 0..<(alongDepth ? lines : depth) {
            for column in 0..<(alongDepth ? depth : lines) {
                let line = alongDepth ? row : column
                let k = alongDepth ? column : row
                let stored = Self.stored(value(line, k), type)
                values[line][k] = stored.value
                bytes += stored.bytes
            }
            bytes += [UInt8](repeating: 0xFF, count: padding * type.blockBytes)
        }
        self.bytes = bytes
        self.values = values
    }

    private static func stored(_ x: Float, _ type: StoredType) -> (value: Float, bytes: [UInt8]) {
        let bits: UInt32
        let value: Float
        switch type.name {
        case "F16":
            var half = [UInt16](repeating: 0, count: 1)
            _ = apus_quantize_row(type.type, [x], nil, 1, &half)
            return (Float(Float16Bits(half[0]).value), [UInt8(half[0] & 0xFF), UInt8(half[0] >> 8)])
        case "BF16":
            bits = x.bitPattern & 0xFFFF_0000
            return (Float(bitPattern: bits), [UInt8(bits >> 16 & 0xFF), UInt8(bits >> 24)])
        default:
            value = x
            bits = x.bitPattern
            return (value, (0..<4).map { UInt8(bits >> (8 * $0) & 0xFF) })
        }
    }

    func withMatrix<Result>(_ body: (apus_matrix) throws -> Result) rethrows -> Result {
        // Aligned as tensors are, so that factors which may be read in place are.
        let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
        defer { raw.deallocate() }
        raw.copyBytes(from: bytes)
        let rows = alongDepth ? lines : depth
        return try body(
            apus_matrix(
                data: UnsafeRawPointer(raw.baseAddress), type: type.type,
                line_bytes: rows == 0 ? 0 : bytes.count / rows,
                lines_along_depth: alongDepth, lines: Int64(lines), depth: Int64(depth), rounded: false))
    }
}

/// IEEE half precision by its definition.
private struct Float16Bits {
    let value: Double

    init(_ bits: UInt16) {
        let fraction = Double(bits & 0x3FF)
        let exponent = Int(bits >> 10 & 31)
        let magnitude: Double
        switch exponent {
        case 0: magnitude = fraction * 0x1p-24
        case 31: magnitude = fraction == 0 ? .infinity : .nan
        default: magnitude = (1 + fraction / 1024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
        }
        value = bits >> 15 == 0 ? magnitude : -magnitude
    }
}

extension Table {
    /// Rows and columns of a product, one after the other; the panels of one factor are made beforehand, or of none.
    fileprivate func product(
        _ left: Factor, _ right: Factor, rows: Range<Int>? = nil, columns: Range<Int>? = nil, sharesLeft: Bool? = true,
        addedTo start: Float? = nil
    ) throws -> [Float] {
        let kernels = try #require(apus_kernels_named(name)).pointee
        let rows = rows ?? 0..<left.lines
        let columns = columns ?? 0..<right.lines
        let pack = try #require(kernels.matrix_pack)
        let multiply = try #require(kernels.matrix_product)
        var out = [Float](repeating: start ?? .nan, count: rows.count * columns.count)
        let shared = sharesLeft == true ? left : right
        let lines = sharesLeft == true ? rows : columns
        var panels = [Float](repeating: .nan, count: (lines.count + 16) * shared.depth + 1)
        let block = Int(kernels.matrix_block_rows + kernels.matrix_block_columns) + 64
        var workspace = [Float](repeating: .nan, count: block * Int(APUS_MATRIX_STEP))
        try left.withMatrix { l in
            try right.withMatrix { r in
                withUnsafePointer(to: sharesLeft == true ? l : r) {
                    pack($0, sharesLeft == true, Int64(lines.lowerBound), Int64(lines.count), &panels)
                }
                panels.withUnsafeBufferPointer { panels in
                    workspace.withUnsafeMutableBufferPointer { workspace in
                        out.withUnsafeMutableBufferPointer { out in
                            var p = apus_matrix_product()
                            p.left = l
                            p.right = r
                            p.left_panels = sharesLeft == true ? panels.baseAddress : nil
                            p.right_panels = sharesLeft == false ? panels.baseAddress : nil
                            p.first_row = Int64(rows.lowerBound)
                            p.rows = Int64(rows.count)
                            p.first_column = Int64(columns.lowerBound)
                            p.columns = Int64(columns.count)
                            p.workspace = workspace.baseAddress
                            p.out = out.baseAddress
                            p.out_stride = Int64(columns.count)
                            p.add = start != nil
                            multiply(&p)
                        }
                    }
                }
            }
        }
        return out
    }

    /// Whether products are rounded once with the sum, as an fma does.
    fileprivate var fuses: Bool {
        #if arch(arm64)
            true
        #else
            name != "scalar"
        #endif
    }
}

@Suite("Products of float matrices") struct FloatProductTests {
    /// The order that every table keeps: steps of APUS_MATRIX_STEP values of k, each one chain of fused products.
    private static func expected(_ left: [Float], _ right: [Float], from start: Float?) -> Float {
        var total = start ?? 0
        for first in stride(from: 0, to: left.count, by: Int(APUS_MATRIX_STEP)) {
            var sum: Float = 0
            for k in first..<min(left.count, first + Int(APUS_MATRIX_STEP)) { sum.addProduct(left[k], right[k]) }
            total = first == 0 && start == nil ? sum : total + sum
        }
        return total
    }

    private static func check(
        _ out: [Float], _ left: Factor, _ right: Factor, rows: Range<Int>? = nil, columns: Range<Int>? = nil,
        addedTo start: Float? = nil, _ table: Table, _ what: String
    ) {
        let columns = columns ?? 0..<right.lines
        for (i, row) in (rows ?? 0..<left.lines).enumerated() {
            for (j, column) in columns.enumerated() {
                let got = out[i * columns.count + j]
                if table.fuses {
                    let expected = expected(left.values[row], right.values[column], from: start)
                    if got.bitPattern != expected.bitPattern {
                        Issue.record("\(table.name) \(what) [\(row), \(column)]: \(got), not \(expected)")
                        return
                    }
                }
                var sum = Double(start ?? 0)
                var size = abs(sum)
                for k in 0..<left.depth {
                    let term = Double(left.values[row][k]) * Double(right.values[column][k])
                    sum += term
                    size += abs(term)
                }
                if !(abs(Double(got) - sum) <= 4e-6 * size) {
                    Issue.record("\(table.name) \(what) [\(row), \(column)]: \(got), in float64 \(sum)")
                    return
                }
            }
        }
    }

    private static func factors(
        _ type: StoredType, _ m: Int, _ n: Int, _ k: Int, form: Int, padding: Int = 0, _ random: inout Sequence64
    ) -> (Factor, Factor) {
        let left = Factor(StoredType.floats[0], lines: m, depth: k, alongDepth: form != 2, padding: padding) { _, _ in
            random.normal()
        }
        let right = Factor(type, lines: n, depth: k, alongDepth: form == 0, padding: padding) { _, _ in random.normal()
        }
        return (left, right)
    }

    @Test("Any size up to 130 in each dimension, in all three forms", arguments: StoredType.floats, 0..<3)
    func anySize(type: StoredType, form: Int) throws {
        var random = Sequence64(state: 21)
        var sizes: [(Int, Int, Int)] = []
        for size in 1...130 {
            sizes += [(size, 7, 19), (5, size, 21), (3, 35, size)]
        }
        sizes += [
            (15, 33, 511), (29, 31, 512), (13, 49, 513), (2, 65, 1537), (1, 1, 1), (130, 130, 130), (400, 200, 40),
            (40, 400, 530), (31, 48, 1030), (20, 1024, 70),
        ]
        for (m, n, k) in sizes {
            let (left, right) = Self.factors(type, m, n, k, form: form, padding: m % 3, &random)
            for table in Table.all {
                for sharesLeft in [true, false, nil] {
                    let out = try table.product(left, right, sharesLeft: sharesLeft)
                    Self.check(out, left, right, table, "\(m)x\(n)x\(k)")
                }
            }
        }
    }

    @Test("An element's bits depend on its row and column alone", arguments: StoredType.floats, 0..<3)
    func anyPart(type: StoredType, form: Int) throws {
        var random = Sequence64(state: 22)
        let (left, right) = Self.factors(type, 130, 137, 600, form: form, &random)
        for table in Table.all {
            let kernels = try #require(apus_kernels_named(table.name)).pointee
            let whole = try table.product(left, right)
            #expect(try table.product(left, right, sharesLeft: false).bits == whole.bits, "\(table.name)")
            #expect(try table.product(left, right, sharesLeft: nil).bits == whole.bits, "\(table.name)")
            for size in 1...130 {
                // Panels begin at whole panels; a product may begin anywhere in the other factor.
                let row = (130 - size) / Int(kernels.matrix_rows) * Int(kernels.matrix_rows)
                let part = try table.product(left, right, rows: row..<row + size, columns: 3..<70)
                for i in 0..<size {
                    let expected = whole[(row + i) * 137 + 3..<(row + i) * 137 + 70].map(\.bitPattern)
                    if part[i * 67..<(i + 1) * 67].map(\.bitPattern) != expected {
                        Issue.record("\(table.name): row \(i) of \(size) rows")
                        return
                    }
                }
            }
        }
    }

    @Test("A product can be added to what is there", arguments: 0..<3)
    func adds(form: Int) throws {
        var random = Sequence64(state: 23)
        for k in [1, 40, 700] {
            let (left, right) = Self.factors(StoredType.floats[0], 17, 45, k, form: form, &random)
            for table in Table.all {
                for sharesLeft in [true, nil] {
                    let out = try table.product(left, right, sharesLeft: sharesLeft, addedTo: 2.5)
                    Self.check(out, left, right, addedTo: 2.5, table, "added, \(k)")
                }
            }
        }
        let (left, right) = Self.factors(StoredType.floats[0], 3, 5, 0, form: form, &random)
        for table in Table.all {
            #expect(try table.product(left, right) == [Float](repeating: 0, count: 15))
            #expect(try table.product(left, right, addedTo: 1) == [Float](repeating: 1, count: 15))
        }
    }

    @Test("NaN and infinity reach the elements of their row and column, and no others", arguments: StoredType.floats)
    func specials(type: StoredType) throws {
        var random = Sequence64(state: 24)
        for form in 0..<3 {
            for (value, isIn) in [
                (Float.nan, { (x: Float) in x.isNaN }), (.infinity, { (x: Float) in x.isInfinite || x.isNaN }),
            ] {
                for inLeft in [true, false] {
                    let left = Factor(StoredType.floats[0], lines: 31, depth: 77, alongDepth: form != 2) {
                        inLeft && $0 == 15 && $1 == 76 ? value : random.normal()
                    }
                    let right = Factor(type, lines: 70, depth: 77, alongDepth: form == 0) {
                        !inLeft && $0 == 69 && $1 == 3 ? value : random.normal()
                    }
                    for table in Table.all {
                        let out = try table.product(left, right)
                        for row in 0..<31 {
                            for column in 0..<70 {
                                let meets = inLeft ? row == 15 : column == 69
                                let x = out[row * 70 + column]
                                #expect(meets ? isIn(x) : x.isFinite, "\(table.name) [\(row), \(column)]: \(x)")
                            }
                        }
                    }
                }
            }
        }
    }
}
