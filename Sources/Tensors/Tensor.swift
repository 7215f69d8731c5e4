import CKernels

/// Numbers in rows: a shape, an element type and the bytes that hold them, outermost dimension first, contiguous.
///
/// A tensor is a value: operations make new ones and never change their inputs. Results are float32; weights may be of
/// any ``DType``. Operations run at once, on the threads of ``WorkerPool``.
public struct Tensor: Sendable {
    /// Sizes of the dimensions, outermost first: a weight matrix is `[outputs, inputs]`.
    public let shape: [Int]
    /// How elements are stored.
    public let dtype: DType
    let storage: Storage
    /// Where the first element is, in bytes.
    let offset: Int
    /// Where the gradient gathers, for tensors that take part in a recorded computation.
    let node: GradientNode?

    /// A tensor whose elements are yet to be written, by the operation that makes it.
    init(uninitialized shape: [Int]) {
        self.shape = shape
        self.dtype = .f32
        self.storage = Storage(byteCount: shape.reduce(1, *) * MemoryLayout<Float>.size)
        self.offset = 0
        self.node = nil
    }

    /// Float32 elements that lie in `storage` from its start.
    init(shape: [Int], storage: Storage) {
        self.init(shape: shape, dtype: .f32, storage: storage, offset: 0, node: nil)
    }

    /// A tensor of zeros.
    public init(zeros shape: [Int]) {
        self.init(uninitialized: shape)
        floats.update(repeating: 0, count: count)
    }

    /// A view of stored bytes.
    ///
    /// - Throws: ``TensorError/wrongByteCount(shape:dtype:expected:got:)`` where shape and bytes disagree, or a row is
    ///   not a whole number of blocks.
    public init(shape: [Int], dtype: DType, borrowing bytes: UnsafeRawBufferPointer, owner: AnyObject)
        throws(TensorError)
    {
        let expected = Self.byteCount(shape, dtype)
        guard let expected, expected == bytes.count else {
            throw .wrongByteCount(shape: shape, dtype: dtype, expected: expected, got: bytes.count)
        }
        self.shape = shape
        self.dtype = dtype
        self.storage = Storage(borrowing: bytes, owner: owner)
        self.offset = 0
        self.node = nil
    }

