import CKernels
import Synchronization
import Testing

@testable import ApusTensors

@Suite("Packed weights") struct PackedWeightsTests {
    /// Bytes of a matrix, and which of them were let go.
    final class Lender: PageLender, Sendable {
        let bytes: [UInt8]
        let gone = Mutex(0)

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        func letGo(of bytes: UnsafeRawBufferPointer) { gone.withLock { $0 += bytes.count } }
    }

    @Test("A product has the same bits before and after its weight is packed", arguments: [DType.q4_0, .q8_0, .q6_K])
    func sameBits(type: DType) throws {
        let rows = 83
        let k = 512
        let floats = try Tensor((0..<rows * k).map { Float($0 * 7919 % 2003) / 1001 - 1 }, shape: [rows, k])
        let lender = Lender(try floats.encoded(as: type))
        let weight = try lender.bytes.withUnsafeBytes {
            try Tensor(shape: [rows, k], dtype: type, borrowing: $0, owner: lender)
        }
        let x = try Tensor((0..<3 * k).map { Float($0 * 104729 % 997) / 499 - 1 }, shape: [3, k])
        let first = x.linear(weight).toArray().map(\.bitPattern)
        for _ in 0..<40 { #expect(x.linear(weight).toArray().map(\.bitPattern) == first) }
        let packs = apus_kernels().pointee.panel_rows > 0 && PackedWeights.isEnabled
        #expect(lender.gone.withLock { $0 } == (packs ? lender.bytes.count : 0))
    }

    @Test("Slices of one storage are packed each for itself")
    func slices() throws {
        let floats = try Tensor((0..<4 * 40 * 256).map { Float($0 * 31 % 211) / 105 - 1 }, shape: [160, 256])
        let lender = Lender(try floats.encoded(as: .q4_K))
        let all = try lender.bytes.withUnsafeBytes {
            try Tensor(shape: [4, 40, 256], dtype: .q4_K, borrowing: $0, owner: lender)
        }
        let x = try Tensor((0..<256).map { Float($0 % 17) - 8 }, shape: [1, 256])
        for i in 0..<4 {
            let slice = try all.slice(i..<i + 1).reshaped([40, 256])
            let first = x.linear(slice).toArray()
            for _ in 0..<40 { #expect(x.linear(slice).toArray() == first) }
            #expect(first == Array(x.linear(all.reshaped([160, 256])).toArray()[i * 40..<(i + 1) * 40]))
        }
    }
}
