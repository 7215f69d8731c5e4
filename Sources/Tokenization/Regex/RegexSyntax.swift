/// A regular expression as a tree.
indirect enum RegexNode: Sendable {
    case empty
    case set(CharacterSet)
    case sequence([RegexNode])
    case alternatives([RegexNode])
    case `repeat`(RegexNode, Int, Int?, Greed)
    /// Matches as a whole or not at all.
    case atomic(RegexNode)
    case look(ahead: Bool, negated: Bool, RegexNode)
    case assertion(Assertion)

    enum Greed: Sendable { case greedy, lazy, possessive }

    enum Assertion: Sendable {
        case textStart, textEnd, textEndOrNewline, lineStart, lineEnd, wordBoundary, notWordBoundary
    }
}

/// Why a regular expression was refused.
public struct RegexError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Problem: Sendable, Equatable {
        case unsupported(String)
        case malformed(String)
        case tooLarge
    }

    public var pattern: String
    /// Where in the pattern, in bytes.
    public var offset: Int
    public var problem: Problem

    public var description: String {
        let shown = pattern.count > 200 ? pattern.prefix(200) + "…" : pattern[...]
        switch problem {
        case .unsupported(let what):
            return
                "regular expression «\(shown)», byte \(offset): \(what) is not supported; rewrite the pattern without it"
        case .malformed(let what): return "regular expression «\(shown)», byte \(offset): \(what)"
        case .tooLarge: return "regular expression «\(shown)» becomes too large; use smaller repetitions"
        }
    }
}
