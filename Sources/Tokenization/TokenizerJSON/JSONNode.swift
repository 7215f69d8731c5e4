import ApusModelFiles

/// A value of a tokenizer file and where it stands in it, so that every error can name the place.
struct JSONNode {
    let value: JSON
    let path: String

    init(_ value: JSON, path: String = "") {
        self.value = value
        self.path = path
    }

    func error(_ reason: String) -> TokenizerFileError { TokenizerFileError(path: path, reason) }

    /// The member `key`; nil where it is absent or `null`.
    func optional(_ key: String) throws(TokenizerFileError) -> JSONNode? {
        guard case .object(let object) = value else { throw error("must be an object and is \(value.kind)") }
        guard let member = object[key], !member.isNull else { return nil }
        return JSONNode(member, path: path.isEmpty ? key : "\(path).\(key)")
    }

    func required(_ key: String) throws(TokenizerFileError) -> JSONNode {
        guard let node = try optional(key) else { throw error("\"\(key)\" is missing") }
        return node
    }

    func elements() throws(TokenizerFileError) -> [JSONNode] {
        guard case .array(let elements) = value else { throw error("must be an array and is \(value.kind)") }
        return elements.enumerated().map { JSONNode($1, path: "\(path)[\($0)]") }
    }

    func string() throws(TokenizerFileError) -> String {
        guard case .string(let text) = value else { throw error("must be a string and is \(value.kind)") }
        return text
    }

    func bytes() throws(TokenizerFileError) -> [UInt8] { Array(try string().utf8) }

    /// A string of exactly one character.
    func character() throws(TokenizerFileError) -> UInt32 {
        let text = try string()
        guard let first = text.unicodeScalars.first, text.unicodeScalars.count == 1 else {
            throw error("must be one character and is \"\(text)\"")
        }
        return first.value
    }

    func bool() throws(TokenizerFileError) -> Bool {
        guard case .bool(let flag) = value else { throw error("must be true or false and is \(value.kind)") }
        return flag
    }

    func bool(_ key: String, default fallback: Bool) throws(TokenizerFileError) -> Bool {
        try optional(key)?.bool() ?? fallback
    }

    func double() throws(TokenizerFileError) -> Double {
        guard let number = value.doubleValue else { throw error("must be a number and is \(value.kind)") }
        return number
    }

    /// A whole number from 0 on.
    func count() throws(TokenizerFileError) -> Int {
        guard let number = value.intValue, number >= 0 else {
            throw error(
                "must be a whole number from 0 on and is \(value.kind == "a number" ? value.description : value.kind)")
        }
        return number
    }

    /// A token's id.
    func id() throws(TokenizerFileError) -> TokenID {
        let number = try count()
        guard number < Int(TokenID.max) else { throw error("\(number) is too large for a token's id") }
        return TokenID(number)
    }
}
