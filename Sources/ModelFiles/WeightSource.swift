import ApusTensors

/// A tensor as a file stores it: used where it lies, kept alive by its owner.
public struct StoredTensor: Sendable {
    public let name: String
    public let dtype: DType
    /// Row-major, outermost dimension first: a matrix is `[rows, columns]` and its rows lie one after another.
    public let shape: [Int]
    private let slice: MappedSlice

    /// The slice holds exactly the bytes that type and shape ask for; readers have checked it.
    init(name: String, dtype: DType, shape: [Int], slice: MappedSlice) {
        self.name = name
        self.dtype = dtype
        self.shape = shape
        self.slice = slice
    }

    /// A tensor in memory, for tests and for weights that are made rather than read.
    /// - Throws: `WeightError.wrongSize` where the bytes are not those of the shape.
    public init(name: String, dtype: DType, shape: [Int], copying bytes: some Collection<UInt8>) throws(WeightError) {
        guard byteCount(of: shape, dtype) == bytes.count else {
            throw .wrongSize(tensor: name, file: "memory", bytes: bytes.count, shape: shape, type: dtype.description)
        }
        let memory = FileMapping(copying: bytes, name: name)
        self.init(
            name: name, dtype: dtype, shape: shape, slice: MappedSlice(owner: memory, unchecked: 0..<memory.count))
    }

    /// The same tensor under another name.
    public func view(named name: String) -> StoredTensor {
        StoredTensor(name: name, dtype: dtype, shape: shape, slice: slice)
    }

    /// The stored elements, aligned to the size of one (to 2 bytes for quantised types). Valid while `owner` lives:
    /// `source.tensor(named: n).bytes` alone may point to what has been freed.
    public var bytes: UnsafeRawBufferPointer { slice.bytes }

    /// Calls `body` with the stored elements and holds their owner until it returns.
    public func withBytes<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try slice.withBytes(body)
    }

    /// What keeps `bytes` in place: hold it as long as the pointer is used.
    public var owner: FileMapping { slice.owner }

    /// Number of elements.
    public var count: Int { shape.reduce(1, *) }
}

/// Named tensors: a GGUF file, a Hugging Face folder, or anything else that has weights.
public protocol WeightSource: Sendable {
    /// All names in the order of the file.
    var tensorNames: [String] { get }

    func has(_ name: String) -> Bool

    /// - Throws: `WeightError` where the tensor is absent or its type cannot be computed with.
    func tensor(named name: String) throws -> StoredTensor

    /// The files that the weights lie in, for messages.
    var files: [String] { get }
}

/// Why a tensor cannot be had.
public enum WeightError: Error, Sendable, Equatable, CustomStringConvertible {
    case missing(tensor: String, files: [String])
    case unsupportedType(tensor: String, type: String, file: String)
    case wrongSize(tensor: String, file: String, bytes: Int, shape: [Int], type: String)

    public var description: String {
        switch self {
        case .missing(let tensor, let files):
            "\(files.first ?? "the model")\(files.count > 1 ? " and \(files.count - 1) more" : ""): "
                + "there is no tensor '\(tensor)'"
        case .unsupportedType(let tensor, let type, let file):
            "\(file): tensor '\(tensor)' has type \(type), which cannot be computed with; supported are "
                + DType.allCases.map(\.description).joined(separator: ", ")
        case .wrongSize(let tensor, let file, let bytes, let shape, let type):
            "\(file): tensor '\(tensor)' of shape \(shape) and type \(type) cannot have \(bytes) bytes"
        }
    }
}

/// The product of dimensions; nil where one is negative or the product overflows.
func elementCount(of shape: some Sequence<Int>) -> Int? {
    var count = 1
    for dimension in shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
        if dimension < 0 || overflow { return nil }
        count = product
    }
    return count
}

/// The bytes of a tensor whose rows (last dimension) are whole blocks; nil where they are not or a product overflows.
func byteCount(of shape: [Int], _ dtype: DType) -> Int? {
    guard let rows = elementCount(of: shape.dropLast()), let row = dtype.rowBytes(shape.last ?? 1) else { return nil }
    let (bytes, overflow) = rows.multipliedReportingOverflow(by: row)
    return overflow ? nil : bytes
}

extension DType {
    /// The bytes that an address of elements must be divisible by.
    var alignment: Int { self == .f32 ? 4 : self == .mxfp4 ? 1 : 2 }
}

/// A string that is equal to another only where their bytes are: `String` itself equates canonical equivalents.
struct ByteKey: Hashable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (a: ByteKey, b: ByteKey) -> Bool { a.text.hasSameBytes(as: b.text) }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
