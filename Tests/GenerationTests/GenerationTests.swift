import ApusGeneration
import ApusModels
import Glibc
import Testing

@Suite("Generation")
struct GenerationTests {
    private func options(_ count: Int? = 24, seed: UInt64? = 7, temperature: Double = 1) -> GenerationOptions {
        var options = GenerationOptions()
        options.maxTokens = count
        options.sampling.temperature = temperature
        options.sampling.seed = seed
        options.ignoresEnd = true
        return options
    }

    @Test("A seed gives the same tokens again, another seed others")
    func seeds() async throws {
        let model = try TinyModel.load()
        let first = try await model.generate("Once", options()).collect()[0].tokens.map(\.id)
        let again = try await model.generate("Once", options()).collect()[0].tokens.map(\.id)
        let other = try await model.generate("Once", options(seed: 8)).collect()[0].tokens.map(\.id)
        #expect(first.count == 24)
        #expect(first == again)
        #expect(first != other)
    }

    @Test("Greedy tokens are the most probable after each beginning, computed from scratch")
    func greedy() async throws {
        let model = try TinyModel.load()
        let prompt = try model.promptTokens("Tell me")
        let tokens = try await model.generate("Tell me", options(12, temperature: 0)).collect()[0].tokens.map(\.id)
        for length in 0..<tokens.count {
            let sequence = model.makeCache().makeSequence()
            let logits = try model.decoder.run([.init(sequence, prompt + tokens[..<length])]).toArray()
            let best = logits.indices.max { logits[$0] < logits[$1] }
            #expect(best == Int(tokens[length]))
        }
    }

    @Test("Choices share the prompt and are what each gives alone")
    func choices() async throws {
        let model = try TinyModel.load()
        var several = options()
        several.choices = 3
        let texts = try await model.generate("Once upon", several).collect()
        #expect(texts.count == 3)
        #expect(Set(texts.map { $0.tokens.map(\.id) }).count == 3)
        let alone = try await model.generate("Once upon", options()).collect()[0]
        #expect(texts[0].tokens.map(\.id) == alone.tokens.map(\.id))
    }

    @Test("A prompt longer than the context is an error with both numbers")
    func tooLong() throws {
        let model = try TinyModel.load(context: 16)
        #expect(throws: GenerationError.promptTooLong(tokens: 21, context: 16)) {
            try model.generate(String(repeating: "a", count: 20))
        }
    }

    @Test("A full window ends with the reason length, and slides only when asked to")
    func fullWindow() async throws {
        let model = try TinyModel.load(context: 32)
        let stopped = try await model.generate("abcdefgh", options(nil)).collect()[0]
        #expect(stopped.finishReason == .length)
        // 9 tokens of the prompt, 23 that fill the window, and the one that the full window predicts.
        #expect(stopped.tokens.count == 24)
        var sliding = options(100)
        sliding.whenFull = .slide(keeping: 1)
        let slid = try await model.generate("abcdefgh", sliding).collect()[0]
        #expect(slid.tokens.count == 100)
        #expect(slid.tokens.prefix(24).map(\.id) == stopped.tokens.map(\.id))
    }

    @Test("A stop string that lies across tokens ends the text before it")
    func stops() async throws {
        let model = try TinyModel.load()
        let free = try await model.generate("Once", options(40)).collect()[0]
        // Tokens are single bytes: two neighbours make a stop string across tokens.
        let bytes = free.tokens.flatMap(\.bytes)
        let pair = try #require(
            (4..<bytes.count - 1).first { bytes[$0] < 0x80 && bytes[$0 + 1] < 0x80 && bytes[$0] != bytes[$0 + 1] })
        var stopping = options(40)
        let stop = String(decoding: bytes[pair...pair + 1], as: UTF8.self)
        stopping.stops = [stop]
        let stopped = try await model.generate("Once", stopping).collect()[0]
        #expect(stopped.finishReason == .stop)
        #expect(!stopped.text.contains(stop))
        #expect(free.text.hasPrefix(stopped.text))
    }

    @Test("Log-probabilities of prompt and answer are those of the model")
    func logprobs() async throws {
        let model = try TinyModel.load()
        var scored = options(6, temperature: 0)
        scored.sampling.logprobs = 3
        scored.scoresPrompt = true
        let generation = try model.generate("Hello", scored)
        let text = try await generation.collect()[0]
        let tokens = try model.promptTokens("Hello") + text.tokens.map(\.id)
        let scores = generation.promptScores + text.tokens
        #expect(scores.count == tokens.count - 1)
        let sequence = model.makeCache().makeSequence()
        let logits = try model.decoder.run([.init(sequence, tokens, outputs: tokens.count)])
        let nll = try logits.slice(0..<tokens.count - 1).negativeLogLikelihoods(of: Array(tokens.dropFirst()))
        for (score, expected) in zip(scores, nll) {
            #expect(((score.logprob ?? .infinity) + expected).magnitude < 1e-6)
            #expect(score.top.count == 3)
        }
    }

    @Test("A prompt cache gives the same bytes and is bound to its model")
    func promptCache() async throws {
        let model = try TinyModel.load()
        let file = "\(TinyModel.temporaryFolder)/prompt-\(UInt64.random(in: 0 ... .max)).cache"
        var cached = options(20)
        cached.promptCache = file
        let prompt = String(repeating: "The quick brown fox. ", count: 3)
        let plain = try await model.generate(prompt, options(20)).collect()[0].tokens.map(\.id)
        let first = try await model.generate(prompt, cached).collect()[0].tokens.map(\.id)
        let second = try model.generate(prompt, cached)
        let again = try await second.collect()[0].tokens.map(\.id)
        #expect(plain == first)
        #expect(plain == again)
        #expect(try second.statistics.cachedTokens == model.promptTokens(prompt).count - 1)
        let longer = try model.generate(prompt + "And then", cached)
        #expect(try await longer.collect()[0].tokens.count == 20)
        #expect(try longer.statistics.cachedTokens == model.promptTokens(prompt).count)

        let otherPath = "\(TinyModel.temporaryFolder)/other-\(UInt64.random(in: 0 ... .max)).gguf"
        try TinyModel.write(to: otherPath) { _, values in values[0] += 1 }
        let other = try LocalModel(path: otherPath)
        await #expect(throws: GenerationError.self) { try await other.generate(prompt, cached).collect() }
    }

    @Test("A cancelled task stops within a token")
    func cancellation() async throws {
        let model = try TinyModel.load()
        var endless = options(nil)
        endless.whenFull = .slide(keeping: 1)
        let generation = try model.generate("Once", endless)
        let (stream, pieces) = AsyncStream<Int>.makeStream()
        let task = Task {
            var count = 0
            for try await _ in generation {
                count += 1
                pieces.yield(count)
            }
        }
        for await count in stream where count == 5 { break }
        task.cancel()
        let result = await task.result
        #expect(throws: CancellationError.self) { try result.get() }
    }

    @Test("Damage in weights is an error that names the tensor, never text")
    func damage() async throws {
        let path = "\(TinyModel.temporaryFolder)/damaged-\(UInt64.random(in: 0 ... .max)).gguf"
        try TinyModel.write(to: path) { name, values in
            if name == "blk.1.ffn_down.weight" { values[5] = .nan }
        }
        let model = try LocalModel(path: path)
        await #expect(throws: ModelError.damagedTensor("blk.1.ffn_down.weight", file: path)) {
            try await model.generate("Once", options()).collect()
        }
    }
}
