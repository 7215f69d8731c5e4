import Testing

@testable import ApusGeneration

@Suite("Sampling options")
struct SamplingOptionsTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String { name }
        var name: String
        var change: @Sendable (inout SamplingOptions) -> Void
    }

    static let refusals: [Refusal] = [
        Refusal(name: "temperature") { $0.temperature = -0.1 },
        Refusal(name: "temperature") { $0.temperature = .nan },
        Refusal(name: "temperature") { $0.temperature = .infinity },
        Refusal(name: "top_k") { $0.topK = -1 },
        Refusal(name: "top_p") { $0.topP = 1.01 },
        Refusal(name: "top_p") { $0.topP = .nan },
        Refusal(name: "min_p") { $0.minP = -0.01 },
        Refusal(name: "typical_p") { $0.typicalP = 2 },
        Refusal(name: "repeat_penalty") { $0.repeatPenalty = 0 },
        Refusal(name: "repeat_penalty") { $0.repeatPenalty = .nan },
        Refusal(name: "repeat_last_n") { $0.repeatLastN = -2 },
        Refusal(name: "presence_penalty") { $0.presencePenalty = .nan },
        Refusal(name: "frequency_penalty") { $0.frequencyPenalty = .infinity },
        Refusal(name: "logprobs") { $0.logprobs = -1 },
        Refusal(name: "dry_multiplier") { $0.dry = DRYOptions(multiplier: -1) },
        Refusal(name: "dry_base") { $0.dry = DRYOptions(multiplier: 1, base: 0.5) },
        Refusal(name: "dry_allowed_length") { $0.dry = DRYOptions(multiplier: 1, allowedLength: -1) },
        Refusal(name: "dry_penalty_last_n") { $0.dry = DRYOptions(multiplier: 1, lastN: -2) },
        Refusal(name: "xtc_probability") { $0.xtc = XTCOptions(probability: 1.5) },
        Refusal(name: "xtc_threshold") { $0.xtc = XTCOptions(probability: 0.5, threshold: -0.1) },
        Refusal(name: "mirostat_tau") { $0.mirostat = MirostatOptions(tau: 0) },
        Refusal(name: "mirostat_eta") { $0.mirostat = MirostatOptions(eta: .nan) },
        Refusal(name: "logit_bias of token 5") { $0.logitBias = [5: .nan] },
        Refusal(name: "logit_bias of token 6") { $0.logitBias = [6: .infinity] },
    ]

    @Test("outside their range are refused by name", arguments: refusals)
    func ranges(refusal: Refusal) throws {
        var options = SamplingOptions()
        refusal.change(&options)
        let error = try #require(throws: SamplingError.self) { try options.validate() }
        guard case .outOfRange(let parameter, _, let allowed) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(parameter == refusal.name)
        #expect(!allowed.isEmpty)
        #expect(throws: error) { try Sampler(options, vocabulary: 10) }
    }

    @Test("at the edges of their range are accepted")
    func edges() throws {
        var options = SamplingOptions()
        options.temperature = 1e-300
        options.topP = 0
        options.minP = 1
        options.typicalP = 0
        options.repeatLastN = -1
        options.dry = DRYOptions(multiplier: 0, base: 1, allowedLength: 0, lastN: 0)
        options.xtc = XTCOptions(probability: 1, threshold: 0)
        options.logitBias = [0: -.infinity]
        try options.validate()
        try SamplingOptions().validate()
        try SamplingOptions.greedy.validate()
    }

    @Test("that would be without effect beside another are refused")
    func conflicts() throws {
        var greedy = SamplingOptions.greedy
        greedy.xtc = XTCOptions(probability: 0.5)
        #expect(throws: SamplingError.self) { try greedy.validate() }
        greedy.xtc = XTCOptions(probability: 0)
        try greedy.validate()
        greedy.mirostat = MirostatOptions()
        #expect(throws: SamplingError.self) { try greedy.validate() }

        var mirostat = SamplingOptions()
        mirostat.mirostat = MirostatOptions()
        mirostat.repeatPenalty = 1.1
        mirostat.temperature = 0.7
        try mirostat.validate()
        mirostat.topP = 0.9
        let error = try #require(throws: SamplingError.self) { try mirostat.validate() }
        #expect("\(error)".contains("top_p cannot be combined with mirostat"))
    }

    @Test("an empty sequence breaker is refused")
    func emptyBreaker() {
        var options = SamplingOptions()
        options.dry = DRYOptions(multiplier: 1, sequenceBreakers: ["\n", ""])
        #expect(throws: SamplingError.emptyString(parameter: "dry_sequence_breaker", index: 1)) {
            try options.validate()
        }
    }
}
