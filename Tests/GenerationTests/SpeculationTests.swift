import ApusModels
import ApusTokenization
import Testing

@testable import ApusGeneration

@Suite("Speculation")
struct SpeculationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout GenerationOptions) -> Void

        init(_ name: String, _ change: @escaping @Sendable (inout GenerationOptions) -> Void) {
            testDescription = name
            self.change = change
        }

        static let all: [Case] = [
            Case("greedy") { $0.sampling.temperature = 0 },
            Case("sampled") { _ in },
            Case("sampled at a low temperature") { $0.sampling.temperature = 0.3 },
            Case("filtered") {
                $0.sampling.topK = 20
                $0.sampling.topP = 0.8
                $0.sampling.xtc = XTCOptions(probability: 0.5, threshold: 0.05)
            },
            Case("with penalties") {
                $0.sampling.temperature = 0
                $0.sampling.repeatPenalty = 1.3
                $0.sampling.frequencyPenalty = 0.2
            },
            Case("with DRY") { $0.sampling.dry = DRYOptions(multiplier: 0.8) },
            Case("with mirostat") { $0.sampling.mirostat = MirostatOptions(tau: 2) },
            Case("two choices") { $0.choices = 2 },
            Case("three choices") { $0.choices = 3 },
            Case("to the end of the window") { $0.maxTokens = nil },
            Case("past it, sliding") { $0.whenFull = .slide(keeping: 3) },
            Case("to an end token") {
                $0.ignoresEnd = false
                $0.sampling.logitBias[TinyModel.endID] = 6
            },
            Case("to a stop string") {
                $0.sampling.temperature = 0
                $0.stops = ["e", "ab"]
            },
            Case("one token") { $0.maxTokens = 1 },
            Case("no token") { $0.maxTokens = 0 },
        ]
    }

    private func options(_ change: (inout GenerationOptions) -> Void) -> GenerationOptions {
        var options = GenerationOptions()
        options.maxTokens = 70
        options.sampling.seed = 11
        options.sampling.logprobs = 2
        options.ignoresEnd = true
        change(&options)
        return options
    }

    private static let prompt = "abcabcabd abcabcab"

    private func pieces(_ generation: Generation) async throws -> [[GeneratedPiece]] {
        var all: [Int: [GeneratedPiece]] = [:]
        for try await piece in generation { all[piece.choice, default: []].append(piece) }
        return all.keys.sorted().compactMap { all[$0] }
    }

    private func expectSame(_ a: [[GeneratedPiece]], _ b: [[GeneratedPiece]]) {
        #expect(a.map { $0.map(\.token) } == b.map { $0.map(\.token) })
        #expect(a.map { $0.map(\.text) } == b.map { $0.map(\.text) })
        #expect(a.map { $0.map(\.finishReason) } == b.map { $0.map(\.finishReason) })
    }

    @Test("Guesses from the text change no token, log-probability, text or ending", arguments: Case.all, [1, 3, 8])
    func lookup(_ how: Case, count: Int) async throws {
        let model = try TinyModel.load(prefixBytes: 0)
        let plain = try model.generate(
            Self.prompt,
            options {
                how.change(&$0)
                $0.speculation = .off
            })
        let guessed = try model.generate(
            Self.prompt,
            options {
                how.change(&$0)
                $0.speculation.fixedCount = count
            })
        try await expectSame(pieces(plain), pieces(guessed))
        #expect(plain.statistics.draftedTokens == 0)
        #expect(guessed.statistics.completionTokens == plain.statistics.completionTokens)
        #expect(guessed.statistics.acceptedTokens <= guessed.statistics.draftedTokens)
    }

    @Test("Guesses of a draft model change nothing either", arguments: Case.all, [1, 4])
    func draft(_ how: Case, count: Int) async throws {
        let model = try TinyModel.load(prefixBytes: 0)
        let path = "\(TinyModel.temporaryFolder)/draft-\(UInt64.random(in: 0 ... .max)).gguf"
        try TinyModel.write(to: path, context: 64) { name, values in
            // A model that often, not always, agrees.
            if name == "output.weight" {
                for index in stride(from: 0, to: values.count, by: 7) { values[index] *= 1.2 }
            }
        }
        let drafting = try DraftModel(path: path, for: model)
        let plain = try model.generate(
            Self.prompt,
            options {
                how.change(&$0)
                $0.speculation = .off
            })
        let guessed = try model.generate(
            Self.prompt,
            options {
                how.change(&$0)
                $0.speculation = .draft(drafting)
                $0.speculation.looksUp = false
                $0.speculation.fixedCount = count
                $0.speculation.leastProbability = 0
            })
        try await expectSame(pieces(plain), pieces(guessed))
    }

    @Test("A model that drafts for itself is always right when it is greedy")
    func ownDraft() async throws {
        let model = try TinyModel.load()
        let drafting = try DraftModel(TinyModel.load(), for: model)
        let generation = try model.generate(
            Self.prompt,
            options {
                $0.maxTokens = 33
                $0.sampling.temperature = 0
                $0.speculation = SpeculationOptions(looksUp: false, draft: drafting)
                $0.speculation.fixedCount = 3
                $0.speculation.leastProbability = 0
            })
        _ = try await generation.collect()
        // The first token, then four a step.
        #expect(generation.statistics.draftedTokens == 24)
        #expect(generation.statistics.acceptedTokens == 24)
    }

    @Test("A text that repeats itself is guessed from itself")
    func repetition() async throws {
        let model = try TinyModel.load()
        let generation = try model.generate(
            String(repeating: "ab", count: 10),
            options {
                $0.sampling.logitBias = [97: 60, 98: 60]
                $0.sampling.temperature = 0
                $0.sampling.repeatPenalty = 1
                $0.speculation.fixedCount = 4
            })
        _ = try await generation.collect()
        #expect(generation.statistics.acceptedTokens > 0)
    }

    @Test("Without asking for anything, the rate decides and the tokens are the same")
    func usual() async throws {
        let model = try TinyModel.load(prefixBytes: 0)
        for seed in 0..<4 as Range<UInt64> {
            let plain = try model.generate(
                Self.prompt,
                options {
                    $0.sampling.seed = seed
                    $0.speculation = .off
                })
            let usual = try model.generate(Self.prompt, options { $0.sampling.seed = seed })
            try await expectSame(pieces(plain), pieces(usual))
        }
    }

    @Test("Sampled pairs of tokens have the distribution of the model", arguments: [0.7, 1.5])
    func distribution(temperature: Double) async throws {
        let model = try TinyModel.load()
        let prompt = try model.promptTokens(Self.prompt)
        var sampling = SamplingOptions()
        sampling.temperature = temperature
        func next(_ tokens: [TokenID]) throws -> [Double] {
            let logits = try model.decoder.run([.init(model.makeCache().makeSequence(), tokens)]).toArray()
            // Letters that stand in the prompt, so that there is something to guess.
            let letters = logits.prefix(model.vocabulary).enumerated().map {
                97...100 ~= $0.offset ? $0.element : -.infinity
            }
            return ReferenceSampling.distribution(letters, sampling)
        }
        // The second and third token come out of a step with guesses.
        let first = try next(prompt)
        var probabilities: [Double] = []
        var index: [[TokenID]: Int] = [:]
        for a in first.indices where first[a] > 0 {
            let second = try next(prompt + [TokenID(a)])
            for b in second.indices where second[b] > 0 {
                let third = try next(prompt + [TokenID(a), TokenID(b)])
                for c in third.indices where third[c] > 0 {
                    index[[TokenID(a), TokenID(b), TokenID(c)]] = probabilities.count
                    probabilities.append(first[a] * second[b] * third[c])
                }
            }
        }
        var counts = [Int](repeating: 0, count: probabilities.count)
        var accepted = 0
        for seed in 0..<2500 as Range<UInt64> {
            var options = GenerationOptions()
            options.sampling = sampling
            options.sampling.seed = seed
            for id in 0..<TokenID(model.vocabulary) where !(97...100 ~= id) {
                options.sampling.logitBias[id] = -.infinity
            }
            options.maxTokens = 3
            options.ignoresEnd = true
            options.speculation.fixedCount = 2
            let generation = try model.generate(tokens: prompt, options)
            let tokens = try await generation.collect()[0].tokens.map(\.id)
            accepted += generation.statistics.acceptedTokens
            counts[try #require(index[tokens])] += 1
        }
        let result = ChiSquare(counts: counts, probabilities: probabilities)
        #expect(result.impossible == 0)
        #expect(result.statistic < result.limit, "\(result.degrees) degrees of freedom")
        #expect(accepted > 0)
    }

    @Test("A draft model of another vocabulary is refused, with the first token that differs")
    func otherVocabulary() throws {
        let path = "\(TinyModel.temporaryFolder)/foreign-\(UInt64.random(in: 0 ... .max)).gguf"
        try TinyModel.write(to: path, controls: ["<begin>", "<stop>"])
        let model = try TinyModel.load()
        let error = GenerationError.draftVocabulary(
            draft: path, model: TinyModel.path, reason: "token 257 is «<stop>», not «<end>»")
        #expect(throws: error) { try DraftModel(path: path, for: model) }
    }

    @Test("An error behind chosen tokens comes after them")
    func lateError() async throws {
        let path = "\(TinyModel.temporaryFolder)/damaged-row-\(UInt64.random(in: 0 ... .max)).gguf"
        // The embedding of "e": damage that shows once an e is read.
        try TinyModel.write(to: path) { name, values in
            if name == "token_embd.weight" { values[101 * 32] = .nan }
        }
        let model = try LocalModel(path: path, prefixBytes: 0)
        func outcome(_ speculation: SpeculationOptions) async throws -> ([TokenID], String) {
            var tokens: [TokenID] = []
            do {
                for try await piece in try model.generate("abcd", options { $0.speculation = speculation }) {
                    tokens += piece.token.map { [$0.id] } ?? []
                }
                return (tokens, "")
            } catch {
                return (tokens, "\(error)")
            }
        }
        var guessing = SpeculationOptions.lookup
        guessing.fixedCount = 4
        let (plain, guessed) = try await (outcome(.off), outcome(guessing))
        #expect(plain == guessed)
    }
}

