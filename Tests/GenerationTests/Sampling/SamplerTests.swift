import ApusTensors
import ApusTokenization
import Foundation
import Testing

@testable import ApusGeneration

func logarithm(_ x: Double) -> Double { Foundation.log(x) }

@Suite("The sampler")
struct SamplerTests {
    private func next(_ logits: [Float], _ options: SamplingOptions, prompt: [TokenID] = []) throws -> TokenID {
        var sampler = try Sampler(options, vocabulary: logits.count, prompt: prompt)
        return try sampler.sample(logits).id
    }

    @Test("is greedy at temperature 0 and takes the lowest id of equals", arguments: [1, 7, 8, 9, 1_000])
    func greedy(count: Int) throws {
        var logits = [Float](repeating: -1, count: count)
        #expect(try next(logits, .greedy) == 0)
        logits[count - 1] = 5
        #expect(try next(logits, .greedy) == TokenID(count - 1))
        logits[count / 2] = 5
        #expect(try next(logits, .greedy) == TokenID(count / 2))
    }

    @Test(
        "takes the larger of the closest logits at the smallest temperatures", arguments: [1e-300, 1e-45, 1e-30, 1e-10])
    func tinyTemperature(temperature: Double) throws {
        var options = SamplingOptions()
        options.temperature = temperature
        for seed in 0..<50 as Range<UInt64> {
            options.seed = seed
            #expect(try next([1, Float(1).nextUp, 0.5], options) == 1)
            #expect(try next([-3e38, 3e38, -.infinity], options) == 1)
        }
    }

    @Test("draws evenly at the largest temperatures, from tokens that are not banned")
    func hugeTemperature() throws {
        var options = SamplingOptions()
        options.temperature = 1e300
        options.seed = 1
        var sampler = try Sampler(options, vocabulary: 4)
        var counts = [0, 0, 0, 0]
        for _ in 0..<9_000 { counts[Int(try sampler.sample([90, -.infinity, 0, -90]).id)] += 1 }
        #expect(counts[1] == 0)
        for index in [0, 2, 3] { #expect(abs(counts[index] - 3_000) < 250) }
    }

    @Test("never takes padding above the vocabulary, whatever its logit", arguments: [0, 1.0, 100])
    func padding(temperature: Double) throws {
        var options = SamplingOptions()
        options.temperature = temperature
        options.logprobs = 8
        var sampler = try Sampler(options, vocabulary: 3)
        let logits: [Float] = [0, 1, 0, 50, .nan, 50, 50, 50, 50]
        for _ in 0..<100 {
            options.logprobs = nil
            var plain = try Sampler(options, vocabulary: 3)
            #expect(try plain.sample(logits).id < 3)
        }
        let token = try sampler.sample([0, 1, 0, 50])
        #expect(token.top.count == 3)
        #expect(token.top.allSatisfy { $0.id < 3 })
    }

    @Test("names the token whose logit is not a number or infinite", arguments: [0, 1.0])
    func damage(temperature: Double) throws {
        var options = SamplingOptions()
        options.temperature = temperature
        var logits = normalLogits(100, spread: 1, seed: 1)
        logits[77] = .nan
        #expect(throws: SamplingError.damagedLogit(id: 77, value: "NaN")) { try next(logits, options) }
        logits[13] = .infinity
        #expect(throws: SamplingError.damagedLogit(id: 13, value: "infinite")) { try next(logits, options) }
        #expect("\(SamplingError.damagedLogit(id: 77, value: "NaN"))".contains("token 77"))
        #expect("\(SamplingError.damagedLogit(id: 77, value: "NaN"))".contains("weights are likely damaged"))
        #expect(throws: SamplingError.noFiniteLogit) { try next([-.infinity, -.infinity], options) }
        #expect(throws: SamplingError.tooFewLogits(count: 2, vocabulary: 3)) {
            var sampler = try Sampler(options, vocabulary: 3)
            _ = try sampler.sample([1, 2])
        }
    }

