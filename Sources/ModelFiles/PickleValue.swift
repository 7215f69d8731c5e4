/// What an unpickler that knows tensors can have on its stack. Containers and strings are numbers of places in the
/// machine or in the pickle itself: values cost 16 bytes, cannot form cycles that leak, and free without recursion.
enum PickleValue {
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    /// An integer past 64 bits: its little-endian bytes.
    case longInteger(PickleText)
    /// UTF-8 text, or bytes that stand for it (Python 2).
    case text(PickleText)
    case tuple(Int)
    case list(Int)
    case dictionary(Int)
    case set
    case global(PickleGlobal)
    case storage(Int)
    case tensor(Int)
}

/// A part of the pickle.
struct PickleText {
    var start: UInt32
    var count: UInt32
}

/// Everything that a pickle may name. Whatever is not here is refused.
enum PickleGlobal: Equatable {
    case orderedDictionary
    case rebuildTensor
    /// `_rebuild_tensor_v3`, which names its element type.
    case rebuildTypedTensor
    case rebuildParameter
    case storage(PyTorchType)
    case untypedStorage
    case type(PyTorchType)

    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"): self = .orderedDictionary
        case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
        case ("torch._utils", "_rebuild_tensor_v3"): self = .rebuildTypedTensor
        case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
        case ("torch.storage", "UntypedStorage"), ("torch", "UntypedStorage"): self = .untypedStorage
        case ("torch", _):
            if let type = PyTorchType.allCases.first(where: { $0.storageName == name }) {
                self = .storage(type)
            } else if let type = PyTorchType.allCases.first(where: { $0.rawValue == name }) {
                self = .type(type)
            } else {
                return nil
            }
        default: return nil
        }
    }
}

/// The element types of torch, by the names of its dtypes.
enum PyTorchType: String, CaseIterable {
    case float32
    case float16
    case bfloat16
    case float64
    case int64
    case int32
    case int16
    case int8
    case uint8
    case bool
    case uint16
    case uint32
    case uint64
    case float8E4M3FN = "float8_e4m3fn"
    case float8E5M2 = "float8_e5m2"

    /// The class of its storages; nil for types that are saved as untyped ones only.
    var storageName: String? {
        switch self {
        case .float32: "FloatStorage"
        case .float16: "HalfStorage"
        case .bfloat16: "BFloat16Storage"
        case .float64: "DoubleStorage"
        case .int64: "LongStorage"
        case .int32: "IntStorage"
        case .int16: "ShortStorage"
        case .int8: "CharStorage"
        case .uint8: "ByteStorage"
        case .bool: "BoolStorage"
        default: nil
        }
    }

    /// Bytes of an element.
    var size: Int {
        switch self {
        case .float64, .int64, .uint64: 8
        case .float32, .int32, .uint32: 4
        case .float16, .bfloat16, .int16, .uint16: 2
        case .int8, .uint8, .bool, .float8E4M3FN, .float8E5M2: 1
        }
    }
}

/// A storage that a pickle refers to.
struct PickleStorage {
    /// Nil for untyped ones, whose `count` is in bytes.
    var type: PyTorchType?
    var key: PickleText
    /// Elements of the whole storage.
    var count: Int
    /// Elements by which a view of a storage (old files) begins later.
    var viewOffset = 0
    /// Elements that may be used.
    var viewCount: Int
}

/// A tensor that a pickle makes: places in a storage.
struct PickleTensor {
    var storage: Int
    var type: PyTorchType
    /// In elements, from the beginning of the storage.
    var offset: Int
    var shape: [Int]
    var strides: [Int]
}
