import ApusGeneration
import ApusModelFiles
import ApusTokenization

/// Speed of writing one text, with and without guesses of its next tokens.
///
/// The text is what the model itself writes (greedy), or a given answer: then the model computes as ever, but the
/// answer's tokens are taken. So the time of an answer can be measured with a model that would not give it.
struct TextBenchmark: Sendable {
    let promptTokens: Int
    let tokens: Int
    /// Medians in tokens a second.
    let plain: Double
    let guessed: Double
    /// Tokens that were guessed, and those of them that were right, of one run.
    let drafted: Int
    let accepted: Int

    /// - Throws: `GenerationError`, among others for a prompt that does not fit; `CancellationError`; `CommandError.tooFewTokens`
    ///   with the `name` of an answer of a single token.
    init(
        _ model: LocalModel, prompt: [UInt8], answer: [UInt8]?, generate: Int?, speculation: SpeculationOptions,
        repeats: Int, name: String
    ) async throws {
        let tokens = try model.tokenizer.encode(prompt, addSpecial: true)
        var options = GenerationOptions()
        options.sampling.temperature = 0
        options.maxTokens = generate ?? (answer == nil ? 128 : nil)
        options.ignoresEnd = true
        options.answer = try answer.map { try model.tokenizer.encode($0) }
        var rates: (plain: [Double], guessed: [Double]) = ([], [])
        var last: GenerationStatistics?
        // In turn, so that a change of the machine's pace meets both. The first round warms up.
        for round in 0...repeats {
            for isGuessing in [false, true] {
                options.speculation = isGuessing ? speculation : .off
                let generation = try model.generate(tokens: tokens, options)
                for try await _ in generation {}
                guard let rate = generation.statistics.decodeTokensPerSecond else {
                    throw CommandError.tooFewTokens(path: name, tokens: options.answer?.count ?? 1)
                }
                last = generation.statistics
                if round == 0 { continue }
                if isGuessing { rates.guessed.append(rate) } else { rates.plain.append(rate) }
            }
        }
        promptTokens = tokens.count
        self.tokens = last?.completionTokens ?? 0
        drafted = last?.draftedTokens ?? 0
        accepted = last?.acceptedTokens ?? 0
        plain = Benchmark.median(rates.plain).median
        guessed = Benchmark.median(rates.guessed).median
    }

    var json: JSON {
        [
            "decode_tokens_per_s": .number(guessed), "plain_decode_tokens_per_s": .number(plain),
            "speedup": .number(guessed / plain), "prompt": .integer(promptTokens), "generate": .integer(tokens),
            "drafted": .integer(drafted), "accepted": .integer(accepted),
        ]
    }
}
