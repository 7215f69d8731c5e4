import Synchronization

/// What a step of a model costs by the number of its rows, measured as it runs.
///
/// A model keeps its costs from one generation to the next.
final class StepCosts: Sendable {
    private let table = Mutex(StepCostTable())

    func note(rows: Int, seconds: Double) { table.withLock { $0.note(rows: rows, seconds: seconds) } }

    /// The costs known now.
    var known: StepCostTable { table.withLock { $0 } }
}

/// Seconds that steps of 1 … ``mostRows`` rows take.
struct StepCostTable: Sendable {
    /// Rows that steps are measured for.
    static let mostRows = 48

    /// Running means; nil for a number of rows that was not met.
    private var means = [Double?](repeating: nil, count: mostRows + 1)
    private var counts = [Int](repeating: 0, count: mostRows + 1)

    /// Rows beyond the first cost little as long as reading the weights takes most of the time. Unknown costs are taken
    /// to be low, so that they are tried.
    private static let hopefulSlope = 0.08

    mutating func note(rows: Int, seconds: Double) {
        guard rows >= 1, rows <= Self.mostRows, seconds > 0 else { return }
        counts[rows] += 1
        guard let mean = means[rows] else {
            means[rows] = seconds
            return
        }
        // A step that a busy neighbour held up must not spoil the mean.
        means[rows] = mean + 0.2 * (min(seconds, 3 * mean) - mean)
    }

    /// How often steps of so many rows were measured.
    func count(rows: Int) -> Int { rows <= Self.mostRows ? counts[rows] : 0 }

    /// Seconds of a step; nil where none of at most so many rows is known.
    func seconds(rows: Int) -> Double? {
        guard rows >= 1, rows <= Self.mostRows else { return nil }
        guard let below = (1...rows).last(where: { means[$0] != nil }), let low = lower(below) else { return nil }
        guard below < rows else { return low }
        if let above = (rows...Self.mostRows).first(where: { means[$0] != nil }), let high = lower(above) {
            return low + (high - low) * Double(rows - below) / Double(above - below)
        }
        let first = (1...below).first { means[$0] != nil } ?? below
        let base = lower(first) ?? low
        let slope = below > first ? (low - base) / Double(below - first) : Self.hopefulSlope * base
        return low + max(slope, 0.01 * base) * Double(rows - below)
    }

    /// More rows never cost less: what was measured for more of them is a limit.
    private func lower(_ rows: Int) -> Double? { means[rows...].lazy.compactMap { $0 }.min() }
}
