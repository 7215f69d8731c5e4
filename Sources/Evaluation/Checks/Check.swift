import ApusModelFiles
import ApusTokenization

/// What an answer must be like to be right. White space at both ends of the answer never counts.
public struct Check: Sendable {
    public enum Kind: Sendable {
        /// One of these texts is somewhere in the answer, whatever the case and the width of its characters.
        case contains([String])
        /// All of these texts are.
        case containsAll([String])
        /// The pattern matches somewhere in the answer. `^` and `$` are the answer's ends, `(?i)` ignores case, `(?m)`
        /// makes `^` and `$` those of lines.
        case regex(TokenizerRegex)
        /// The answer is this text and nothing else.
        case equals(String, ignoresCase: Bool)
        /// Of some continuations of the prompt, the right one is the most likely.
        case choice(Choice)
    }

    /// Continuations of a prompt, of which one is right.
    public struct Choice: Sendable, Equatable {
        public var texts: [String]
        /// Which of them is right.
        public var answer: Int
        public var normalization: Normalization

        /// What the log-likelihood of a continuation is divided by, so that long ones are comparable with short ones.
        public enum Normalization: String, Sendable, CaseIterable {
            case none
            /// The bytes of its UTF-8.
            case bytes
        }

        public init(_ texts: [String], answer: Int, normalization: Normalization = .none) {
            self.texts = texts
            self.answer = answer
            self.normalization = normalization
        }
    }

    public var kind: Kind
    /// Whether the opposite must hold.
    public var isNegated: Bool

    public init(_ kind: Kind, isNegated: Bool = false) {
        self.kind = kind
        self.isNegated = isNegated
    }

    /// Whether the check looks at a text that the model writes; a choice looks at likelihoods alone.
    public var needsAnswer: Bool {
        if case .choice = kind { false } else { true }
    }

    /// Judges an answer. A choice needs likelihoods, so that no text fulfils it: see ``judge(_:likelihoods:)``.
    public func judge(_ answer: String) -> CheckOutcome {
        var outcome = CheckOutcome(check: self)
        let answer = answer.trimmedOfSpace
        switch kind {
        case .contains(let texts):
            outcome.missing = Self.missing(texts, in: answer)
            outcome.found = Self.others(texts, than: outcome.missing)
            outcome.passed = !outcome.found.isEmpty != isNegated
        case .containsAll(let texts):
            outcome.missing = Self.missing(texts, in: answer)
            outcome.found = Self.others(texts, than: outcome.missing)
            outcome.passed = outcome.missing.isEmpty != isNegated
        case .regex(let regex):
            if let isFound = regex.isFound(in: Array(answer.utf8)) {
                outcome.passed = isFound != isNegated
            } else {
                outcome.isUndecided = true
            }
        case .equals(let text, let ignoresCase):
            let same =
                FoldedText(answer, ignoresCase: ignoresCase)
                == FoldedText(text.trimmedOfSpace, ignoresCase: ignoresCase)
            outcome.passed = same != isNegated
        case .choice: break
        }
        return outcome
    }

    /// Judges a choice by the log-likelihoods of its texts, in nats.
    public func judge(_ choice: Choice, likelihoods: [Double]) -> CheckOutcome {
        var outcome = CheckOutcome(check: self)
        let scores = zip(choice.texts, likelihoods).map { text, nats in
            choice.normalization == .bytes ? nats / Double(max(1, text.utf8.count)) : nats
        }
        var best = 0
        for index in scores.indices where scores[index] > scores[best] { best = index }
        outcome.scores = scores
        outcome.chosen = best
        outcome.passed = scores.count == choice.texts.count && (best == choice.answer) != isNegated
        return outcome
    }

    private static func missing(_ texts: [String], in answer: String) -> [String] {
        let answer = FoldedText(answer, ignoresCase: true, ignoresWidth: true)
        return texts.filter { !answer.contains(FoldedText($0, ignoresCase: true, ignoresWidth: true)) }
    }

    private static func others(_ texts: [String], than missing: [String]) -> [String] {
        texts.filter { text in !missing.contains { $0.utf8.elementsEqual(text.utf8) } }
    }
}

/// What came of one check.
public struct CheckOutcome: Sendable {
    public var check: Check
    public var passed = false
    /// Whether a pattern took more steps than an answer is worth, so that it is not known whether it matches; never passed.
    public var isUndecided = false
    /// Of texts that are looked for, those that are there and those that are not.
    public var found: [String] = []
    public var missing: [String] = []
    /// Of a choice, the log-likelihood of each text in nats, divided as the check asks for, and the greatest's index.
    public var scores: [Double] = []
    public var chosen: Int?

    init(check: Check) { self.check = check }
}
