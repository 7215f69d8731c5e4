import ApusModelFiles
import ApusModels
import ApusTensors
import ApusTokenization

/// Writes a Hugging Face folder as one GGUF file that llama.cpp opens: weights, hyperparameters, tokenizer, chat
/// template and end tokens.
public struct GGUFConverter {
    private let model: LoadedDecoder
    private let folder: HuggingFaceFolder
    /// The type of matrices; nil keeps each tensor's own.
    private let type: DType?
    private let tokenizer: [(key: String, value: GGUFValue)]?

    /// - Parameter tokenizer: the metadata that describes the tokenizer; nil takes it from the folder's own files.
    /// - Throws: ``ConversionError/notWritable(_:)``.
    public init(
        _ model: LoadedDecoder, _ folder: HuggingFaceFolder, type: DType? = nil,
        tokenizer: [(key: String, value: GGUFValue)]? = nil
    ) throws {
        if let type, !type.isWritable { throw ConversionError.notWritable(type) }
        self.model = model
        self.folder = folder
        self.type = type
        self.tokenizer = tokenizer
    }

    /// Writes the file, or the parts of it.
    ///
    /// - Parameters:
    ///   - licence: the model's licence; nil for what the folder's card says.
    ///   - partBytes: the most bytes of tensors in one file; nil for one file however large.
    ///   - progress: gets the share done and may throw to stop, and then no file appears.
    /// - Returns: the files.
    @discardableResult
    public func write(
        to path: String, name: String, licence: String? = nil, partBytes: Int? = nil,
        progress: (Double) throws -> Void = { _ in }
    ) throws -> [String] {
        let c = model.configuration
        let recipe = QuantizationRecipe(base: type ?? .f32)
        var metadata: [(key: String, value: GGUFValue)] = [("general.architecture", .string(c.architecture))]
        metadata += GeneralMetadata.gguf(folder, name: name, licence: licence)
        metadata.append(("general.quantization_version", .uint32(2)))
        let plans = try tensorPlans()
        metadata.append(("general.file_type", .uint32(type.map { _ in recipe.fileType } ?? Self.fileType(plans))))
        metadata += try c.ggufMetadata(file: model.path)
        metadata +=
            try tokenizer
            ?? GGUFTokenizerExport.metadata(
                TokenizerFolder(path: folder.path), vocabularySize: c.vocabulary, ends: folder.endTokenIDs)
        if let template = folder.chatTemplate() { metadata.append(("tokenizer.chat_template", .string(template))) }

        let descriptions = plans.compactMap { GGUFWriter.Description(name: $0.name, dtype: $0.type, shape: $0.shape) }
        let writer = try GGUFPartsWriter(path: path, metadata: metadata, tensors: descriptions, partBytes: partBytes)
        for (index, plan) in plans.enumerated() {
            for part in plan.parts {
                let stored = try part()
                _ = try Quantizer.bytes(of: stored, as: plan.type) { try writer.append($0) }
            }
            try progress(Double(index + 1) / Double(plans.count))
        }
        try writer.finish()
        return writer.paths
    }

    /// A tensor of the file, and what it is made of: experts lie one after another in one tensor.
    private struct Plan {
        let name: String
        let shape: [Int]
        let type: DType
        let parts: [() throws -> StoredTensor]
    }

    private func tensorPlans() throws -> [Plan] {
        let c = model.configuration
        let recipe = QuantizationRecipe(base: type ?? .f32)
        var plans: [Plan] = []
        func add(_ name: String, _ shape: [Int], _ stored: DType, _ parts: [() throws -> StoredTensor]) {
            let keeps = type == nil || shape.count < 2
            let chosen = keeps ? stored : recipe.choice(name, shape: shape, stored: stored, c).type
            // Vectors are float32 in GGUF, whatever they were.
            plans.append(
                Plan(
                    name: name, shape: shape, type: shape.count < 2 || name.hasSuffix("_norm.weight") ? .f32 : chosen,
                    parts: parts))
        }
        for name in model.weights.tensorNames {
            if let (stem, expert) = Self.expert(name) {
                guard expert == 0, let experts = c.experts else { continue }
                let first = try model.weights.tensor(named: name)
                add(
                    "\(stem)_exps.weight", [experts.count] + first.shape, first.dtype,
                    (0..<experts.count).map { index in { try model.weights.tensor(named: "\(stem).\(index).weight") } })
            } else {
                let stored = try model.weights.tensor(named: name)
                add(name, stored.shape, stored.dtype, [{ try model.tensorForGGUF(name) }])
            }
        }
        for extra in try c.ropeTensors() {
            plans.append(Plan(name: extra.name, shape: extra.shape, type: .f32, parts: [{ extra }]))
        }
        return plans
    }

    /// `blk.3.ffn_up` and 5 for `blk.3.ffn_up.5.weight`.
    private static func expert(_ name: String) -> (stem: String, number: Int)? {
        let parts = name.split(separator: ".")
        guard parts.count == 5, parts[2].hasPrefix("ffn_"), parts[4] == "weight", let number = Int(parts[3]) else {
            return nil
        }
        return (parts[0..<3].joined(separator: "."), number)
    }

    private static func fileType(_ plans: [Plan]) -> UInt32 {
        let matrices = plans.filter { $0.shape.count >= 2 }
        for type in [DType.f32, .f16, .bf16] where matrices.first?.type == type {
            return QuantizationRecipe(base: type).fileType
        }
        return 0
    }
}