    @Test("chooses only what the mask of a constraint allows")
    func mask() throws {
        var allowed = TokenMask(vocabulary: 100)
        allowed[64] = true
        allowed[99] = true
        allowed[3] = true
        allowed[3] = false
        allowed[-1] = true
        allowed[100] = true
        var logits = normalLogits(100, spread: 1, seed: 1)
        logits[3] = 100
        logits[99] = 2
        logits[64] = 2
        var greedy = try Sampler(.greedy, vocabulary: 100)
        #expect(try greedy.sample(logits, allowed: allowed).id == 64)
        var sampler = try Sampler(SamplingOptions(), vocabulary: 100)
        var drawn: Set<TokenID> = []
        for _ in 0..<100 { drawn.insert(try sampler.sample(logits, allowed: allowed).id) }
        #expect(drawn == [64, 99])
        #expect(throws: SamplingError.nothingAllowed) {
            try sampler.sample(logits, allowed: TokenMask(vocabulary: 100))
        }
        #expect(try greedy.sample(logits, allowed: TokenMask(vocabulary: 100, allowingAll: true)).id == 3)
    }

    @Test("adds logit biases first and bans with minus infinity")
    func bias() throws {
        var options = SamplingOptions.greedy
        options.logitBias = [2: 5, 0: -.infinity]
        #expect(try next([9, 6, 2, 0], options) == 2)
        options.logitBias = [3: 3e38]
        #expect(try next([9, 6, 2, 3e38], options) == 3)
        options.logitBias = [4: 1]
        #expect(throws: SamplingError.unknownToken(id: 4, vocabulary: 4, parameter: "logit_bias")) {
            try next([9, 6, 2, 0], options)
        }
        options.logitBias = [0: -.infinity, 1: -.infinity]
        #expect(throws: SamplingError.nothingAllowed) { try next([9, 6], options) }
    }

    @Test("penalises recent tokens as worked out by hand")
    func penalties() throws {
        var options = SamplingOptions.greedy
        options.repeatPenalty = 2
        options.presencePenalty = 0.5
        options.frequencyPenalty = 0.25
        options.repeatLastN = 4
        // Among the last four: token 1 twice, token 2 once, token 3 once; token 0 has left.
        var sampler = try Sampler(options, vocabulary: 5, prompt: [0, 0, 1, 2, 1])
        sampler.accept(3)
        var edited: [Float] = []
        [Float(4), 4, -4, 0, 1].withUnsafeBufferPointer { sampler.edit($0, allowed: nil, into: &edited) }
        // 4/2 - 2*0.25 - 0.5, -4*2 - 0.25 - 0.5, 0 - 0.25 - 0.5.
        #expect(edited == [4, 1, -8.75, -0.75, 1])
    }

    @Test("looks at all tokens with repeat_last_n -1 and at none with 0")
    func penaltyWindow() throws {
        var options = SamplingOptions.greedy
        options.presencePenalty = 10
        options.repeatLastN = -1
        let prompt = [0] + [TokenID](repeating: 1, count: 200)
        #expect(try next([5, 4, 3], options, prompt: prompt) == 2)
        options.repeatLastN = 64
        #expect(try next([5, 4, 3], options, prompt: prompt) == 0)
        options.repeatLastN = 0
        #expect(try next([3, 4, 3], options, prompt: prompt) == 1)
    }

    @Test("counts the tokens that it chose")
    func ownTokens() throws {
        var options = SamplingOptions.greedy
        options.presencePenalty = 10
        var sampler = try Sampler(options, vocabulary: 4)
        #expect(try (0..<4).map { _ in try sampler.sample([1, 4, 3, 2]).id } == [1, 2, 3, 0])
    }

    @Test("bears the largest penalties and biases")
    func extremes() throws {
        var options = SamplingOptions()
        options.repeatPenalty = 1e-300
        options.frequencyPenalty = -1e38
        options.presencePenalty = -3e38
        options.logitBias = [1: 3e38, 2: -.infinity]
        options.seed = 3
        let token = try next([1, 2, -.infinity, -5], options, prompt: [1, 1, 1, 1, 1, 2, 3])
        #expect(token == 1 || token == 3)
    }

    @Test(
        "chooses a token of the vocabulary or says why not, whatever the options and logits",
        arguments: 0..<400 as Range<UInt64>)
    func anything(seed: UInt64) throws {
        var random = RandomGenerator(seed: seed)
        func pick<T>(_ values: [T]) -> T { values[Int.random(in: values.indices, using: &random)] }
        var options = SamplingOptions()
        options.seed = seed
        options.temperature = pick([0, 1e-300, 1e-30, 0.7, 1, 30, 1e300])
        options.topK = pick([0, 1, 5, 600, .max])
        options.topP = pick([1, 0, 1e-300, 0.9, 1.0.nextDown])
        options.minP = pick([0, 1e-300, 0.1, 1])
        options.typicalP = pick([1, 0, 0.5, 1.0.nextDown])
        options.repeatPenalty = pick([1, 1e-300, 1.1, 1e300])
        options.repeatLastN = pick([-1, 0, 3, .max])
        options.presencePenalty = pick([0, -1e300, 1, 1e300])
        options.frequencyPenalty = pick([0, -1e300, 1, 1e300])
        options.dry = pick([nil, DRYOptions(multiplier: 1e300, base: 1e300, allowedLength: pick([0, 2, .max]))])
        options.xtc = pick([nil, XTCOptions(probability: 1, threshold: pick([0, 0.1, 1]))])
        options.mirostat = pick([nil, nil, MirostatOptions(tau: pick([1e-300, 3, 1e300]), eta: 1)])
        options.logprobs = pick([nil, 0, 3, .max])
        if options.mirostat != nil {
            (options.topK, options.topP, options.minP, options.typicalP, options.xtc) = (0, 1, 0, 1, nil)
        }
        if options.temperature == 0 { (options.xtc, options.mirostat) = (nil, nil) }
        let vocabulary = pick([1, 2, 9, 700])
        options.logitBias = pick([[:], [0: -3e38], [0: 3e38], [0: -.infinity]])
        let large: Float = pick([0, 1, 100, 3.4e38])
        var sampler = try Sampler(options, vocabulary: vocabulary)
        for _ in 0..<10 {
            let logits = (0..<(vocabulary + 3)).map { _ in
                pick([Float.random(in: -1...1, using: &random), large, -large, -.infinity])
            }
            do {
                let token = try sampler.sample(logits)
                #expect(token.id >= 0 && Int(token.id) < vocabulary)
                #expect(logits[Int(token.id)] > -.infinity)
            } catch {
                #expect(error == .noFiniteLogit || error == .nothingAllowed)
            }
        }
    }
}
