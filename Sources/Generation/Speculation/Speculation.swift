import ApusTokenization

/// The guesses of one generation (speculative decoding, Leviathan et al. 2023, in a form that changes no byte).
///
/// A step feeds each text's last token and, behind it, guesses of those that follow. A text's token is chosen from the
/// logits of its row as ever; while it is the one that was guessed, the next row's logits are right too. How many tokens
/// are guessed is decided from what steps of so many rows cost and how often such guesses were right; where guesses do
/// not pay, there are none.
struct Speculation {
    private let options: SpeculationOptions
    private let costs: StepCosts
    private var drafters: [Int: [any Drafter]] = [:]
    private var acceptance = Acceptance()
    private var secondsPerGuess = 0.0
    private var steps = 0

    /// With more texts a step's rows are better used by their own tokens.
    private static let mostTexts = 2
    /// Guesses of one text in a step.
    private static let mostGuesses = 31
    /// How often a step is done without guesses, to know what it costs.
    private static let plainStepEvery = 64

    init(_ options: SpeculationOptions, costs: StepCosts) {
        self.options = options
        self.costs = costs
    }

    private func isOn(texts: Int) -> Bool {
        (options.looksUp || options.draft != nil) && texts <= Self.mostTexts
    }

    /// Lets a draft model read the prompt, behind which nothing is chosen yet.
    mutating func begin(_ texts: [Continuation]) throws {
        guard isOn(texts: texts.count), options.draft != nil else { return }
        for text in texts {
            makeDrafters(text, after: text.sequence.tokens)
            for case let drafter as ModelDrafter in drafters[text.choice] ?? [] { try drafter.catchUp() }
        }
    }

    /// Guesses for each text; empty ones where they would not pay.
    mutating func drafts(after texts: [Continuation]) throws -> [Draft] {
        steps += 1
        var drafts = [Draft](repeating: Draft(), count: texts.count)
        guard isOn(texts: texts.count) else { return drafts }
        let known = costs.known
        guard options.fixedCount != nil || known.count(rows: texts.count) > 1 && steps % Self.plainStepEvery != 0 else {
            return drafts
        }
        var rows = texts.count
        for (index, text) in texts.enumerated() {
            if drafters[text.choice] == nil { makeDrafters(text, after: text.sequence.tokens + [text.pending]) }
            let room = min(text.room, Self.mostGuesses, StepCostTable.mostRows - rows)
            guard room > 0, let plan = plan(drafters[text.choice] ?? [], room: room, rows: rows, known) else {
                continue
            }
            let start = ContinuousClock.now
            drafts[index] = Draft(tokens: try plan.drafter.draft(plan.count), ground: plan.ground)
            if plan.ground == .model {
                let seconds = start.secondsUntilNow / Double(max(1, drafts[index].tokens.count))
                secondsPerGuess += (secondsPerGuess == 0 ? 1 : 0.2) * (seconds - secondsPerGuess)
            }
            // A model that believes in no guess has cost time for nothing.
            if drafts[index].tokens.isEmpty { acceptance.note(plan.ground, right: 0, wrong: true) }
            rows += drafts[index].tokens.count
        }
        return drafts
    }

    /// Notes what became of a text's guesses.
    mutating func note(_ draft: Draft, choice: Int, pieces: [GeneratedPiece]) {
        for piece in pieces {
            guard let token = piece.token else { continue }
            for drafter in drafters[choice] ?? [] { drafter.append(token.id) }
        }
        guard !draft.tokens.isEmpty, let last = pieces.last else { return }
        // A text's end says nothing about the guesses behind it.
        let wrong = last.finishReason == nil && pieces.count <= draft.tokens.count
        acceptance.note(draft.ground, right: pieces.count - 1, wrong: wrong)
    }

    /// Notes what a step cost. The first one of a generation may find caches cold.
    mutating func note(rows: Int, seconds: Double) {
        if steps > 1 { costs.note(rows: rows, seconds: seconds) }
    }

    private mutating func makeDrafters(_ text: Continuation, after tokens: [TokenID]) {
        var own: [any Drafter] = []
        if options.looksUp { own.append(PromptLookup(tokens)) }
        if let draft = options.draft {
            own.append(
                ModelDrafter(
                    draft, tokens, vocabulary: text.vocabulary, leastProbability: options.leastProbability))
        }
        drafters[text.choice] = own
    }
}

// MARK: - Whether guesses pay

extension Speculation {
    private struct Plan {
        var drafter: any Drafter
        var ground: DraftGround
        var count: Int
    }

    /// The guesses that promise most; nil where none promise more than a step without.
    private mutating func plan(
        _ drafters: [any Drafter], room: Int, rows: Int, _ known: StepCostTable
    ) -> Plan? {
        var best: (plan: Plan, rate: Double)?
        for drafter in drafters {
            guard let ground = drafter.ground() else { continue }
            if let count = options.fixedCount {
                return Plan(drafter: drafter, ground: ground, count: min(count, room))
            }
            let length = DraftLength(
                share: acceptance.share(ground), secondsPerGuess: ground == .model ? secondsPerGuess : 0, room: room,
                rows: rows, known)
            if length.count > 0 {
                acceptance.pays(ground)
                if length.rate > best?.rate ?? 0 {
                    best = (Plan(drafter: drafter, ground: ground, count: length.count), length.rate)
                }
            } else if acceptance.isTimeToTry(ground), best == nil {
                best = (Plan(drafter: drafter, ground: ground, count: min(2, room)), 0)
            }
        }
        return best?.plan
    }
}
