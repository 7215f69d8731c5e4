/// The types of metadata values, with the numbers of the format.
public enum GGUFValueType: UInt32, Sendable, CaseIterable {
    case uint8 = 0
    case int8 = 1
    case uint16 = 2
    case int16 = 3
    case uint32 = 4
    case int32 = 5
    case float32 = 6
    case bool = 7
    case string = 8
    case array = 9
    case uint64 = 10
    case int64 = 11
    case float64 = 12

    /// Bytes of a value; nil for strings and arrays, which say it themselves.
    var size: Int? {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .string, .array: nil
        }
    }
}

/// A metadata value. Strings and arrays are read from the mapping when they are asked for.
public enum GGUFValue: Sendable {
    case uint8(UInt8)
    case int8(Int8)
    case uint16(UInt16)
    case int16(Int16)
    case uint32(UInt32)
    case int32(Int32)
    case float32(Float)
    case bool(Bool)
    case string(GGUFString)
    case array(GGUFArray)
    case uint64(UInt64)
    case int64(Int64)
    case float64(Double)

    public static func string(_ text: String) -> GGUFValue { .string(GGUFString(text)) }

    public var type: GGUFValueType {
        switch self {
        case .uint8: .uint8
        case .int8: .int8
        case .uint16: .uint16
        case .int16: .int16
        case .uint32: .uint32
        case .int32: .int32
        case .float32: .float32
        case .bool: .bool
        case .string: .string
        case .array: .array
        case .uint64: .uint64
        case .int64: .int64
        case .float64: .float64
        }
    }

    /// The type for messages: "a uint32", "an array of string", …
    public var kind: String {
        if case .array(let array) = self { return "an array of \(array.elementType)" }
        let name = "\(type)"
        return name.hasPrefix("i") ? "an \(name)" : "a \(name)"
    }

    /// The value of any integer type that fits.
    public var intValue: Int? {
        switch self {
        case .uint8(let value): Int(value)
        case .int8(let value): Int(value)
        case .uint16(let value): Int(value)
        case .int16(let value): Int(value)
        case .uint32(let value): Int(value)
        case .int32(let value): Int(value)
        case .uint64(let value): Int(exactly: value)
        case .int64(let value): Int(exactly: value)
        default: nil
        }
    }
}

/// The bytes of a metadata string: UTF-8 by the format, whatever a file has in truth.
public struct GGUFString: Sendable, ExpressibleByStringLiteral {
    let slice: MappedSlice

    init(slice: MappedSlice) { self.slice = slice }

    public init(_ bytes: [UInt8]) {
        let memory = FileMapping(copying: bytes, name: "string")
        slice = MappedSlice(owner: memory, unchecked: 0..<memory.count)
    }

    public init(_ text: String) { self.init(Array(text.utf8)) }
    public init(stringLiteral text: String) { self.init(text) }

    public var count: Int { slice.count }
    public var bytes: [UInt8] { slice.withBytes { [UInt8]($0) } }

    /// The text; nil where the bytes are not valid UTF-8.
    public var text: String? { slice.withBytes { String(validating: $0, as: UTF8.self) } }
}

/// An array of metadata values of one type, as the file stores it.
public struct GGUFArray: Sendable {
    public let elementType: GGUFValueType
    public let count: Int
    /// The elements as stored; readers have found them whole.
    let slice: MappedSlice

    init(elementType: GGUFValueType, count: Int, slice: MappedSlice) {
        self.elementType = elementType
        self.count = count
        self.slice = slice
    }

    private init(_ type: GGUFValueType, count: Int, bytes: [UInt8]) {
        elementType = type
        self.count = count
        let memory = FileMapping(copying: bytes, name: "array")
        slice = MappedSlice(owner: memory, unchecked: 0..<memory.count)
    }

