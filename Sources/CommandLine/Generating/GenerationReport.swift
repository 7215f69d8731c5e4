import ApusGeneration
import ApusModelFiles
import ApusTokenization

/// A generation as JSON: an object for each continuation.
struct GenerationReport: Sendable {
    let model: LocalModel
    let prompt: [TokenID]
    /// The prompt's own bytes.
    let text: [UInt8]
    /// Whether the prompt is part of text, tokens and log-probabilities.
    let echo: Bool
    let logprobs: Bool
    let loadSeconds: Double

    func json(_ choices: [GeneratedText], _ generation: Generation) -> [JSON] {
        let statistics = generation.statistics
        let timings: JSON = [
            "load_s": .number(loadSeconds),
            "prefill_tokens_per_s": statistics.prefillTokensPerSecond.map { .number($0) } ?? .null,
            "decode_tokens_per_s": statistics.decodeTokensPerSecond.map { .number($0) } ?? .null,
            "drafted_tokens": .integer(statistics.draftedTokens),
            "accepted_tokens": .integer(statistics.acceptedTokens),
        ]
        return choices.enumerated().map { index, choice in
            let ids = (echo ? prompt : []) + choice.tokens.map(\.id)
            var object: JSON.Object = [
                "text": .string((echo ? String(decoding: text, as: UTF8.self) : "") + choice.text),
                "tokens": .array(ids.map { .integer(Int($0)) }),
                "logprobs": logprobs ? .array(scores(choice, generation.promptScores)) : .null,
                "finish_reason": .string(choice.finishReason.rawValue),
                "usage": [
                    "prompt_tokens": .integer(prompt.count), "completion_tokens": .integer(choice.tokens.count),
                ],
                "timings": timings,
            ]
            if choices.count > 1 { object["index"] = .integer(index) }
            return .object(object)
        }
    }

    private func scores(_ choice: GeneratedText, _ promptScores: [GeneratedToken]) -> [JSON] {
        let generated = choice.tokens.map(json)
        guard echo, let first = prompt.first else { return generated }
        // Nothing comes before the first token, so that there is nothing to predict it from.
        let head = entry(first, model.tokenizer.piece(of: first) ?? [], logprob: .null, top: [])
        return [head] + promptScores.map(json) + generated
    }

    private func json(_ token: GeneratedToken) -> JSON {
        let top = token.top.map { candidate in
            entry(
                candidate.id, model.tokenizer.piece(of: candidate.id) ?? [], logprob: Self.number(candidate.logprob),
                top: nil)
        }
        return entry(token.id, token.bytes, logprob: token.logprob.map(Self.number) ?? .null, top: top)
    }

    private func entry(_ id: TokenID, _ bytes: [UInt8], logprob: JSON, top: [JSON]?) -> JSON {
        var object: JSON.Object = [
            "id": .integer(Int(id)), "token": .string(String(decoding: bytes, as: UTF8.self)),
            "bytes": JSON(bytes: bytes),
            "logprob": logprob,
        ]
        if let top { object["top"] = .array(top) }
        return .object(object)
    }

    /// JSON has no infinity; the lowest number stands for a token that the model excludes.
    private static func number(_ logprob: Double) -> JSON { .number(max(logprob, -9999)) }
}
