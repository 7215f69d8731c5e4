import Synchronization

/// Watches the inputs of matrix products while a model runs, to learn which columns of each weight matter.
///
/// One observer at a time watches the whole process; operations pay a single load for it when there is none.
public final class LinearObserver: Sendable {
    private static let isWatching = Atomic<Bool>(false)
    private static let current = Mutex<LinearObserver?>(nil)

    private struct Sums {
        var squares: [Double]
        var rows = 0
    }

    private let sums = Mutex<[UInt: Sums]>([:])

    private init() {}

    /// Runs `body` and gives what was seen meanwhile: a way from a weight to the squares of its inputs.
    public static func watching(_ body: () throws -> Void) rethrows -> LinearObserver {
        let observer = LinearObserver()
        current.withLock { $0 = observer }
        isWatching.store(true, ordering: .releasing)
        defer {
            isWatching.store(false, ordering: .releasing)
            current.withLock { $0 = nil }
        }
        try body()
        return observer
    }

    /// Sums of squares of each column of the inputs that a weight was multiplied with, and how many rows they had; nil
    /// for a weight that never was.
    public func sumsOfSquares(of weight: UnsafeRawPointer) -> (sums: [Float], rows: Int)? {
        sums.withLock { sums in
            sums[UInt(bitPattern: weight)].map { seen in (seen.squares.map { Float($0) }, seen.rows) }
        }
    }

    @inline(__always)
    static func note(_ x: Tensor, _ weight: Tensor) {
        if isWatching.load(ordering: .relaxed) { current.withLock { $0 }?.add(x, weight) }
    }

    private func add(_ x: Tensor, _ weight: Tensor) {
        let columns = x.columns
        x.withFloats { values in
            sums.withLock { sums in
                var seen =
                    sums.removeValue(forKey: UInt(bitPattern: weight.bytes))
                    ?? Sums(squares: [Double](repeating: 0, count: columns))
                for row in 0..<x.rows {
                    for column in 0..<columns {
                        let value = Double(values[row * columns + column])
                        seen.squares[column] += value * value
                    }
                }
                seen.rows += x.rows
                sums[UInt(bitPattern: weight.bytes)] = seen
            }
        }
    }
}
