/// The keys and values of a GGUF file. Getters give nil for a key that is absent and throw, naming the key, for a value
/// of another type; `require…` throw for an absent key too.
public struct GGUFMetadata: Sendable {
    /// The file, for messages.
    public let file: String
    /// All keys in the order of the file.
    public private(set) var keys: [String] = []
    private var values: [GGUFValue] = []
    private var index: [ByteKey: Int] = [:]

    /// Bytes of a string and elements of an array that getters hand out: far past every real vocabulary or template,
    /// small enough that a file cannot exhaust the memory.
    public static let longestString = 1 << 24
    public static let longestArray = 1 << 22

    public init(file: String) { self.file = file }

    public var entries: [(key: String, value: GGUFValue)] { zip(keys, values).map { ($0, $1) } }

    public subscript(key: String) -> GGUFValue? { index[ByteKey(key)].map { values[$0] } }

    public func has(_ key: String) -> Bool { index[ByteKey(key)] != nil }

    /// Returns false, changing nothing, where the key is there.
    mutating func append(_ key: String, _ value: GGUFValue) -> Bool {
        guard index.updateValue(keys.count, forKey: ByteKey(key)) == nil else { return false }
        keys.append(key)
        values.append(value)
        return true
    }

    private func fail(_ problem: GGUFError.Problem) -> GGUFError { GGUFError(file: file, problem: problem) }

    private func wrongType(_ key: String, _ expected: String, _ value: GGUFValue) -> GGUFError {
        fail(.wrongType(key: key, expected: expected, actual: value.kind))
    }

    // MARK: Single values

    /// The bytes of a string, whether or not they are UTF-8.
    public func bytes(_ key: String) throws(GGUFError) -> [UInt8]? {
        guard let value = self[key] else { return nil }
        guard case .string(let string) = value else { throw wrongType(key, "a string", value) }
        guard string.count <= Self.longestString else {
            throw fail(.valueTooLong(key: key, count: string.count, limit: Self.longestString))
        }
        return string.bytes
    }

    public func string(_ key: String) throws(GGUFError) -> String? {
        guard let bytes = try bytes(key) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw fail(.notUTF8(key: key)) }
        return text
    }

    /// A value of any integer type.
    public func integer(_ key: String) throws(GGUFError) -> Int? {
        guard let value = self[key] else { return nil }
        if case .uint64(let number) = value, number > UInt64(Int.max) {
            throw fail(.outOfRange(key: key, value: "\(number)"))
        }
        guard let number = value.intValue else { throw wrongType(key, "an integer", value) }
        return number
    }

    /// A value of either float type; NaN and infinities are refused.
    public func float(_ key: String) throws(GGUFError) -> Double? {
        guard let value = self[key] else { return nil }
        guard let number = value.floatValue else { throw wrongType(key, "a float", value) }
        guard number.isFinite else { throw fail(.outOfRange(key: key, value: "\(number)")) }
        return number
    }

    public func bool(_ key: String) throws(GGUFError) -> Bool? {
        guard let value = self[key] else { return nil }
        guard case .bool(let flag) = value else { throw wrongType(key, "a bool", value) }
        return flag
    }

    // MARK: Arrays

    public func array(_ key: String) throws(GGUFError) -> GGUFArray? {
        guard let value = self[key] else { return nil }
        guard case .array(let array) = value else { throw wrongType(key, "an array", value) }
        guard array.count <= Self.longestArray else {
            throw fail(.valueTooLong(key: key, count: array.count, limit: Self.longestArray))
        }
        return array
    }

    /// An array of strings, read where they lie.
    public func strings(_ key: String) throws(GGUFError) -> GGUFStrings? {
        guard let array = try array(key) else { return nil }
        guard let strings = array.strings else { throw wrongType(key, "an array of strings", .array(array)) }
        return strings
    }

    /// An array of any integer type.
    public func integers(_ key: String) throws(GGUFError) -> [Int]? {
        try elements(key, "an array of integers") { $0.intValue }
    }

    /// An array of either float type.
    public func floats(_ key: String) throws(GGUFError) -> [Float]? {
        try elements(key, "an array of floats") { $0.floatValue.map { Float($0) } }
    }

    public func bools(_ key: String) throws(GGUFError) -> [Bool]? {
        try elements(key, "an array of bools") { if case .bool(let flag) = $0 { flag } else { nil } }
    }

    /// An integer for each of `count` layers: written once for all of them, or as an array of that many.
    public func integers(_ key: String, forEach count: Int) throws(GGUFError) -> [Int]? {
        guard let value = self[key] else { return nil }
        guard count >= 0, count <= Self.longestArray else {
            throw fail(.valueTooLong(key: key, count: count, limit: Self.longestArray))
        }
        guard case .array = value else { return try integer(key).map { [Int](repeating: $0, count: count) } }
        guard let values = try integers(key) else { return nil }
        guard values.count == count else {
            throw fail(.wrongType(key: key, expected: "\(count) integers", actual: "an array of \(values.count)"))
        }
        return values
    }

    private func elements<Element>(
        _ key: String, _ expected: String, _ convert: (GGUFValue) -> Element?
    ) throws(GGUFError) -> [Element]? {
        guard let array = try array(key) else { return nil }
        guard array.elementType != .string, array.elementType != .array else {
            throw wrongType(key, expected, .array(array))
        }
        var elements: [Element] = []
        elements.reserveCapacity(array.count)
        for index in 0..<array.count {
            guard let value = array.number(at: index) else { throw fail(.outOfRange(key: key, value: "[\(index)]")) }
            guard let element = convert(value) else {
                if case .uint64(let number) = value { throw fail(.outOfRange(key: key, value: "\(number)")) }
                throw wrongType(key, expected, .array(array))
            }
            elements.append(element)
        }
        return elements
    }

    // MARK: Values that must be there

    private func required<Value>(_ key: String, _ value: Value?) throws(GGUFError) -> Value {
        guard let value else { throw fail(.missingKey(key)) }
        return value
    }

    public func requireBytes(_ key: String) throws(GGUFError) -> [UInt8] { try required(key, try bytes(key)) }
    public func requireString(_ key: String) throws(GGUFError) -> String { try required(key, try string(key)) }
    public func requireInteger(_ key: String) throws(GGUFError) -> Int { try required(key, try integer(key)) }
    public func requireFloat(_ key: String) throws(GGUFError) -> Double { try required(key, try float(key)) }
    public func requireBool(_ key: String) throws(GGUFError) -> Bool { try required(key, try bool(key)) }
    public func requireStrings(_ key: String) throws(GGUFError) -> GGUFStrings { try required(key, try strings(key)) }
    public func requireIntegers(_ key: String) throws(GGUFError) -> [Int] { try required(key, try integers(key)) }
    public func requireFloats(_ key: String) throws(GGUFError) -> [Float] { try required(key, try floats(key)) }
}

extension GGUFValue {
    /// The value of either float type.
    public var floatValue: Double? {
        switch self {
        case .float32(let value): Double(value)
        case .float64(let value): value
        default: nil
        }
    }
}
