import ApusTokenization
import Testing

@testable import ApusGeneration

@Suite("Mirostat 2")
struct MirostatTests {
    @Test("cuts off tokens more surprising than the limit and moves it by eta times the error")
    func limit() {
        var state = Mirostat(MirostatOptions(tau: 3, eta: 0.1))
        #expect(state.limit == 6)
        state.observe(probability: 0.5)
        #expect(abs(state.limit - (6 - 0.1 * (1 - 3))) < 1e-12)
        state.observe(probability: 1.0 / 1_024)
        #expect(abs(state.limit - (6.2 - 0.1 * (10 - 3))) < 1e-12)
    }

    @Test("keeps the mean surprise near its target", arguments: [2.0, 3, 5])
    func target(tau: Double) throws {
        var options = SamplingOptions()
        options.mirostat = MirostatOptions(tau: tau, eta: 0.1)
        options.seed = 4
        options.logprobs = 0
        // A power law, as in language: probability in proportion to 1/rank^1.1.
        let logits = (0..<20_000).map { Float(-1.1 * logarithm(Double($0 + 1))) }
        var sampler = try Sampler(options, vocabulary: logits.count)
        var drawn: Set<TokenID> = []
        var surprise = 0.0
        for step in 0..<3_000 {
            let token = try sampler.sample(logits)
            drawn.insert(token.id)
            if step >= 1_000 { surprise -= try #require(token.logprob) / logarithm(2) / 2_000 }
        }
        // The surprise that is steered is that among the kept tokens, a little less than the model's own.
        #expect(surprise > tau - 0.3 && surprise < tau + 2)
        #expect(drawn.count > 5)
    }

    @Test("always keeps one token")
    func one() throws {
        var options = SamplingOptions()
        options.mirostat = MirostatOptions(tau: 1e-3, eta: 1)
        var sampler = try Sampler(options, vocabulary: 100)
        let logits = [Float](repeating: 0, count: 100)
        for _ in 0..<50 { _ = try sampler.sample(logits) }
    }
}
