import CKernels
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite("Products with stored weights") struct ProductTests {
    /// Not a multiple of 256 where the type allows it, not one of any vector where there are no blocks.
    static func width(_ type: StoredType) -> Int {
        switch type.blockSize {
        case 1: 331
        case 32: 352
        default: 768
        }
    }

    /// What a table makes of a column: its products with the rows of an identity matrix.
    static func rounded(_ table: Table, _ type: StoredType, _ column: [Float]) throws -> [Float] {
        let k = column.count
        var identity: [UInt8] = []
        let kind: StoredType
        switch try table.activationForm(type) {
        case 0: return column
        case 1:
            kind = StoredType("Q8_0", APUS_Q8_0)
            for i in 0..<k {
                for block in 0..<k / 32 {
                    identity += [0x00, 0x3C] + (0..<32).map { block * 32 + $0 == i ? 1 : 0 }
                }
            }
        default:
            kind = StoredType("Q6_K", APUS_Q6_K)  // 33 - 32 on the diagonal, 32 - 32 elsewhere
            for i in 0..<k {
                for block in 0..<k / 256 {
                    var low = [UInt8](repeating: 0, count: 128)
                    let at = i - block * 256
                    if (0..<256).contains(at) {
                        low[at / 128 * 64 + at / 32 % 2 * 32 + at % 32] = at % 128 < 64 ? 1 : 16
                    }
                    identity += low + [UInt8](repeating: 0xAA, count: 64) + [UInt8](repeating: 1, count: 16)
                    identity += [0x00, 0x3C]
                }
            }
        }
        #expect(try table.activationForm(kind) == table.activationForm(type))
        let x = try table.activations(kind, [column])
        return try table.product(kind, identity, rows: k, k: k, x, columns: 0..<1)
    }

    @Test("A product is that of the dequantised weights and the rounded activations", arguments: StoredType.all)
    func matchesDequantised(type: StoredType) throws {
        let golden = try Golden(type)
        let k = Self.width(type)
        let rows = 21
        var random = Sequence64(state: 7)
        let weights = golden.matrix(type, rows: rows, k: k, using: &random)
        var columns = (0..<5).map { _ in random.column(k) }
        columns[1] = columns[1].map { $0 * 1e4 }
        columns[2] = columns[2].map { $0 * 1e-6 }
        columns[3][17] = 300
        columns[4] = columns[4].enumerated().map { $0.offset < 256 ? 0 : $0.element }
        for table in Table.all {
            let x = try table.activations(type, columns)
            let out = try table.product(type, weights.bytes, rows: rows, k: k, x, columns: 0..<columns.count)
            for (c, column) in columns.enumerated() {
                let seen = try Self.rounded(table, type, column)
                let run = try table.activationForm(type) == 1 ? 32 : 256
                for i in 0..<k where seen != column {
                    let start = i / run * run
                    let largest = column[start..<min(k, start + run)].reduce(0) { max($0, abs($1)) }
                    #expect(abs(seen[i] - column[i]) <= largest / 127 * 0.501)
                }
                for r in 0..<rows {
                    var sum = 0.0
                    var size = 0.0
                    for i in 0..<k {
                        let term = Double(weights.values[r * k + i]) * Double(seen[i])
                        sum += term
                        size += abs(term)
                    }
                    let error = abs(Double(out[c * rows + r]) - sum)
                    #expect(error <= 1e-6 * size, "\(table.name) row \(r) column \(c): \(out[c * rows + r]), \(sum)")
                }
            }
        }
    }

    @Test("An element's bits do not depend on how many columns are computed with it", arguments: StoredType.all)
    func anyWidth(type: StoredType) throws {
        let golden = try Golden(type)
        let k = Self.width(type)
        let rows = 21
        var random = Sequence64(state: 8)
        let weights = golden.matrix(type, rows: rows, k: k, using: &random).bytes
        let columns = (0..<150).map { _ in random.column(k) }
        for table in Table.all {
            let x = try table.activations(type, columns)
            let one = try (0..<columns.count).flatMap {
                try table.product(type, weights, rows: rows, k: k, x, columns: $0..<$0 + 1)
            }
            for width in Array(2...33) + [64, 65, 127, 128, 129, 150] {
                let first = columns.count - width
                let many = try table.product(type, weights, rows: rows, k: k, x, columns: first..<columns.count)
                #expect(many.bits == one.suffix(width * rows).map(\.bitPattern), "\(table.name), \(width) columns")
            }
        }
    }

    @Test("An element's bits do not depend on how many rows are computed with it", arguments: StoredType.all)
    func anyHeight(type: StoredType) throws {
        let golden = try Golden(type)
        let k = Self.width(type)
        let rows = 40
        var random = Sequence64(state: 9)
        let weights = golden.matrix(type, rows: rows, k: k, using: &random).bytes
        let columns = (0..<3).map { _ in random.column(k) }
        for table in Table.all {
            let x = try table.activations(type, columns)
            let all = try table.product(type, weights, rows: rows, k: k, x, columns: 0..<columns.count)
            for height in 1...rows {
                let first = rows - height
                let some = try weights.withUnsafeBufferPointer {
                    let start = try #require($0.baseAddress) + first * type.bytes(k)
                    return try table.product(type, start, rows: height, k: k, x, columns: 0..<columns.count)
                }
                for c in columns.indices {
                    let expected = all[c * rows + first..<(c + 1) * rows].map(\.bitPattern)
                    #expect(
                        some[c * height..<(c + 1) * height].map(\.bitPattern) == expected, "\(table.name) \(height)")
                }
            }
            #expect(try table.product(type, weights, rows: 0, k: k, x, columns: 0..<1).isEmpty)
        }
    }

    @Test("All tables agree: to the bit on quantised types, to rounding on floats", arguments: StoredType.all)
    func tablesAgree(type: StoredType) throws {
        let golden = try Golden(type)
        let k = Self.width(type)
        let rows = 33
        var random = Sequence64(state: 10)
        let weights = golden.matrix(type, rows: rows, k: k, using: &random)
        var columns = (0..<9).map { _ in random.column(k) }
        // Activations all at their largest, where sums in 16 bits would overflow first.
        columns[0] = columns[0].map { $0 < 0 ? -1 : 1 }
        columns[1] = columns[1].map { _ in 1 }
        columns[2] = columns[2].map { _ in -1 }
        columns[3] = columns[3].map { _ in 0 }
        var reference: [Float] = []
        for table in Table.all {
            let x = try table.activations(type, columns)
            let out = try table.product(type, weights.bytes, rows: rows, k: k, x, columns: 0..<columns.count)
            if reference.isEmpty { reference = out }
            if type.blockSize > 1 {
                #expect(out.bits == reference.bits, "\(table.name)")
            } else {
                for (i, (a, b)) in zip(out, reference).enumerated() {
                    let c = i / rows
                    let r = i % rows
                    let size = (0..<k).reduce(Float(0)) { $0 + abs(columns[c][$1] * weights.values[r * k + $1]) }
                    #expect(abs(a - b) <= 1e-6 * size, "\(table.name)")
                }
            }
        }
    }

    @Test("Weights of every code at its extreme do not overflow", arguments: StoredType.quantised)
    func extremeCodes(type: StoredType) throws {
        let golden = try Golden(type)
        let k = type.blockSize == 32 ? 96 : 512
        // Block 1 has all bits set, block 2 none, block 3 the highest of every byte (and scales drawn at random).
        for pick in 1...3 {
            let block = golden.blocks[pick * type.blockBytes..<(pick + 1) * type.blockBytes]
            let weights = (0..<k / type.blockSize).flatMap { _ in block }
            let values = (0..<k).map { golden.values[pick * type.blockSize + $0 % type.blockSize] }
            for sign in [Float(1), -1] {
                // Every activation of one sign, then each of its weight's sign.
                let columns = [[Float](repeating: sign, count: k), values.map { $0 < 0 ? -sign : sign }]
                for table in Table.all {
                    let x = try table.activations(type, columns)
                    let out = try table.product(type, weights, rows: 1, k: k, x, columns: 0..<2)
                    for c in 0..<2 {
                        let terms = (0..<k).map { Double(values[$0]) * Double(columns[c][$0]) }
                        let size = terms.reduce(0) { $0 + abs($1) }
                        #expect(abs(Double(out[c]) - terms.reduce(0, +)) <= 1e-6 * size, "\(table.name) block \(pick)")
                    }
                }
            }
        }
    }

    @Test("Tables agree on denormal, largest, negative and infinite scales", arguments: StoredType.quantised)
    func extremeScales(type: StoredType) throws {
        let halves: [[UInt8]] = [[1, 0], [0xFF, 3], [0xFF, 0x7B], [1, 0x80], [0, 0x7C], [0, 0xFC], [0, 0x80]]
        let exponents: [[UInt8]] = [[0], [1], [2], [254], [255]]
        let scaleAt = [
            "Q2_K": [80, 82], "Q3_K": [108], "Q6_K": [208], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q4_1": [0, 2],
        ]
        let golden = try Golden(type)
        let k = Self.width(type)
        var random = Sequence64(state: 16)
        let columns = (0..<3).map { _ in random.column(k) }
        for scale in type.name == "MXFP4" ? exponents : halves {
            let rows = 18
            var weights = golden.matrix(type, rows: rows, k: k, using: &random).bytes
            for row in 0..<rows {
                for at in scaleAt[type.name] ?? [0] where random.next(below: 2) == 0 {
                    let block = row * type.bytes(k) + random.next(below: k / type.blockSize) * type.blockBytes + at
                    weights.replaceSubrange(block..<block + scale.count, with: scale)
                }
            }
            var reference: [Float] = []
            for table in Table.all {
                let x = try table.activations(type, columns)
                let out = try table.product(type, weights, rows: rows, k: k, x, columns: 0..<columns.count)
                if reference.isEmpty { reference = out }
                // Infinities of both signs add up to a NaN, whose bits mean nothing.
                #expect(zip(out, reference).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) })
            }
        }
    }

    @Test("Every size from 1 to 130 gives the scalar table's bits", arguments: StoredType.quantised)
    func everySize(type: StoredType) throws {
        let golden = try Golden(type)
        var random = Sequence64(state: 17)
        func compare(rows: Int, k: Int, columns: Int) throws {
            let weights = golden.matrix(type, rows: rows, k: k, using: &random).bytes
            let values = (0..<columns).map { _ in random.column(k) }
            let outs = try Table.all.map {
                try $0.product(type, weights, rows: rows, k: k, $0.activations(type, values), columns: 0..<columns).bits
            }
            #expect(outs.allSatisfy { $0 == outs[0] }, "\(rows) x \(k) by \(columns)")
        }
        for size in 1...130 {
            try compare(rows: size, k: type.blockSize, columns: 2)
            try compare(rows: 2, k: type.blockSize, columns: size)
        }
        for blocks in type.blockSize == 32 ? Array(1...130) : Array(1...12) {
            try compare(rows: 3, k: blocks * type.blockSize, columns: 1)
        }
    }

    @Test("A NaN or an infinity among the activations reaches every product of its column", arguments: StoredType.all)
    func notANumber(type: StoredType) throws {
        let golden = try Golden(type)
        let k = Self.width(type)
        let rows = 19
        var random = Sequence64(state: 11)
        let weights = golden.matrix(type, rows: rows, k: k, using: &random).bytes
        for poison in [Float.nan, .infinity, -.infinity, .signalingNaN] {
            for at in [0, 5, 31, k / 2, k - 1] {
                var columns = (0..<3).map { _ in random.column(k) }
                columns[1][at] = poison
                for table in Table.all {
                    let x = try table.activations(type, columns)
                    let out = try table.product(type, weights, rows: rows, k: k, x, columns: 0..<3)
                    #expect(out[rows..<2 * rows].allSatisfy { type.blockSize > 1 ? $0.isNaN : !$0.isFinite })
                    #expect(out[..<rows].allSatisfy(\.isFinite) && out[(2 * rows)...].allSatisfy(\.isFinite))
                }
            }
        }
    }

    @Test("A NaN as a weight's scale reaches the products of its row alone", arguments: StoredType.all)
    func weightNotANumber(type: StoredType) throws {
        let scaleAt = ["Q2_K": 80, "Q3_K": 108, "Q6_K": 208][type.name] ?? 0
        guard type.name != "MXFP4" else { return }  // its scales are powers of two
        let golden = try Golden(type)
        let k = Self.width(type)
        let rows = 19
        var random = Sequence64(state: 12)
        var weights = golden.matrix(type, rows: rows, k: k, using: &random).bytes
        let nan: [UInt8] = type.name == "F32" ? [0, 0, 0xC0, 0x7F] : type.name == "BF16" ? [0xC0, 0x7F] : [0, 0x7E]
        let block = 7 * type.bytes(k) + (type.bytes(k) - type.blockBytes)
        weights.replaceSubrange(block + scaleAt..<block + scaleAt + nan.count, with: nan)
        let columns = (0..<10).map { _ in random.column(k) }
        for table in Table.all {
            let x = try table.activations(type, columns)
            let out = try table.product(type, weights, rows: rows, k: k, x, columns: 0..<columns.count)
            #expect(out.indices.allSatisfy { out[$0].isNaN == ($0 % rows == 7) }, "\(table.name)")
        }
    }

    @Test("All tables make the same activation rows")
    func activationRows() throws {
        var random = Sequence64(state: 13)
        for type in [StoredType("F32", APUS_F32), StoredType("Q4_0", APUS_Q4_0), StoredType("Q4_K", APUS_Q4_K)] {
            let k = Self.width(type)
            var columns = (0..<4).map { _ in random.column(k) }
            columns[1] = columns[1].map { $0 * 1e-36 }
            columns[2] = columns[2].map { $0 * 1e37 }
            columns[3][9] = .nan
            let rows = try Table.all.map { try $0.activations(type, columns) }
            let used = type.blockSize == 1 ? (k + 15) / 16 * 64 : type.blockSize == 32 ? k / 32 * 64 : k / 256 * 320
            for other in rows.dropFirst() {
                #expect(other.rowBytes == rows[0].rowBytes)
                for c in columns.indices {
                    let offset = c * other.rowBytes
                    #expect(memcmp(other.base + offset, rows[0].base + offset, used) == 0)
                }
            }
        }
    }

    @Test(
        "What lies behind a row of activations does not reach a sum, be it NaN", arguments: StoredType.all, [5, 8, 331])
    func nothingBehindRows(type: StoredType, k: Int) throws {
        guard type.blockSize == 1 else { return }
        let golden = try Golden(type)
        let rows = 9
        var random = Sequence64(state: 15)
        let weights = golden.matrix(type, rows: rows, k: k, using: &random).bytes
        let column = random.column(k)
        let nan = [Float](repeating: .nan, count: k)
        for table in Table.all {
            // The second row of activations, which the product is not to read, is NaN.
            let x = try table.activations(type, [column, nan])
            #expect(try table.product(type, weights, rows: rows, k: k, x, columns: 0..<1).allSatisfy { $0.isFinite })
        }
    }

    @Test("Nothing is read past the last row", arguments: StoredType.all)
    func staysInside(type: StoredType) throws {
        let golden = try Golden(type)
        let k = Self.width(type)
        let rows = 17
        var random = Sequence64(state: 14)
        let weights = golden.matrix(type, rows: rows, k: k, using: &random).bytes
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let length = (weights.count + page - 1) / page * page
        let map = try #require(
            mmap(nil, length + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        defer { munmap(map, length + page) }
        try #require(map != MAP_FAILED && mprotect(map + length, page, PROT_NONE) == 0)
        let start = (map + length - weights.count).assumingMemoryBound(to: UInt8.self)
        weights.withUnsafeBufferPointer { start.update(from: $0.baseAddress ?? UnsafePointer(start), count: $0.count) }
        for table in Table.all {
            for columns in [1, 20] {
                let x = try table.activations(type, (0..<columns).map { _ in random.column(k) })
                let there = try table.product(type, start, rows: rows, k: k, x, columns: 0..<columns)
                let here = try table.product(type, weights, rows: rows, k: k, x, columns: 0..<columns)
                #expect(there.bits == here.bits)
            }
        }
    }
}
