import ApusModels
import ApusTokenization
import Glibc

/// A small model that guesses what a larger one of the same vocabulary will write.
public final class DraftModel: Sendable {
    public let model: LocalModel
    private let target: LocalModel

    /// Vocabularies may differ in padding at their end.
    private static let mostPadding = 128

    /// - Throws: ``GenerationError/draftVocabulary(draft:model:reason:)`` where tokens differ.
    public init(_ model: LocalModel, for target: LocalModel) throws {
        self.model = model
        self.target = target
        try compareVocabularies(target)
    }

    /// Opens a model as a draft of another.
    ///
    /// - Throws: as ``LocalModel/init(path:context:cacheType:prefixBytes:)`` does, and where tokens differ.
    public convenience init(path: String, for target: LocalModel) throws {
        try self.init(LocalModel(path: path), for: target)
    }

    /// - Throws: ``GenerationError/draftVocabulary(draft:model:reason:)`` where the tokens of a model differ from the draft's.
    func check(for target: LocalModel) throws {
        if target !== self.target { try compareVocabularies(target) }
    }

    private func compareVocabularies(_ target: LocalModel) throws {
        func failure(_ reason: String) -> GenerationError {
            .draftVocabulary(draft: model.path, model: target.path, reason: reason)
        }
        let (own, other) = (model.tokenizer, target.tokenizer)
        guard (own.vocabularySize - other.vocabularySize).magnitude <= Self.mostPadding else {
            throw failure("it has \(own.vocabularySize) tokens, not \(other.vocabularySize)")
        }
        for id in 0..<TokenID(min(own.vocabularySize, other.vocabularySize)) {
            let (a, b) = (own.piece(of: id), other.piece(of: id))
            if a != b {
                func quoted(_ piece: [UInt8]?) -> String {
                    piece.map { "«\(String(decoding: $0, as: UTF8.self))»" } ?? "none"
                }
                throw failure("token \(id) is \(quoted(a)), not \(quoted(b))")
            }
        }
    }
}

/// A draft model that follows one text.
final class ModelDrafter: Drafter {
    private let draft: DraftModel
    private let vocabulary: Int
    private let leastLogProbability: Double
    private let sequence: KVSequence
    /// The text, the guesses apart.
    private var tokens: [TokenID]
    /// How many of them the sequence certainly has.
    private var agreed = 0

    init(_ draft: DraftModel, _ tokens: [TokenID], vocabulary: Int, leastProbability: Double) {
        self.draft = draft
        self.tokens = tokens
        leastLogProbability = log(leastProbability)
        self.vocabulary = min(vocabulary, draft.model.vocabulary)
        sequence = draft.model.prefixes.sequence(for: tokens)
        agreed = sequence.length
    }

    deinit {
        forgetWrongGuesses()
        draft.model.prefixes.keep(sequence)
    }

    func append(_ token: TokenID) { tokens.append(token) }

    /// A text that is longer than the small model's window can't be guessed by it.
    func ground() -> DraftGround? { tokens.count < draft.model.context ? .model : nil }

    /// Reads the text up to its last token, in chunks.
    ///
    /// - Throws: `CancellationError`, and the model's errors.
    func catchUp() throws {
        forgetWrongGuesses()
        while sequence.length < tokens.count - 1, tokens.count < draft.model.context {
            try Task.checkCancellation()
            let end = min(sequence.length + PromptReading.chunk, tokens.count - 1)
            _ = try draft.model.decoder.run(
                [.init(sequence, Array(tokens[sequence.length..<end]), outputs: 0)],
                stopsWhenCancelled: true)
        }
        agreed = sequence.length
    }

    func draft(_ count: Int) throws -> [TokenID] {
        try catchUp()
        guard let last = tokens.last else { return [] }
        var guesses: [TokenID] = []
        while guesses.count < min(count, draft.model.context - tokens.count) {
            let logits = try draft.model.decoder.run([.init(sequence, [guesses.last ?? last])])
            guard let guess = try logits.withRow(0, mostProbable) else { break }
            guesses.append(guess)
        }
        return guesses
    }

    private func forgetWrongGuesses() {
        let read = sequence.tokens
        while agreed < min(read.count, tokens.count), read[agreed] == tokens[agreed] { agreed += 1 }
        // The last token is read for its logits.
        agreed = min(agreed, max(0, tokens.count - 1))
        sequence.truncate(to: agreed)
    }

    private func mostProbable(_ logits: UnsafeBufferPointer<Float>) throws -> TokenID? {
        do {
            let softmax = try LogSoftmax(logits)
            guard let best = softmax.top(1, of: logits, vocabulary: vocabulary).first else { return nil }
            return best.logprob >= leastLogProbability ? best.id : nil
        } catch {
            throw draft.model.decoder.damage() ?? error
        }
    }
}
