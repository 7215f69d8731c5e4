import CKernels
import Testing

@Suite("Packed panels") struct PackedTests {
    /// Widths of rows: whole chunks of 256 values, and a last one of 1, 3 and 7 blocks where a type has smaller blocks.
    static func widths(_ type: StoredType) -> [Int] { type.blockSize == 32 ? [32, 96, 480, 2080] : [256, 768] }

    @Test("Products of packed panels have the bits of those of rows", arguments: StoredType.quantised)
    func sameBits(type: StoredType) throws {
        let golden = try Golden(type)
        var random = Sequence64(state: 21)
        for table in Table.all where table.panelRows > 0 {
            for k in Self.widths(type) {
                for rows in [1, table.panelRows, 5 * table.panelRows + 3] {
                    let weights = golden.matrix(type, rows: rows, k: k, using: &random).bytes
                    let x = try table.activations(type, (0..<14).map { _ in random.column(k) })
                    let packed = try table.packed(type, weights, rows: rows, k: k)
                    for columns in [0..<1, 1..<3, 2..<5, 3..<8, 0..<14] {
                        let expected = try table.product(type, weights, rows: rows, k: k, x, columns: columns)
                        let got = try table.product(type, packed, 0..<rows, k: k, x, columns: columns)
                        #expect(got.bits == expected.bits, "\(table.name) \(rows) x \(k), columns \(columns)")
                    }
                }
            }
        }
    }

    @Test("A product may begin at any panel and end anywhere", arguments: StoredType.quantised)
    func partsOfRows(type: StoredType) throws {
        let golden = try Golden(type)
        var random = Sequence64(state: 22)
        let k = Self.widths(type)[1]
        for table in Table.all where table.panelRows > 0 {
            let rows = 4 * table.panelRows + 1
            let weights = golden.matrix(type, rows: rows, k: k, using: &random).bytes
            let x = try table.activations(type, (0..<2).map { _ in random.column(k) })
            let packed = try table.packed(type, weights, rows: rows, k: k)
            let all = try table.product(type, weights, rows: rows, k: k, x, columns: 0..<2)
            for first in stride(from: 0, to: rows, by: table.panelRows) {
                for end in Set([first + 1, min(rows, first + 2 * table.panelRows), rows]) {
                    let part = try table.product(type, packed, first..<end, k: k, x, columns: 0..<2)
                    #expect(part.bits == (all[first..<end] + all[rows + first..<rows + end]).map(\.bitPattern))
                }
            }
        }
    }

    @Test("Packing moves bytes and makes no more of them than a vector a chunk", arguments: StoredType.quantised)
    func size(type: StoredType) throws {
        let k = 2048
        for table in Table.all where table.panelRows > 0 {
            let rows = 4 * table.panelRows
            let bytes = try table.packedBytes(type, rows: rows, k: k)
            #expect(bytes >= rows * type.bytes(k) && Double(bytes) <= 1.02 * Double(rows * type.bytes(k)))
        }
    }

    @Test("Float types and the scalar table are not packed")
    func notPacked() throws {
        for table in Table.all where table.panelRows > 0 {
            for type in StoredType.floats { #expect(try table.packedBytes(type, rows: 16, k: 256) == 0) }
        }
        #expect(Table("scalar")?.panelRows == 0)
    }
}
