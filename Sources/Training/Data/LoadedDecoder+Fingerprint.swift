import ApusModelFiles
import ApusModels

extension LoadedDecoder {
    /// Tells this model's weights from others by names, types, shapes and all bytes of all tensors. Reads the whole model.
    public func contentFingerprint() throws -> Fingerprint {
        var result = Fingerprinter()
        for name in weights.tensorNames {
            let tensor = try weights.tensor(named: name)
            result.update(Array("\(name) \(tensor.dtype) \(tensor.shape)".utf8))
            tensor.withBytes { result.update($0) }
        }
        return result.finish()
    }
}
