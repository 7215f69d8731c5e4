import ApusTokenization
import Testing

@testable import ApusGeneration

@Suite("Prefix cache")
struct PrefixCacheTests {
    private func options(_ count: Int = 12) -> GenerationOptions {
        var options = GenerationOptions()
        options.maxTokens = count
        options.sampling.seed = 3
        options.sampling.logprobs = 4
        options.ignoresEnd = true
        return options
    }

    private static let beginning = "The quick brown fox jumps over the lazy dog. "

    @Test(
        "A prompt that begins as another did gives the same tokens and log-probabilities, and reads only what is new",
        arguments: [0, 1, 20, 31, 32, 33, 46])
    func sameBits(common: Int) async throws {
        let model = try TinyModel.load()
        let fresh = try TinyModel.load(prefixBytes: 0)
        let first = Self.beginning
        let second = String(Self.beginning.prefix(common)) + "zebras, of which 2 are"
        _ = try await model.generate(first, options()).collect()
        let reused = try model.generate(second, options())
        let plain = try fresh.generate(second, options())
        #expect(try await reused.collect()[0].tokens == plain.collect()[0].tokens)
        // The token that begins each text, and the common letters.
        #expect(reused.statistics.cachedTokens == min(common, first.utf8.count) + 1)
        #expect(plain.statistics.cachedTokens == 0)
        // The first is as it was, after another went on from its middle.
        let again = try model.generate(first, options())
        #expect(try await again.collect()[0].tokens == fresh.generate(first, options()).collect()[0].tokens)
        #expect(try again.statistics.cachedTokens == model.promptTokens(first).count - 1)
    }

    @Test("A text goes on from where its generation ended or was left")
    func continuing() async throws {
        let model = try TinyModel.load()
        let prompt = try model.promptTokens(Self.beginning)
        let reply = try await model.generate(tokens: prompt, options(12)).collect()[0].tokens.map(\.id)
        let next = try model.generate(tokens: prompt + reply + [65, 66], options(4))
        _ = try await next.collect()
        // The last token of a reply was chosen, but not read.
        #expect(next.statistics.cachedTokens == prompt.count + 11)

        var left: [TokenID] = []
        for try await piece in try model.generate(tokens: Array(prompt.dropFirst()), options(30)) {
            left += piece.token.map { [$0.id] } ?? []
            if left.count == 6 { break }
        }
        let after = try model.generate(tokens: prompt.dropFirst() + left + [65], options(4))
        _ = try await after.collect()
        #expect(after.statistics.cachedTokens >= prompt.count - 1 + 5)
    }

    @Test("Scores of a prompt need all of it read")
    func scores() async throws {
        let model = try TinyModel.load()
        _ = try await model.generate(Self.beginning, options()).collect()
        var scored = options()
        scored.scoresPrompt = true
        let generation = try model.generate(Self.beginning, scored)
        _ = try await generation.collect()
        #expect(generation.statistics.cachedTokens == 0)
        #expect(generation.promptScores.count == Self.beginning.utf8.count)
    }

    @Test("Memory stays within the budget, and the latest texts are kept")
    func budget() async throws {
        let block = try TinyModel.load().cache.layout.blockBytes
        let model = try TinyModel.load(prefixBytes: 5 * block)
        // 41 tokens with those that are read behind: two blocks each.
        func prompt(_ letter: String) -> String { String(repeating: letter, count: 32) }
        for letter in ["a", "b", "c", "d", "e", "f"] {
            _ = try await model.generate(prompt(letter), options(8)).collect()
            #expect(model.prefixes.bytesInUse <= 5 * block)
        }
        #expect(model.cache.bytesInUse == model.prefixes.bytesInUse)
        for (letter, isKept) in [("e", true), ("f", true), ("a", false)] {
            let generation = try model.generate(prompt(letter), options(8))
            _ = try await generation.collect()
            #expect(generation.statistics.cachedTokens == (isKept ? 32 : 1))
        }
        model.prefixes.removeAll()
        #expect(model.cache.bytesInUse == 0)
    }

    @Test("Texts that begin alike share the memory of their beginning")
    func sharing() async throws {
        let model = try TinyModel.load()
        let block = model.cache.layout.blockBytes
        var several = options(8)
        several.choices = 4
        _ = try await model.generate(String(repeating: "a", count: 70), several).collect()
        // Two full blocks for all, and one for each.
        #expect(model.prefixes.bytesInUse == 6 * block)
    }

    @Test("Generations at the same time share what they have in common and change nothing about each other")
    func concurrency() async throws {
        let model = try TinyModel.load()
        let fresh = try TinyModel.load(prefixBytes: 0)
        let prompts = (0..<24).map { String(Self.beginning.prefix(10 + $0)) + "\($0 % 5)" }
        let expected = try await prompts.mapEach { try await fresh.generate($0, options()).collect()[0].tokens }
        for _ in 0..<3 {
            let texts = try await withThrowingTaskGroup(of: (Int, [GeneratedToken]).self) { group in
                for (index, prompt) in prompts.enumerated() {
                    group.addTask { (index, try await model.generate(prompt, options()).collect()[0].tokens) }
                }
                return try await group.reduce(into: [Int: [GeneratedToken]]()) { $0[$1.0] = $1.1 }
            }
            for (index, tokens) in expected.enumerated() { #expect(texts[index] == tokens) }
        }
    }
}

extension Array {
    fileprivate func mapEach<T>(_ transform: (Element) async throws -> T) async throws -> [T] {
        var result: [T] = []
        for element in self { result.append(try await transform(element)) }
        return result
    }
}
