import ApusTensors
import ApusTokenization
import Testing

@testable import ApusTraining

@Suite("Windows of a corpus")
struct WindowTests {
    private let folder = DataFolder()

    private func corpus(documents: Int, words: Int) throws -> PackedCorpus {
        var random = SplitMix64(seed: 7)
        let rows = (0..<documents).map { index in
            let text = (0..<1 + random.number(below: words)).map { _ in "\(random.number(below: 1000))" }
            return "{\"text\": \"document \(index): \(text.joined(separator: " "))\"}\n"
        }
        let path = folder.write("\(documents).jsonl", rows.joined())
        let packer = CorpusPacker(tokenizer: try DataFixture.tokenizer())
        return try packer.pack(Corpus(paths: [path]), to: folder.path + "/\(documents).packed").corpus
    }

    @Test("A run that goes on at a step reads what an unbroken run reads, over many epochs", arguments: [1, 3, 16])
    func resume(batch: Int) throws {
        let split = try CorpusSplit(corpus(documents: 20, words: 30), heldOutShare: 0.1, context: 16, seed: 1)
        let unbroken = try WindowSampler(split.training, context: 16, batch: batch, seed: 42)
        let steps = unbroken.windows * 4 / batch + 5
        let expected = try (0..<steps).map { try unbroken.batch(step: $0) }
        for start in [0, 1, steps / 2, steps - 1] {
            let resumed = try WindowSampler(split.training, context: 16, batch: batch, seed: 42)
            #expect(try (start..<steps).map { try resumed.batch(step: $0) } == Array(expected[start...]))
        }
        let backwards = try (0..<steps).reversed().map { try unbroken.batch(step: $0) }
        #expect(backwards.reversed() == expected)
        let other = try WindowSampler(split.training, context: 16, batch: batch, seed: 43)
        #expect(try other.batch(step: 0) != expected[0])
    }

    @Test("In an epoch each token is a target once, but for less than a window")
    func coverage() throws {
        let split = try CorpusSplit(corpus(documents: 30, words: 40), heldOutShare: 0.05, context: 8, seed: 3)
        let sampler = try WindowSampler(split.training, context: 8, batch: 1, seed: 9)
        var counts: [TokenID: Int] = [:]
        for index in 0..<split.training.documents {
            var tokens: [TokenID] = []
            try split.training.corpus.append(split.training.stretches[index], to: &tokens)
            for token in tokens { counts[token, default: 0] += 1 }
        }
        for epoch in 0..<3 {
            var left = counts
            for step in 0..<sampler.windows {
                let batch = try sampler.batch(step: epoch * sampler.windows + step)
                #expect(batch.inputs.count == 8 && batch.targets.count == 8)
                #expect(Array(batch.inputs.dropFirst()) == Array(batch.targets.dropLast()))
                for target in batch.targets { left[target, default: 0] -= 1 }
            }
            #expect(left.values.allSatisfy { $0 >= 0 })
            #expect(left.values.reduce(0, +) == split.training.tokens - 8 * sampler.windows)
            #expect(left.values.reduce(0, +) < 8)
        }
    }

    @Test("Windows stand across documents in another order each epoch")
    func shuffled() throws {
        let split = try CorpusSplit(corpus(documents: 20, words: 30), heldOutShare: 0.1, context: 16, seed: 1)
        let sampler = try WindowSampler(split.training, context: 16, batch: 4, seed: 42)
        let perEpoch = sampler.windows / 4
        #expect(try sampler.batch(step: 0) != sampler.batch(step: perEpoch))
    }

