import ApusTokenization
import Glibc

/// A token and the natural logarithm of the probability that the model itself gives it: before temperature, penalties,
/// biases and filters. In nats; minus infinity where the model excludes the token.
public struct TokenLogprob: Sendable, Hashable {
    public var id: TokenID
    public var logprob: Double

    public init(id: TokenID, logprob: Double) {
        self.id = id
        self.logprob = logprob
    }
}

/// The log-softmax of one position's logits, summed in double precision.
public struct LogSoftmax: Sendable {
    /// The logarithm of the sum of the exponentials of all logits.
    public let normalizer: Double

    /// - Parameter logits: `[vocabulary]`, ids of padding included, as the model gives them.
    /// - Throws: `SamplingError.damagedLogit` or `.noFiniteLogit`.
    public init(_ logits: UnsafeBufferPointer<Float>) throws(SamplingError) {
        let largest = try LogSoftmax.largest(logits)
        normalizer = Double(largest) + log(Exponentials.total(logits, max: largest))
    }

    public init(_ logits: [Float]) throws(SamplingError) {
        let result: Result<LogSoftmax, SamplingError> = logits.withUnsafeBufferPointer { buffer in
            do throws(SamplingError) { return .success(try LogSoftmax(buffer)) } catch { return .failure(error) }
        }
        self = try result.get()
    }

    public func callAsFunction(_ logit: Float) -> Double { Double(logit) - normalizer }

    /// The `count` most probable tokens among the first `vocabulary`, most probable first, of equals the lower id.
    public func top(_ count: Int, of logits: UnsafeBufferPointer<Float>, vocabulary: Int) -> [TokenLogprob] {
        let real = UnsafeBufferPointer(rebasing: logits.prefix(max(0, vocabulary)))
        var best: [Candidate] = []
        TopK.select(count, from: real, into: &best)
        best.sort(by: Candidate.precedes)
        return best.map { TokenLogprob(id: $0.id, logprob: self($0.logit)) }
    }

    /// The largest logit, after a check of all of them.
    static func largest(_ logits: UnsafeBufferPointer<Float>) throws(SamplingError) -> Float {
        guard let largest = Exponentials.max(logits), largest != .infinity else {
            for (index, logit) in logits.enumerated() where logit.isNaN || logit == .infinity {
                throw .damagedLogit(id: TokenID(truncatingIfNeeded: index), value: logit.isNaN ? "NaN" : "infinite")
            }
            throw .noFiniteLogit
        }
        guard largest > -.infinity else { throw .noFiniteLogit }
        return largest
    }
}
