import ApusTokenization
import Synchronization

/// The text that a model writes, piece by piece:
///
/// ```swift
/// for try await piece in try model.generate("Once upon a time") { print(piece, terminator: "") }
/// ```
///
/// Each piece is computed when it is asked for. A task that is cancelled, or that no longer asks, has stopped the work
/// within one token.
public struct Generation: AsyncSequence, Sendable {
    public typealias Element = GeneratedPiece

    private let model: LocalModel
    private let options: GenerationOptions
    /// The tokens that are continued.
    public let prompt: [TokenID]
    private let report = Report()

    private final class Report: Sendable {
        let statistics = Mutex(GenerationStatistics())
        let promptScores = Mutex<[GeneratedToken]>([])
    }

    init(_ model: LocalModel, prompt: [TokenID], _ options: GenerationOptions) throws {
        self.model = model
        self.prompt = prompt
        self.options = options
        try GenerationRun.validate(model, prompt: prompt, options)
    }

    /// Counts and rates so far.
    public var statistics: GenerationStatistics { report.statistics.withLock { $0 } }

    /// What the model thought of each token of the prompt after the first, where options ask for it; complete with the
    /// first piece.
    public var promptScores: [GeneratedToken] { report.promptScores.withLock { $0 } }

    public func makeAsyncIterator() -> Iterator { Iterator(self) }

    public struct Iterator: AsyncIteratorProtocol {
        private let generation: Generation
        private var run: GenerationRun?
        private var ready: ArraySlice<GeneratedPiece> = []

        fileprivate init(_ generation: Generation) { self.generation = generation }

        /// - Throws: `CancellationError`, ``GenerationError``, ``SamplingError``, and the model's errors.
        public mutating func next() async throws -> GeneratedPiece? {
            try Task.checkCancellation()
            let run = try run ?? GenerationRun(generation.model, prompt: generation.prompt, generation.options)
            self.run = run
            if ready.isEmpty {
                // Other tasks of the program get their turn between two tokens.
                await Task.yield()
                ready = try run.next()?[...] ?? []
                generation.report.promptScores.withLock { $0 = run.promptScores }
            }
            let piece = ready.popFirst()
            let waiting = ready.count { $0.token != nil }
            generation.report.statistics.withLock {
                $0 = run.statistics
                // Tokens count when they are given.
                $0.completionTokens -= waiting
            }
            return piece
        }
    }

    /// All pieces at once: the text of each continuation, its tokens, and why it ended.
    public func collect() async throws -> [GeneratedText] {
        var texts = (0..<options.choices).map { _ in GeneratedText() }
        for try await piece in self {
            texts[piece.choice].text += piece.text
            if let token = piece.token { texts[piece.choice].tokens.append(token) }
            if let reason = piece.finishReason { texts[piece.choice].finishReason = reason }
        }
        return texts
    }
}

/// A continuation that is complete.
public struct GeneratedText: Sendable {
    public var text = ""
    public var tokens: [GeneratedToken] = []
    public var finishReason = FinishReason.length
}
