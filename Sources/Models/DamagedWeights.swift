import ApusModelFiles
import ApusTensors

extension Decoder {
    /// Why logits are not finite, as far as the weights say: the error names the first damaged tensor. Reads all weights,
    /// so it is for when something has gone wrong.
    public func damage() -> ModelError? {
        guard let weights = (self as? any DecoderFamily)?.weights, let tensor = weights.damagedTensor() else {
            return nil
        }
        return .damagedTensor(tensor, file: weights.file)
    }
}

extension Weights {
    /// Elements looked at together: 4 MiB as float32.
    private static let stretch = 1 << 20

    /// The first tensor with an element that is NaN or infinite.
    func damagedTensor() -> String? {
        names.first { name in
            // One that can't be read is no part of the model: layers have read theirs.
            guard let tensor = try? whole(name) else { return false }
            let matrix = tensor.reshaped([tensor.rows, tensor.columns])
            let rows = max(1, Self.stretch / max(1, tensor.columns))
            return stride(from: 0, to: tensor.rows, by: rows).contains { start in
                let part = try? matrix.slice(start..<min(start + rows, tensor.rows))
                return part?.toArray().contains { !$0.isFinite } ?? false
            }
        }
    }
}
