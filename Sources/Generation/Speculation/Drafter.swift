import ApusTokenization

/// Something that follows a text and guesses how it goes on.
protocol Drafter: AnyObject {
    /// Takes the token that the text went on with.
    func append(_ token: TokenID)

    /// What the next guess rests on; nil where there is none.
    func ground() -> DraftGround?

    /// Guesses the next tokens, `count` at most.
    func draft(_ count: Int) throws -> [TokenID]
}

/// What a guess rests on: guesses of one ground are right about as often as each other.
enum DraftGround: Int, CaseIterable {
    /// The last tokens stood before: two, three, four or five, six to eight, nine to sixteen, or more.
    case repeats2, repeats3, repeats4, repeats6, repeats9, repeats17
    /// A small model's opinion.
    case model

    init(repeated: Int) {
        self =
            switch repeated {
            case ...2: .repeats2
            case 3: .repeats3
            case ...5: .repeats4
            case ...8: .repeats6
            case ...16: .repeats9
            default: .repeats17
            }
    }

    /// The share of guesses that are right, before any was seen.
    var usualShare: Double {
        switch self {
        case .repeats2: 0.25
        case .repeats3: 0.4
        case .repeats4: 0.55
        case .repeats6: 0.7
        case .repeats9: 0.85
        case .repeats17: 0.93
        case .model: 0.7
        }
    }
}

/// Guessed tokens.
struct Draft {
    var tokens: [TokenID] = []
    var ground = DraftGround.repeats2
}
