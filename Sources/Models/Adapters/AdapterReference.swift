import ApusModelFiles

/// An adapter to use, and how strongly: `DIR`, `FILE.gguf`, or either with `:SCALE`.
public struct AdapterReference: Sendable, Equatable {
    /// A PEFT folder or a GGUF adapter.
    public var path: String
    /// What the adapter's own scale is multiplied by; 0 leaves the model as it is.
    public var scale: Float

    public init(path: String, scale: Float = 1) {
        self.path = path
        self.scale = scale
    }

    /// Reads what was written on a command line. What exists under the whole text is a path, whatever it contains.
    ///
    /// - Throws: ``AdapterError/badScale(_:)`` for a number that is not finite.
    public init(parsing text: String) throws(AdapterError) {
        self.init(path: text)
        guard !FileMapping.isFile(text), !FileMapping.isFolder(text), let colon = text.lastIndex(of: ":"),
            colon != text.startIndex, let scale = Float(text[text.index(after: colon)...])
        else { return }
        guard scale.isFinite else { throw .badScale(String(text[text.index(after: colon)...])) }
        path = String(text[..<colon])
        self.scale = scale
    }
}
