import ApusTokenization
import Testing

@testable import ApusGeneration

@Suite("Filters keep exactly the tokens that sorting everything would keep")
struct FilterTests {
    private func kept(_ logits: [Float], _ options: SamplingOptions) throws -> [Int] {
        var sampler = try Sampler(options, vocabulary: logits.count)
        let largest = try #require(logits.max())
        logits.withUnsafeBufferPointer { sampler.filter($0, largest: largest) }
        return sampler.candidates.tokens.map { Int($0.id) }.sorted()
    }

    static let shapes: [(count: Int, spread: Double)] = [
        (1, 1), (2, 1), (33, 2), (700, 0.01), (5_000, 1), (5_000, 3), (20_000, 6),
    ]

    @Test("top-k", arguments: [1, 2, 40, 600, 4_999], shapes)
    func topK(k: Int, shape: (count: Int, spread: Double)) throws {
        let logits = normalLogits(shape.count, spread: shape.spread, seed: 1).map { ($0 * 64).rounded() / 64 }
        var options = SamplingOptions()
        options.topK = k
        var reference = ReferenceSampling(logits)
        reference.topK(k)
        #expect(try kept(logits, options) == reference.entries.map(\.id).sorted())
    }

    @Test("top-p", arguments: [0, 0.3, 0.95, 0.9999], shapes)
    func topP(p: Double, shape: (count: Int, spread: Double)) throws {
        let logits = normalLogits(shape.count, spread: shape.spread, seed: 2)
        var options = SamplingOptions()
        options.topP = p
        var reference = ReferenceSampling(logits)
        reference.topP(p)
        try expectNearly(kept(logits, options), reference)
    }

    @Test("top-p 0 keeps the most probable token", arguments: 1..<200 as Range<Int>)
    func topPZero(count: Int) throws {
        let logits = normalLogits(count, spread: 1, seed: UInt64(count))
        var options = SamplingOptions()
        options.topK = count
        options.topP = 0
        #expect(try kept(logits, options) == logits.indices.filter { logits[$0] == logits.max() })
    }

    @Test("min-p", arguments: [0.001, 0.05, 0.5, 1], shapes)
    func minP(p: Double, shape: (count: Int, spread: Double)) throws {
        let logits = normalLogits(shape.count, spread: shape.spread, seed: 3)
        var options = SamplingOptions()
        options.minP = p
        var reference = ReferenceSampling(logits)
        reference.minP(p)
        try expectNearly(kept(logits, options), reference)
    }

    @Test("typical", arguments: [0, 0.2, 0.9, 0.999], shapes)
    func typical(p: Double, shape: (count: Int, spread: Double)) throws {
        let logits = normalLogits(shape.count, spread: shape.spread, seed: 4)
        var options = SamplingOptions()
        options.typicalP = p
        var reference = ReferenceSampling(logits)
        reference.typicalP(p)
        try expectNearly(kept(logits, options), reference)
    }

    /// Float weights against double ones: at most one token in a thousand may fall on the other side of the limit.
    private func expectNearly(_ kept: [Int], _ reference: ReferenceSampling) {
        let expected = Set(reference.entries.map(\.id))
        #expect(Set(kept).count == kept.count)
        #expect(expected.symmetricDifference(kept).count <= expected.count / 1_000)
    }

    @Test("typical can leave out the most probable token")
    func typicalLeavesOutTheTop() throws {
        // Probabilities 0.6 and ten of 0.04: the entropy is 1.59 nats, information 0.51 and 3.22.
        let logits = [Float(0)] + [Float](repeating: -2.708_05, count: 10)
        var options = SamplingOptions()
        options.typicalP = 0.2
        #expect(try kept(logits, options) == [0])
        // 0.36 and sixteen of 0.04: entropy 2.43, information 1.02 and 3.22.
        let flatter = [Float(0)] + [Float](repeating: -2.197225, count: 16)
        #expect(try kept(flatter, options) == [1, 2, 3, 4, 5, 6])
    }

    @Test("XTC removes all but the least probable of the probable tokens")
    func excludeTopChoices() throws {
        let logits: [Float] = [0.1, 0.4, 0.15, 0.05, 0.3].map { Float(logarithm($0)) }
        var options = SamplingOptions()
        options.xtc = XTCOptions(probability: 1, threshold: 0.12)
        #expect(try kept(logits, options) == [0, 2, 3])
        options.xtc = XTCOptions(probability: 1, threshold: 0.35)
        #expect(try kept(logits, options) == [0, 1, 2, 3, 4])
        options.xtc = XTCOptions(probability: 0, threshold: 0.12)
        #expect(try kept(logits, options) == [0, 1, 2, 3, 4])
    }

    @Test("banned tokens never come back")
    func minusInfinity() throws {
        let logits: [Float] = [1, -.infinity, 2, -.infinity]
        for change in [{ $0.topK = 4 }, { $0.minP = 0.001 }, { $0.topP = 0.9999 }, { $0.typicalP = 0.9999 }]
            as [(inout SamplingOptions) -> Void]
        {
            var options = SamplingOptions()
            change(&options)
            #expect(try kept(logits, options) == [0, 2])
        }
    }
}
