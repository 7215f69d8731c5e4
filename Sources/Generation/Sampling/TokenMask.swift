import ApusTokenization

/// The tokens that a constraint allows next, a bit each.
public struct TokenMask: Sendable, Equatable {
    public private(set) var words: [UInt64]
    /// How many tokens the mask speaks of; those beyond are not allowed.
    public let vocabulary: Int

    public init(vocabulary: Int, allowingAll: Bool = false) {
        self.vocabulary = max(0, vocabulary)
        words = [UInt64](repeating: allowingAll ? .max : 0, count: (self.vocabulary + 63) / 64)
    }

    public subscript(id: TokenID) -> Bool {
        get {
            let index = Int(id)
            guard index >= 0, index < vocabulary else { return false }
            return words[index >> 6] >> UInt64(index & 63) & 1 == 1
        }
        set {
            let index = Int(id)
            guard index >= 0, index < vocabulary else { return }
            let bit = UInt64(1) << UInt64(index & 63)
            words[index >> 6] = newValue ? words[index >> 6] | bit : words[index >> 6] & ~bit
        }
    }

    /// Sets the logits of all other tokens to minus infinity.
    func apply(to logits: UnsafeMutableBufferPointer<Float>) {
        for index in 0..<logits.count {
            let isAllowed = index < vocabulary && words[index >> 6] >> UInt64(index & 63) & 1 == 1
            if !isAllowed { logits[index] = -.infinity }
        }
    }
}
