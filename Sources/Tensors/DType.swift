import CKernels

/// The type of a tensor's stored elements. Raw values are the numbers of the GGUF format.
// swift-format-ignore: AlwaysUseLowerCamelCase
public enum DType: Int32, Sendable, CaseIterable, CustomStringConvertible {
    case f32 = 0
    case f16 = 1
    case q4_0 = 2
    case q4_1 = 3
    case q5_0 = 6
    case q5_1 = 7
    case q8_0 = 8
    case q2_K = 10
    case q3_K = 11
    case q4_K = 12
    case q5_K = 13
    case q6_K = 14
    case iq4_NL = 20
    case iq4_XS = 23
    case bf16 = 30
    case mxfp4 = 39

    /// Elements that are stored together: 1 for float types, 32 or 256 for quantised ones.
    public var blockSize: Int { Int(apus_block_size(rawValue)) }

    /// Bytes of one block.
    public var blockBytes: Int { Int(apus_block_bytes(rawValue)) }

    /// Whether elements are floats that can be read one by one.
    public var isFloat: Bool { blockSize == 1 }

    /// Bits per element, scales included.
    public var bitsPerElement: Double { Double(blockBytes * 8) / Double(blockSize) }

    /// Bytes of a row of `count` elements; nil where `count` is not a whole number of blocks or the product overflows.
    public func rowBytes(_ count: Int) -> Int? {
        guard count >= 0, count % blockSize == 0 else { return nil }
        let (bytes, overflow) = (count / blockSize).multipliedReportingOverflow(by: blockBytes)
        return overflow ? nil : bytes
    }

    /// The name that tools of this field print, such as `F16` or `Q4_K`.
    public var description: String {
        switch self {
        case .f32: "F32"
        case .f16: "F16"
        case .q4_0: "Q4_0"
        case .q4_1: "Q4_1"
        case .q5_0: "Q5_0"
        case .q5_1: "Q5_1"
        case .q8_0: "Q8_0"
        case .q2_K: "Q2_K"
        case .q3_K: "Q3_K"
        case .q4_K: "Q4_K"
        case .q5_K: "Q5_K"
        case .q6_K: "Q6_K"
        case .iq4_NL: "IQ4_NL"
        case .iq4_XS: "IQ4_XS"
        case .bf16: "BF16"
        case .mxfp4: "MXFP4"
        }
    }
}
