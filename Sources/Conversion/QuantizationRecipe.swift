import ApusModels
import ApusTensors

/// Which type each tensor of a quantised file gets: the rules of llama.cpp's `quantize`, so that files of one name are
/// alike.
public struct QuantizationRecipe: Sendable, Equatable {
    /// The type of most matrices.
    public let base: DType
    /// Whether the matrices that matter most get more bits (`Q4_K_M`).
    public let isMixed: Bool
    /// Whether columns are weighed by importance: then the first feed-forward outputs of Q4_0 and Q5_0 get a minimum.
    public var weighsColumns = false

    public init(base: DType, isMixed: Bool = false) {
        self.base = base
        self.isMixed = isMixed
    }

    /// A recipe by the name that users of GGUF know: a type, or `Q4_K_M`.
    ///
    /// - Throws: ``ConversionError/unknownType(_:)`` or ``ConversionError/notWritable(_:)``.
    public init(named name: String) throws(ConversionError) {
        let name = name.uppercased()
        if name == "Q4_K_M" {
            self.init(base: .q4_K, isMixed: true)
            return
        }
        guard let type = DType.allCases.first(where: { $0.description == name }) else { throw .unknownType(name) }
        guard type.isWritable else { throw .notWritable(type) }
        self.init(base: type)
    }

    public var name: String { isMixed ? "\(base)_M" : "\(base)" }

    /// The value of `general.file_type`.
    public var fileType: UInt32 {
        switch base {
        case .f32: 0
        case .f16: 1
        case .q4_0: 2
        case .q4_1: 3
        case .q8_0: 7
        case .q5_0: 8
        case .q5_1: 9
        case .q4_K: isMixed ? 15 : 14
        case .q5_K: 16
        case .q6_K: 18
        case .bf16: 32
        default: 1
        }
    }

    /// The type of a tensor, and the one that it would have if its rows divided into blocks.
    public struct Choice: Sendable, Equatable {
        public let type: DType
        public let wanted: DType
    }

    /// Chooses a tensor's type.
    ///
    /// - Parameters:
    ///   - name: the tensor's name in GGUF.
    ///   - shape: `[…, rows, columns]`.
    ///   - stored: its type now, which tensors that are not quantised keep.
    public func choice(_ name: String, shape: [Int], stored: DType, _ c: DecoderConfiguration) -> Choice {
        guard isQuantised(name, shape) else { return Choice(type: stored, wanted: stored) }
        guard !base.isFloat else { return Choice(type: base, wanted: base) }
        let wanted = wanted(name, c)
        return Choice(type: Self.fallback(wanted, columns: shape.last ?? 0), wanted: wanted)
    }

    /// Vectors, norms, routers and positions stay as they are.
    private func isQuantised(_ name: String, _ shape: [Int]) -> Bool {
        shape.count >= 2 && name.hasSuffix("weight") && !name.hasSuffix("_norm.weight")
            && !name.hasSuffix("ffn_gate_inp.weight") && name != "position_embd.weight" && !name.hasPrefix("rope_")
    }

    private func wanted(_ name: String, _ c: DecoderConfiguration) -> DType {
        if name == "output.weight" || (name == "token_embd.weight" && c.tied) {
            // What all logits go through.
            return base == .q8_0 ? .q8_0 : .q6_K
        }
        guard let layer = Self.layer(name) else { return base }
        let part = name.split(separator: ".").dropFirst(2).first ?? ""
        let isFirstEighth = layer < c.layers / 8
        let moreBits =
            isMixed && (isFirstEighth || layer >= 7 * c.layers / 8 || (layer - c.layers / 8) % 3 == 2)
        // Q4_K is what llama.cpp calls Q4_K_S: 4 bits for most, 5 for a few at the start.
        let isSmall = base == .q4_K && !isMixed
        // Matrices that eight experts, or eight query heads of the 70B models, share are small and matter to all.
        let sharedByEight = c.experts?.count == 8
        let isOf70B = c.layers == 80 && c.kvHeads < c.heads && ["llama", "qwen2"].contains(c.architecture)
        switch part {
        case "attn_v", "attn_qkv":
            if sharedByEight { return .q8_0 }
            if moreBits { return .q6_K }
            return base == .q4_K && (isSmall && layer < 4 || isOf70B) ? .q5_K : base
        case "attn_k" where sharedByEight: return .q8_0
        case "attn_output" where sharedByEight && base == .q4_K: return .q5_K
        case "ffn_down", "ffn_down_exps":
            if weighsColumns, isFirstEighth, base == .q4_0 || base == .q5_0 { return base == .q4_0 ? .q4_1 : .q5_1 }
            return moreBits ? .q6_K : isSmall && isFirstEighth ? .q5_K : base
        default: return base
        }
    }

    private static func layer(_ name: String) -> Int? {
        let parts = name.split(separator: ".")
        return parts.count > 2 && parts[0] == "blk" ? Int(parts[1]) : nil
    }

    /// Types of 256 need rows of whole super-blocks; the next best type of 32 takes their place.
    private static func fallback(_ type: DType, columns: Int) -> DType {
        if columns % type.blockSize == 0 { return type }
        let smaller: DType =
            switch type {
            case .q4_K: .q5_0
            case .q5_K: .q5_1
            case .q6_K: .q8_0
            default: .f16
            }
        return columns % smaller.blockSize == 0 ? smaller : .f16
    }
}