@Suite("Prompt look-up")
struct PromptLookupTests {
    private func draft(_ tokens: [TokenID], _ count: Int) -> (DraftGround?, [TokenID]) {
        let lookup = PromptLookup(tokens)
        let ground = lookup.ground()
        return (ground, lookup.draft(count))
    }

    @Test("The place with the longest common past is taken, of equals the latest")
    func longest() {
        let (ground, tokens) = draft([1, 2, 3, 4, 50, 9, 3, 4, 60, 7, 1, 2, 3, 4], 2)
        #expect(ground == .repeats4)
        #expect(tokens == [50, 9])
        #expect(draft([3, 4, 50, 0, 3, 4, 60, 0, 3, 4], 2).1 == [60, 0])
    }

    @Test("A loop goes on")
    func loop() {
        let (_, tokens) = draft([7, 1, 2, 3, 1, 2, 3, 1, 2], 7)
        #expect(tokens == [3, 1, 2, 3, 1, 2, 3])
        #expect(draft([5, 5, 5, 5], 3).1 == [5, 5, 5])
    }

    @Test("Where the last two tokens never stood before, there is no guess", arguments: [[], [1], [1, 1], [1, 2, 1]])
    func nothing(tokens: [TokenID]) {
        #expect(draft(tokens, 3).0 == nil)
        #expect(draft(tokens, 3).1 == [])
    }

