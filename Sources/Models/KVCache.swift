import ApusTensors
import Synchronization

/// The memory of a model's sequences: blocks of keys and values under one budget.
public final class KVCache: Sendable {
    public let layout: KVLayout
    /// Bytes that all blocks together may take.
    public let budgetBytes: Int
    /// Positions that a sequence may have.
    public let context: Int
    private let blocksInUse = Mutex(0)

    public init(layout: KVLayout, context: Int, budgetBytes: Int = .max) {
        self.layout = layout
        self.context = context
        self.budgetBytes = budgetBytes
    }

    /// A sequence without tokens.
    public func makeSequence() -> KVSequence { KVSequence(self) }

    /// Bytes that the sequences' blocks take now.
    public var bytesInUse: Int { blocksInUse.withLock { $0 } * layout.blockBytes }

    fileprivate func take(_ count: Int) throws(ModelError) {
        let fits = blocksInUse.withLock { used in
            let (bytes, overflow) = (used + count).multipliedReportingOverflow(by: layout.blockBytes)
            guard !overflow, bytes <= budgetBytes else { return false }
            used += count
            return true
        }
        guard fits else {
            throw .cacheFull(neededBytes: count * layout.blockBytes, budgetBytes: budgetBytes)
        }
    }

    fileprivate func give(_ count: Int) {
        blocksInUse.withLock { $0 -= count }
    }
}

/// The tokens that a model has read in one conversation, with their keys and values.
public final class KVSequence: @unchecked Sendable {
    // Sendable: a sequence is fed by one caller at a time (the generator or scheduler that owns it).

    public let cache: KVCache
    /// The tokens so far.
    public private(set) var tokens: [Int32] = []
    private(set) var blocks: [KVBlock] = []

    fileprivate init(_ cache: KVCache) {
        self.cache = cache
    }

    deinit { cache.give(blocks.count) }

    /// Positions that are filled.
    public var length: Int { tokens.count }
    /// Positions that there can be.
    public var context: Int { cache.context }

    /// Makes room for `count` further positions.
    func reserve(_ count: Int) throws(ModelError) {
        let needed = (length + count + KVLayout.blockPositions - 1) / KVLayout.blockPositions - blocks.count
        if needed > 0 {
            try cache.take(needed)
            for _ in 0..<needed { blocks.append(KVBlock(cache.layout)) }
        }
        // A block that another sequence shares is written by nobody: continue in a copy.
        let open = length / KVLayout.blockPositions
        if count > 0, open < blocks.count, !isKnownUniquelyReferenced(&blocks[open]) {
            blocks[open] = KVBlock(copying: blocks[open])
        }
    }

    func advance(by tokens: [Int32]) {
        self.tokens += tokens
    }

    /// Forgets positions from `length` on, so that the sequence can go another way.
    public func truncate(to length: Int) {
        guard length < self.length, length >= 0 else { return }
        tokens.removeLast(self.length - length)
        let kept = (length + KVLayout.blockPositions - 1) / KVLayout.blockPositions
        cache.give(blocks.count - kept)
        blocks.removeLast(blocks.count - kept)
    }

    /// A sequence that begins with this one's first `length` tokens and shares their blocks.
    ///
    /// - Throws: ``ModelError/cacheFull(neededBytes:budgetBytes:)``; shared blocks count for each sequence.
    public func fork(at length: Int? = nil) throws(ModelError) -> KVSequence {
        let length = min(length ?? self.length, self.length)
        let other = KVSequence(cache)
        let shared = (length + KVLayout.blockPositions - 1) / KVLayout.blockPositions
        try cache.take(shared)
        other.blocks = Array(blocks.prefix(shared))
        other.tokens = Array(tokens.prefix(length))
        return other
    }

    /// The blocks that hold the sequence, for keeping it in a file.
    public var filledBlocks: ArraySlice<KVBlock> {
        blocks.prefix((length + KVLayout.blockPositions - 1) / KVLayout.blockPositions)
    }

    /// Takes up tokens and blocks that were kept.
    ///
    /// - Throws: ``ModelError/cacheFull(neededBytes:budgetBytes:)``.
    public func restore(tokens: [Int32], blocks: [KVBlock]) throws(ModelError) {
        let needed = (tokens.count + KVLayout.blockPositions - 1) / KVLayout.blockPositions
        guard blocks.count == needed else { return }
        truncate(to: 0)
        cache.give(self.blocks.count)
        self.blocks = []
        try cache.take(needed)
        self.blocks = blocks
        self.tokens = tokens
    }
}
