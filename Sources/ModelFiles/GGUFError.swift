/// Why a GGUF file cannot be used, and where in it.
public struct GGUFError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Problem: Sendable, Equatable {
        case notGGUF
        case bigEndian
        case version(UInt32)
        case truncated(String)
        case tooMany(String, count: UInt64, limit: Int)
        case emptyName(String)
        case nameTooLong(String, bytes: UInt64, limit: Int)
        case nameNotUTF8(String)
        case duplicateKey(String)
        case unknownValueType(key: String, UInt32)
        case nestedTooDeep(key: String, limit: Int)
        case alignment(String)
        case missingKey(String)
        case wrongType(key: String, expected: String, actual: String)
        case outOfRange(key: String, value: String)
        case notUTF8(key: String)
        case valueTooLong(key: String, count: Int, limit: Int)
        case badBool(key: String, UInt8)
        case duplicateTensor(String)
        case dimensionCount(tensor: String, UInt32)
        case dimension(tensor: String, UInt64)
        case sizeOverflow(tensor: String)
        case unknownTensorType(tensor: String, UInt32)
        case brokenRow(tensor: String, type: String, elements: Int, block: Int)
        case misaligned(tensor: String, offset: UInt64, alignment: Int)
        case pastEnd(tensor: String, offset: UInt64, bytes: Int, available: Int)
        case overlap(tensor: String, other: String)
        case partName
        case missingPart(String)
        case part(String)
    }

    public var file: String
    /// Bytes from the beginning of the file, where the problem has a place.
    public var offset: Int?
    public var problem: Problem

    public var description: String {
        file + (offset.map { ", byte \($0)" } ?? "") + ": " + reason
    }

    private var reason: String {
        switch problem {
        case .notGGUF: "no GGUF file (it does not begin with 'GGUF')"
        case .bigEndian: "a big-endian GGUF file; convert it to little-endian with gguf's gguf-convert-endian"
        case .version(let version): "GGUF version \(version) is not supported (2 and 3 are); convert the model again"
        case .truncated(let what): "the file ends within \(what): it is incomplete or damaged"
        case .tooMany(let what, let count, let limit): "says it has \(count) \(what), more than \(limit)"
        case .emptyName(let what): "\(what) has an empty name"
        case .nameTooLong(let what, let bytes, let limit): "the name of \(what) has \(bytes) bytes, more than \(limit)"
        case .nameNotUTF8(let what): "the name of \(what) is not valid UTF-8"
        case .duplicateKey(let key): "metadata key '\(key)' is there twice"
        case .unknownValueType(let key, let type): "metadata key '\(key)' has the unknown type \(type)"
        case .nestedTooDeep(let key, let limit): "metadata key '\(key)': arrays are nested more than \(limit) levels"
        case .alignment(let value): "general.alignment is \(value); it must be a uint32, a power of two, 8 or more"
        case .missingKey(let key): "metadata key '\(key)' is missing"
        case .wrongType(let key, let expected, let actual): "metadata key '\(key)' is \(actual), expected \(expected)"
        case .outOfRange(let key, let value): "metadata key '\(key)' has the value \(value), which is out of range"
        case .notUTF8(let key): "metadata key '\(key)' has a value that is not valid UTF-8"
        case .valueTooLong(let key, let count, let limit):
            "metadata key '\(key)' has \(count) bytes or elements, more than \(limit)"
        case .badBool(let key, let byte): "metadata key '\(key)' has a boolean of value \(byte)"
        case .duplicateTensor(let name): "tensor '\(name)' is there twice"
        case .dimensionCount(let tensor, let count): "tensor '\(tensor)' has \(count) dimensions, expected 1 to 4"
        case .dimension(let tensor, let size): "tensor '\(tensor)' has a dimension of \(size)"
        case .sizeOverflow(let tensor): "tensor '\(tensor)' has a size that overflows"
        case .unknownTensorType(let tensor, let type): "tensor '\(tensor)' has the unknown element type \(type)"
        case .brokenRow(let tensor, let type, let elements, let block):
            "tensor '\(tensor)' of type \(type) has rows of \(elements) elements, no multiple of \(block)"
        case .misaligned(let tensor, let offset, let alignment):
            "tensor '\(tensor)' lies at offset \(offset), no multiple of the alignment \(alignment)"
        case .pastEnd(let tensor, let offset, let bytes, let available):
            "tensor '\(tensor)' (\(bytes) bytes at offset \(offset)) ends past the \(available) bytes of tensor data: "
                + "the file is incomplete or damaged"
        case .overlap(let tensor, let other): "tensor '\(tensor)' overlaps tensor '\(other)'"
        case .partName: "a part of a model must be named like model-00001-of-00003.gguf to find the others"
        case .missingPart(let path): "a part of the model is missing: \(path)"
        case .part(let what): what
        }
    }
}
