import ApusTensors

/// Why a model can't be written in another format or type.
public enum ConversionError: Error, Equatable, CustomStringConvertible {
    case notWritable(DType)
    case alreadyQuantised(tensor: String, DType, file: String)
    case alreadyGGUF(String)
    case unknownType(String)
    case wouldOverwriteSource(String)
    case badImportance(file: String, reason: String)
    case importanceOfOther(tensor: String, expected: Int, got: Int)

    public var description: String {
        switch self {
        case .notWritable(let type):
            "weights can be read as \(type), but not written; writable are "
                + DType.allCases.filter(\.isWritable).map(\.description).joined(separator: ", ") + " and Q4_K_M"
        case .alreadyQuantised(let tensor, let type, let file):
            "\(file): the tensor '\(tensor)' is \(type) already, and quantising it again loses more than quantising the "
                + "original; use the original, or say --allow-requantize"
        case .alreadyGGUF(let file):
            "\(file) is a GGUF file already; to change its types use quantize"
        case .unknownType(let name):
            "the type '\(name)' is not known; known are F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K, Q4_K_M"
        case .wouldOverwriteSource(let path):
            "\(path) is the file that is read; write to another name"
        case .badImportance(let file, let reason):
            "\(file) is no importance file: \(reason)"
        case .importanceOfOther(let tensor, let expected, let got):
            "the importance of '\(tensor)' has \(got) columns, but the tensor has \(expected): the file was made from "
                + "another model"
        }
    }
}