    /// A float32 tensor of given values, in order.
    ///
    /// - Throws: ``TensorError/wrongByteCount(shape:dtype:expected:got:)`` where there are not as many values as the
    ///   shape has places.
    public init(_ values: [Float], shape: [Int]) throws(TensorError) {
        let bytes = values.count * MemoryLayout<Float>.size
        guard let expected = Self.byteCount(shape, .f32), expected == bytes else {
            throw .wrongByteCount(shape: shape, dtype: .f32, expected: Self.byteCount(shape, .f32), got: bytes)
        }
        self.init(uninitialized: shape)
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { floats.update(from: base, count: source.count) }
        }
    }

    private init(shape: [Int], dtype: DType, storage: Storage, offset: Int, node: GradientNode?) {
        self.shape = shape
        self.dtype = dtype
        self.storage = storage
        self.offset = offset
        self.node = node
    }

    /// The same elements with another node.
    func with(_ node: GradientNode?) -> Tensor {
        Tensor(shape: shape, dtype: dtype, storage: storage, offset: offset, node: node)
    }

    /// Bytes of a tensor; nil where sizes are negative, a row is not whole blocks, or the product overflows.
    public static func byteCount(_ shape: [Int], _ dtype: DType) -> Int? {
        var rows = 1
        for size in shape.dropLast() {
            let (product, overflow) = rows.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflow else { return nil }
            rows = product
        }
        guard let row = dtype.rowBytes(shape.last ?? 1) else { return nil }
        let (bytes, overflow) = rows.multipliedReportingOverflow(by: row)
        return overflow ? nil : bytes
    }

    /// Elements in all.
    public var count: Int { shape.reduce(1, *) }

    /// Elements of the innermost dimension.
    public var columns: Int { shape.last ?? 1 }

    /// Rows of the innermost dimension.
    public var rows: Int { shape.dropLast().reduce(1, *) }

    /// Bytes of one row of the innermost dimension.
    var rowBytes: Int { columns / dtype.blockSize * dtype.blockBytes }

    /// Where the elements begin.
    var bytes: UnsafeMutableRawPointer { storage.pointer + offset }

    /// The elements of a float32 tensor.
    var floats: UnsafeMutablePointer<Float> { bytes.assumingMemoryBound(to: Float.self) }

    /// The same elements under another shape.
    ///
    /// - Precondition: the shapes hold equally many elements, and the innermost dimension stays for quantised types.
    ///   Models call this with shapes made from their own checked configuration.
    public func reshaped(_ shape: [Int]) -> Tensor {
        assert(shape.reduce(1, *) == count)
        return Tensor(shape: shape, dtype: dtype, storage: storage, offset: offset, node: node)
    }

    /// Rows `range` of the outermost dimension, viewed in place.
    ///
    /// - Throws: ``TensorError/rowsOutOfRange(_:of:)``.
    public func slice(_ range: Range<Int>) throws(TensorError) -> Tensor {
        guard let outer = shape.first, range.lowerBound >= 0, range.upperBound <= outer else {
            throw .rowsOutOfRange(range, of: shape)
        }
        let inner = Self.byteCount(Array(shape.dropFirst()), dtype) ?? 0
        let result = Tensor(
            shape: [range.count] + shape.dropFirst(), dtype: dtype, storage: storage,
            offset: offset + range.lowerBound * inner, node: nil)
        guard Differentiation.records(node) else { return result }
        let first = range.lowerBound * count / max(1, outer)
        return result.recorded([node]) { [node, count] gradient in
            guard let target = node?.place() else { return }
            if !target.adding { target.floats.update(repeating: 0, count: count) }
            for index in 0..<gradient.count { target.floats[first + index] += gradient.floats[index] }
        }
    }

    /// All elements as float32, in order.
    public func toArray() -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let base = buffer.baseAddress {
                apus_kernels().pointee.dequantize(dtype.rawValue, bytes, base, Int64(count))
            }
            initialized = count
        }
    }

    /// Gives the elements of a float32 tensor to `body`, in place.
    public func withFloats<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
        let held = dequantized()
        return try withExtendedLifetime(held) { try body(UnsafeBufferPointer(start: held.floats, count: count)) }
    }

    /// Puts the elements of another tensor in the place of this one's. Only for parameters and what belongs to them,
    /// between the steps of training: everyone who holds the tensor sees the change.
    public func overwrite(with other: Tensor) {
        assert(other.count == count && dtype == .f32 && other.dtype == .f32)
        bytes.copyMemory(from: other.bytes, byteCount: count * MemoryLayout<Float>.size)
        withExtendedLifetime((self, other)) {}
    }

    /// The same elements as float32, in memory of their own.
    public func copied() -> Tensor {
        if dtype != .f32 { return dequantized() }
        let result = Tensor(uninitialized: shape)
        result.bytes.copyMemory(from: bytes, byteCount: count * MemoryLayout<Float>.size)
        withExtendedLifetime(self) {}
        return result
    }

    /// The same elements as float32.
    public func dequantized() -> Tensor {
        if dtype == .f32 { return self }
        let result = Tensor(uninitialized: shape)
        let columns = columns
        let rowBytes = rowBytes
        let dtype = dtype
        parallelRows(rows, cost: columns) { range in
            for row in range {
                apus_kernels().pointee.dequantize(
                    dtype.rawValue, bytes + row * rowBytes, result.floats + row * columns, Int64(columns))
            }
        }
        withExtendedLifetime(self) {}
        return result
    }
}

/// What can be wrong with the shape of outside data.
public enum TensorError: Error, Equatable, CustomStringConvertible {
    case wrongByteCount(shape: [Int], dtype: DType, expected: Int?, got: Int)
    case rowsOutOfRange(Range<Int>, of: [Int])
    case notWritable(DType)

    public var description: String {
        switch self {
        case .wrongByteCount(let shape, let dtype, .some(let expected), let got):
            "a \(dtype) tensor of shape \(shape) takes \(expected) bytes, but \(got) are there"
        case .wrongByteCount(let shape, let dtype, .none, _):
            "no tensor of shape \(shape) can be stored as \(dtype): rows must be whole blocks of \(dtype.blockSize)"
        case .rowsOutOfRange(let range, let shape):
            "rows \(range) are not within a tensor of shape \(shape)"
        case .notWritable(let dtype):
            "weights can be read as \(dtype), but not written"
        }
    }
}

/// Shares out rows over the pool in chunks that are worth handing over. `cost` is the work of a row in elements.
@inline(__always)
func parallelRows(_ rows: Int, cost: Int, multiple: Int = 1, _ body: (Range<Int>) -> Void) {
    let pool = WorkerPool.shared
    let worthwhile = max(1, 16_384 / max(1, cost))
    // Up to eight chunks a thread: the last ones even out threads that were held up.
    let chunk = max(worthwhile, (rows + pool.threads * 8 - 1) / (pool.threads * 8))
    let step = (chunk + multiple - 1) / multiple * multiple
    let tasks = (rows + step - 1) / step
    if tasks <= 1 {
        body(0..<rows)
    } else {
        pool.run(tasks: tasks) { task in body(task * step..<min(rows, (task + 1) * step)) }
    }
}
