import ApusModels
import ApusTensors
import Testing

@Suite("Decoders compute what transformers computes")
struct DecoderGoldenTests {
    static let names = [
        "bloom", "bloom-post-norm-residual", "bloom-six-heads", "gemma", "gemma2", "gemma3", "gemma3-linear", "gpt2",
        "gpt2-inverse-layer", "gpt2-pickle", "gpt2-pickle-legacy", "gpt2-unscaled", "llama", "llama-bfloat16",
        "llama-biases", "llama-dynamic", "llama-head-dim", "llama-linear", "llama-llama3", "llama-longrope",
        "llama-sharded", "llama-tied", "llama-yarn", "llama-yarn-attention-factor", "llama-yarn-mscale", "mistral",
        "mistral-no-window", "mixtral", "phi3", "phi3-longrope", "phi3-longrope-partial", "phi3-window", "qwen2",
        "qwen2-window", "qwen3", "qwen3-untied-bias",
        // What published models seldom have, but configurations allow.
        "odd-bloom-one-head", "odd-gemma-untied", "odd-gemma2-uncapped", "odd-gemma3-types", "odd-gpt2-silu",
        "odd-llama-float16-yarn", "odd-llama-heads", "odd-llama-null-kv", "odd-mistral-yarn", "odd-mixtral",
        "odd-phi3-partial", "odd-qwen2-types", "odd-qwen3-types",
    ]

    @Test("Logits are within 1e-4 of the largest", arguments: names)
    func logits(name: String) throws {
        let golden = try Golden(name)
        let decoder = try LoadedDecoder(path: golden.folder).decoder
        for prompt in golden.prompts {
            let context = prompt.context ?? max(decoder.configuration.context, prompt.tokens.count)
            let cache = KVCache(layout: decoder.cacheLayout(.f32), context: context)
            let logits = try decoder.run([.init(cache.makeSequence(), prompt.tokens, outputs: prompt.tokens.count)])
            let all = logits.toArray()
            for (position, expected) in zip(prompt.positions, golden.expected(prompt)) {
                let got = all[position * golden.vocabulary..<(position + 1) * golden.vocabulary]
                #expect(
                    relativeError(got, expected) < 1e-4,
                    "\(name), prompt of \(prompt.tokens.count), position \(position)")
            }
        }
    }

    @Test("Nats of each window of perplexity are within 1e-5", arguments: names)
    func perplexity(name: String) throws {
        let golden = try Golden(name)
        let decoder = try LoadedDecoder(path: golden.folder).decoder
        let measured = try Perplexity(decoder, tokens: golden.perplexityTokens, context: golden.perplexityContext)
        #expect(measured.windows.map(\.tokens) == golden.windows.map(\.tokens))
        for (got, expected) in zip(measured.windows, golden.windows) {
            #expect((got.nll - expected.nll).magnitude / expected.nll < 1e-5, "\(name): \(got.nll) for \(expected.nll)")
        }
    }

    @Test("A sequence's logits are the same bits whole, in chunks, token by token, and among others", arguments: names)
    func sameBits(name: String) throws {
        let golden = try Golden(name)
        let decoder = try LoadedDecoder(path: golden.folder).decoder
        let prompt = try #require(golden.prompts.last)
        let context = max(prompt.context ?? 0, decoder.configuration.context, prompt.tokens.count)
        for dtype in [DType.f32, .f16] {
            let cache = KVCache(layout: decoder.cacheLayout(dtype), context: context)
            let whole = try decoder.run([.init(cache.makeSequence(), prompt.tokens, outputs: prompt.tokens.count)])
                .toArray()

            func pieces(_ size: Int) throws -> [Float] {
                let sequence = cache.makeSequence()
                return try stride(from: 0, to: prompt.tokens.count, by: size).flatMap { start in
                    let tokens = Array(prompt.tokens[start..<min(start + size, prompt.tokens.count)])
                    return try decoder.run([.init(sequence, tokens, outputs: tokens.count)]).toArray()
                }
            }
            #expect(try pieces(7).map(\.bitPattern) == whole.map(\.bitPattern), "in chunks of 7, cache \(dtype)")
            #expect(try pieces(1).map(\.bitPattern) == whole.map(\.bitPattern), "token by token, cache \(dtype)")

            let others = golden.prompts.map {
                Batch.Part(cache.makeSequence(), Array($0.tokens.reversed()), outputs: 1)
            }
            let own = Batch.Part(cache.makeSequence(), prompt.tokens, outputs: prompt.tokens.count)
            let batch = try decoder.run(
                others + [own] + others.map { .init(cache.makeSequence(), $0.tokens, outputs: 2) })
            let row = others.count * golden.vocabulary
            let among = batch.toArray()[row..<row + whole.count]
            #expect(among.map(\.bitPattern) == whole.map(\.bitPattern), "in a batch, cache \(dtype)")
        }
    }
}
