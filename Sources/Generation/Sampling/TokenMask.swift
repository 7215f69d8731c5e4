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

    /// Allows what another mask of the same vocabulary allows as well.
    mutating func formUnion(_ other: TokenMask) {
        for index in 0..<min(words.count, other.words.count) { words[index] |= other.words[index] }
    }

    /// Sets the logits of all other tokens to minus infinity.
    func apply(to logits: UnsafeMutableBufferPointer<Float>) {
        words.withUnsafeBufferPointer { words in
            for start in stride(from: 0, to: logits.count, by: 64) {
                let end = min(start + 64, logits.count)
                var word = start < vocabulary ? words[start >> 6] : 0
                if vocabulary - start < 64, vocabulary > start { word &= UInt64(1) << UInt64(vocabulary - start) &- 1 }
                if word == .max { continue }
                for index in start..<end {
                    if word & 1 == 0 { logits[index] = -.infinity }
                    word >>= 1
                }
            }
        }
    }
}
