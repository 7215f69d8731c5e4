import ApusTensors
import ApusTokenization

/// Tokens that go through a model together, and what each of them is to predict.
public struct TokenBatch: Sendable, Equatable {
    /// Sequences that do not see one another.
    public var sequences: [ArraySlice<Int32>]
    /// The token after each of the sequences' tokens, one sequence after another; negative where nothing is learned.
    public var targets: [Int32]

    public init(sequences: [ArraySlice<Int32>], targets: [Int32]) {
        self.sequences = sequences
        self.targets = targets
    }

    /// Whole windows: every token but a window's last is read, every one but its first predicted.
    public init(windows: [ArraySlice<Int32>]) {
        sequences = windows.map { $0.dropLast() }
        targets = windows.flatMap { $0.dropFirst() }
    }

    /// Windows of a corpus.
    public init(_ batch: WindowBatch) {
        sequences = (0..<batch.windows).map { batch.inputs[$0 * batch.context..<($0 + 1) * batch.context] }
        targets = batch.targets
    }

    /// Rows of fine-tuning, of which only what the model is to say is learned.
    public init(_ batch: RowBatch) {
        var first = 0
        sequences = batch.lengths.map { length in
            defer { first += length }
            return batch.inputs[first..<first + length]
        }
        targets = zip(batch.targets, batch.learned).map { $1 ? $0 : -1 }
    }

    public var tokens: Int { targets.count }
    /// Tokens that are predicted.
    public var learned: Int { targets.count { $0 >= 0 } }

    /// Those rows of the states of this batch that predict something learned, and what they predict: the output matrix, a
    /// good part of a small model, is not multiplied with the others.
    func predicting(_ states: Tensor) -> (states: Tensor, targets: [Int32]) {
        let rows = targets.indices.filter { targets[$0] >= 0 }
        guard rows.count < targets.count, !rows.isEmpty else { return (states, targets) }
        return (states.gathered(rows.map(Int32.init)), rows.map { targets[$0] })
    }

    /// How many targets of each sequence are learned.
    var learnedInSequences: [Int] {
        var first = 0
        return sequences.map { sequence in
            defer { first += sequence.count }
            return targets[first..<first + sequence.count].count { $0 >= 0 }
        }
    }

    /// The same in parts of whole sequences with at most so many tokens each, where sequences allow.
    public func parts(of most: Int) -> [TokenBatch] {
        var parts: [TokenBatch] = []
        var first = 0
        var current = TokenBatch(sequences: [], targets: [])
        for sequence in sequences {
            if current.tokens > 0, current.tokens + sequence.count > most {
                parts.append(current)
                current = TokenBatch(sequences: [], targets: [])
            }
            current.sequences.append(sequence)
            current.targets += targets[first..<first + sequence.count]
            first += sequence.count
        }
        if current.tokens > 0 { parts.append(current) }
        return parts
    }
}
