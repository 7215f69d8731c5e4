import ApusModels
import ApusTensors

extension TrainableModel {
    /// A model over whose frozen weights an adapter is trained. Nothing is copied, and weights may be quantised
    /// (QLoRA, Dettmers et al. 2023): what is computed goes by their stored type, gradients through the values that it
    /// stands for. ``parameters`` are the adapter's matrices alone.
    ///
    /// - Parameters:
    ///   - seed: what the matrices A follow from.
    ///   - clock: the clock of dropout, which the objective moves; needed where the settings have a dropout.
    ///   - start: an adapter to go on from; its maps and ranks must be those of the settings.
    /// - Throws: ``TrainingError/badSetting(_:value:expected:)``, ``ApusModels/AdapterError``.
    public init(
        adapting model: LoadedDecoder, _ settings: LoRASettings, seed: UInt64, clock: Dropout.Clock? = nil,
        start: Adapter? = nil
    ) throws {
        try InstructionSets.check()
        let settings = try settings.validated()
        let maps = try settings.maps(of: model)
        guard !maps.isEmpty else {
            throw AdapterError.unknownTarget("(any)", known: [], model: model.path)
        }
        let source = AdapterParameters(
            maps, settings, seed: seed, clock: settings.dropout > 0 ? clock ?? Dropout.Clock(seed: seed) : nil)
        decoder = try type(of: model.decoder).init(
            model.configuration, Weights(model.weights, adapters: source, file: model.decoder.weights.file))
        parameters = source.parameters
        if let start { try parameters.take(start, settings) }
    }
}

extension ParameterSet {
    /// Puts an adapter's matrices in the place of those at the start.
    fileprivate func take(_ adapter: Adapter, _ settings: LoRASettings) throws {
        let values = Dictionary(
            try adapter.maps().flatMap { map in
                // The scale is the settings': what the adapter's own differs by goes into B.
                let up = map.scale == settings.scale ? map.up : map.up.scaled(by: map.scale / settings.scale)
                return [("\(map.name).lora_a", map.down), ("\(map.name).lora_b", up)]
            }, uniquingKeysWith: { first, _ in first })
        for parameter in parameters {
            guard let value = values[parameter.name], value.shape == parameter.tensor.shape else {
                throw TrainingError.badSetting(
                    "the adapter to go on from", value: adapter.path,
                    expected: "one with the same maps and rank: '\(parameter.name)' of shape \(parameter.tensor.shape)")
            }
            parameter.tensor.overwrite(with: value)
        }
        guard values.count == parameters.count else {
            throw TrainingError.badSetting(
                "the adapter to go on from", value: adapter.path,
                expected:
                    "one with the same maps: it has \(values.count / 2), the settings name \(parameters.count / 2)")
        }
    }
}

extension Adapter {
    /// What a model's adapter has become.
    ///
    /// - Parameters:
    ///   - model: made with ``TrainableModel/init(adapting:_:seed:clock:start:)``.
    ///   - path: what messages call it.
    public init(trained model: TrainableModel, _ settings: LoRASettings, path: String) throws {
        let all = Dictionary(
            model.parameters.parameters.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
        try self.init(
            path: path,
            maps: model.parameters.names.compactMap { name in
                guard name.hasSuffix(".lora_a") else { return nil }
                let map = String(name.dropLast(".lora_a".count))
                guard let down = all[name], let up = all["\(map).lora_b"] else { return nil }
                return (map, down, up, settings.scale)
            })
    }
}
