#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a given time of this machine can buy: the model size whose predicted loss is lowest.
///
/// A larger model learns more from each token but sees fewer of them. The loss that N parameters reach after D tokens is
/// taken from Hoffmann et al. 2022 (`1.69 + 406.4 / N^0.34 + 410.7 / D^0.28`), where tokens that were read before count
/// less, by Muennighoff et al. 2023: U unique ones read R times more are worth `U + 15.4 U (1 − e^(−R/15.4))`. The figures
/// rank sizes; the loss that a run reaches depends on the text.
public struct HourPlan: Sendable, Equatable {
    /// A size that could be trained.
    public struct Candidate: Sendable, Equatable {
        public let model: ModelSettings
        public let parameters: Int
        /// Tokens a second that a step was measured to learn from.
        public let tokensPerSecond: Double
        /// Tokens that the time allows.
        public let tokens: Double
        /// How often the corpus is read.
        public let epochs: Double
        public let predictedLoss: Double
    }

    /// All that were measured, smallest first.
    public let candidates: [Candidate]
    public let best: Candidate
    /// Windows of a step, and steps.
    public let batch: Int
    public let steps: Int
    /// Seconds for the steps.
    public let seconds: Double

    /// The part of the time that goes into measuring and steps; the rest is for the tokenizer, the corpus, and writing
    /// the model.
    static let stepShare = 0.94

    /// The part of the time that is measured at most, but for the first three sizes.
    static let measuringShare = 0.08

    /// From so many readings of the corpus on a model is likely to learn it by heart before the time is over.
    static let manyEpochs = 4.0

    /// Whether the run had better end when the held-out loss gets no better.
    public var readsOften: Bool { best.epochs > Self.manyEpochs }

    /// - Parameters:
    ///   - corpusTokens: how many tokens the corpus has, about.
    ///   - clock: seconds; what measuring takes is part of the time.
    ///   - measure: parameters of a model, and tokens a second that a step with so many windows learns from.
    public init(
        hours: Double, corpusTokens: Int, context: Int, family: String, clock: () -> Double = monotonicSeconds,
        measure: (ModelSettings, _ windows: Int) throws -> (parameters: Int, tokensPerSecond: Double)
    ) throws {
        guard hours > 0, hours <= 10_000 else {
            throw TrainingError.badSetting("the number of hours", value: "\(hours)", expected: "up to 10000")
        }
        let began = clock()
        let seconds = hours * 3600 * Self.stepShare
        var candidates: [Candidate] = []
        for (width, layers) in Self.shapes {
            var model = ModelSettings(
                family: family, layers: layers, width: width, heads: max(1, width / 64), context: context)
            model.tied = true
            let (parameters, rate) = try measure(model, Self.windows(context: context))
            let tokens = rate * seconds
            let unique = Double(max(1, corpusTokens))
            let repeated = max(0, tokens / unique - 1)
            let worth = tokens <= unique ? tokens : unique + 15.4 * unique * (1 - exp(-repeated / 15.4))
            let loss = 1.69 + 406.4 / pow(Double(parameters), 0.34) + 410.7 / pow(worth, 0.28)
            candidates.append(
                Candidate(
                    model: model, parameters: parameters, tokensPerSecond: rate, tokens: tokens,
                    epochs: tokens / unique, predictedLoss: loss))
            // Sizes go up; once it gets worse twice it will not get better.
            let last = candidates.suffix(3).map(\.predictedLoss)
            if last.count == 3, last[0] < last[1], last[1] < last[2] { break }
            if last.count == 3, clock() - began > hours * 3600 * Self.measuringShare { break }
        }
        let best = candidates.min { $0.predictedLoss < $1.predictedLoss } ?? candidates[0]
        self.candidates = candidates
        self.best = best
        // At least half of it for steps, however slowly the smallest models were measured.
        self.seconds = max(seconds / 2, seconds - (clock() - began))
        // A few thousand steps make good use of a run; batches stay between 2,048 and 32,768 tokens.
        let wanted = min(32_768, max(2_048, best.tokens / 4000))
        batch = max(1, Int((wanted / Double(context)).rounded()))
        steps = max(1, Int(best.tokensPerSecond * self.seconds / Double(batch * context)))
    }

    /// Widths and numbers of blocks, in about the proportion of the models of Hoffmann et al.
    static let shapes = [
        (64, 2), (96, 3), (128, 4), (192, 5), (256, 6), (320, 7), (384, 8), (512, 9), (640, 10), (768, 12), (1024, 14),
    ]

    private static func windows(context: Int) -> Int { max(1, 2_048 / context) }
}
