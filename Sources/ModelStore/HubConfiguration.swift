/// How a hub is reached, and what is refused from it.
public struct HubConfiguration: Sendable {
    /// The hub's address; `HF_ENDPOINT`.
    public var endpoint = "https://huggingface.co"
    /// Sent to the endpoint's own scheme, host and port, and to nobody else.
    public var token: String?
    public var proxies = ProxySettings.none
    public var connectTimeout: Duration = .seconds(10)
    /// How long a server may send nothing (or next to nothing) before the line counts as broken.
    public var idleTimeout: Duration = .seconds(60)
    /// How often a request is tried that brings nothing forward; a megabyte of a file that arrived starts the count
    /// again.
    public var maximumAttempts = 6
    /// The pause before the second attempt; each further one is twice as long, up to half a minute.
    public var backoff: Duration = .seconds(1)
    /// The longest `Retry-After` that is waited for; a longer one is an error that says so.
    public var maximumRetryAfter: Duration = .seconds(120)
    public var maximumRedirects = 10
    /// Entries of a repository's listing.
    public var maximumFiles = 50_000
    /// Bytes of a model.
    public var maximumBytes = 8 << 40
    /// Pauses; tests put something else in its place.
    var wait: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// Free bytes at a path; tests put something else in its place.
    var freeBytes: @Sendable (String) -> Int? = { FileSystem.freeBytes(at: $0) }

    public init() {}

    /// From `HF_ENDPOINT`, `HF_TOKEN` (or the file that `hf auth login` writes), and the variables of proxies.
    /// - Throws: `HubError.badProxy`.
    public init(environment: StoreEnvironment) throws(HubError) {
        if let endpoint = environment["HF_ENDPOINT"] { self.endpoint = endpoint }
        token = Self.token(environment)
        proxies = try ProxySettings(environment: environment)
    }

    private static func token(_ environment: StoreEnvironment) -> String? {
        if let token = environment["HF_TOKEN"] ?? environment["HUGGING_FACE_HUB_TOKEN"] { return trimmed(token) }
        let path = environment.path("HF_TOKEN_PATH") ?? environment.huggingFaceFolder + "/token"
        guard let bytes = try? FileSystem.read(path, limit: 64 << 10) else { return nil }
        return trimmed(String(decoding: bytes, as: UTF8.self))
    }

    private static func trimmed(_ text: String) -> String? {
        var rest = text[...]
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        return rest.isEmpty ? nil : String(rest)
    }

    func endpointURL() throws(HubError) -> HubURL {
        let text = endpoint.contains("://") ? endpoint : "https://" + endpoint
        guard let url = HubURL(text), !url.target.contains("?") else {
            throw .badEndpoint(endpoint, reason: "it is no address of the form https://HOST")
        }
        return url
    }

    /// The token, once it is certain that it can stand in a header.
    func checkedToken() throws(HubError) -> String? {
        guard let token else { return nil }
        guard token.utf8.count <= 4096, token.utf8.allSatisfy({ (33...126).contains($0) }) else { throw .badToken }
        return token
    }
}
