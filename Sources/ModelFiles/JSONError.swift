/// Why a text is not JSON, and where.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Problem: Sendable, Equatable {
        case unexpectedEnd
        case unexpected(byte: UInt8)
        case expected(String)
        case textAfterValue
        case controlCharacter(UInt8)
        case badEscape
        case loneSurrogate
        case invalidUTF8
        case badNumber
        case nonFinite(String)
        case tooDeep(limit: Int)
        case tooLarge
    }

    public var problem: Problem
    /// The file or other name that the text was read from.
    public var source: String?
    /// Counted from 1.
    public var line: Int
    /// Counted from 1, in Unicode scalars.
    public var column: Int
    /// In bytes from the beginning.
    public var offset: Int

    public var description: String {
        let reason =
            switch problem {
            case .unexpectedEnd: "the text ends in the middle of a value"
            case .unexpected(let byte): "unexpected \(Self.show(byte))"
            case .expected(let what): "expected \(what)"
            case .textAfterValue: "there is text after the value"
            case .controlCharacter(let byte): "\(Self.show(byte)) in a string must be written as an escape"
            case .badEscape: "unknown or incomplete escape in a string"
            case .loneSurrogate: "half of a surrogate pair in a string"
            case .invalidUTF8: "a string is not valid UTF-8"
            case .badNumber: "malformed number"
            case .nonFinite(let literal): "\(literal) is not JSON"
            case .tooDeep(let limit): "more than \(limit) levels of arrays and objects"
            case .tooLarge: "too long a string, or too many values"
            }
        return "\(source.map { $0 + ": " } ?? "")JSON, line \(line), column \(column): \(reason)"
    }

    private static func show(_ byte: UInt8) -> String {
        (0x21...0x7e).contains(byte)
            ? "'\(Character(UnicodeScalar(byte)))'" : "byte 0x\(String(byte, radix: 16, uppercase: true))"
    }
}

extension JSON {
    /// What a text may ask for. The defaults suit files of any size, such as tokenizers.
    public struct Limits: Sendable {
        /// Levels of arrays and objects.
        public var depth: Int
        /// Values of any kind, in all.
        public var values: Int
        /// Bytes of a string or key.
        public var string: Int

        public init(depth: Int = 512, values: Int = .max, string: Int = .max) {
            self.depth = depth
            self.values = values
            self.string = string
        }
    }

    /// Parses one value with nothing but white space around it.
    ///
    /// Strict, with three choices where RFC 8259 leaves room: a byte order mark at the beginning is passed over, the
    /// last of duplicate keys wins (and is noted in `Object.duplicateKeys`), integers past 64 bits become `.number`.
    /// Invalid UTF-8 and escapes of half a surrogate pair are errors.
    /// - Parameters:
    ///   - maximumDepth: levels of arrays and objects that are accepted, 1024 at most.
    ///   - maximumValues: values that are accepted in all, which bounds the memory that they take.
    ///   - allowsNonFinite: accepts `NaN`, `Infinity` and `-Infinity`, which Python writes.
    ///   - source: a name for error messages.
    public init(
        parsing bytes: UnsafeRawBufferPointer, maximumDepth: Int = 512, maximumValues: Int = .max,
        allowsNonFinite: Bool = false,
        source: String? = nil
    ) throws(JSONError) {
        self = try JSONReader.read(
            bytes, limits: Limits(depth: maximumDepth, values: maximumValues), allowsNonFinite: allowsNonFinite,
            source: source
        ) { (reader) throws(JSONReader.Failure) in try reader.value(depth: 0) }
    }

    public init(
        parsing bytes: [UInt8], maximumDepth: Int = 512, maximumValues: Int = .max, allowsNonFinite: Bool = false,
        source: String? = nil
    ) throws(JSONError) {
        let result = bytes.withUnsafeBytes { raw in
            Result { () throws(JSONError) -> JSON in
                try JSON(
                    parsing: raw, maximumDepth: maximumDepth, maximumValues: maximumValues,
                    allowsNonFinite: allowsNonFinite,
                    source: source)
            }
        }
        self = try result.get()
    }

    public init(
        parsing text: String, maximumDepth: Int = 512, maximumValues: Int = .max, allowsNonFinite: Bool = false,
        source: String? = nil
    ) throws(JSONError) {
        try self.init(
            parsing: Array(text.utf8), maximumDepth: maximumDepth, maximumValues: maximumValues,
            allowsNonFinite: allowsNonFinite,
            source: source)
    }
}
