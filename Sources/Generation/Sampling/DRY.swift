import ApusTokenization
import Glibc

/// The sequence breakers of DRY as tokens of one vocabulary.
///
/// A token that holds a whole breaker ends a repetition by itself; one that ends with the beginning of a breaker does
/// so together with the tokens that complete it.
public struct DRYBreakers: Sendable, Equatable {
    /// For a first token, the tokens that have to follow it: none where it holds the whole breaker.
    var tails: [TokenID: [[TokenID]]] = [:]

    static let longestBreaker = 40
    static let longestTail = 20

    public init() {}

    /// - Parameters:
    ///   - breakers: strings that are not empty; of long ones the first 40 bytes count.
    ///   - vocabulary: how many tokens there are.
    ///   - spelling: the text of a token as it appears in output.
    ///   - tokenize: the tokens of a text, without special tokens.
    public init(
        _ breakers: [String], vocabulary: Int, spelling: (TokenID) -> [UInt8], tokenize: ([UInt8]) -> [TokenID]
    ) {
        let breakers = breakers.map { Array($0.utf8.prefix(DRYBreakers.longestBreaker)) }.filter { !$0.isEmpty }
        var tokenizations: [[UInt8]: [TokenID]] = [:]
        for id in 0..<TokenID(clamping: vocabulary) {
            let word = spelling(id)
            for breaker in breakers {
                for start in word.indices where word[start] == breaker[0] {
                    let overlap = min(word.count - start, breaker.count)
                    guard word[start..<(start + overlap)].elementsEqual(breaker[..<overlap]) else { continue }
                    if overlap == breaker.count {
                        add([], to: id)
                        break
                    }
                    let rest = Array(breaker[overlap...])
                    let tail = tokenizations[rest] ?? Array(tokenize(rest).prefix(DRYBreakers.longestTail))
                    tokenizations[rest] = tail
                    add(tail, to: id)
                }
            }
        }
    }

    /// Breakers given as tokens.
    public init(tokens breakers: [[TokenID]]) {
        for breaker in breakers {
            if let head = breaker.first { add(Array(breaker.dropFirst()), to: head) }
        }
    }

    private mutating func add(_ tail: [TokenID], to head: TokenID) {
        if tails[head]?.contains(tail) != true { tails[head, default: []].append(tail) }
    }

    func isBreaker(_ token: TokenID) -> Bool { tails[token]?.contains([]) ?? false }
}

/// Penalises each token that would lengthen a repetition of earlier text.
struct DRYPenalty: Sendable {
    let options: DRYOptions
    let breakers: DRYBreakers

    func apply(to logits: UnsafeMutableBufferPointer<Float>, tokens: [TokenID]) {
        for (token, length) in repetitions(in: tokens) {
            guard token >= 0, Int(token) < logits.count, !breakers.isBreaker(token) else { continue }
            logits[Int(token)] = bounded(logits[Int(token)] - penalty(length: length))
        }
    }

    private func penalty(length: Int) -> Float {
        var exponent = Double(length - options.allowedLength)
        // The largest power that a Float holds; longer repetitions are punished like that one.
        if options.base > 1.000001 { exponent = min(exponent, (88.7228391 / log(options.base)).rounded(.down)) }
        return Float(options.multiplier * pow(options.base, exponent))
    }

    /// For each token that would lengthen a repetition: how many tokens long the repetition is without it.
    func repetitions(in tokens: [TokenID]) -> [TokenID: Int] {
        let count = options.lastN < 0 ? tokens.count : min(tokens.count, options.lastN)
        guard count > options.allowedLength else { return [:] }
        // Newest first, so that common endings become common beginnings.
        let recent = Array(tokens[(tokens.count - count)...].reversed())
        let limit = distanceToBreaker(recent)
        guard limit >= options.allowedLength else { return [:] }

        var longest: [TokenID: Int] = [:]
        let matches = DRYPenalty.commonBeginnings(recent)
        for distance in 1..<max(1, count) {
            let length = min(matches[distance], limit)
            guard length >= options.allowedLength else { continue }
            let next = recent[distance - 1]
            longest[next] = max(longest[next] ?? 0, length)
        }
        return longest
    }

    /// How many of the newest tokens come after the last breaker.
    private func distanceToBreaker(_ recent: [TokenID]) -> Int {
        for index in recent.indices {
            guard let tails = breakers.tails[recent[index]] else { continue }
            let complete = tails.filter { tail in
                tail.count <= index && tail.indices.allSatisfy { tail[$0] == recent[index - $0 - 1] }
            }
            if let longest = complete.map(\.count).max() { return index - longest }
        }
        return recent.count
    }

    /// The Z-function: for each position, how many tokens from there on equal those at the start. Linear time.
    static func commonBeginnings(_ tokens: [TokenID]) -> [Int] {
        var lengths = [Int](repeating: 0, count: tokens.count)
        var start = 0
        var end = 0
        for position in tokens.indices.dropFirst() {
            var length = position < end ? min(end - position, lengths[position - start]) : 0
            while position + length < tokens.count, tokens[length] == tokens[position + length] { length += 1 }
            lengths[position] = length
            if position + length > end {
                start = position
                end = position + length
            }
        }
        return lengths
    }
}
