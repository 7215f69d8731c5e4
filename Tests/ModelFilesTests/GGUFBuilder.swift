@testable import ApusModelFiles

/// Bytes of a GGUF file, right or wrong in any place.
struct GGUFBuilder {
    var magic = Array("GGUF".utf8)
    var version: UInt32 = 3
    var tensorCount: UInt64?
    var keyCount: UInt64?
    private(set) var keys: [[UInt8]] = []
    private(set) var tensors: [[UInt8]] = []
    var data: [UInt8] = []
    var alignment = 32

    static func string(_ text: [UInt8], length: UInt64? = nil) -> [UInt8] {
        little(length ?? UInt64(text.count)) + text
    }

    static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendLittleEndian(value)
        return bytes
    }

    mutating func key(_ name: String, type: UInt32, _ value: [UInt8]) { key(Array(name.utf8), type: type, value) }

    mutating func key(_ name: [UInt8], type: UInt32, _ value: [UInt8], length: UInt64? = nil) {
        keys.append(Self.string(name, length: length) + Self.little(type) + value)
    }

    mutating func array(_ name: String, type: UInt32, count: UInt64, _ elements: [UInt8] = []) {
        key(name, type: 9, Self.little(type) + Self.little(count) + elements)
    }

    mutating func tensor(
        _ name: String, _ dimensions: [UInt64] = [4], dimensionCount: UInt32? = nil, type: UInt32 = 0,
        offset: UInt64 = 0
    ) {
        tensor(Array(name.utf8), dimensions, dimensionCount: dimensionCount, type: type, offset: offset)
    }

    mutating func tensor(
        _ name: [UInt8], _ dimensions: [UInt64] = [4], dimensionCount: UInt32? = nil, type: UInt32 = 0,
        offset: UInt64 = 0
    ) {
        tensors.append(
            Self.string(name) + Self.little(dimensionCount ?? UInt32(dimensions.count))
                + dimensions.flatMap { Self.little($0) } + Self.little(type) + Self.little(offset))
    }

    var bytes: [UInt8] {
        var bytes =
            magic + Self.little(version) + Self.little(tensorCount ?? UInt64(tensors.count))
            + Self.little(keyCount ?? UInt64(keys.count)) + keys.flatMap { $0 } + tensors.flatMap { $0 }
        if !data.isEmpty, alignment > 0 {
            while bytes.count % alignment != 0 { bytes.append(0) }
        }
        return bytes + data
    }

    /// A good file with a key and a tensor, for one fault to be added.
    static var good: GGUFBuilder {
        var builder = GGUFBuilder()
        builder.key("general.architecture", type: 8, string(Array("llama".utf8)))
        builder.tensor("a")
        builder.data = [UInt8](repeating: 0, count: 64)
        return builder
    }
}
