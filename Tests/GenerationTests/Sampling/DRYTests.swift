import ApusTensors
import ApusTokenization
import Foundation
import Testing

@testable import ApusGeneration

@Suite("DRY")
struct DRYTests {
    private func repetitions(
        _ tokens: [TokenID], allowedLength: Int = 1, lastN: Int = -1, breakers: [[TokenID]] = []
    ) -> [TokenID: Int] {
        let options = DRYOptions(multiplier: 1, allowedLength: allowedLength, lastN: lastN)
        return DRYPenalty(options: options, breakers: DRYBreakers(tokens: breakers)).repetitions(in: tokens)
    }

    // a b c c b c y a b c: after "a b c" came c, after "b c" y, after "c" b.
    private let example: [TokenID] = [1, 2, 3, 3, 2, 3, 25, 1, 2, 3]

    @Test("finds what would lengthen a repetition, and by how much")
    func lengths() {
        #expect(repetitions(example) == [3: 3, 25: 2, 2: 1])
        #expect(repetitions(example, allowedLength: 2) == [3: 3, 25: 2])
        #expect(repetitions(example, allowedLength: 4) == [:])
        #expect(repetitions(example, lastN: 7) == [25: 2, 2: 1])
        #expect(repetitions([]) == [:])
        #expect(repetitions([1]) == [:])
        #expect(repetitions([4, 4, 4, 4]) == [4: 3])
    }

    @Test("compares nothing across a breaker")
    func breakers() {
        #expect(repetitions(example, breakers: [[1]]) == [3: 2, 25: 2, 2: 1])
        #expect(repetitions(example, breakers: [[2]]) == [3: 1, 25: 1, 2: 1])
        #expect(repetitions(example, breakers: [[3]]) == [:])
        // Two tokens that only together are a breaker.
        #expect(repetitions(example, breakers: [[1, 2]]) == [3: 1, 25: 1, 2: 1])
        #expect(repetitions(example, breakers: [[1, 3]]) == [3: 3, 25: 2, 2: 1])
    }

    @Test("takes multiplier * base^(length - allowed length) from a logit, but never from a breaker")
    func penalty() throws {
        var options = SamplingOptions.greedy
        options.dry = DRYOptions(multiplier: 0.5, base: 2, allowedLength: 1)
        let breakers = DRYBreakers(tokens: [[25]])
        let sampler = try Sampler(options, vocabulary: 30, prompt: example, breakers: breakers)
        var edited: [Float] = []
        [Float](repeating: 10, count: 30).withUnsafeBufferPointer { sampler.edit($0, allowed: nil, into: &edited) }
        // Token 25 lies between: the repetitions are the three tokens after it at most.
        var expected = [Float](repeating: 10, count: 30)
        expected[3] = 10 - 0.5 * 4
        expected[2] = 10 - 0.5
        #expect(edited == expected)
    }

    @Test("bears endless repetition")
    func long() throws {
        var options = SamplingOptions()
        options.dry = DRYOptions(multiplier: 5, base: 1e9, allowedLength: 0)
        options.seed = 1
        let prompt = [TokenID](repeating: 1, count: 20_000)
        var sampler = try Sampler(options, vocabulary: 3, prompt: prompt)
        #expect(try sampler.sample([0, 5, 0]).id != 1)
        for _ in 0..<20 { _ = try sampler.sample([0, 5, 0]) }
    }

    @Test("the Z-function equals plain comparison", arguments: 0..<40 as Range<UInt64>)
    func commonBeginnings(seed: UInt64) {
        var random = RandomGenerator(seed: seed)
        let tokens = (0..<60).map { _ in TokenID.random(in: 0..<TokenID(2 + seed % 3), using: &random) }
        let plain = tokens.indices.map { position in
            position == 0 ? 0 : zip(tokens, tokens[position...]).prefix { $0 == $1 }.count
        }
        #expect(DRYPenalty.commonBeginnings(tokens) == plain)
    }

    @Test("finds the tokens that hold, or begin, a breaker")
    func overlaps() {
        let vocabulary = ["a", "\n", "x\n\n", "User", ":", "r:", "s User:", "se", "Us", "er"].map { Array($0.utf8) }
        let breakers = DRYBreakers(
            ["\n", "User:"], vocabulary: vocabulary.count, spelling: { vocabulary[Int($0)] },
            tokenize: { text in text.map { TokenID($0) } })
        #expect(breakers.tails[0] == nil)
        #expect(breakers.tails[1] == [[]])
        #expect(breakers.tails[2] == [[]])
        #expect(breakers.tails[3] == [[TokenID(UInt8(ascii: ":"))]])
        #expect(breakers.tails[4] == nil)
        #expect(breakers.tails[6] == [[]])
        #expect(breakers.tails[8] == [Array("er:".utf8).map { TokenID($0) }])
        #expect(breakers.tails[9] == nil)
        #expect(breakers.isBreaker(1) && !breakers.isBreaker(3))
    }
}
