import ApusModelFiles
import ApusTensors

/// A decoder with the files that it came from.
public struct LoadedDecoder: Sendable {
    public let decoder: any DecoderFamily
    /// The tensors under their GGUF names.
    public let weights: any WeightSource
    /// Where the model lies.
    public let path: String
    public let format: Format
    /// The adapters that change the decoder's linear maps; nil for none.
    public let adapters: AdapterSet?

    public enum Format: Sendable {
        case gguf(GGUFFile)
        case huggingFace(HuggingFaceFolder)
    }

    public var configuration: DecoderConfiguration { decoder.configuration }

    init(
        decoder: any DecoderFamily, weights: any WeightSource, path: String, format: Format, adapters: AdapterSet? = nil
    ) {
        self.decoder = decoder
        self.weights = weights
        self.path = path
        self.format = format
        self.adapters = adapters
    }

    /// The same model with tensors from elsewhere, under the same names: what training made of its own.
    public func with(_ weights: any WeightSource) -> LoadedDecoder {
        LoadedDecoder(decoder: decoder, weights: weights, path: path, format: format)
    }

    /// Opens a `.gguf` file (any part of several) or a Hugging Face folder. Weights stay where they lie.
    ///
    /// - Throws: ``ModelError``, ``InstructionSetError`` and the errors of the file formats.
    public init(path: String) throws {
        if FileMapping.isFolder(path) {
            try self.init(HuggingFaceFolder(path: path), path: path)
        } else {
            try self.init(GGUFFile(path: path), path: path)
        }
    }

    public init(_ file: GGUFFile, path: String) throws {
        try InstructionSets.check()
        let name = file.metadata.file
        let architecture = try file.metadata.requireString("general.architecture")
        let family = try DecoderFamilies.named(gguf: architecture, file: name)
        let weights = Weights(file, file: name)
        guard let embedding = file.info(named: "token_embd.weight") else {
            throw ModelError.missingTensor("token_embd.weight", file: name)
        }
        guard embedding.shape.count == 2 else {
            throw ModelError.badTensor(
                "token_embd.weight", reason: "its shape is \(embedding.shape), but must be [vocabulary, width]",
                file: name)
        }
        let configuration = try family.configuration(
            gguf: Parameters(file.metadata, prefix: "\(architecture)."), architecture: architecture,
            vocabulary: embedding.shape[0], weights: weights
        ).validated(name)
        self.decoder = try family.init(configuration, weights)
        self.weights = file
        self.path = path
        self.format = .gguf(file)
        self.adapters = nil
    }

    public init(_ folder: HuggingFaceFolder, path: String) throws {
        try InstructionSets.check()
        let config = folder.config
        let parameters = Parameters(file: config.file) { config[$0] }
        let type = try parameters.text("model_type")
        if let quantised = parameters.value("quantization_config") {
            let method = quantised["quant_method"]?.stringValue ?? "some method"
            throw ModelError.unsupported("a folder of weights quantised by '\(method)'", file: parameters.file)
        }
        let family = try DecoderFamilies.named(huggingFace: type, file: parameters.file)
        let configuration = try family.configuration(huggingFace: parameters, type: type).validated(parameters.file)
        let named = HuggingFaceWeights(
            try folder.weights, names: family.tensorNames(configuration),
            leavingOut: configuration.tied ? ["output.weight"] : [])
        self.decoder = try family.init(configuration, Weights(named, file: path))
        self.weights = named
        self.path = path
        self.format = .huggingFace(folder)
        self.adapters = nil
    }
}

extension LoadedDecoder {
    /// The model's own chat template as its files have it; nil for models that only continue text.
    public func chatTemplateSource() throws -> String? {
        switch format {
        case .gguf(let file): try file.metadata.string("tokenizer.chat_template")
        case .huggingFace(let folder): folder.chatTemplate()
        }
    }

    /// Tokens that end a text, where files besides the tokenizer's name them.
    public var endTokens: Set<Int32> {
        switch format {
        case .gguf: []
        case .huggingFace(let folder): Set(folder.endTokenIDs.compactMap { Int32(exactly: $0) })
        }
    }

    /// How the model's files recommend to sample it.
    public func recommendedSampling() throws -> RecommendedSampling {
        switch format {
        case .gguf(let file): try RecommendedSampling(file.metadata)
        case .huggingFace(let folder): RecommendedSampling(generationConfig: folder.generationConfig)
        }
    }

    /// Tells this model's weights from others: a 64-bit hash (FNV-1a) of names, shapes and a part of each tensor's bytes.
    public var fingerprint: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ bytes: some Sequence<UInt8>) {
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        }
        for name in weights.tensorNames {
            guard let tensor = try? weights.tensor(named: name) else { continue }
            add("\(name) \(tensor.dtype) \(tensor.shape)".utf8)
            tensor.withBytes { bytes in
                let step = max(1, bytes.count / 4096)
                add(stride(from: 0, to: bytes.count, by: step).lazy.map { bytes[$0] })
            }
        }
        return String(hash, radix: 16)
    }
}
