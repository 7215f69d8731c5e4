/// Why a file of torch.save cannot be used.
public struct PyTorchError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Problem: Sendable, Equatable {
        case notPyTorch
        case zip(String)
        case compressed(entry: String)
        case missingEntry(String)
        case bigEndian
        case truncated
        case opcode(UInt8)
        /// The name of what the file asks for, such as `os.system`.
        case forbidden(String)
        case malformed(String)
        case tooLarge(String)
        case notStateDictionary
        case tensor(String, String)
    }

    public var file: String
    /// Bytes from the beginning of the pickle (for zip files: of `data.pkl`), where the problem has a place.
    public var offset: Int?
    public var problem: Problem

    public var description: String {
        file + (offset.map { ", byte \($0) of the pickle" } ?? "") + ": " + reason
    }

    private var reason: String {
        switch problem {
        case .notPyTorch: "no file of torch.save"
        case .zip(let what): "the zip archive is damaged: \(what)"
        case .compressed(let entry): "'\(entry)' is compressed; torch.save stores without compression"
        case .missingEntry(let name): "the archive lacks '\(name)'"
        case .bigEndian: "was saved by a big-endian machine, which is not supported"
        case .truncated: "the file is incomplete"
        case .opcode(let code): "uses the pickle operation 0x\(String(code, radix: 16)), which tensors do not need"
        case .forbidden(let name):
            "asks for '\(name)'; only tensors are read and nothing is executed. "
                + "Save the model as safetensors where you trust it"
        case .malformed(let what): "the pickle is damaged: \(what)"
        case .tooLarge(let what): "has too many or too large \(what)"
        case .notStateDictionary: "holds no dictionary of tensors"
        case .tensor(let name, let what): "tensor '\(name)' \(what)"
        }
    }
}
