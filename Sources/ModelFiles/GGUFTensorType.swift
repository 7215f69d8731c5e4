import ApusTensors

/// An element type that GGUF files may have, also one that cannot be computed with here. Numbers, names, block sizes
/// and bytes are those of ggml's `enum ggml_type`.
public struct GGUFTensorType: Sendable, Equatable {
    public let number: UInt32
    public let name: String
    /// Elements of a block.
    public let blockSize: Int
    /// Bytes of a block.
    public let blockBytes: Int

    /// The type that Apus computes with; nil where there is none.
    public var dtype: DType? { Int32(exactly: number).flatMap(DType.init(rawValue:)) }

    /// The type of a number; nil for numbers that ggml never gave or has taken back.
    public init?(number: UInt32) {
        self.number = number
        if let dtype = Int32(exactly: number).flatMap(DType.init(rawValue:)) {
            (name, blockSize, blockBytes) = (dtype.description, dtype.blockSize, dtype.blockBytes)
            return
        }
        switch number {
        case 9: (name, blockSize, blockBytes) = ("Q8_1", 32, 36)
        case 15: (name, blockSize, blockBytes) = ("Q8_K", 256, 292)
        case 16: (name, blockSize, blockBytes) = ("IQ2_XXS", 256, 66)
        case 17: (name, blockSize, blockBytes) = ("IQ2_XS", 256, 74)
        case 18: (name, blockSize, blockBytes) = ("IQ3_XXS", 256, 98)
        case 19: (name, blockSize, blockBytes) = ("IQ1_S", 256, 50)
        case 21: (name, blockSize, blockBytes) = ("IQ3_S", 256, 110)
        case 22: (name, blockSize, blockBytes) = ("IQ2_S", 256, 82)
        case 24: (name, blockSize, blockBytes) = ("I8", 1, 1)
        case 25: (name, blockSize, blockBytes) = ("I16", 1, 2)
        case 26: (name, blockSize, blockBytes) = ("I32", 1, 4)
        case 27: (name, blockSize, blockBytes) = ("I64", 1, 8)
        case 28: (name, blockSize, blockBytes) = ("F64", 1, 8)
        case 29: (name, blockSize, blockBytes) = ("IQ1_M", 256, 56)
        case 34: (name, blockSize, blockBytes) = ("TQ1_0", 256, 54)
        case 35: (name, blockSize, blockBytes) = ("TQ2_0", 256, 66)
        case 40: (name, blockSize, blockBytes) = ("NVFP4", 64, 36)
        case 41: (name, blockSize, blockBytes) = ("Q1_0", 128, 18)
        default: return nil
        }
    }
}

/// What a GGUF file says of a tensor.
public struct GGUFTensorInfo: Sendable {
    public let name: String
    public let type: GGUFTensorType
    /// Row-major, outermost dimension first: the reverse of the order in the file.
    public let shape: [Int]
    public let byteCount: Int
    /// From the beginning of the part's file.
    public let offset: Int
    /// Counted from 0.
    public let part: Int
}
