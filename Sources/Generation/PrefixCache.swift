import ApusModels
import ApusTokenization
import Synchronization

/// What a model has read lately, so that a text that begins in the same way is read only from where it differs.
///
/// Sequences are kept whole, the one used last at the end; those that begin alike share the blocks of their common
/// beginning, which count once. Since a token's keys and values depend on the tokens before it alone, a prompt that
/// begins with kept blocks gets the very logits that it would get without. What is given up costs only time: a prompt
/// that needed it is read again.
///
/// Safe to use from several generations at the same time.
public final class PrefixCache: Sendable {
    /// Bytes that kept sequences may take together; 0 keeps nothing. The sequence used last is kept whatever its size,
    /// so that a conversation goes on from where it is: it has fitted into memory just before.
    public let budgetBytes: Int
    private let cache: KVCache
    private let kept = Mutex<[KVSequence]>([])

    /// Enough for many conversations, few enough to look through all.
    private static let mostSequences = 256

    init(_ cache: KVCache, budgetBytes: Int) {
        self.cache = cache
        self.budgetBytes = budgetBytes
    }

    /// Bytes that kept sequences take.
    public var bytesInUse: Int { kept.withLock { KVSequence.bytes(of: $0) } }

    /// A sequence that has read as much of a prompt as is kept, but not its last token, which is always read again for
    /// its logits.
    func sequence(for prompt: [TokenID]) -> KVSequence {
        kept.withLock { kept in
            var best = (index: 0, common: 0)
            for (index, sequence) in kept.enumerated() {
                let common = Self.common(sequence.tokens, prompt)
                if common >= best.common { best = (index, common) }
            }
            let usable = min(best.common, prompt.count - 1)
            guard usable > 0 else { return cache.makeSequence() }
            let found = kept.remove(at: best.index)
            kept.append(found)
            return found.fork(at: usable)
        }
    }

    /// Keeps what a sequence has read so far; the sequence itself can go on.
    func keep(_ sequence: KVSequence) {
        guard budgetBytes > 0, sequence.length > 0 else { return }
        let own = sequence.fork()
        kept.withLock { kept in
            // Of two sequences of which one begins the other, the longer serves for both.
            if let longer = kept.firstIndex(where: { Self.common($0.tokens, own.tokens) == own.length }) {
                kept.append(kept.remove(at: longer))
            } else {
                kept.removeAll { Self.common($0.tokens, own.tokens) == $0.length }
                kept.append(own)
            }
            while kept.count > 1, kept.count > Self.mostSequences || KVSequence.bytes(of: kept) > budgetBytes {
                kept.removeFirst()
            }
        }
    }

    /// Gives up all that is kept.
    public func removeAll() { kept.withLock { $0 = [] } }

    /// How many tokens two texts begin with in common.
    private static func common(_ a: [TokenID], _ b: [TokenID]) -> Int {
        let count = min(a.count, b.count)
        var index = 0
        while index < count, a[index] == b[index] { index += 1 }
        return index
    }
}
