import ApusTensors
import ApusTokenization
import Foundation

@testable import ApusGeneration

/// The distribution that options and logits define, computed the plain way: sort everything, in double precision, one
/// step after the other. Shares no code with the sampler.
struct ReferenceSampling {
    struct Entry {
        var id: Int
        var logit: Double
    }

    var entries: [Entry]

    init(_ logits: [Float]) {
        entries = logits.enumerated().map { Entry(id: $0.offset, logit: Double($0.element)) }
        sort()
    }

    private mutating func sort() {
        entries.sort { $0.logit > $1.logit || ($0.logit == $1.logit && $0.id < $1.id) }
    }

    func probabilities(temperature: Double = 1) -> [Double] {
        let largest = entries.map(\.logit).max() ?? 0
        let weights = entries.map { Foundation.exp(($0.logit - largest) / temperature) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    mutating func topK(_ k: Int) { entries = Array(entries.prefix(k)) }

    mutating func topP(_ p: Double) {
        var sum = 0.0
        var count = 0
        for probability in probabilities() {
            sum += probability
            count += 1
            if sum >= p { break }
        }
        entries = Array(entries.prefix(count))
    }

    mutating func minP(_ p: Double) {
        let all = probabilities()
        entries = zip(entries, all).filter { $0.1 >= p * all[0] }.map(\.0)
    }

    mutating func typicalP(_ p: Double) {
        let all = probabilities()
        let entropy = all.reduce(0) { $0 - ($1 > 0 ? $1 * Foundation.log($1) : 0) }
        let order = entries.indices.sorted {
            abs(-Foundation.log(all[$0]) - entropy) < abs(-Foundation.log(all[$1]) - entropy)
        }
        var sum = 0.0
        var kept: [Int] = []
        for index in order {
            kept.append(index)
            sum += all[index]
            if sum > p { break }
        }
        entries = kept.map { entries[$0] }
        sort()
    }

    mutating func excludeTopChoices(threshold: Double) {
        let count = probabilities().filter { $0 >= threshold }.count
        if count > 1 { entries.removeFirst(count - 1) }
    }

    /// Probability of each token, with XTC as the mixture that it is.
    static func distribution(_ logits: [Float], _ options: SamplingOptions) -> [Double] {
        var steps = ReferenceSampling(logits)
        if options.topK > 0 { steps.topK(options.topK) }
        if options.typicalP < 1 { steps.typicalP(options.typicalP) }
        if options.topP < 1 { steps.topP(options.topP) }
        if options.minP > 0 { steps.minP(options.minP) }
        var result = [Double](repeating: 0, count: logits.count)
        func add(_ steps: ReferenceSampling, _ share: Double) {
            for (entry, probability) in zip(steps.entries, steps.probabilities(temperature: options.temperature)) {
                result[entry.id] += share * probability
            }
        }
        if let xtc = options.xtc {
            add(steps, 1 - xtc.probability)
            steps.excludeTopChoices(threshold: xtc.threshold)
            add(steps, xtc.probability)
        } else {
            add(steps, 1)
        }
        return result
    }
}

/// Pearson's test of counts against probabilities. Tokens expected less than 8 times are taken together.
struct ChiSquare {
    var statistic = 0.0
    var degrees = 0
    /// Draws of tokens that cannot be drawn.
    var impossible = 0

    init(counts: [Int], probabilities: [Double]) {
        let draws = Double(counts.reduce(0, +))
        var rest = (observed: 0.0, expected: 0.0)
        func add(_ observed: Double, _ expected: Double) {
            statistic += (observed - expected) * (observed - expected) / expected
            degrees += 1
        }
        for (count, probability) in zip(counts, probabilities) {
            if probability == 0 {
                impossible += count
            } else if probability * draws < 8 {
                rest.observed += Double(count)
                rest.expected += probability * draws
            } else {
                add(Double(count), probability * draws)
            }
        }
        if rest.expected >= 1 { add(rest.observed, rest.expected) }
        degrees -= 1
    }

    /// What a right sampler exceeds once in 10,000 times (Wilson and Hilferty's approximation).
    var limit: Double {
        guard degrees > 0 else { return 1e-9 }
        let n = Double(degrees)
        let root = 1 - 2 / (9 * n) + 3.719 * (2 / (9 * n)).squareRoot()
        return n * root * root * root
    }
}

/// Logits from a normal distribution.
func normalLogits(_ count: Int, spread: Double, seed: UInt64) -> [Float] {
    var random = RandomGenerator(seed: seed)
    return (0..<count).map { _ in
        let radius = (-2 * Foundation.log(1 - random.uniform())).squareRoot()
        return Float(spread * radius * Foundation.cos(2 * .pi * random.uniform()))
    }
}