    @Test("What is held out is whole documents, none of them trained on, at least a window of them")
    func heldOut() throws {
        let corpus = try corpus(documents: 60, words: 20)
        for share in [0, 0.05, 0.1, 0.3] {
            let split = try CorpusSplit(corpus, heldOutShare: share, context: 12, seed: 5)
            let again = try CorpusSplit(corpus, heldOutShare: share, context: 12, seed: 5)
            #expect(split.heldOut.stretches == again.heldOut.stretches)
            #expect(split.heldOut.windows(context: 12) >= 1)
            #expect(split.heldOut.tokens + split.training.tokens == corpus.tokens)
            #expect(Set(split.heldOut.stretches).isDisjoint(with: split.training.stretches))
            let documents = Set((0..<corpus.documents).map { corpus.document($0) })
            #expect(documents.isSuperset(of: split.heldOut.stretches))
            let target = max(share * Double(corpus.tokens), 13)
            #expect(Double(split.heldOut.tokens) <= 1.5 * target + 1)
        }
        let other = try CorpusSplit(corpus, heldOutShare: 0.1, context: 12, seed: 6)
        #expect(
            other.heldOut.stretches
                != (try CorpusSplit(corpus, heldOutShare: 0.1, context: 12, seed: 5)).heldOut.stretches)
    }

    @Test("Of a single document the last part is held out")
    func tail() throws {
        let path = folder.write("one.txt", (0..<500).map { "line \($0)\n" }.joined())
        let tokenizer = try DataFixture.tokenizer(eos: nil)
        let corpus = try CorpusPacker(tokenizer: tokenizer).pack(
            Corpus(paths: [path]), to: folder.path + "/one.packed"
        ).corpus
        let split = try CorpusSplit(corpus, heldOutShare: 0.1, context: 16, seed: 5)
        let cut = Int(Double(corpus.tokens) * 0.9)
        #expect(split.training.stretches == [0..<cut])
        #expect(split.heldOut.stretches == [cut..<corpus.tokens])
        // Windows in order give the held-out tokens again.
        let windows = split.heldOut.windows(context: 16)
        let batch = try split.heldOut.batch(of: 0..<windows, context: 16)
        var tokens: [TokenID] = []
        try corpus.append(cut..<cut + windows * 16, to: &tokens)
        #expect(batch.inputs == tokens)
        #expect(batch.windows == windows)
        #expect(throws: DataError.self) { try CorpusSplit(corpus, heldOutShare: 0.7, context: 16, seed: 1) }
        #expect(throws: DataError.self) { try CorpusSplit(corpus, heldOutShare: .nan, context: 16, seed: 1) }
        #expect(throws: DataError.self) { try CorpusSplit(corpus, heldOutShare: 0.1, context: 0, seed: 1) }
        #expect(throws: DataError.self) { try WindowSampler(split.training, context: 16, batch: 0, seed: 1) }
        #expect(throws: DataError.self) { try WindowSampler(split.training, context: 100_000, batch: 1, seed: 1) }
        let sampler = try WindowSampler(split.training, context: 16, batch: 1 << 20, seed: 1)
        #expect(throws: DataError.self) { try sampler.batch(step: .max) }
    }

    @Test("Equal documents are on one side")
    func duplicates() throws {
        let rows = (0..<200).map { "{\"text\": \"this is document number \($0 % 7)\"}\n" }
        let path = folder.write("repeated.jsonl", rows.joined())
        let packed = try CorpusPacker(tokenizer: DataFixture.tokenizer()).pack(
            Corpus(paths: [path]), to: folder.path + "/repeated.packed")
        #expect(packed.report.duplicates == 193)
        #expect(packed.corpus.report().duplicates == 193)
        let split = try CorpusSplit(packed.corpus, heldOutShare: 0.2, context: 8, seed: 2)
        func texts(_ stream: TokenStream) throws -> Set<[TokenID]> {
            try Set(
                stream.stretches.map { stretch in
                    var tokens: [TokenID] = []
                    try packed.corpus.append(stretch, to: &tokens)
                    return tokens
                })
        }
        #expect(try texts(split.training).isDisjoint(with: texts(split.heldOut)))
    }

    @Test("Permutations have each number once and differ by seed", arguments: [1, 2, 3, 7, 64, 1000, 4097])
    func permutations(count: Int) {
        let keyed = KeyedPermutation(count: count, seed: 11)
        #expect((0..<count).map { keyed[$0] }.sorted() == Array(0..<count))
        var generator = SplitMix64(seed: 1)
        let order = generator.permutation(of: count)
        #expect(order.sorted() == (0..<Int32(count)).map { $0 })
        if count > 10 {
            let other = KeyedPermutation(count: count, seed: 12)
            #expect((0..<count).map { other[$0] } != (0..<count).map { keyed[$0] })
        }
    }

    @Test("The generator's numbers are those of its paper's reference")
    func reference() {
        var generator = SplitMix64(seed: 1_234_567)
        #expect(
            (0..<3).map { _ in generator.next() }
                == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
    }
}
