import CKernels
import Testing

@Suite("Rows written as stored types") struct QuantizeTests {
    static let written = StoredType.all.filter {
        ["F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"].contains($0.name)
    }
    static let golden = written.filter { $0.name != "F32" }

    static func quantise(_ type: StoredType, _ row: [Float], importance: [Float]? = nil) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0xEE, count: type.bytes(row.count))
        let done =
            if let importance {
                apus_quantize_row(type.type, row, importance, Int64(row.count), &bytes)
            } else {
                apus_quantize_row(type.type, row, nil, Int64(row.count), &bytes)
            }
        return done ? bytes : nil
    }

    static func input() throws -> (rows: [[Float]], importance: [Float]) {
        let floats = Fixture.floats(try Fixture.bytes("quantize.input"))
        return ((0..<8).map { Array(floats[$0 * 1024..<($0 + 1) * 1024]) }, Array(floats[(8 * 1024)...]))
    }

    @Test("Without importance, the bytes are those of ggml's quantiser", arguments: golden)
    func plain(type: StoredType) throws {
        let expected = try Fixture.bytes("\(type.name).quantize")
        let bytes = try Self.input().rows.flatMap { try #require(Self.quantise(type, $0)) }
        #expect(bytes == Array(expected.prefix(expected.count / 2)))
    }

    @Test("With importance, the weighted error is that of ggml's quantiser", arguments: golden)
    func weighted(type: StoredType) throws {
        let table = try #require(Table("scalar"))
        let expected = try Fixture.bytes("\(type.name).quantize")
        let (rows, importance) = try Self.input()
        for (r, row) in rows.enumerated() {
            let bytes = try #require(Self.quantise(type, row, importance: importance))
            let start = expected.count / 2 + r * bytes.count
            let reference = Array(expected[start..<start + bytes.count])
            func error(_ bytes: [UInt8]) throws -> Double {
                let values = try table.dequantize(type, bytes, count: row.count)
                return row.indices.reduce(0) { sum, i in
                    let difference = Double(values[i]) - Double(row[i])
                    return sum + Double(importance[i]) * difference * difference
                }
            }
            #expect(try error(bytes) <= error(reference) * 1.001)
        }
    }

    @Test("What was written reads back within the type's precision", arguments: written)
    func roundTrip(type: StoredType) throws {
        // Root mean square error relative to that of the values, for normal ones.
        let bounds: [String: Double] = [
            "F32": 0, "F16": 3e-4, "BF16": 2.5e-3, "Q4_0": 0.1, "Q4_1": 0.09, "Q5_0": 0.05, "Q5_1": 0.045,
            "Q8_0": 6.5e-3, "Q4_K": 0.08, "Q5_K": 0.041, "Q6_K": 0.02,
        ]
        let bound = try #require(bounds[type.name])
        let table = try #require(Table("scalar"))
        var random = Sequence64(state: 15)
        let row = random.column(2048, scale: 0.3)
        let values = try table.dequantize(type, try #require(Self.quantise(type, row)), count: row.count)
        let error = zip(row, values).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        let size = row.reduce(0) { $0 + Double($1 * $1) }
        #expect((error / size).squareRoot() <= bound)
    }

    @Test("NaN and infinities stay visible and harm no other block", arguments: written)
    func notANumber(type: StoredType) throws {
        let table = try #require(Table("scalar"))
        var random = Sequence64(state: 16)
        for poison in [Float.nan, .infinity, -.infinity, .signalingNaN] {
            var row = random.column(1024)
            row[300] = poison
            let clean = try #require(Self.quantise(type, row.map { $0.isFinite ? $0 : 0 }))
            let bytes = try #require(Self.quantise(type, row))
            let values = try table.dequantize(type, bytes, count: row.count)
            #expect(!values[300].isFinite)
            let touched = 300 / type.blockSize * type.blockBytes..<(300 / type.blockSize + 1) * type.blockBytes
            #expect(bytes.indices.allSatisfy { touched.contains($0) || bytes[$0] == clean[$0] })
            #expect(Self.quantise(type, row, importance: [Float](repeating: .nan, count: 1024)) != nil)
        }
    }

    @Test("Extreme and tiny values are written without harm", arguments: written)
    func extremes(type: StoredType) throws {
        let greatest = Float.greatestFiniteMagnitude
        let constants: [Float] = [0, -0.0, greatest, -greatest, .leastNonzeroMagnitude, .leastNormalMagnitude]
        var rows = constants.map { [Float](repeating: $0, count: 512) }
        rows.append((0..<512).map { (i: Int) -> Float in i % 2 == 0 ? greatest : -greatest })
        rows.append((0..<512).map { (i: Int) -> Float in i % 3 == 0 ? .leastNormalMagnitude : 0 })
        rows.append((0..<512).map { (i: Int) -> Float in Float(i) })
        for row in rows {
            #expect(Self.quantise(type, row) != nil)
            #expect(Self.quantise(type, row, importance: [Float](repeating: 0, count: 512)) != nil)
        }
    }

    @Test("Types that are only read are refused", arguments: ["Q2_K", "Q3_K", "IQ4_NL", "IQ4_XS", "MXFP4"])
    func refused(name: String) throws {
        let type = try #require(StoredType.all.first { $0.name == name })
        #expect(Self.quantise(type, [Float](repeating: 1, count: 256)) == nil)
    }
}
