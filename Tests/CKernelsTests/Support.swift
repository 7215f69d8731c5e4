import CKernels
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A stored type as the tests know it.
struct StoredType: Sendable, CustomTestStringConvertible {
    let name: String
    let type: Int32

    init(_ name: String, _ type: apus_type) {
        self.name = name
        self.type = Int32(type.rawValue)
    }

    var testDescription: String { name }
    var blockSize: Int { Int(apus_block_size(type)) }
    var blockBytes: Int { Int(apus_block_bytes(type)) }

    func bytes(_ count: Int) -> Int { count / blockSize * blockBytes }

    static let floats = [StoredType("F32", APUS_F32), StoredType("F16", APUS_F16), StoredType("BF16", APUS_BF16)]
    static let quantised = [
        StoredType("Q4_0", APUS_Q4_0), StoredType("Q4_1", APUS_Q4_1), StoredType("Q5_0", APUS_Q5_0),
        StoredType("Q5_1", APUS_Q5_1), StoredType("Q8_0", APUS_Q8_0), StoredType("Q2_K", APUS_Q2_K),
        StoredType("Q3_K", APUS_Q3_K), StoredType("Q4_K", APUS_Q4_K), StoredType("Q5_K", APUS_Q5_K),
        StoredType("Q6_K", APUS_Q6_K), StoredType("IQ4_NL", APUS_IQ4_NL), StoredType("IQ4_XS", APUS_IQ4_XS),
        StoredType("MXFP4", APUS_MXFP4),
    ]
    static let all = floats + quantised
}

/// A table of kernels that this machine has.
struct Table: Sendable {
    let name: String

    init?(_ name: String) {
        guard apus_kernels_named(name) != nil else { return nil }
        self.name = name
    }

    private func kernels() throws -> apus_kernels { try #require(apus_kernels_named(name)).pointee }

    static let all: [Table] = (0...).lazy.map { apus_kernels_at($0) }.prefix { $0 != nil }
        .compactMap { table in table.flatMap { Table(String(cString: $0.pointee.name)) } }

    func dequantize(_ type: StoredType, _ source: [UInt8], count: Int) throws -> [Float] {
        let function = try #require(kernels().dequantize)
        var values = [Float](repeating: 0, count: count)
        function(type.type, source, &values, Int64(count))
        return values
    }

    func activationForm(_ type: StoredType) throws -> Int32 {
        let function = try #require(kernels().activation_form)
        return function(type.type)
    }

    /// Rows of activations, one after the other.
    func activations(_ type: StoredType, _ columns: [[Float]]) throws -> Activations {
        let rowBytes = try #require(kernels().activation_row_bytes)
        let make = try #require(kernels().make_activation_row)
        let k = columns.first?.count ?? 0
        let width = rowBytes(type.type, Int64(k))
        let rows = Activations(rowBytes: width, columns: columns.count)
        for (c, column) in columns.enumerated() {
            make(type.type, column, Int64(k), rows.base + c * width)
        }
        return rows
    }

    /// out[c * rows + r]
    func product(
        _ type: StoredType, _ weights: UnsafePointer<UInt8>, rows: Int, k: Int, _ x: Activations, columns: Range<Int>
    ) throws -> [Float] {
        let function = try #require(kernels().product)
        var out = [Float](repeating: -1, count: rows * columns.count)
        function(
            type.type, weights, type.bytes(k), Int64(rows), Int64(k), x.base + columns.lowerBound * x.rowBytes,
            x.rowBytes, Int64(columns.count), &out, Int64(rows))
        return out
    }

    /// Rows of a panel; 0 where the table does not pack.
    var panelRows: Int { Int(apus_kernels_named(name)?.pointee.panel_rows ?? 0) }

    func packedBytes(_ type: StoredType, rows: Int, k: Int) throws -> Int {
        let function = try #require(kernels().packed_bytes)
        return function(type.type, Int64(rows), Int64(k))
    }

    /// A matrix as packed panels, made in two calls where there are two panels.
    func packed(_ type: StoredType, _ weights: [UInt8], rows: Int, k: Int) throws -> Activations {
        let function = try #require(kernels().pack)
        let packed = Activations(rowBytes: try packedBytes(type, rows: rows, k: k), columns: 1)
        let middle = rows / panelRows / 2 * panelRows
        for part in [0..<middle, middle..<rows] where !part.isEmpty {
            function(
                type.type, weights, type.bytes(k), Int64(part.lowerBound), Int64(part.count), Int64(k), packed.base)
        }
        return packed
    }

    /// Products with some rows of a packed matrix: out[c * rows.count + r]
    func product(
        _ type: StoredType, _ packed: Activations, _ rows: Range<Int>, k: Int, _ x: Activations, columns: Range<Int>
    ) throws -> [Float] {
        let function = try #require(kernels().product_packed)
        var out = [Float](repeating: -1, count: rows.count * columns.count)
        function(
            type.type, packed.base, Int64(rows.lowerBound), Int64(rows.count), Int64(k),
            x.base + columns.lowerBound * x.rowBytes, x.rowBytes, Int64(columns.count), &out, Int64(rows.count))
        return out
    }
}

/// Memory for rows of activations or for packed panels, aligned to cache lines.
final class Activations {
    let rowBytes: Int
    let base: UnsafeMutableRawPointer

