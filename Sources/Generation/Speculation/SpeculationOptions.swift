/// How a generation guesses what comes next, so that several tokens are checked in one step of the model.
///
/// Guesses change only the time that a text takes: each token is chosen from the model's own logits, with the same
/// random number as without them.
public struct SpeculationOptions: Sendable {
    /// Guesses what came after the last tokens where they stood before, in prompt or text. Costs next to nothing, and
    /// pays where a text takes over much of its prompt: summaries, edits, answers from documents.
    public var looksUp: Bool
    /// A small model of the same vocabulary whose tokens are guesses.
    public var draft: DraftModel?
    /// Guesses this many tokens in each step, whether it pays or not: for tests and measurements.
    var fixedCount: Int?
    /// A draft model's guesses end before a token that it believes in less than this.
    var leastProbability = 0.5

    public init(looksUp: Bool = true, draft: DraftModel? = nil) {
        self.looksUp = looksUp
        self.draft = draft
    }

    /// A token a step.
    public static var off: Self { Self(looksUp: false) }
    /// Look-up in prompt and text alone.
    public static var lookup: Self { Self() }
    /// A small model, and look-up where the text repeats itself.
    public static func draft(_ model: DraftModel) -> Self { Self(draft: model) }
}
