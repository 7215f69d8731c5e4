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

    public enum Format: Sendable {
        case gguf(GGUFFile)
        case huggingFace(HuggingFaceFolder)
    }

    public var configuration: DecoderConfiguration { decoder.configuration }

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
    }
}
