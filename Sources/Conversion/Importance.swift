import ApusModels
import ApusTensors

/// How much each input column of each weight matters, seen by running a model on a text: quantising then spends its
/// precision where it counts. llama.cpp calls it an importance matrix.
public struct Importance: Sendable {
    /// What the inputs of one tensor were like. A tensor of experts has a matrix for each.
    public struct Entry: Sendable, Equatable {
        /// Sums of squares, `[matrices, columns]`.
        public var sums: [Float]
        /// Input rows that each matrix saw.
        public var rows: [Int]

        public init(sums: [Float], rows: [Int]) {
            self.sums = sums
            self.rows = rows
        }
    }

    /// What was seen, by the tensor's name in GGUF.
    public var entries: [String: Entry] = [:]
    /// Where the text came from, for whoever reads the file.
    public var sources: [String] = []
    /// Windows of the text, and tokens in each.
    public internal(set) var windows = 0
    public internal(set) var windowTokens = 0

    init() {}

    /// Runs the model over tokens in windows.
    ///
    /// - Throws: as ``Perplexity`` does.
    public init(
        _ model: LoadedDecoder, tokens: [Int32], window: Int = 512, progress: (Double) throws -> Void = { _ in }
    ) throws {
        windowTokens = min(window, model.configuration.context)
        var measured: Perplexity?
        let observer = try LinearObserver.watching {
            measured = try Perplexity(model.decoder, tokens: tokens, context: windowTokens, progress: progress)
        }
        windows = measured?.windows.count ?? 0
        for name in model.weights.tensorNames {
            let stored = try model.weights.tensor(named: name)
            withExtendedLifetime(stored) {
                guard let start = stored.bytes.baseAddress, stored.shape.count >= 2 else { return }
                let matrices = stored.shape.count == 3 ? stored.shape[0] : 1
                let columns = stored.shape[stored.shape.count - 1]
                let stride = stored.bytes.count / max(1, matrices)
                let seen = (0..<matrices).map { observer.sumsOfSquares(of: start + $0 * stride) }
                guard seen.contains(where: { $0 != nil }) else { return }
                entries[name] = Entry(
                    sums: seen.flatMap { $0?.sums ?? [Float](repeating: 0, count: columns) },
                    rows: seen.map { $0?.rows ?? 0 })
            }
        }
    }

    /// The mean square of each column, `[matrices, columns]`; nil for a tensor that took no part. Where a matrix saw
    /// nothing (an expert that was never chosen), its columns weigh the same.
    public func columns(of tensor: String) -> [Float]? {
        guard let entry = entries[tensor], !entry.rows.isEmpty else { return nil }
        let columns = entry.sums.count / entry.rows.count
        return entry.sums.indices.map { index in
            let rows = entry.rows[index / max(1, columns)]
            return rows > 0 ? entry.sums[index] / Float(rows) : 1
        }
    }
}
