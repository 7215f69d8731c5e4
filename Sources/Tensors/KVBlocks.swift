import CKernels

/// How the keys and values of one position lie in a block of a cache, layer by layer.
public struct KVLayout: Sendable, Equatable {
    /// Sizes of one attention layer's cache.
    public struct Layer: Sendable, Equatable {
        public let heads: Int
        public let keyDim: Int
        public let valueDim: Int

        public init(heads: Int, keyDim: Int, valueDim: Int) {
            self.heads = heads
            self.keyDim = keyDim
            self.valueDim = valueDim
        }
    }

    /// Positions in a block.
    public static let blockPositions = Int(APUS_KV_BLOCK)
    /// Positions that a thread may sum over by itself.
    static let spanPositions = Int(APUS_KV_SPAN)
    /// The longest key or value that attention works with.
    public static let largestHeadDim = Int(APUS_HEAD_DIM_MAX)
    /// The most query heads that may share a key/value head.
    public static let largestGroup = Int(APUS_ATTENTION_ROWS)

    public let layers: [Layer]
    /// The types that a cache may have.
    public static let dtypes: [DType] = [.f32, .f16, .q8_0]

    /// One of ``dtypes``.
    public let dtype: DType
    /// Bytes of a block: all layers' keys and values of its positions.
    public let blockBytes: Int
    private let offsets: [(keys: Int, values: Int)]

    public init(layers: [Layer], dtype: DType) {
        self.layers = layers
        self.dtype = dtype
        var offset = 0
        offsets = layers.map { layer in
            let keys = offset
            let values = keys + layer.heads * Self.keyBytes(layer, dtype)
            offset = values + layer.heads * Self.valueBytes(layer, dtype)
            return (keys, values)
        }
        blockBytes = offset
    }

    /// Bytes of the keys of one head in a block; `CKernels.h` says how they lie there.
    private static func keyBytes(_ layer: Layer, _ dtype: DType) -> Int {
        Int(apus_kv_bytes(dtype.rawValue, Int64(layer.keyDim)))
    }

    /// Bytes of the values of one head in a block.
    private static func valueBytes(_ layer: Layer, _ dtype: DType) -> Int {
        Int(apus_kv_bytes(dtype.rawValue, Int64(paddedValueDim(layer.valueDim))))
    }

    /// Floats that a value takes in attention: whole vectors.
    static func paddedValueDim(_ dim: Int) -> Int {
        (dim + Int(APUS_VALUE_PADDING) - 1) / Int(APUS_VALUE_PADDING) * Int(APUS_VALUE_PADDING)
    }

    /// Bytes that one position takes in all layers.
    public var bytesPerPosition: Int { blockBytes / Self.blockPositions }

    public static func == (a: KVLayout, b: KVLayout) -> Bool { a.layers == b.layers && a.dtype == b.dtype }

    /// Where the keys of a layer's head begin in a block.
    func keys(layer: Int, head: Int) -> Int {
        offsets[layer].keys + head * Self.keyBytes(layers[layer], dtype)
    }

    /// Where the values of a layer's head begin in a block.
    func values(layer: Int, head: Int) -> Int {
        offsets[layer].values + head * Self.valueBytes(layers[layer], dtype)
    }
}

/// Keys and values of ``KVLayout/blockPositions`` consecutive positions, for all layers. Sequences that begin alike
/// share full blocks.
public final class KVBlock: @unchecked Sendable {
    // Sendable: a block is written only through the one sequence that is extending it, and read by others only up to
    // positions that were complete when they took it over.

    let storage: Storage

    /// A block of zeros: nothing of other sequences is left in it.
    public init(_ layout: KVLayout) {
        storage = Storage(byteCount: layout.blockBytes)
        storage.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: layout.blockBytes)
    }

    /// A block with the same contents, for a sequence that goes another way from here.
    public init(copying other: KVBlock) {
        storage = Storage(byteCount: other.storage.byteCount)
        storage.pointer.copyMemory(from: other.storage.pointer, byteCount: other.storage.byteCount)
    }

    /// The block's bytes, for keeping a cache in a file.
    public var contents: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: storage.pointer, count: storage.byteCount)
    }

    /// A block with given bytes, which must be as many as the layout says.
    public init?(_ layout: KVLayout, contents: UnsafeRawBufferPointer) {
        guard contents.count == layout.blockBytes, let base = contents.baseAddress else { return nil }
        storage = Storage(byteCount: layout.blockBytes)
        storage.pointer.copyMemory(from: base, byteCount: contents.count)
    }
}
