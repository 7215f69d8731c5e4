import ApusModelFiles
import ApusModels
import ApusTensors

/// A decoder whose parameters can be trained: the same architecture that serves, over tensors that gather gradients.
public struct TrainableModel: Sendable {
    public let decoder: any DecoderFamily
    public let parameters: ParameterSet

    public var configuration: DecoderConfiguration { decoder.configuration }

    /// A model with parameters that begin at random.
    ///
    /// - Parameter config: what `config.json` would say; every value is checked as in a model's file.
    /// - Throws: ``TrainingError/unknownFamily(_:known:)`` and ``ModelError``.
    public init(fresh config: JSON.Object, seed: UInt64) throws {
        try InstructionSets.check()
        let (family, configuration) = try Self.family(config)
        let set = ParameterSet(
            .fresh(
                Initialization(seed: seed, layers: configuration.layers) { name in
                    // Layers ask by the name within their block.
                    let parts = name.split(separator: ".", maxSplits: 2)
                    return family.makes(
                        parts.first == "blk" && parts.count == 3 ? String(parts[2]) : name, configuration)
                }))
        self.parameters = set
        decoder = try family.init(configuration, Weights(set, file: Self.settingsName))
    }

    private static let settingsName = "the settings of the model"

    /// The architecture that `config.json` would name, and its sizes and rules, checked.
    static func family(
        _ config: JSON.Object
    ) throws -> (family: any DecoderFamily.Type, configuration: DecoderConfiguration) {
        let parameters = Parameters(file: settingsName) { config[$0] }
        let type = try parameters.text("model_type")
        guard let family = DecoderFamilies.all.first(where: { $0.huggingFaceTypes.contains(type) }) else {
            throw TrainingError.unknownFamily(type, known: DecoderFamilies.all.flatMap { $0.huggingFaceTypes })
        }
        return (family, try family.configuration(huggingFace: parameters, type: type).validated(settingsName))
    }

    /// A model that goes on from another one's weights, which are copied.
    ///
    /// - Throws: ``TrainingError/quantizedBase(tensor:type:file:)``.
    public init(copying model: LoadedDecoder) throws {
        let set = ParameterSet(.stored(model.weights, file: model.path))
        parameters = set
        decoder = try type(of: model.decoder).init(model.configuration, Weights(set, file: model.path))
    }
}
