/// Why a safetensors file cannot be used.
public struct SafetensorsError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Problem: Sendable, Equatable {
        case tooShort(bytes: Int)
        case headerTooLarge(bytes: UInt64, limit: Int)
        case headerPastEnd(bytes: UInt64, available: Int)
        case header(JSONError)
        case duplicateTensor(String)
        case incomplete(tensor: String)
        case sizeOverflow(tensor: String)
        case wrongSize(tensor: String, shape: [Int], type: String, bytes: Int)
        case badRange(tensor: String, begin: Int, end: Int)
        case hole(tensor: String, expected: Int, begin: Int)
        case overlap(tensor: String, expected: Int, begin: Int)
        case wrongTotal(expected: Int, actual: Int)
        case writing(String)
    }

    public var file: String
    public var problem: Problem

    public var description: String { "\(file): \(reason)" }

    private var reason: String {
        switch problem {
        case .tooShort(let bytes): "\(bytes) bytes are no safetensors file"
        case .headerTooLarge(let bytes, let limit): "says its header has \(bytes) bytes, more than \(limit)"
        case .headerPastEnd(let bytes, let available):
            "says its header has \(bytes) bytes, but only \(available) follow: the file is incomplete or damaged"
        case .header(let error): "the header is damaged: \(error)"
        case .duplicateTensor(let name): "tensor '\(name)' is there twice"
        case .incomplete(let tensor): "tensor '\(tensor)' lacks dtype, shape or data_offsets"
        case .sizeOverflow(let tensor): "tensor '\(tensor)' has a size that overflows"
        case .wrongSize(let tensor, let shape, let type, let bytes):
            "tensor '\(tensor)' of shape \(shape) and type \(type) cannot have \(bytes) bytes"
        case .badRange(let tensor, let begin, let end): "tensor '\(tensor)' has the impossible range \(begin)..<\(end)"
        case .hole(let tensor, let expected, let begin):
            "there is a hole before tensor '\(tensor)': it begins at \(begin), expected \(expected)"
        case .overlap(let tensor, let expected, let begin):
            "tensor '\(tensor)' overlaps the one before: it begins at \(begin), expected \(expected)"
        case .wrongTotal(let expected, let actual):
            "tensors take \(expected) bytes, but \(actual) are there: the file is incomplete or damaged"
        case .writing(let what): what
        }
    }
}
