import Synchronization

/// Bytes that tensors view: a buffer of the pool, or a stretch of something that outlives it such as a mapped file.
public final class Storage: @unchecked Sendable {
    // Sendable: bytes are written by the operation that makes the storage, before anyone else holds it, and only read
    // afterwards. `activationRows` and `packedMatrices` are guarded by their mutexes.

    /// Start of the bytes.
    public let pointer: UnsafeMutableRawPointer
    /// How many bytes may be touched.
    public let byteCount: Int

    private let owner: AnyObject?
    /// Which of the pool's sizes the buffer has.
    private let bucket: Int
    private let activationRows = Mutex<[ActivationRows]>([])
    private let packedMatrices = Mutex(PackedMatrices())

    /// A buffer from the pool. Its contents are whatever was there before.
    public init(byteCount: Int) {
        self.byteCount = byteCount
        (self.pointer, self.bucket) = BufferPool.shared.take(byteCount)
        self.owner = nil
    }

    /// Bytes that `owner` keeps alive. They are never written.
    public init(borrowing bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        self.byteCount = bytes.count
        self.pointer = bytes.baseAddress.map(UnsafeMutableRawPointer.init(mutating:)) ?? BufferPool.empty
        self.owner = owner
        self.bucket = 0
    }

    deinit {
        if owner == nil { BufferPool.shared.give(pointer, bucket) }
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
