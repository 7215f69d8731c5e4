import ApusGeneration
import ApusModels
import ApusTensors
import ApusTokenization

extension TrainableModel {
    /// What the model writes by now, to see how it learns: a continuation of `prompt` at temperature 0.8, the same for
    /// the same parameters.
    ///
    /// - Parameter tokens: written at most; fewer where the end token comes first or the context ends.
    public func sample(_ prompt: String, _ tokenizer: Tokenizer, tokens: Int = 80) throws -> String {
        var feed = try tokenizer.encode(prompt, addSpecial: true)
        // A prompt of nothing begins where documents begin.
        if feed.isEmpty { feed = [tokenizer.bos ?? tokenizer.eos ?? 0] }
        let context = configuration.context
        let cache = KVCache(layout: decoder.cacheLayout(.f32), context: context)
        let sequence = cache.makeSequence()
        var options = SamplingOptions()
        options.temperature = 0.8
        options.seed = 1
        var sampler = try Sampler(options, vocabulary: min(tokenizer.vocabularySize, configuration.vocabulary))
        let ends = tokenizer.endOfGeneration.union(tokenizer.eos.map { [$0] } ?? [])
        var written: [TokenID] = []
        while written.count < tokens, sequence.length + feed.count <= context {
            let logits = try decoder.run([.init(sequence, feed)]).toArray()
            let token = try sampler.sample(logits).id
            if ends.contains(token) { break }
            written.append(token)
            feed = [token]
        }
        return tokenizer.text(written, skipSpecial: true)
    }
}

extension Decoder {
    /// The likeliest tokens after a prompt, one after another, up to an end token or the context's end.
    func greedy(_ prompt: [TokenID], ends: Set<TokenID>, most: Int) throws -> [TokenID] {
        let cache = KVCache(layout: cacheLayout(.f32), context: configuration.context)
        let sequence = cache.makeSequence()
        var feed = prompt
        var written: [TokenID] = []
        while written.count < most, !feed.isEmpty, sequence.length + feed.count <= configuration.context {
            let token = try run([.init(sequence, feed)]).withFloats { logits in
                TokenID(logits.indices.max { logits[$0] < logits[$1] } ?? 0)
            }
            if ends.contains(token) { break }
            written.append(token)
            feed = [token]
        }
        return written
    }
}
