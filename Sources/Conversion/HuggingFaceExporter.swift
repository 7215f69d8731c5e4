import ApusModelFiles
import ApusModels
import ApusTensors
import ApusTokenization

/// Writes a GGUF file as a Hugging Face folder that transformers loads with the same logits:
/// `config.json`, `generation_config.json`, `model.safetensors`, tokenizer and chat template.
public struct HuggingFaceExporter {
    private let model: LoadedDecoder
    private let file: GGUFFile
    private let dtype: DType

    /// - Parameter dtype: the type of all weights, `f32`, `f16` or `bf16`; nil takes the file's own, and float32 where
    ///   that is quantised.
    public init(_ model: LoadedDecoder, _ file: GGUFFile, dtype: DType? = nil) throws {
        if let dtype, !dtype.isFloat { throw ConversionError.notWritable(dtype) }
        self.model = model
        self.file = file
        let matrix = file.tensors.first { $0.shape.count == 2 }?.type.dtype ?? .f32
        self.dtype = dtype ?? (matrix.isFloat ? matrix : .f32)
    }

    /// Writes the folder, which must not exist or be empty.
    ///
    /// - Parameter shardBytes: the most bytes of weights in one file, as transformers has it.
    public func write(
        to folder: String, shardBytes: Int = 5_000_000_000, progress: (Double) throws -> Void = { _ in }
    ) throws {
        try write(to: folder, shardBytes: shardBytes, replacing: false, progress: progress)
    }

    /// - Parameter replacing: write into a folder that has files already.
    public func write(
        to folder: String, shardBytes: Int = 5_000_000_000, replacing: Bool,
        progress: (Double) throws -> Void = { _ in }
    ) throws {
        let tokenizer = try Tokenizer(gguf: file.metadata)
        let names: [DType: String] = [.f32: "float32", .f16: "float16", .bf16: "bfloat16"]
        let config = try model.huggingFaceConfig(
            dtype: names[dtype] ?? "float32", bos: tokenizer.bos.map(Int.init), eos: ends(tokenizer),
            pad: tokenizer.special.pad.map(Int.init))

        if replacing { try Folder.make(folder) } else { try Folder.makeEmpty(folder) }
        for (name, contents) in try GGUFTokenizerExport.huggingFaceFiles(file.metadata) {
            try write(contents, to: "\(folder)/\(name)")
        }
        if let template = try file.metadata.string("tokenizer.chat_template") {
            try write(template, to: "\(folder)/chat_template.jinja")
        }
        let card = try GeneralMetadata.card(file.metadata)
        if !card.fields.isEmpty { try write(card.head, to: "\(folder)/README.md") }
        var generation = try RecommendedSampling(file.metadata).generationConfig
        if generation.isEmpty { generation["_from_model_config"] = true }
        for key in ["bos_token_id", "eos_token_id", "pad_token_id"] {
            if let value = config[key], !value.isNull { generation[key] = value }
        }
        try write(JSON.object(generation).serialized(pretty: true) + "\n", to: "\(folder)/generation_config.json")

        let tensors = try file.tensorNames.flatMap { try model.huggingFaceTensors($0) }
        guard let stored = SafetensorsType(dtype) else { throw ConversionError.notWritable(dtype) }
        let byName = Dictionary(tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var done = 0
        try SafetensorsWriter.write(
            folder: folder, tensors: tensors.map { .init(name: $0.name, type: stored, shape: $0.shape) },
            maximumShardBytes: shardBytes
        ) { description, append in
            guard let tensor = byName[description.name] else { return }
            _ = try Quantizer.bytes(of: tensor.load(), as: dtype, append)
            done += 1
            try progress(Double(done) / Double(tensors.count))
        }
        // Last: a folder without it is not taken for a model.
        try write(JSON.object(config).serialized(pretty: true) + "\n", to: "\(folder)/config.json")
    }

    private func ends(_ tokenizer: Tokenizer) -> [Int] {
        let eos = tokenizer.eos.map(Int.init)
        return [eos].compactMap { $0 } + tokenizer.endOfGeneration.map(Int.init).filter { $0 != eos }.sorted()
    }

    private func write(_ text: String, to path: String) throws {
        let output = try OutputFile(path: path)
        try output.write(Array(text.utf8))
        try output.finish()
    }
}
