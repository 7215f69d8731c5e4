import ApusTensors
import ApusTokenization
import Synchronization

/// Windows of a token stream in an order that seed and step alone decide: a run that goes on at step n reads exactly
/// what an unbroken one would have read.
///
/// In each epoch the documents are put into another order, joined to a ring, and cut into whole windows from another
/// beginning; the windows then come in another order. Each token is a target once an epoch, but for less than a window's.
public final class WindowSampler: Sendable {
    public let stream: TokenStream
    public let context: Int
    /// Windows of a batch.
    public let batch: Int
    public let seed: UInt64
    /// Windows of an epoch.
    public let windows: Int
    private let epochs = Mutex<[Epoch]>([])

    /// - Throws: ``DataError/tooFewTokens(tokens:context:)``, ``DataError/setting(name:value:allowed:)``.
    public init(_ stream: TokenStream, context: Int, batch: Int, seed: UInt64) throws(DataError) {
        guard context >= 1, context <= 1 << 24 else {
            throw .setting(name: "the context", value: "\(context)", allowed: "1 or more")
        }
        guard batch >= 1, batch <= 1 << 20 else {
            throw .setting(name: "the batch", value: "\(batch)", allowed: "1 or more windows")
        }
        guard stream.tokens > context else { throw .tooFewTokens(tokens: stream.tokens, context: context) }
        self.stream = stream
        self.context = context
        self.batch = batch
        self.seed = seed
        windows = max(1, stream.tokens / context)
    }

    /// How often all tokens have been read before a step.
    public func epochs(before step: Int) -> Double { Double(step) * Double(batch) / Double(windows) }

    /// The batch of a step, counted from 0.
    public func batch(step: Int) throws(DataError) -> WindowBatch {
        var result = WindowBatch(context: context)
        var window: [TokenID] = []
        let (first, overflow) = max(0, step).multipliedReportingOverflow(by: batch)
        guard !overflow, first <= .max - batch else {
            throw .setting(name: "the step", value: "\(step)", allowed: "smaller")
        }
        for number in first..<first + batch {
            let epoch = epoch(number / windows)
            window.removeAll(keepingCapacity: true)
            try epoch.append(epoch.order[number % windows], context: context, stream, to: &window)
            result.append(window)
        }
        return result
    }

    /// Layouts of the last two epochs are kept: a batch may begin in one and end in the next.
    private func epoch(_ number: Int) -> Epoch {
        epochs.withLock { kept in
            if let known = kept.first(where: { $0.number == number }) { return known }
            let made = Epoch(number, stream, context: context, windows: windows, seed: seed)
            if kept.count > 1 { kept.removeFirst() }
            kept.append(made)
            return made
        }
    }

    /// The order of one epoch: 12 bytes a document.
    private struct Epoch: Sendable {
        let number: Int
        let documents: [Int32]
        /// Where each document ends in the ring.
        let ends: [Int]
        let beginning: Int
        let order: KeyedPermutation

        init(_ number: Int, _ stream: TokenStream, context: Int, windows: Int, seed: UInt64) {
            self.number = number
            var generator = SplitMix64(seed: seed, UInt64(number))
            documents = generator.permutation(of: stream.documents)
            var total = 0
            var ends: [Int] = []
            ends.reserveCapacity(documents.count)
            for document in documents {
                total += stream.stretches[Int(document)].count
                ends.append(total)
            }
            self.ends = ends
            beginning = generator.number(below: context)
            order = KeyedPermutation(count: windows, seed: generator.next())
        }

        /// Appends one window's tokens and the one after them.
        func append(
            _ window: Int, context: Int, _ stream: TokenStream, to tokens: inout [TokenID]
        ) throws(DataError) {
            var place = (beginning + window * context) % stream.tokens
            var left = context + 1
            while left > 0 {
                var (low, high) = (0, ends.count)
                while low < high {
                    let middle = (low + high) / 2
                    if ends[middle] > place { high = middle } else { low = middle + 1 }
                }
                guard low < ends.count else { return }
                let stretch = stream.stretches[Int(documents[low])]
                let offset = place - (ends[low] - stretch.count)
                let count = min(left, stretch.count - offset)
                let first = stretch.lowerBound + offset
                try stream.corpus.append(first..<first + count, to: &tokens)
                left -= count
                place = (place + count) % stream.tokens
            }
        }
    }
}
