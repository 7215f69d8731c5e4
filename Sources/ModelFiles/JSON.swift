/// A JSON value (RFC 8259).
///
/// Numbers written without fraction and exponent that fit an `Int` are `.integer`; all others are `.number`. Strings
/// and keys are compared by their UTF-8 bytes, never by canonical equivalence: a vocabulary may hold both spellings
/// of "é", and they are two tokens.
public enum JSON: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSON])
    case object(JSON.Object)
}

extension JSON: Equatable {
    /// Equal in kind and value: objects without regard to the order of keys, `1` and `1.0` are different.
    public static func == (a: JSON, b: JSON) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.bool(let x), .bool(let y)): x == y
        case (.integer(let x), .integer(let y)): x == y
        case (.number(let x), .number(let y)): x == y
        case (.string(let x), .string(let y)): x.hasSameBytes(as: y)
        case (.array(let x), .array(let y)): x == y
        case (.object(let x), .object(let y)): x == y
        default: false
        }
    }
}

extension JSON {
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The value of an integer, also of one that was written as `10000.0` or `1e4`.
    public var intValue: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value) where value.magnitude < 0x1p53 && Double(Int(value)) == value: Int(value)
        default: nil
        }
    }

    public var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    public var arrayValue: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    public var objectValue: Object? {
        if case .object(let value) = self { value } else { nil }
    }

    /// What kind of value this is, for messages: "a string", "an object", …
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The value of a key of an object; nil where the key is absent or this is no object. A key whose value is `null`
    /// gives `.null`.
    public subscript(key: String) -> JSON? { objectValue?[key] }

    /// An element of an array; nil where there is none.
    public subscript(index: Int) -> JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The value of a key that is there and not `null`.
    public func present(_ key: String) -> JSON? {
        guard let value = self[key], !value.isNull else { return nil }
        return value
    }
}

// Not by `nil`: a nil of Swift says that there is no value, `.null` is one.
extension JSON: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Object(elements)) }
}

extension JSON: CustomStringConvertible {
    /// The value as compact JSON.
    public var description: String { serialized() }
}

extension String {
    /// Whether two strings are the same bytes of UTF-8; `==` would also equate canonical equivalents.
    func hasSameBytes(as other: String) -> Bool {
        var a = self
        var b = other
        return a.withUTF8 { x in
            b.withUTF8 { y in x.count == y.count && x.elementsEqual(y) }
        }
    }
}
