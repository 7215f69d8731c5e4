import CKernels
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Whoever lends bytes of a mapped file, and can let their pages go while the bytes stay readable.
public protocol PageLender: AnyObject {
    /// These bytes will hardly be read again.
    func letGo(of bytes: UnsafeRawBufferPointer)
}

/// A weight matrix in the order in which products read it: the panels of the table of kernels.
///
/// Decoding reads every weight once a token, and small batches do little with what they read; from packed panels they
/// read one stream and unpack it with a few masks. Packing costs about what it costs to read and write the matrix once
/// (more where the system has to find the memory first), so it is spread: a matrix is packed at its second product at
/// the earliest, and some tens of megabytes at each further step of a model. A program that wants one token never pays,
/// and no token waits for the whole model.
final class PackedWeights: @unchecked Sendable {
    // Sendable: the bytes are written before `init` returns and only read afterwards.

    let pointer: UnsafeMutableRawPointer
    private let mapped: Int

    /// Whether matrices are packed at all: not with `APUS_PACK=0`, which is there to compare.
    static let isEnabled = getenv("APUS_PACK").map { String(cString: $0) != "0" } ?? true

    /// Bytes of all packed matrices. Unlike pages of a file they can't be dropped and read again, so they may take half
    /// of the memory and no more.
    private static let inUse = Atomic<Int>(0)
    private static let most = memory / 2

    /// Bytes of memory that this process may have: the machine's, or what its control groups grant.
    private static let memory: Int = {
        let machine = sysconf(Int32(_SC_PHYS_PAGES)).multipliedReportingOverflow(by: sysconf(Int32(_SC_PAGESIZE)))
        return min(machine.overflow ? .max : max(0, machine.partialValue), Processors.cgroupMemoryLimit() ?? .max)
    }()

    /// MADV_HUGEPAGE of Linux: fewer faults while packing. Reading was as fast from small pages.
    private static let hugePages: Int32 = 14

    /// Packs on all threads; nil where there are no panels for the type, or no memory to spare.
    init?(_ weight: Tensor) {
        let kernels = apus_kernels().pointee
        let type = weight.dtype.rawValue
        let rows = weight.rows
        let k = Int64(weight.columns)
        guard let packedBytes = kernels.packed_bytes, let pack = kernels.pack else { return nil }
        let bytes = packedBytes(type, Int64(rows), k)
        let (taken, overflow) = bytes.addingReportingOverflow(Self.inUse.load(ordering: .relaxed))
        guard bytes > 0, !overflow, taken <= Self.most else { return nil }
        let protection = PROT_READ | PROT_WRITE
        guard let memory = mmap(nil, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), memory != MAP_FAILED else {
            return nil
        }
        #if os(Linux)
            madvise(memory, bytes, Self.hugePages)
        #endif
        Self.inUse.wrappingAdd(bytes, ordering: .relaxed)
        pointer = memory
        mapped = bytes
        let source = weight.bytes
        let rowBytes = weight.rowBytes
        parallelRows(rows, cost: weight.columns, multiple: Int(kernels.panel_rows)) { range in
            pack(type, source, rowBytes, Int64(range.lowerBound), Int64(range.count), k, memory)
        }
    }

    deinit {
        munmap(pointer, mapped)
        Self.inUse.wrappingSubtract(mapped, ordering: .relaxed)
    }
}

/// The products that matrices within one storage have been in, and their packed panels.
struct PackedMatrices {
    private var matrices: [Matrix] = []

    private struct Matrix {
        let offset: Int
        let rows: Int
        var uses = 1
        /// The product at which it is packed.
        let due: Int
        /// nil until then, and for good where packing was refused.
        var packed: PackedWeights?
    }

    /// Bytes of all matrices in the order of their first product; and how many steps the packing of a gigabyte of them
    /// is spread over. A larger model packs more at a step, in which it also reads more.
    private static let seen = Atomic<Int>(0)
    private static let steps = 32
    private static let gigabyte = 1 << 30

    /// Notes a product with `weight`; gives its packed panels from when it is due, made by `pack`.
    mutating func use(_ weight: Tensor, pack: () -> PackedWeights?) -> PackedWeights? {
        guard let i = matrices.firstIndex(where: { $0.offset == weight.offset && $0.rows == weight.rows }) else {
            let bytes = weight.rows * weight.rowBytes
            let before = Self.seen.wrappingAdd(bytes, ordering: .relaxed).oldValue
            let due = 2 + before % Self.gigabyte * Self.steps / Self.gigabyte
            matrices.append(Matrix(offset: weight.offset, rows: weight.rows, due: due))
            return nil
        }
        guard matrices[i].uses < matrices[i].due else { return matrices[i].packed }
        matrices[i].uses += 1
        if matrices[i].uses == matrices[i].due { matrices[i].packed = pack() }
        return matrices[i].packed
    }
}
