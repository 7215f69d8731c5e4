import ApusTokenization
import Testing

@testable import ApusGeneration

@Suite("Sampled frequencies")
struct SampledDistributionTests {
    struct Filter: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout SamplingOptions) -> Void

        init(_ name: String, _ change: @escaping @Sendable (inout SamplingOptions) -> Void) {
            testDescription = name
            self.change = change
        }

        static let all: [Filter] = [
            Filter("no filter") { _ in },
            Filter("top-k 7") { $0.topK = 7 },
            Filter("top-k above the vocabulary") { $0.topK = 1000 },
            Filter("top-p 0.8") { $0.topP = 0.8 },
            Filter("min-p 0.1") { $0.minP = 0.1 },
            Filter("typical 0.7") { $0.typicalP = 0.7 },
            Filter("XTC half the time") { $0.xtc = XTCOptions(probability: 0.5, threshold: 0.08) },
            Filter("XTC always") { $0.xtc = XTCOptions(probability: 1, threshold: 0.05) },
            Filter("top-k, typical, top-p, min-p and XTC") {
                $0.topK = 30
                $0.typicalP = 0.95
                $0.topP = 0.9
                $0.minP = 0.02
                $0.xtc = XTCOptions(probability: 0.3, threshold: 0.1)
            },
        ]
    }

    private func check(_ options: SamplingOptions, _ logits: [Float], draws: Int) throws {
        var sampler = try Sampler(options, vocabulary: logits.count)
        var counts = [Int](repeating: 0, count: logits.count)
        for _ in 0..<draws { counts[Int(try sampler.sample(logits).id)] += 1 }
        let expected = ReferenceSampling.distribution(logits, options)
        let result = ChiSquare(counts: counts, probabilities: expected)
        #expect(result.impossible == 0)
        #expect(result.statistic < result.limit, "\(result.degrees) degrees of freedom")
    }

    @Test(
        "match the exact distribution at temperatures 0.5, 1 and 2, with each filter",
        arguments: [0.5, 1, 2], Filter.all)
    func smallVocabulary(temperature: Double, filter: Filter) throws {
        var options = SamplingOptions()
        options.temperature = temperature
        options.seed = 20_240_607
        filter.change(&options)
        try check(options, normalLogits(40, spread: 1.5, seed: 5), draws: 40_000)
    }

    @Test("match it in a vocabulary of many blocks, at its edges too", arguments: [0.5, 1, 2])
    func largeVocabulary(temperature: Double) throws {
        var options = SamplingOptions()
        options.temperature = temperature
        options.seed = 7
        var logits = normalLogits(2_051, spread: 1, seed: 6)
        for index in [0, 511, 512, 1023, 1024, 2047, 2048, 2050] { logits[index] = 3 }
        for index in 600..<1_300 { logits[index] = -.infinity }
        try check(options, logits, draws: 60_000)
    }

    @Test("of equal logits are equal, at any temperature", arguments: [1e-300, 1e-30, 1, 1e30, 1e300])
    func equalLogits(temperature: Double) throws {
        var options = SamplingOptions()
        options.temperature = temperature
        options.seed = 8
        try check(options, [Float](repeating: -3.25, count: 12), draws: 20_000)
    }

    @Test("do not notice what runs beside, and repeat with the seed")
    func repeatable() throws {
        let logits = normalLogits(300, spread: 1, seed: 9)
        var options = SamplingOptions()
        options.seed = 42
        options.topP = 0.95
        var first = try Sampler(options, vocabulary: 300)
        var second = try Sampler(options, vocabulary: 300)
        var other = try Sampler(SamplingOptions(), vocabulary: 300)
        let alone = try (0..<50).map { _ in try first.sample(logits).id }
        let beside = try (0..<50).map { _ in
            _ = try other.sample(logits)
            return try second.sample(logits).id
        }
        #expect(alone == beside)
        options.seed = 43
        var third = try Sampler(options, vocabulary: 300)
        #expect(try (0..<50).map { _ in try third.sample(logits).id } != alone)
    }

    @Test("of continuations with one seed differ, and the first is that of a single one")
    func continuations() throws {
        let logits = normalLogits(300, spread: 1, seed: 9)
        var options = SamplingOptions()
        options.seed = 42
        let drawn = try (0..<3).map { continuation in
            var sampler = try Sampler(options, vocabulary: 300, continuation: continuation)
            return try (0..<20).map { _ in try sampler.sample(logits).id }
        }
        var single = try Sampler(options, vocabulary: 300)
        #expect(try (0..<20).map { _ in try single.sample(logits).id } == drawn[0])
        #expect(Set(drawn).count == 3)
    }

    @Test("without a seed the system gives one, which repeats the run")
    func systemSeed() throws {
        let logits = normalLogits(300, spread: 1, seed: 9)
        var unseeded = try Sampler(SamplingOptions(), vocabulary: 300)
        var options = SamplingOptions()
        options.seed = unseeded.seed
        var seeded = try Sampler(options, vocabulary: 300)
        for _ in 0..<20 { #expect(try unseeded.sample(logits) == seeded.sample(logits)) }
    }
}
