import ApusTokenization
import Foundation
import Testing

@testable import ApusGeneration

/// The fixture is made by `Fixtures/make_sampling.py`.
@Suite("The chain leaves the tokens and probabilities that llama.cpp's leaves")
struct LlamaCppTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        struct Options: Decodable, Sendable {
            var temperature, topP, minP, typicalP, repeatPenalty, presencePenalty, frequencyPenalty: Double?
            var topK, repeatLastN, dryAllowedLength, dryPenaltyLastN: Int?
            var dryMultiplier, dryBase, xtcProbability, xtcThreshold, mirostatTau, mirostatEta: Double?
            var logitBias: [[Float]]?
        }
        struct Step: Decodable, Sendable {
            var id: TokenID
            var p: Double
            var left: [TokenID]
        }
        var name: String
        var options: Options
        var history: [TokenID]
        var logits: [Float]
        var left: [[Double]]?
        var steps: [Step]?
        var testDescription: String { name }

        var samplingOptions: SamplingOptions {
            var result = SamplingOptions()
            result.temperature = options.temperature ?? 1
            result.topK = options.topK ?? 0
            result.topP = options.topP ?? 1
            result.minP = options.minP ?? 0
            result.typicalP = options.typicalP ?? 1
            result.repeatPenalty = options.repeatPenalty ?? 1
            result.repeatLastN = options.repeatLastN ?? 64
            result.presencePenalty = options.presencePenalty ?? 0
            result.frequencyPenalty = options.frequencyPenalty ?? 0
            if let multiplier = options.dryMultiplier {
                result.dry = DRYOptions(
                    multiplier: multiplier, base: options.dryBase ?? 1.75,
                    allowedLength: options.dryAllowedLength ?? 2, lastN: options.dryPenaltyLastN ?? -1)
            }
            if let probability = options.xtcProbability {
                result.xtc = XTCOptions(probability: probability, threshold: options.xtcThreshold ?? 0.1)
            }
            if let tau = options.mirostatTau, let eta = options.mirostatEta {
                result.mirostat = MirostatOptions(tau: tau, eta: eta)
            }
            for bias in options.logitBias ?? [] { result.logitBias[TokenID(bias[0])] = bias[1] }
            return result
        }
    }

    private struct Fixture: Decodable { var cases: [Case] }

    static let cases: [Case] = {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/llama_cpp_sampling.json")
        guard let data = try? Data(contentsOf: url) else { return [] }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return (try? decoder.decode(Fixture.self, from: data).cases) ?? []
    }()

    @Test("the fixture is there") func fixture() { #expect(Self.cases.count == 34) }

    @Test("with", arguments: cases.filter { $0.left != nil })
    func chain(golden: Case) throws {
        var options = golden.samplingOptions
        options.seed = 1
        // A filter that keeps all, so that candidates are made in every case.
        if options.topK == 0 { options.topK = golden.logits.count }
        var sampler = try Sampler(options, vocabulary: golden.logits.count, prompt: golden.history)
        let chosen = try sampler.sample(golden.logits).id
        let tokens = sampler.candidates.tokens
        let total = tokens.reduce(0) { $0 + Double($1.weight) }
        let actual = Dictionary(uniqueKeysWithValues: tokens.map { ($0.id, Double($0.weight) / total) })
        let expected = Dictionary(
            uniqueKeysWithValues: try #require(golden.left).map { (TokenID($0[0]), $0[1]) })
        #expect(Set(actual.keys) == Set(expected.keys))
        #expect(expected[chosen] != nil)
        for (id, probability) in expected {
            #expect(abs((actual[id] ?? 0) - probability) < 1e-6 + 1e-4 * probability, "token \(id)")
        }
    }

    @Test("with", arguments: cases.filter { $0.steps != nil })
    func mirostat(golden: Case) throws {
        let options = golden.samplingOptions
        var state = Mirostat(try #require(options.mirostat))
        let steps = try #require(golden.steps)
        let probabilities = ReferenceSampling(golden.logits)
        let all = Dictionary(
            uniqueKeysWithValues: zip(
                probabilities.entries.map { TokenID($0.id) },
                probabilities.probabilities(temperature: options.temperature)))
        let largest = try #require(golden.logits.max())
        for step in steps {
            let total = golden.logits.reduce(0.0) {
                $0 + Foundation.exp(Double($1 - largest) / options.temperature)
            }
            let least = state.leastScaledLogit(total: total)
            let kept = golden.logits.indices.filter {
                Double(golden.logits[$0] - largest) / options.temperature >= least
            }
            // One token is always left: where none is probable enough, the most probable.
            let top = golden.logits.firstIndex(of: largest).map { [$0] } ?? []
            #expect((kept.isEmpty ? top : kept).map { TokenID($0) } == step.left)
            let sum = step.left.reduce(0) { $0 + (all[$1] ?? 0) }
            let probability = (all[step.id] ?? 0) / sum
            #expect(abs(probability - step.p) < 1e-5)
            state.observe(probability: probability)
        }
    }
}
