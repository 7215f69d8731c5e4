import ApusModelFiles
import ApusTensors
import Testing

@testable import ApusModels
@testable import ApusTraining

@Suite("Gradients of adapters are those of PEFT")
struct AdapterGradientTests {
    static let models = Fixture.folder("Tests/ModelsTests/Fixtures")
    static let expected = Result { try JSON(parsing: Fixture.bytes("adapter_gradients.json")) }
    static let names = ((try? expected.get().objectValue)??.keys ?? []).sorted()

    @Test("All adapters of the fixtures are there")
    func allThere() { #expect(Self.names.count == 8) }

    @Test(
        "Each matrix's gradient is within 1e-4 of its norm", arguments: names.filter { $0 != "llama-patterns" },
        [false, true])
    func gradients(name: String, savesMemory: Bool) throws {
        let expected = try #require(Self.expected.get()[name])
        let base = try LoadedDecoder(path: "\(Self.models)/\(#require(expected["base"]?.stringValue))")
        let adapter = try Adapter(path: "\(Self.models)/adapters/\(name)", for: base)
        var settings = LoRASettings(rank: adapter.changes[0].rank, alpha: 8)
        settings.alpha = Double(adapter.changes[0].scale) * Double(settings.rank)
        settings.targets = adapter.changes.map(\.name)
        let model = try TrainableModel(adapting: base, settings, seed: 1, start: adapter)

        let (batch, context) = try AdapterTraining.batch(base)
        let objective = LanguageModelObjective(
            model, context: context, savesMemory: savesMemory, batches: { _ in [batch] }, heldOut: { [batch] })
        let loss = try objective.learn(step: 0).loss
        let expectedLoss = try #require(expected["loss"]?.doubleValue)
        #expect((loss - expectedLoss).magnitude < 1e-5 * expectedLoss)
        #expect(try objective.heldOutLoss() == loss)

        var parameters = try #require(expected["parameters"]?.objectValue)
        let names = type(of: model.decoder).tensorNames(model.configuration)
        for parameter in model.parameters.parameters {
            let isDown = parameter.name.hasSuffix(".lora_a")
            let weight = String(parameter.name.dropLast(".lora_a".count))
            let (target, arrangement) = try #require(TensorName.huggingFaceName(of: weight, names))
            let key = "\(target.dropLast(".weight".count)).lora_\(isDown ? "A" : "B").weight"
            var values = try #require(parameter.tensor.gradient).toArray()
            if case .fusedByHead = arrangement, !isDown {
                let stored = try values.withUnsafeBytes {
                    try StoredTensor(name: key, dtype: .f32, shape: parameter.tensor.shape, copying: $0)
                }
                values = try stored.arrangedForHuggingFace(arrangement, as: key).viewed(file: key).toArray()
            }
            let entry = try #require(parameters[key], "\(name): no gradient of \(key) is expected")
            parameters[key] = nil
            let norm = try #require(entry["norm"]?.doubleValue)
            let own = values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            let scale = max(norm, 1e-7)
            #expect((own - norm).magnitude < 1e-4 * scale, "\(name) \(key): norm \(own), not \(norm)")
            for (k, sum) in try #require(entry["sums"]?.arrayValue).enumerated() {
                let got = Self.sum(values, signs: k)
                let wanted = try #require(sum.doubleValue)
                #expect((got - wanted).magnitude < 1e-4 * scale, "\(name) \(key): sum \(k) is \(got), not \(wanted)")
            }
        }
        #expect(parameters.isEmpty, "\(name): no gradients of \(parameters.keys)")
    }

    /// The sum with random signs of make_gradients.py.
    private static func sum(_ values: [Float], signs k: Int) -> Double {
        values.indices.reduce(0.0) { sum, index in
            var x = UInt64(index * 4 + k) &* 0x9E37_79B9_7F4A_7C15
            x ^= x >> 32
            x = x &* 0xBF58_476D_1CE4_E5B9
            x ^= x >> 32
            return sum + Double(values[index]) * (x & 1 == 1 ? 1 : -1)
        }
    }
}

/// What tests of adapters share.
enum AdapterTraining {
    /// The last prompt of a model's golden.json, its third target left out, and the context to compute it with.
    static func batch(_ model: LoadedDecoder) throws -> (TokenBatch, context: Int) {
        let prompt = try #require(Fixture.json("\(model.path)/golden.json")["prompts"]?.arrayValue?.last)
        let tokens = try #require(prompt["tokens"]?.arrayValue).map { Int32(try #require($0.intValue)) }
        var batch = TokenBatch(windows: [tokens[...]])
        batch.targets[2] = -1
        return (batch, prompt["context"]?.intValue ?? max(model.configuration.context, tokens.count))
    }

    /// The logits of all positions of a text.
    static func logits(_ decoder: any Decoder, _ tokens: [Int32]) throws -> [Float] {
        let context = max(decoder.configuration.context, tokens.count)
        let sequence = KVCache(layout: decoder.cacheLayout(.f32), context: context).makeSequence()
        return try decoder.run([.init(sequence, tokens, outputs: tokens.count)]).toArray()
    }

    /// The largest difference, relative to the largest expected magnitude.
    static func relativeError(_ got: [Float], _ expected: [Float]) -> Float {
        let largest = expected.map(\.magnitude).max() ?? 0
        let difference = zip(got, expected).map { ($0 - $1).magnitude }.max() ?? .infinity
        return got.contains(where: \.isNaN) || got.count != expected.count ? .infinity : difference / largest
    }
}
