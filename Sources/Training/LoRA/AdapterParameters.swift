import ApusModels
import ApusTensors
import Synchronization

/// Makes the matrices of an adapter that is trained, as a model's layers ask for them.
final class AdapterParameters: AdapterSource {
    /// A and B of every adapted map, as leaves named `NAME.lora_a` and `NAME.lora_b`.
    let parameters: ParameterSet
    private let settings: LoRASettings
    private let clock: Dropout.Clock?
    /// The places of adapted maps, which tell their dropouts apart.
    private let places: [String: UInt64]

    /// - Parameter clock: nil for no dropout.
    init(_ maps: [LoadedDecoder.LinearMap], _ settings: LoRASettings, seed: UInt64, clock: Dropout.Clock?) {
        self.settings = settings
        self.clock = clock
        places = Dictionary(
            maps.enumerated().map { ($1.name, UInt64($0)) }, uniquingKeysWith: { first, _ in first })
        parameters = ParameterSet(.made { name, shape in try Self.start(name, shape, seed: seed) })
    }

    func adapter(for name: String, inputs: Int, outputs: Int) throws -> LowRankAdapter? {
        guard let place = places[name] else { return nil }
        return LowRankAdapter(
            down: try parameters.parameter("\(name).lora_a", shape: [settings.rank, inputs]),
            up: try parameters.parameter("\(name).lora_b", shape: [outputs, settings.rank]), scale: settings.scale,
            dropout: clock.map { Dropout(rate: settings.dropout, layer: place, clock: $0) })
    }

    /// As PEFT begins: A uniform within ±1/√inputs (He et al. 2015, with the slope √5 of PyTorch's linear layers), B
    /// zeros, so that the model begins as what it was. A matrix follows from the seed and its name.
    private static func start(_ name: String, _ shape: [Int], seed: UInt64) throws -> Tensor {
        guard name.hasSuffix(".lora_a") else { return Tensor(zeros: shape) }
        // FNV-1a over the name.
        let key = name.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        var random = RandomGenerator(seed: seed, stream: key | 1)
        let bound = 1 / Double(shape.last ?? 1).squareRoot()
        return try Tensor(
            (0..<shape.reduce(1, *)).map { _ in Float((2 * random.uniform() - 1) * bound) }, shape: shape)
    }
}
