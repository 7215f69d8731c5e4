import ApusModelFiles
import ApusTensors

/// An architecture: how its parameters are read from either format, what its tensors are called, and how it computes.
/// A new one is a file with a type of this kind and a line in ``DecoderFamilies/all``.
public protocol DecoderFamily: Decoder {
    /// Values of `model_type` in `config.json`.
    static var huggingFaceTypes: [String] { get }
    /// Values of `general.architecture` in GGUF.
    static var ggufArchitectures: [String] { get }

    /// Sizes and rules by `config.json`.
    static func configuration(huggingFace parameters: Parameters, type: String) throws -> DecoderConfiguration
    /// Sizes and rules by GGUF metadata; `parameters` are those below the architecture's name.
    static func configuration(
        gguf parameters: Parameters, architecture: String, vocabulary: Int, weights: Weights
    ) throws -> DecoderConfiguration

    /// Whether a new model has a tensor (by its GGUF name within its block) that layers read only where there is one:
    /// biases, fused projections, norms of heads.
    static func makes(_ tensor: String, _ configuration: DecoderConfiguration) -> Bool

    /// The names of the model's tensors.
    static func tensorNames(_ configuration: DecoderConfiguration) -> [TensorName]

    /// The way back: the keys of `config.json` that say what this model is, as transformers 4 and 5 both read them.
    /// What all models have (types of weights, end tokens) is added by ``LoadedDecoder/huggingFaceConfig(dtype:bos:eos:pad:)``.
    ///
    /// - Throws: ``ModelError/unsupported(_:file:)`` for what `config.json` has no word for.
    func huggingFaceConfig() throws -> JSON.Object

    /// Where the layers come from.
    var weights: Weights { get }

    init(_ configuration: DecoderConfiguration, _ weights: Weights) throws
}

/// The architectures that Apus knows.
public enum DecoderFamilies {
    public static let all: [any DecoderFamily.Type] = [LLaMA.self, Gemma.self, GPT2.self, BLOOM.self]

    public static func named(huggingFace type: String, file: String) throws(ModelError) -> any DecoderFamily.Type {
        if let family = all.first(where: { $0.huggingFaceTypes.contains(type) }) { return family }
        throw .unknownArchitecture(type, file: file, known: all.flatMap { $0.huggingFaceTypes })
    }

    public static func named(gguf architecture: String, file: String) throws(ModelError) -> any DecoderFamily.Type {
        if let family = all.first(where: { $0.ggufArchitectures.contains(architecture) }) { return family }
        throw .unknownArchitecture(architecture, file: file, known: all.flatMap { $0.ggufArchitectures })
    }
}