    init(rowBytes: Int, columns: Int) {
        self.rowBytes = rowBytes
        base = .allocate(byteCount: max(1, rowBytes * columns), alignment: 64)
    }

    deinit { base.deallocate() }
}

/// Blocks and what they stand for, from Fixtures.
struct Golden {
    let blocks: [UInt8]
    let values: [Float]

    init(_ type: StoredType) throws {
        let data = try Fixture.bytes("\(type.name).dequantize")
        let count = data.withUnsafeBytes { Int($0.loadUnaligned(as: UInt32.self)) }
        let end = 4 + count * type.blockBytes
        blocks = Array(data[4..<end])
        values = Fixture.floats(data[end...])
    }

    /// rows x k weights, each block drawn from the golden ones.
    func matrix(_ type: StoredType, rows: Int, k: Int, using random: inout Sequence64) -> (
        bytes: [UInt8], values: [Float]
    ) {
        let count = blocks.count / type.blockBytes
        var bytes: [UInt8] = []
        var floats: [Float] = []
        for _ in 0..<rows * k / type.blockSize {
            // Past the extremes of the float types, which would drown every other product.
            let pick = type.blockSize == 1 ? 8 + random.next(below: count - 8) : random.next(below: count)
            bytes += blocks[pick * type.blockBytes..<(pick + 1) * type.blockBytes]
            floats += values[pick * type.blockSize..<(pick + 1) * type.blockSize]
        }
        return (bytes, floats)
    }
}

enum Fixture {
    static func bytes(_ name: String, here: String = #filePath) throws -> [UInt8] {
        let folder = here.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let file = try #require(fopen("\(folder)/Fixtures/\(name)", "rb"), "\(name) is missing")
        defer { fclose(file) }
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let n = fread(&buffer, 1, buffer.count, file), n > 0 { all += buffer[..<n] }
        return all
    }

    static func floats(_ bytes: some Collection<UInt8>) -> [Float] {
        let bytes = Array(bytes)
        return bytes.withUnsafeBytes { raw in
            (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }
}

/// Repeatable random numbers (splitmix64).
struct Sequence64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func next(below bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// Roughly normal, of variance 1.
    mutating func normal() -> Float {
        (0..<4).reduce(Float(0)) { sum, _ in sum + Float(next() >> 40) / Float(1 << 24) - 0.5 } * 1.7320508
    }

    mutating func column(_ k: Int, scale: Float = 1) -> [Float] { (0..<k).map { _ in normal() * scale } }
}

extension [Float] {
    var bits: [UInt32] { map(\.bitPattern) }
}
