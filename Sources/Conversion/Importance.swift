import ApusModels
import ApusTensors

/// How much each input column of each weight matters, seen by running a model on a text: quantising then spends its
/// precision where it counts.
public struct Importance: Sendable {
    private let byName: [String: [Float]]

    /// Runs the model over tokens in windows.
    ///
    /// - Throws: as ``Perplexity`` does.
    public init(
        _ model: LoadedDecoder, tokens: [Int32], window: Int = 512, progress: (Double) throws -> Void = { _ in }
    ) throws {
        let observer = try LinearObserver.watching {
            _ = try Perplexity(
                model.decoder, tokens: tokens, context: min(window, model.configuration.context), progress: progress)
        }
        var byName: [String: [Float]] = [:]
        for name in model.weights.tensorNames {
            let stored = try model.weights.tensor(named: name)
            withExtendedLifetime(stored) {
                guard let start = stored.bytes.baseAddress else { return }
                if stored.shape.count == 3 {
                    // Experts share a tensor: its columns matter as much as they do to all experts together.
                    let stride = stored.bytes.count / max(1, stored.shape[0])
                    let seen = (0..<stored.shape[0]).compactMap { observer.meanSquares(of: start + $0 * stride) }
                    guard let first = seen.first else { return }
                    byName[name] = first.indices.map { column in
                        seen.reduce(0) { $0 + $1[column] } / Float(seen.count)
                    }
                } else {
                    byName[name] = observer.meanSquares(of: start)
                }
            }
        }
        self.byName = byName
    }

    /// A weight per column of the tensor; nil for one that took no part.
    public func columns(of tensor: String) -> [Float]? { byName[tensor] }
}