    public init(_ strings: [[UInt8]]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(strings.reduce(0) { $0 + 8 + $1.count })
        for string in strings {
            bytes.appendLittleEndian(UInt64(string.count))
            bytes.append(contentsOf: string)
        }
        self.init(.string, count: strings.count, bytes: bytes)
    }

    public init(_ strings: [String]) { self.init(strings.map { Array($0.utf8) }) }
    public init(_ values: [Bool]) { self.init(.bool, count: values.count, bytes: values.map { $0 ? 1 : 0 }) }
    public init(_ values: [UInt8]) { self.init(.uint8, count: values.count, bytes: values) }
    public init(_ values: [Int32]) { self.init(.int32, encoding: values) }
    public init(_ values: [UInt32]) { self.init(.uint32, encoding: values) }
    public init(_ values: [Int64]) { self.init(.int64, encoding: values) }
    public init(_ values: [UInt64]) { self.init(.uint64, encoding: values) }
    public init(_ values: [Float]) { self.init(.float32, encoding: values.map(\.bitPattern)) }
    public init(_ values: [Double]) { self.init(.float64, encoding: values.map(\.bitPattern)) }

    private init(_ type: GGUFValueType, encoding values: [some FixedWidthInteger]) {
        var bytes: [UInt8] = []
        for value in values { bytes.appendLittleEndian(value) }
        self.init(type, count: values.count, bytes: bytes)
    }

    /// The element at `index` of an array of numbers or booleans; nil for strings, arrays and places outside.
    public func number(at index: Int) -> GGUFValue? {
        guard index >= 0, index < count, let size = elementType.size else { return nil }
        return slice.withBytes { GGUFValue(elementType, bytes: $0, offset: index * size) }
    }

    /// The elements of an array of strings.
    public var strings: GGUFStrings? { elementType == .string ? GGUFStrings(self) : nil }
}

/// The elements of an array of strings, read where they lie: only their places are kept in memory.
public struct GGUFStrings: Sendable, RandomAccessCollection {
    private let slice: MappedSlice
    /// Where each string begins; one more for the end of the last.
    private let starts: [Int]

    init(_ array: GGUFArray) {
        slice = array.slice
        let bytes = array.slice.bytes
        var starts: [Int] = []
        starts.reserveCapacity(array.count + 1)
        var position = 0
        for _ in 0..<array.count {
            starts.append(position + 8)
            position += 8 + Int(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)))
        }
        starts.append(position + 8)
        self.starts = starts
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { starts.count - 1 }

    public subscript(index: Int) -> [UInt8] { withBytes(at: index) { [UInt8]($0) } }

    /// The bytes of a string without copying them.
    public func withBytes<Value>(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
        try slice.withBytes { bytes in
            try body(UnsafeRawBufferPointer(rebasing: bytes[starts[index]..<starts[index + 1] - 8]))
        }
    }
}

extension GGUFValue {
    /// A number or boolean that lies within `bytes`; nil for other types and for booleans that are neither 0 nor 1.
    init?(_ type: GGUFValueType, bytes: UnsafeRawBufferPointer, offset: Int) {
        func load<Number: FixedWidthInteger>(_: Number.Type) -> Number {
            Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
        }
        switch type {
        case .uint8: self = .uint8(load(UInt8.self))
        case .int8: self = .int8(load(Int8.self))
        case .uint16: self = .uint16(load(UInt16.self))
        case .int16: self = .int16(load(Int16.self))
        case .uint32: self = .uint32(load(UInt32.self))
        case .int32: self = .int32(load(Int32.self))
        case .float32: self = .float32(Float(bitPattern: load(UInt32.self)))
        case .uint64: self = .uint64(load(UInt64.self))
        case .int64: self = .int64(load(Int64.self))
        case .float64: self = .float64(Double(bitPattern: load(UInt64.self)))
        case .bool:
            let byte = load(UInt8.self)
            guard byte <= 1 else { return nil }
            self = .bool(byte == 1)
        case .string, .array: return nil
        }
    }
}

extension [UInt8] {
    mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
