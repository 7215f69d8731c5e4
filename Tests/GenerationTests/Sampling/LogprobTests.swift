import ApusTokenization
import Foundation
import Testing

@testable import ApusGeneration

@Suite("Log-probabilities")
struct LogprobTests {
    private func reference(_ logits: [Float]) -> [Double] {
        let largest = Double(logits.max() ?? 0)
        let sum = logits.reduce(0.0) { $0 + Foundation.exp(Double($1) - largest) }
        return logits.map { Double($0) - largest - Foundation.log(sum) }
    }

    @Test(
        "equal the log-softmax in double precision",
        arguments: [(1, 1.0), (7, 1), (8, 3), (512, 0.1), (513, 20), (50_257, 3), (50_257, 0.01)])
    func logSoftmax(count: Int, spread: Double) throws {
        let logits = normalLogits(count, spread: spread, seed: 11).map { $0 + 30 }
        let expected = reference(logits)
        let actual = try LogSoftmax(logits)
        for index in stride(from: 0, to: count, by: max(1, count / 50)) {
            #expect(abs(actual(logits[index]) - expected[index]) < 2e-7)
        }
    }

    @Test("are those of the model, not of the filtered distribution")
    func raw() throws {
        var options = SamplingOptions.greedy
        options.temperature = 0.1
        options.topK = 1
        options.repeatPenalty = 3
        options.logprobs = 3
        let logits: [Float] = [0.5, 2, -1, 2, 1]
        let expected = reference(logits)
        var sampler = try Sampler(options, vocabulary: 5, prompt: [1])
        let token = try sampler.sample(logits)
        #expect(token.id == 3)
        #expect(abs(try #require(token.logprob) - expected[3]) < 1e-6)
        #expect(token.top.map(\.id) == [1, 3, 4])
        for entry in token.top { #expect(abs(entry.logprob - expected[Int(entry.id)]) < 1e-6) }
    }

    @Test("come only when asked for; 0 asks for the chosen token's alone")
    func count() throws {
        var sampler = try Sampler(.greedy, vocabulary: 2)
        #expect(try sampler.sample([1, 2]).logprob == nil)
        var options = SamplingOptions.greedy
        options.logprobs = 0
        sampler = try Sampler(options, vocabulary: 2)
        let token = try sampler.sample([1, 2])
        #expect(token.logprob != nil && token.top.isEmpty)
    }

    @Test("of banned tokens are minus infinity, and damage is named")
    func edges() throws {
        let logSoftmax = try LogSoftmax([0, -.infinity, 0])
        #expect(logSoftmax(-.infinity) == -.infinity)
        #expect(abs(logSoftmax(0) + logarithm(2)) < 1e-7)
        #expect(throws: SamplingError.damagedLogit(id: 1, value: "NaN")) { try LogSoftmax([0, .nan]) }
        #expect(throws: SamplingError.noFiniteLogit) { try LogSoftmax([-.infinity]) }
    }

    @Test("rest on exponentials right to 2 units in the last place, and 0 where nothing is left")
    func exponential() {
        var worst = 0.0
        for step in 0..<87_000 {
            let x = -Float(step) / 1_000
            let exact = Foundation.exp(Double(x))
            worst = max(worst, abs(Double(Exponentials.exp(x)) - exact) / exact)
        }
        #expect(worst < 2.4e-7)
        #expect(Exponentials.exp(0) == 1)
        #expect(Exponentials.exp(-88) == 0)
        #expect(Exponentials.exp(-.infinity) == 0)
    }
}
