/// Why no tokenizer can be made from a GGUF file's metadata.
public struct GGUFTokenizerError: Error, Sendable, Equatable, CustomStringConvertible {
    public var file: String
    public var key: String
    /// The place in an array.
    public var index: Int?
    public var reason: String

    public var description: String {
        let place = index.map { "\(key)[\($0)]" } ?? key
        return "\(file): \(place): \(reason)"
    }
}
