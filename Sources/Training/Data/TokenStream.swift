import ApusTensors
import ApusTokenization

/// Documents of a packed corpus, one after another.
public struct TokenStream: Sendable {
    let corpus: PackedCorpus
    /// Where the documents, or the parts of them that belong here, lie in the corpus.
    let stretches: [Range<Int>]
    public let tokens: Int
    /// Where each stretch ends in the stream.
    private let ends: [Int]

    init(_ corpus: PackedCorpus, _ stretches: [Range<Int>]) {
        self.corpus = corpus
        self.stretches = stretches
        var total = 0
        ends = stretches.map { stretch in
            total += stretch.count
            return total
        }
        tokens = total
    }

    public var documents: Int { stretches.count }

    /// Whole windows of `context` inputs, each with its targets, that follow one another without overlap.
    public func windows(context: Int) -> Int { context < 1 ? 0 : max(0, (tokens - 1) / context) }

    /// Windows in the order of the corpus, for a loss over all of them.
    public func batch(of windows: Range<Int>, context: Int) throws(DataError) -> WindowBatch {
        var batch = WindowBatch(context: context)
        var window: [TokenID] = []
        for index in windows.clamped(to: 0..<self.windows(context: context)) {
            window.removeAll(keepingCapacity: true)
            var place = index * context
            let end = place + context + 1
            var (low, high) = (0, ends.count)
            while low < high {
                let middle = (low + high) / 2
                if ends[middle] > place { high = middle } else { low = middle + 1 }
            }
            while place < end, low < ends.count {
                let start = ends[low] - stretches[low].count
                let first = stretches[low].lowerBound + place - start
                let count = min(end, ends[low]) - place
                try corpus.append(first..<first + count, to: &window)
                place += count
                low += 1
            }
            batch.append(window)
        }
        return batch
    }
}

/// Windows of tokens, and after each token the one that is to be predicted.
public struct WindowBatch: Sendable, Equatable {
    /// Tokens of a window.
    public let context: Int
    /// `[windows, context]`, row by row.
    public private(set) var inputs: [TokenID] = []
    /// `[windows, context]`: the token that follows each input.
    public private(set) var targets: [TokenID] = []

    public var windows: Int { context < 1 ? 0 : inputs.count / context }

    init(context: Int) { self.context = context }

    /// - Parameter window: one token more than the context.
    mutating func append(_ window: [TokenID]) {
        guard window.count == context + 1 else { return }
        inputs += window.dropLast()
        targets += window.dropFirst()
    }
}

/// A corpus in two: documents to train on, and documents that are held out to see what was learned.
///
/// Whole documents are held out, chosen by content and seed, equal ones together, so that nothing that is held out was
/// trained on. Where documents are too few or too long for that, the corpus' last tokens are held out instead.
public struct CorpusSplit: Sendable {
    public let training: TokenStream
    public let heldOut: TokenStream

    /// - Parameters:
    ///   - share: of the tokens, from 0 up to 0.5; at least one window is held out.
    ///   - context: tokens of a window.
    /// - Throws: ``DataError/tooFewTokens(tokens:context:)`` for a corpus without a window for each,
    ///   ``DataError/allDuplicates(count:)``, ``DataError/setting(name:value:allowed:)``.
    public init(_ corpus: PackedCorpus, heldOutShare share: Double, context: Int, seed: UInt64) throws(DataError) {
        guard share >= 0, share <= 0.5 else {
            throw .setting(name: "the held-out share", value: "\(share)", allowed: "from 0 to 0.5")
        }
        guard context >= 1, context <= 1 << 24 else {
            throw .setting(name: "the context", value: "\(context)", allowed: "1 or more")
        }
        guard corpus.documents > 0, corpus.tokens > 0 else { throw .emptyCorpus(path: corpus.path) }
        guard corpus.tokens >= 2 * (context + 1) else { throw .tooFewTokens(tokens: corpus.tokens, context: context) }
        let documents = (0..<corpus.documents).map { corpus.document($0) }
        // As int(n * (1 - share)) counts what is trained on.
        let rounded = corpus.tokens - Int(Double(corpus.tokens) * (1 - share))
        let target = min(max(rounded, context + 1), corpus.tokens - context - 1)
        let chosen = try Self.chosen(corpus, documents, target: target, atLeast: context + 1, seed: seed)
        if let chosen {
            training = TokenStream(corpus, documents.indices.filter { !chosen.contains($0) }.map { documents[$0] })
            heldOut = TokenStream(corpus, documents.indices.filter(chosen.contains).map { documents[$0] })
        } else {
            let cut = corpus.tokens - target
            training = TokenStream(corpus, documents.map { $0.clamped(to: 0..<cut) }.filter { !$0.isEmpty })
            heldOut = TokenStream(corpus, documents.map { $0.clamped(to: cut..<corpus.tokens) }.filter { !$0.isEmpty })
        }
    }

    /// Documents that come near the target; nil where there are none.
    private static func chosen(
        _ corpus: PackedCorpus, _ documents: [Range<Int>], target: Int, atLeast: Int, seed: UInt64
    ) throws(DataError) -> Set<Int>? {
        var groups: [UInt64: [Int]] = [:]
        for index in documents.indices { groups[corpus.documentHash(index), default: []].append(index) }
        if groups.count == 1 {
            if documents.count > 1 { throw .allDuplicates(count: documents.count) }
            return nil
        }
        let order = groups.keys.sorted { a, b in
            let (x, y) = (SplitMix64(seed: seed, a), SplitMix64(seed: seed, b))
            return x.first == y.first ? a < b : x.first < y.first
        }
        var chosen: Set<Int> = []
        var total = 0
        for key in order where total < target {
            let group = groups[key] ?? []
            let tokens = group.reduce(0) { $0 + documents[$1].count }
            guard total + tokens <= target + target / 2 else { continue }
            chosen.formUnion(group)
            total += tokens
        }
        return total >= max(atLeast, target / 2) && corpus.tokens - total >= atLeast ? chosen : nil
    }
}

extension SplitMix64 {
    /// The number that would come next.
    fileprivate var first: UInt64 {
        var copy = self
        return copy.next()
    }
}
