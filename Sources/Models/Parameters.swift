import ApusModelFiles

/// A model's hyperparameters as its files name them: keys of `config.json`, or of GGUF metadata below the name of the
/// architecture. Every value is checked where it is read; an error names key, value and file.
public struct Parameters: Sendable {
    /// The file, for messages.
    public let file: String
    private let prefix: String
    private let lookup: @Sendable (String) -> JSON?

    /// - Parameters:
    ///   - prefix: what stands before each key, such as `llama.`.
    ///   - lookup: gives the value of a whole key, nil where it is absent.
    public init(file: String, prefix: String = "", lookup: @escaping @Sendable (String) -> JSON?) {
        self.file = file
        self.prefix = prefix
        self.lookup = lookup
    }

    /// The value of a key that is there and not null.
    public func value(_ key: String) -> JSON? {
        guard let value = lookup(prefix + key), !value.isNull else { return nil }
        return value
    }

    /// Whether a key is there, be it null.
    public func names(_ key: String) -> Bool { lookup(prefix + key) != nil }

    /// The first of several keys that is there: families name the same thing differently.
    private func first(_ keys: [String]) -> (key: String, value: JSON)? {
        for key in keys {
            if let value = value(key) { return (prefix + key, value) }
        }
        return nil
    }

    /// A count of things that must exist: 1 or more, and no more than `limit`.
    public func count(_ keys: String..., or fallback: Int? = nil, limit: Int = 1 << 24) throws(ModelError) -> Int {
        guard let (key, value) = first(keys) else {
            guard let fallback else { throw .missingParameter(prefix + keys[0], file: file) }
            return fallback
        }
        let number = value.arrayValue.map(Self.common) ?? value.intValue
        guard let number, number >= 1, number <= limit else {
            throw bad(key, value, "a whole number from 1 to \(limit)")
        }
        return number
    }

    /// The number of a thing, counted from 0.
    public func index(_ key: String, or fallback: Int, limit: Int = 1 << 24) throws(ModelError) -> Int {
        guard let value = value(key) else { return fallback }
        guard let number = value.intValue, number >= 0, number <= limit else {
            throw bad(prefix + key, value, "a whole number from 0 to \(limit)")
        }
        return number
    }

    public func number(_ keys: String..., or fallback: Double? = nil) throws(ModelError) -> Double {
        guard let (key, value) = first(keys) else {
            guard let fallback else { throw .missingParameter(prefix + keys[0], file: file) }
            return fallback
        }
        guard let number = value.doubleValue, number.isFinite else { throw bad(key, value, "a finite number") }
        return number
    }

    /// A number above zero.
    public func positive(_ keys: String..., or fallback: Double? = nil) throws(ModelError) -> Double {
        guard let (key, value) = first(keys) else {
            guard let fallback else { throw .missingParameter(prefix + keys[0], file: file) }
            return fallback
        }
        guard let number = value.doubleValue, number.isFinite, number > 0 else {
            throw bad(key, value, "a finite number above 0")
        }
        return number
    }

    /// A number above zero, or nil where the key is absent or null.
    public func positiveIfPresent(_ key: String) throws(ModelError) -> Double? {
        value(key) == nil ? nil : try positive(key)
    }

    public func flag(_ key: String, or fallback: Bool) throws(ModelError) -> Bool {
        guard let value = value(key) else { return fallback }
        guard let flag = value.boolValue else { throw bad(prefix + key, value, "true or false") }
        return flag
    }

    public func text(_ keys: String..., or fallback: String? = nil) throws(ModelError) -> String {
        guard let (key, value) = first(keys) else {
            guard let fallback else { throw .missingParameter(prefix + keys[0], file: file) }
            return fallback
        }
        guard let text = value.stringValue else { throw bad(key, value, "a string") }
        return text
    }

    /// A list of float32 numbers, all finite and above zero.
    public func factors(_ key: String, count: Int) throws(ModelError) -> [Float] {
        guard let value = value(key) else { throw .missingParameter(prefix + key, file: file) }
        let numbers = value.arrayValue?.compactMap(\.doubleValue).map(Float.init)
        guard let numbers, numbers.count == count, numbers.allSatisfy({ $0.isFinite && $0 > 0 }) else {
            throw bad(prefix + key, value, "a list of \(count) finite numbers above 0")
        }
        return numbers
    }

    /// The members of an object as parameters of their own; nil where the key is absent or null.
    public func object(_ key: String) throws(ModelError) -> Parameters? {
        guard let value = value(key) else { return nil }
        guard let object = value.objectValue else { throw bad(prefix + key, value, "an object") }
        return Parameters(file: file, prefix: "") { object[$0] }
    }

    func bad(_ key: String, _ value: JSON, _ expected: String) -> ModelError {
        let spelled = value.serialized()
        return .badParameter(
            key, value: spelled.count > 60 ? String(spelled.prefix(60)) + "…" : spelled, expected: expected, file: file)
    }

    /// The number that all elements of a list are: GGUF may give a count per layer.
    private static func common(_ list: [JSON]) -> Int? {
        guard let first = list.first?.intValue, list.allSatisfy({ $0.intValue == first }) else { return nil }
        return first
    }
}