    @Test("Tokens that come one by one are found as those that were there")
    func appended() {
        let tokens = (0..<300).map { TokenID($0 * $0 % 17) }
        let lookup = PromptLookup([])
        for (index, token) in tokens.enumerated() {
            lookup.append(token)
            let (ground, expected) = draft(Array(tokens[...index]), 4)
            #expect(lookup.ground() == ground)
            #expect(lookup.draft(4) == expected)
        }
    }
}

@Suite("Whether guesses pay")
struct DraftLengthTests {
    private func costs(_ seconds: (Int) -> Double, rows: [Int]) -> StepCostTable {
        var table = StepCostTable()
        for _ in 0..<3 { for row in rows { table.note(rows: row, seconds: seconds(row)) } }
        return table
    }

    @Test("Where rows cost nothing, sure guesses are made as many as there is room for")
    func free() {
        let flat = costs({ _ in 1 }, rows: Array(1...32))
        #expect(DraftLength(share: 0.95, secondsPerGuess: 0, room: 20, rows: 1, flat).count == 20)
    }

    @Test("Where each row costs a step, none are made")
    func dear() {
        let linear = costs({ Double($0) }, rows: Array(1...32))
        for share in [0.2, 0.9, 1] {
            #expect(DraftLength(share: share, secondsPerGuess: 0, room: 20, rows: 1, linear).count == 0)
            #expect(DraftLength(share: share, secondsPerGuess: 0, room: 20, rows: 2, linear).count == 0)
        }
    }

