import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Bytes that tensors view: a buffer of the pool, or a stretch of something that outlives it such as a mapped file.
public final class Storage: @unchecked Sendable {
    // Sendable: bytes are written by the operation that makes the storage, before anyone else holds it, and only read
    // afterwards. `activationRows` and `packedMatrices` are guarded by their mutexes.

    /// Start of the bytes.
    public let pointer: UnsafeMutableRawPointer
    /// How many bytes may be touched.
    public let byteCount: Int

    private let owner: AnyObject?
    private let activationRows = Mutex<[ActivationRows]>([])
    private let packedMatrices = Mutex(PackedMatrices())

    /// A buffer from the pool. Its contents are whatever was there before.
    public init(byteCount: Int) {
        self.byteCount = byteCount
        self.pointer = BufferPool.shared.take(byteCount)
        self.owner = nil
    }

    /// Bytes that `owner` keeps alive. They are never written.
    public init(borrowing bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        self.byteCount = bytes.count
        self.pointer = bytes.baseAddress.map(UnsafeMutableRawPointer.init(mutating:)) ?? BufferPool.empty
        self.owner = owner
    }

    deinit {
        if owner == nil { BufferPool.shared.give(pointer, byteCount) }
    }

    /// The rows that products with a weight type read in place of float32 rows, made at the first product and shared
    /// by those that follow (query, key and value; gate and up).
    func activationRows(form: Int32, offset: Int, make: () -> Storage) -> Storage {
        activationRows.withLock { rows in
            if let known = rows.first(where: { $0.form == form && $0.offset == offset }) { return known.storage }
            let storage = make()
            rows.append(ActivationRows(form: form, offset: offset, storage: storage))
            return storage
        }
    }

    /// The packed panels of a quantised matrix that these bytes hold, from its second product on. Pages of a file that
    /// were packed are let go.
    func packed(_ matrix: Tensor) -> PackedWeights? {
        guard PackedWeights.isEnabled else { return nil }
        return packedMatrices.withLock { matrices in
            matrices.use(matrix) {
                guard let packed = PackedWeights(matrix) else { return nil }
                let bytes = UnsafeRawBufferPointer(start: matrix.bytes, count: matrix.rows * matrix.rowBytes)
                (owner as? any PageLender)?.letGo(of: bytes)
                return packed
            }
        }
    }

    private struct ActivationRows {
        let form: Int32
        let offset: Int
        let storage: Storage
    }
}

/// Buffers between operations: a step takes back what the step before gave, so that a running model allocates nothing.
final class BufferPool: Sendable {
    static let shared = BufferPool()
    /// A place for storage of no bytes.
    nonisolated(unsafe) static let empty = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)

    /// Bytes kept for reuse at most; beyond that buffers go back to the system.
    private static let retainedLimit = 1 << 30

    private struct State {
        var free: [Int: [UInt]] = [:]
        var retained = 0
    }

    private let state = Mutex(State())

    /// Sizes are rounded up to an eighth of their power of two, so that little is wasted and sizes meet again.
    private static func bucket(_ byteCount: Int) -> Int {
        let small = max(byteCount, 256)
        let step = max(64, 1 << (Int.bitWidth - 4 - small.leadingZeroBitCount))
        return (small + step - 1) / step * step
    }

    func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let size = Self.bucket(byteCount)
        let reused = state.withLock { state -> UInt? in
            guard let address = state.free[size]?.popLast() else { return nil }
            state.retained -= size
            return address
        }
        if let reused, let pointer = UnsafeMutableRawPointer(bitPattern: reused) { return pointer }
        return Self.allocate(size)
    }

    /// Big buffers lie in huge pages where the system has them to give: products walk over rows that are kilobytes apart,
    /// each on a page of its own. What is left over beyond whole huge pages stays in small ones, so that no more memory
    /// is taken.
    private static func allocate(_ size: Int) -> UnsafeMutableRawPointer {
        let hugePage = 2 << 20
        guard size >= hugePage else { return .allocate(byteCount: size + 64, alignment: 64) }
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: size + 64, alignment: hugePage)
        #if os(Linux)
            madvise(buffer, size / hugePage * hugePage, MADV_HUGEPAGE)
        #endif
        return buffer
    }

    func give(_ pointer: UnsafeMutableRawPointer, _ byteCount: Int) {
        let size = Self.bucket(byteCount)
        let kept = state.withLock { state in
            guard state.retained + size <= Self.retainedLimit else { return false }
            state.free[size, default: []].append(UInt(bitPattern: pointer))
            state.retained += size
            return true
        }
        if !kept { pointer.deallocate() }
    }
}
