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

    /// Bytes that the sequences' blocks take now; a block that several share counts once.
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

/// A block that counts in its cache's budget as long as some sequence holds it.
private final class CountedBlock: Sendable {
    let contents: KVBlock
    private let cache: KVCache

    /// Takes over one block that `cache` has counted already.
    init(_ contents: KVBlock, countedIn cache: KVCache) {
        self.contents = contents
        self.cache = cache
    }

    deinit { cache.give(1) }
}

/// The tokens that a model has read in one conversation, with their keys and values.
public final class KVSequence: @unchecked Sendable {
    // Sendable: a sequence is fed by one caller at a time (the generator or scheduler that owns it). Sequences that
    // share blocks may be fed at the same time, since a shared block is never written.

    public let cache: KVCache
    /// The tokens so far.
    public private(set) var tokens: [Int32] = []
    private var counted: [CountedBlock] = []

    fileprivate init(_ cache: KVCache) {
        self.cache = cache
    }

    /// Positions that are filled.
    public var length: Int { tokens.count }
    /// Positions that there can be.
    public var context: Int { cache.context }
    /// The blocks, from position 0 on.
    var blocks: [KVBlock] { counted.map(\.contents) }

    /// Blocks that so many positions fill or begin to fill.
    private static func blocks(for positions: Int) -> Int {
        (positions + KVLayout.blockPositions - 1) / KVLayout.blockPositions
    }

    /// Makes room for `count` further positions.
    func reserve(_ count: Int) throws(ModelError) {
        guard count > 0 else { return }
        // A block that another sequence shares is written by nobody: continue in a copy.
        let open = length / KVLayout.blockPositions
        if open < counted.count, !isKnownUniquelyReferenced(&counted[open]) {
            try cache.take(1)
            counted[open] = CountedBlock(KVBlock(copying: counted[open].contents), countedIn: cache)
        }
        let missing = Self.blocks(for: length + count) - counted.count
        guard missing > 0 else { return }
        try cache.take(missing)
        for _ in 0..<missing { counted.append(CountedBlock(KVBlock(cache.layout), countedIn: cache)) }
    }

    func advance(by tokens: [Int32]) {
        self.tokens += tokens
    }

    /// Forgets positions from `length` on, so that the sequence can go another way.
    public func truncate(to length: Int) {
        guard length < self.length, length >= 0 else { return }
        tokens.removeLast(self.length - length)
        counted.removeLast(counted.count - Self.blocks(for: length))
    }

    /// A sequence that begins with this one's first `length` tokens and shares their blocks.
    public func fork(at length: Int? = nil) -> KVSequence {
        let length = min(max(0, length ?? self.length), self.length)
        let other = KVSequence(cache)
        other.counted = Array(counted.prefix(Self.blocks(for: length)))
        other.tokens = Array(tokens.prefix(length))
        return other
    }

    /// The blocks that hold the sequence, for keeping it in a file.
    public var filledBlocks: [KVBlock] { counted.prefix(Self.blocks(for: length)).map(\.contents) }

    /// Takes up tokens and blocks that were kept.
    ///
    /// - Throws: ``ModelError/cacheFull(neededBytes:budgetBytes:)``.
    public func restore(tokens: [Int32], blocks: [KVBlock]) throws(ModelError) {
        guard blocks.count == Self.blocks(for: tokens.count) else { return }
        self.tokens = []
        counted = []
        try cache.take(blocks.count)
        counted = blocks.map { CountedBlock($0, countedIn: cache) }
        self.tokens = tokens
    }

    /// Bytes that the blocks of several sequences of one cache take together; a block that they share counts once.
    public static func bytes(of sequences: some Sequence<KVSequence>) -> Int {
        var seen: Set<ObjectIdentifier> = []
        var bytes = 0
        for sequence in sequences {
            for block in sequence.counted where seen.insert(ObjectIdentifier(block)).inserted {
                bytes += sequence.cache.layout.blockBytes
            }
        }
        return bytes
    }
}
