import ApusModelFiles
import ApusModels
import ApusTensors

/// Writes a GGUF file's tensors in other types. One tensor is in memory at a time.
public struct Quantizer {
    /// What became of one tensor.
    public struct Step: Sendable {
        public let name: String
        public let index: Int
        public let count: Int
        public let from: DType
        public let to: DType
        /// The type that its rows don't divide into; nil where the recipe's own was used.
        public let insteadOf: DType?
        public let bytes: Int
    }

    public struct Result: Sendable {
        /// The files that were written.
        public let paths: [String]
        public let bytesBefore: Int
        public let bytesAfter: Int
        public let steps: [Step]
    }

    private let model: LoadedDecoder
    private let file: GGUFFile
    private let recipe: QuantizationRecipe
    private let importance: Importance?

    /// - Parameter importance: how much each column of each tensor matters.
    /// - Throws: ``ConversionError/alreadyQuantised(tensor:_:file:)`` unless requantising is allowed, and
    ///   ``ConversionError/importanceOfOther(tensor:expected:got:)``.
    public init(
        _ model: LoadedDecoder, _ file: GGUFFile, _ recipe: QuantizationRecipe, importance: Importance? = nil,
        allowsRequantizing: Bool = false
    ) throws {
        var recipe = recipe
        recipe.weighsColumns = importance != nil
        self.model = model
        self.file = file
        self.recipe = recipe
        self.importance = importance
        for info in file.tensors {
            guard let stored = info.type.dtype else {
                _ = try file.tensor(named: info.name)
                continue
            }
            let choice = recipe.choice(info.name, shape: info.shape, stored: stored, model.configuration)
            if !stored.isFloat, choice.type != stored, !allowsRequantizing {
                throw ConversionError.alreadyQuantised(tensor: info.name, stored, file: file.metadata.file)
            }
            let expected = (info.shape.last ?? 0) * (info.shape.count == 3 ? info.shape[0] : 1)
            if let got = importance?.columns(of: info.name)?.count, got != expected {
                throw ConversionError.importanceOfOther(tensor: info.name, expected: expected, got: got)
            }
        }
    }

    /// Writes the file, or the parts of it.
    ///
    /// - Parameters:
    ///   - partBytes: the most bytes of tensors in one file; nil for one file however large.
    ///   - progress: called after each tensor; may throw to stop, and then no file appears.
    public func write(
        to path: String, partBytes: Int? = nil, progress: (Step) throws -> Void = { _ in }
    ) throws -> Result {
        var metadata = file.metadata.entries.filter {
            !["general.file_type", "general.quantization_version", "split.no", "split.count", "split.tensors.count"]
                .contains($0.key)
        }
        metadata.append(("general.file_type", .uint32(recipe.fileType)))
        metadata.append(("general.quantization_version", .uint32(2)))
        let tensors = try file.tensors.map { info in
            let stored = try file.tensor(named: info.name)
            let choice = recipe.choice(info.name, shape: info.shape, stored: stored.dtype, model.configuration)
            return (stored, choice)
        }
        let descriptions = tensors.compactMap { stored, choice in
            GGUFWriter.Description(name: stored.name, dtype: choice.type, shape: stored.shape)
        }
        let writer = try GGUFPartsWriter(path: path, metadata: metadata, tensors: descriptions, partBytes: partBytes)
        var steps: [Step] = []
        for (index, (stored, choice)) in tensors.enumerated() {
            let bytes = try Self.bytes(of: stored, as: choice.type, importance: importance?.columns(of: stored.name)) {
                try writer.append($0)
            }
            steps.append(
                Step(
                    name: stored.name, index: index, count: tensors.count, from: stored.dtype, to: choice.type,
                    insteadOf: choice.type == choice.wanted ? nil : choice.wanted, bytes: bytes))
            try progress(steps[index])
        }
        try writer.finish()
        return Result(
            paths: writer.paths, bytesBefore: tensors.reduce(0) { $0 + $1.0.bytes.count },
            bytesAfter: steps.reduce(0) { $0 + $1.bytes }, steps: steps)
    }

    /// Gives a stored tensor's bytes as `type` to `append`, and their number.
    static func bytes(
        of stored: StoredTensor, as type: DType, importance: [Float]? = nil,
        _ append: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Int {
        try withExtendedLifetime(stored) {
            if stored.dtype == type {
                try append(stored.bytes)
                return stored.bytes.count
            }
            let tensor = try Tensor(
                shape: stored.shape, dtype: stored.dtype, borrowing: stored.bytes, owner: stored.owner)
            let columns = stored.shape.last ?? 0
            guard let importance, importance.count > columns, stored.shape.count == 3 else {
                let encoded = try tensor.encoded(as: type, importance: importance)
                try encoded.withUnsafeBytes { try append($0) }
                return encoded.count
            }
            // Each expert has an importance of its own.
            return try (0..<stored.shape[0]).reduce(0) { count, expert in
                let own = Array(importance[expert * columns..<(expert + 1) * columns])
                let encoded = try tensor.slice(expert..<expert + 1).encoded(as: type, importance: own)
                try encoded.withUnsafeBytes { try append($0) }
                return count + encoded.count
            }
        }
    }
}
