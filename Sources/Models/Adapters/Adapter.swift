import ApusModelFiles
import ApusTensors

/// A low-rank adapter (LoRA, Hu et al. 2022) as it lies in a file, for a model of either format.
public struct Adapter: Sendable {
    /// Where it lies.
    public let path: String
    /// One per linear map, in the order of the file.
    public let changes: [Change]

    public init(path: String, changes: [Change]) {
        self.path = path
        self.changes = changes
    }

    /// Reads a PEFT folder or a GGUF adapter for a model. Sizes are checked when the model's maps take their matrices.
    ///
    /// - Throws: ``AdapterError`` and the errors of the file formats.
    public init(path: String, for model: LoadedDecoder) throws {
        if FileMapping.isFolder(path) {
            try self.init(peft: path, for: model)
        } else if FileMapping.isFile(path) {
            try self.init(gguf: path, for: model)
        } else {
            throw FileError.missing(path: path)
        }
    }

    /// The change of one linear map.
    public struct Change: Sendable {
        /// The GGUF name of the map's weight, such as `blk.0.attn_q.weight`.
        public let name: String
        /// What the file calls the map, for messages.
        public let spelling: String
        /// A, `[rank, inputs]`.
        let down: StoredTensor
        /// B, `[outputs, rank]`, its rows as the file has them.
        let up: StoredTensor
        /// α / rank, or α / √rank for rank-stabilised adapters.
        public let scale: Float
        /// What brings the rows of B into the order of the model's weight.
        let rows: RowOrder
        let file: String

        public var rank: Int { down.shape[0] }
        public var inputs: Int { down.shape[1] }
        public var outputs: Int { up.shape[0] }

        /// - Throws: ``AdapterError/badMatrices(_:reason:file:)`` where A and B do not go together.
        init(
            name: String, spelling: String, down: StoredTensor, up: StoredTensor, scale: Float, rows: RowOrder,
            file: String
        ) throws(AdapterError) {
            guard down.shape.count == 2, up.shape.count == 2, down.shape[0] >= 1, down.shape[0] == up.shape[1] else {
                throw .badMatrices(
                    spelling,
                    reason: "A has shape \(down.shape) and B \(up.shape), not [rank, inputs] and [outputs, rank]",
                    file: file)
            }
            guard scale.isFinite else {
                throw .badMatrices(spelling, reason: "its scale is \(scale)", file: file)
            }
            self.name = name
            self.spelling = spelling
            self.down = down
            self.up = up
            self.scale = scale
            self.rows = rows
            self.file = file
        }

        /// A and B as float32, in the arrangement of the model.
        ///
        /// - Throws: ``AdapterError/badMatrices(_:reason:file:)`` for numbers that are not finite.
        func matrices() throws -> (down: Tensor, up: Tensor) {
            let down = try down.viewed(file: file).dequantized()
            let up = try rows.applied(to: up).viewed(file: file).dequantized()
            guard [down, up].allSatisfy({ $0.withFloats { $0.allSatisfy(\.isFinite) } }) else {
                throw AdapterError.badMatrices(
                    spelling, reason: "it holds numbers that are NaN or infinite; the file is damaged", file: file)
            }
            return (down, up)
        }
    }

    /// How the rows of B, which are those of the weight, go from the file's order to the model's.
    enum RowOrder: Sendable {
        case same
        /// From Hugging Face's order to GGUF's, with the rotary pairs side by side or not.
        case fromHuggingFace(TensorName.Arrangement, rotatesPairs: Bool)
        /// From GGUF's rotary pairs to halves.
        case toHalves(heads: Int)

        func applied(to up: StoredTensor) throws -> StoredTensor {
            switch self {
            case .same: return up
            case .fromHuggingFace(let arrangement, let rotatesPairs):
                switch arrangement {
                case .fusedByHead: return try up.arranged(arrangement, as: up.name)
                case .rotaryHalves: return rotatesPairs ? try up.arrangedForGGUF(arrangement) : up
                // Both matrices of an adapter lie alike, however the weight lies.
                case .same, .transposed, .lessOne: return up
                }
            case .toHalves(let heads):
                return try up.arrangedForHuggingFace(.rotaryHalves(heads: heads), as: up.name)
            }
        }
    }
}

extension LoadedDecoder {
    /// Whether the rows of queries and keys lie as GGUF's `llama` files have them.
    var holdsRotaryPairs: Bool {
        if case .gguf = format { true } else { false }
    }
}
