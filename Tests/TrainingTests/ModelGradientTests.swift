import ApusModelFiles
import ApusTensors
import Testing

@testable import ApusModels
@testable import ApusTraining

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Gradients of whole models are those of PyTorch")
struct ModelGradientTests {
    static let models = Fixture.folder("Tests/ModelsTests/Fixtures")
    static let expected = Result { try JSON(parsing: Fixture.bytes("gradients.json")) }
    static let names = ((try? expected.get().objectValue)??.keys ?? []).sorted()

    @Test("All models of the fixtures are there")
    func allThere() { #expect(Self.names.count == 36) }

    @Test("Each parameter's gradient is within 1e-4 of its norm", arguments: names, [false, true])
    func gradients(name: String, savesMemory: Bool) throws {
        let expected = try #require(Self.expected.get()[name])
        let model = try TrainableModel(copying: LoadedDecoder(path: "\(Self.models)/\(name)"))
        let prompt = try #require(Fixture.json("\(Self.models)/\(name)/golden.json")["prompts"]?.arrayValue?.last)
        let tokens = try #require(prompt["tokens"]?.arrayValue).map { Int32(try #require($0.intValue)) }
        let context = prompt["context"]?.intValue ?? max(model.configuration.context, tokens.count)
        var batch = TokenBatch(windows: [tokens[...]])
        batch.targets[2] = -1
        let objective = LanguageModelObjective(
            model, context: context, savesMemory: savesMemory, batches: { _ in [batch] }, heldOut: { [batch] })
        let loss = try objective.learn(step: 0).loss
        let expectedLoss = try #require(expected["loss"]?.doubleValue)
        #expect((loss - expectedLoss).magnitude < 1e-5 * expectedLoss)
        #expect(try objective.heldOutLoss() == loss)

        var parameters = try #require(expected["parameters"]?.objectValue)
        for parameter in model.parameters.parameters {
            let gradient = try #require(parameter.tensor.gradient)
            let (target, values) = try arranged(gradient, parameter.name, model)
            let entry = try #require(parameters[target], "\(name): no gradient of \(target) is expected")
            parameters[target] = nil
            let norm = try #require(entry["norm"]?.doubleValue)
            let own = values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            // A gradient that is nothing but rounding errors (of a bias of keys, say) has no digits to compare.
            let scale = max(norm, 1e-7)
            #expect((own - norm).magnitude < 1e-4 * scale, "\(name) \(target): norm \(own), not \(norm)")
            for (k, sum) in try #require(entry["sums"]?.arrayValue).enumerated() {
                let got = Self.sum(values, signs: k)
                let wanted = try #require(sum.doubleValue)
                #expect((got - wanted).magnitude < 1e-4 * scale, "\(name) \(target): sum \(k) is \(got), not \(wanted)")
            }
        }
        #expect(parameters.isEmpty, "\(name): no gradients of \(parameters.keys)")
    }

    /// A gradient under the name and in the arrangement of Hugging Face.
    private func arranged(_ gradient: Tensor, _ name: String, _ model: TrainableModel) throws -> (String, [Float]) {
        let names = type(of: model.decoder).tensorNames(model.configuration)
        let (target, arrangement) = try #require(TensorName.huggingFaceName(of: name, names))
        let stored = try gradient.withFloats {
            try StoredTensor(
                name: name, dtype: .f32, shape: gradient.shape, copying: UnsafeRawBufferPointer($0))
        }
        switch arrangement {
        case .same, .rotaryHalves, .lessOne: return (target, gradient.toArray())
        default:
            return (target, try stored.arrangedForHuggingFace(arrangement, as: target).viewed(file: name).toArray())
        }
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
