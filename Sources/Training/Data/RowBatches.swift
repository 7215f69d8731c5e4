import ApusTensors
import ApusTokenization

/// Sequences of a step, one after another without padding; each attends to itself alone.
public struct RowBatch: Sendable, Equatable {
    /// The inputs of all sequences. A sequence of n tokens has n - 1 inputs.
    public private(set) var inputs: [TokenID] = []
    /// The token that follows each input.
    public private(set) var targets: [TokenID] = []
    /// Whether the prediction of each target is learned.
    public private(set) var learned: [Bool] = []
    /// Inputs of each sequence. For preferences better and worse answers take turns.
    public private(set) var lengths: [Int] = []
    /// The row of the data that each sequence is from.
    public private(set) var rows: [Int] = []

    public var learnedTokens: Int { learned.reduce(0) { $0 + ($1 ? 1 : 0) } }

    mutating func append(_ example: TrainingExample, row: Int) {
        inputs += example.tokens.dropLast()
        targets += example.tokens.dropFirst()
        learned += example.learned.dropFirst()
        lengths.append(max(0, example.tokens.count - 1))
        rows.append(row)
    }
}

/// Cuts rows into batches, in another order each epoch. Seed, epoch and step alone decide what is in a batch, so that a
/// run that goes on reads what an unbroken one would have read.
public struct RowBatches: Sendable {
    public let data: FineTuningData
    /// Inputs of a batch at most; a longer row is a batch by itself.
    public let tokenBudget: Int
    /// Rows of a batch at most.
    public let rowLimit: Int
    public let seed: UInt64

    /// - Throws: ``DataError/setting(name:value:allowed:)``.
    public init(
        _ data: FineTuningData, tokenBudget: Int, rowLimit: Int = .max, seed: UInt64
    ) throws(DataError) {
        guard tokenBudget >= 1 else {
            throw .setting(name: "the tokens of a batch", value: "\(tokenBudget)", allowed: "1 or more")
        }
        guard rowLimit >= 1 else { throw .setting(name: "the batch", value: "\(rowLimit)", allowed: "1 or more rows") }
        self.data = data
        self.tokenBudget = tokenBudget
        self.rowLimit = rowLimit
        self.seed = seed
    }

    /// The batches of an epoch, counted from 0; nil puts the rows in the order of the data, as for a held-out loss.
    public func epoch(_ number: Int?) -> Epoch {
        var order = (0..<Int32(clamping: data.count)).map { $0 }
        if let number {
            var generator = SplitMix64(seed: seed, UInt64(bitPattern: Int64(number)))
            order = generator.permutation(of: data.count)
        }
        var ends: [Int] = []
        var (tokens, rows) = (0, 0)
        for (index, row) in order.enumerated() {
            let inputs = data.tokens(of: Int(row)) - data.sequencesPerRow
            if rows > 0, tokens + inputs > tokenBudget || rows >= rowLimit {
                ends.append(index)
                (tokens, rows) = (0, 0)
            }
            tokens += inputs
            rows += 1
        }
        if rows > 0 { ends.append(order.count) }
        return Epoch(data: data, order: order, ends: ends)
    }

    /// Steps of so many epochs.
    public func steps(epochs: Int) -> Int { (0..<max(0, epochs)).reduce(0) { $0 + steps(epoch: $1) } }

    /// Steps of an epoch.
    func steps(epoch number: Int) -> Int {
        guard tokenBudget == .max else { return epoch(number).count }
        return data.count == 0 ? 0 : (data.count - 1) / rowLimit + 1
    }

    /// One pass over the data.
    public struct Epoch: Sendable {
        let data: FineTuningData
        let order: [Int32]
        let ends: [Int]

        /// Batches.
        public var count: Int { ends.count }

        /// A batch, counted from 0; empty where there is none.
        public subscript(step: Int) -> RowBatch {
            var batch = RowBatch()
            guard ends.indices.contains(step) else { return batch }
            for row in order[(step == 0 ? 0 : ends[step - 1])..<ends[step]] {
                for example in data[Int(row)] { batch.append(example, row: Int(row)) }
            }
            return batch
        }
    }
}
