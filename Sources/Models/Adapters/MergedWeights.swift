import ApusModelFiles
import ApusTensors

/// A model's weights with its adapters added: W + scale · B A. A weight that is changed becomes float32, the others stay
/// as they are stored. Each is computed when it is asked for, so memory is bounded by the largest.
public struct MergedWeights: WeightSource {
    private let base: any WeightSource
    private let adapters: AdapterSet

    /// - Parameter adapters: of a model that was made with them, so that they are known to fit.
    public init(_ base: any WeightSource, _ adapters: AdapterSet) {
        self.base = base
        self.adapters = adapters
    }

    public var tensorNames: [String] { base.tensorNames }
    public var files: [String] { base.files }
    public func has(_ name: String) -> Bool { base.has(name) }

    public func tensor(named name: String) throws -> StoredTensor {
        let stored = try base.tensor(named: name)
        guard let change = try adapters.change(of: name) else { return stored }
        let file = files.first ?? name
        guard stored.shape == [change.up.rows, change.down.columns] else {
            throw ModelError.wrongShape(
                tensor: name, expected: [change.up.rows, change.down.columns], got: stored.shape, file: file)
        }
        let merged = try stored.viewed(file: file).dequantized() + change.up.times(change.down).scaled(by: change.scale)
        return try merged.withFloats {
            try StoredTensor(name: name, dtype: .f32, shape: stored.shape, copying: UnsafeRawBufferPointer($0))
        }
    }
}
