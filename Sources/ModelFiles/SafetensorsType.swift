import ApusTensors

/// The element types of safetensors: their names and sizes.
public struct SafetensorsType: Sendable, Equatable {
    public let name: String
    /// Bits of an element.
    public let bits: Int

    public static let f32 = SafetensorsType(name: "F32", bits: 32)

    /// The type that Apus computes with; nil where there is none.
    public var dtype: DType? {
        switch name {
        case "F32": .f32
        case "F16": .f16
        case "BF16": .bf16
        default: nil
        }
    }

    /// A type by the name in headers; nil for a name that the format does not have.
    public static func named(_ name: String) -> SafetensorsType? {
        let bits: Int
        switch name {
        case "F4": bits = 4
        case "F6_E2M3", "F6_E3M2": bits = 6
        case "BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ": bits = 8
        case "F16", "BF16", "I16", "U16": bits = 16
        case "F32", "I32", "U32": bits = 32
        case "F64", "I64", "U64", "C64": bits = 64
        default: return nil
        }
        return SafetensorsType(name: name, bits: bits)
    }

    /// The type for a float type of Apus; nil for quantised ones.
    public init?(_ dtype: DType) {
        switch dtype {
        case .f32: self.init(name: "F32", bits: 32)
        case .f16: self.init(name: "F16", bits: 16)
        case .bf16: self.init(name: "BF16", bits: 16)
        default: return nil
        }
    }

    private init(name: String, bits: Int) {
        self.name = name
        self.bits = bits
    }
}
