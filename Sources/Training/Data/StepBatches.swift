import Synchronization

/// The batches of all epochs, counted through.
final class StepBatches: Sendable {
    private let rows: RowBatches
    /// Steps before each epoch, and all steps last.
    private let starts: [Int]
    let count: Int
    /// The epoch of the last step that was asked for: an epoch is put in order once, not at each of its steps.
    private let current = Mutex<(number: Int, epoch: RowBatches.Epoch)?>(nil)

    init(_ rows: RowBatches, epochs: Double) throws(TrainingError) {
        guard epochs.isFinite, epochs > 0, epochs <= 1e5 else {
            throw .badSetting("the number of epochs", value: "\(epochs)", expected: "a positive number")
        }
        self.rows = rows
        var starts = [0]
        for epoch in 0..<Int(epochs.rounded(.up)) { starts.append(starts[epoch] + rows.steps(epoch: epoch)) }
        self.starts = starts
        // A part of an epoch counts by its share of steps.
        let whole = Int(epochs)
        let rest = epochs - Double(whole)
        let last = rest > 0 ? Double(starts[whole + 1] - starts[whole]) * rest : 0
        count = max(1, starts[whole] + Int(last.rounded()))
    }

    subscript(step: Int) -> RowBatch {
        let number = max(0, starts.lastIndex { $0 <= step } ?? 0)
        let epoch = current.withLock { current in
            if let current, current.number == number { return current.epoch }
            let epoch = rows.epoch(number)
            current = (number, epoch)
            return epoch
        }
        return epoch[step - starts[number]]
    }
}