    @Test("Between these the count is the one of the highest rate", arguments: [0.3, 0.5, 0.7, 0.9])
    func best(share: Double) {
        let seconds = { (rows: Int) in 1 + 0.15 * Double(rows - 1) }
        let length = DraftLength(
            share: share, secondsPerGuess: 0.01, room: 16, rows: 1, costs(seconds, rows: Array(1...32)))
        func rate(_ count: Int) -> Double {
            var (expected, right) = (1.0, 1.0)
            for _ in 0..<count {
                right *= share
                expected += right
            }
            return expected / (seconds(1 + count) + 0.01 * Double(count))
        }
        for count in 0...16 { #expect(rate(length.count) >= rate(count) * 0.97) }
        #expect(length.count > 0)
    }

    @Test("A dear draft model is left alone")
    func dearDraft() {
        let flat = costs({ _ in 1 }, rows: Array(1...32))
        #expect(DraftLength(share: 0.8, secondsPerGuess: 2, room: 8, rows: 1, flat).count == 0)
        #expect(DraftLength(share: 0.8, secondsPerGuess: 0.1, room: 8, rows: 1, flat).count > 2)
    }

    @Test("Costs that were not measured lie between those that were")
    func between() {
        let table = costs({ Double($0) * 2 }, rows: [1, 5, 9])
        for rows in 1...9 { #expect(((table.seconds(rows: rows) ?? 0) - 2 * Double(rows)).magnitude < 1e-9) }
        #expect((table.seconds(rows: 12) ?? 0) > 18)
        #expect(StepCostTable().seconds(rows: 1) == nil)
        // More rows never cost less.
        var odd = costs({ _ in 4 }, rows: [2])
        odd.note(rows: 3, seconds: 2)
        #expect(odd.seconds(rows: 2) == 2)
    }

    @Test("Guesses that are wrong are tried ever more rarely, and as before once they pay")
    func trials() {
        var acceptance = Acceptance()
        let usual = acceptance.share(.repeats3)
        for _ in 0..<30 { acceptance.note(.repeats3, right: 0, wrong: true) }
        #expect(acceptance.share(.repeats3) < usual / 4)
        var trials: [Int] = []
        for step in 0..<400 where acceptance.isTimeToTry(.repeats3) { trials.append(step) }
        #expect(trials == [16, 49, 114, 243])
        for _ in 0..<60 { acceptance.note(.repeats3, right: 2, wrong: false) }
        #expect(acceptance.share(.repeats3) > 0.8)
    }
}
