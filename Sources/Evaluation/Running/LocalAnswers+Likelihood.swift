import ApusGeneration
import ApusModels
import ApusTensors
import ApusTokenization

extension LocalAnswers: LikelihoodModel {
    public func logLikelihoods(of continuations: [String], after question: Question) async throws -> [Double] {
        let (prefix, endings) = try continuedTokens(continuations, after: question.prompt)
        let longest = prefix.count + (endings.map(\.count).max() ?? 0)
        guard longest <= model.context + 1 else {
            throw GenerationError.promptTooLong(tokens: longest - 1, context: model.context)
        }
        let beginning = model.makeCache().makeSequence()
        // The last token is read with each ending, whose first token its logits predict.
        for start in stride(from: 0, to: prefix.count - 1, by: 256) {
            try Task.checkCancellation()
            let stretch = prefix[start..<min(start + 256, prefix.count - 1)]
            _ = try model.decoder.run([.init(beginning, Array(stretch), outputs: 0)])
        }
        var result: [Double] = []
        for ending in endings {
            await Task.yield()
            result.append(try logLikelihood(of: ending, after: prefix[prefix.count - 1], in: beginning.fork()))
        }
        return result
    }

    private func logLikelihood(of ending: [TokenID], after last: TokenID, in sequence: KVSequence) throws -> Double {
        // Logits of a stretch take vocabulary · rows floats: bounded to some 64 MiB.
        let rows = max(1, min(256, (1 << 24) / model.decoder.configuration.vocabulary))
        let inputs = [last] + ending.dropLast()
        var nats = 0.0
        for start in stride(from: 0, to: ending.count, by: rows) {
            try Task.checkCancellation()
            let stretch = start..<min(start + rows, ending.count)
            let logits = try model.decoder.run([.init(sequence, Array(inputs[stretch]), outputs: stretch.count)])
            nats -= try logits.negativeLogLikelihoods(of: Array(ending[stretch])).reduce(0, +)
        }
        guard nats.isFinite else { throw model.decoder.damage() ?? ModelError.damagedLogits }
        return nats
    }

    /// Tokens that all continuations begin with, one at least, and each one's further tokens.
    ///
    /// Behind a chat template the answer's tokens begin where the prompt's end. A text that is continued is cut anew with
    /// each continuation, because a token may reach over the border; what is scored then begins before that token, for
    /// all continuations alike.
    func continuedTokens(
        _ continuations: [String], after prompt: EvaluationTask.Prompt
    ) throws -> (prefix: [TokenID], endings: [[TokenID]]) {
        var prefix = try tokens(prompt)
        var endings: [[TokenID]] = []
        if case .text(let text) = prompt, !usesTemplate {
            let whole = try continuations.map { try model.promptTokens(text + $0) }
            let common = whole.reduce(prefix.count) { length, tokens in
                zip(prefix, tokens).prefix(length).prefix { $0 == $1 }.count
            }
            if common > 0 {
                prefix.removeLast(prefix.count - common)
                endings = whole.map { Array($0[common...]) }
            }
        }
        if endings.isEmpty { endings = try continuations.map { try model.tokenizer.encodeContinuation($0) } }
        guard !prefix.isEmpty else { throw GenerationError.emptyPrompt }
        if let index = endings.firstIndex(where: \.isEmpty) {
            throw EvaluationError.choiceWithoutTokens(continuations[index])
        }
        return (prefix, endings)
    }
}

extension Tokenizer {
    /// The tokens of a text that others stand before. Many tokenizers treat the beginning of a text differently, so the
    /// text is encoded behind another whose tokens are taken away.
    fileprivate func encodeContinuation(_ text: String) throws -> [TokenID] {
        for context in ["\n", "a", ":"] {
            // A small vocabulary may lack the context.
            guard let before = try? encode(context), let both = try? encode(context + text) else { continue }
            if !before.isEmpty, both.starts(with: before) { return Array(both[before.count...]) }
        }
        return try encode(text)
    }
}
