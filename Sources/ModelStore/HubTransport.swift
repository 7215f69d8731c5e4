import AsyncHTTPClient

/// Requests to a hub: redirects followed by hand so that the token never leaves the hub, proxies, timeouts, and the
/// meaning of status codes.
struct HubTransport: Sendable {
    struct Response {
        var status: Int
        var raw: HTTPClientResponse
        var url: HubURL
        /// From the first hop on, whose headers tell about the file (`X-Repo-Commit`) before a redirect hides them.
        var commit: String?
        var linkedEntityTag: String?
        var linkedBytes: Int?

        func header(_ name: String) -> String? { raw.headers.first(name: name) }
    }

    let configuration: HubConfiguration
    let endpoint: HubURL
    let token: String?
    private let direct: HTTPClient
    private let proxied: [ProxySettings.Proxy: HTTPClient]

    init(configuration: HubConfiguration) throws(HubError) {
        self.configuration = configuration
        endpoint = try configuration.endpointURL()
        token = try configuration.checkedToken()
        direct = Self.client(configuration, proxy: nil)
        var proxied: [ProxySettings.Proxy: HTTPClient] = [:]
        for proxy in [configuration.proxies.http, configuration.proxies.https] {
            if let proxy, proxied[proxy] == nil { proxied[proxy] = Self.client(configuration, proxy: proxy) }
        }
        self.proxied = proxied
    }

    /// Must be called before the last reference goes; the library insists on it.
    func shutdown() async {
        try? await direct.shutdown()
        for client in proxied.values { try? await client.shutdown() }
    }

    private static func client(_ configuration: HubConfiguration, proxy: ProxySettings.Proxy?) -> HTTPClient {
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        settings.timeout.connect = .nanoseconds(configuration.connectTimeout.nanoseconds)
        settings.timeout.read = .nanoseconds(configuration.idleTimeout.nanoseconds)
        settings.connectionPool.retryConnectionEstablishment = false
        // One stream of bytes at a time: HTTP/2's flow control would only slow it down.
        settings.httpVersion = .http1Only
        settings.decompression = .disabled
        if let proxy {
            switch proxy.kind {
            case .http:
                let authorization = proxy.user.map { user in
                    HTTPClient.Authorization.basic(username: user, password: proxy.password ?? "")
                }
                settings.proxy = .server(host: proxy.host, port: proxy.port, authorization: authorization)
            case .socks5: settings.proxy = .socksServer(host: proxy.host, port: proxy.port)
            }
        }
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    private func client(for url: HubURL) -> HTTPClient {
        configuration.proxies.proxy(for: url).flatMap { proxied[$0] } ?? direct
    }

    /// Sends a request and follows redirects. The response may have any status but those of redirects.
    ///
    /// The token goes along only as long as every address so far has the endpoint's scheme, host and port.
    /// - Throws: `HubError`, `CancellationError`.
    func send(_ method: String, _ start: HubURL, headers: [(String, String)] = []) async throws -> Response {
        var url = start
        var isAtHome = url.origin == endpoint.origin
        var commit: String?
        var linkedEntityTag: String?
        var linkedBytes: Int?
        for _ in 0...configuration.maximumRedirects {
            try Task.checkCancellation()
            var request = HTTPClientRequest(url: url.description)
            request.method = .init(rawValue: method)
            request.headers.add(name: "User-Agent", value: "apus")
            request.headers.add(name: "Accept-Encoding", value: "identity")
            for (name, value) in headers { request.headers.add(name: name, value: value) }
            if isAtHome, let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
            let response = try await execute(request, at: url)
            commit = commit ?? response.headers.first(name: "X-Repo-Commit")
            linkedEntityTag = linkedEntityTag ?? response.headers.first(name: "X-Linked-Etag")
            linkedBytes = linkedBytes ?? response.headers.first(name: "X-Linked-Size").flatMap { Int($0) }
            let status = Int(response.status.code)
            guard [301, 302, 303, 307, 308].contains(status) else {
                return Response(
                    status: status, raw: response, url: url, commit: commit, linkedEntityTag: linkedEntityTag,
                    linkedBytes: linkedBytes)
            }
            let location = response.headers.first(name: "Location") ?? ""
            let next = try Self.redirect(from: url, to: location, endpoint: endpoint)
            isAtHome = isAtHome && next.origin == endpoint.origin
            url = next
        }
        throw HubError.tooManyRedirects(url: start.withoutQuery, limit: configuration.maximumRedirects)
    }

    /// Where a redirect leads. From https, or below a hub on https, never to http: the bytes could be anybody's.
    static func redirect(from url: HubURL, to location: String, endpoint: HubURL) throws(HubError) -> HubURL {
        guard let next = url.resolving(location) else {
            throw .badRedirect(from: url.withoutQuery, to: location)
        }
        if next.scheme == "http", endpoint.scheme == "https" || url.scheme == "https" {
            throw .insecureRedirect(from: url.withoutQuery, to: next.withoutQuery)
        }
        return next
    }

    private func execute(_ request: HTTPClientRequest, at url: HubURL) async throws -> HTTPClientResponse {
        // The time until the head of the answer; the body has the idle timeout of its own.
        let limit = configuration.connectTimeout.nanoseconds.addingReportingOverflow(
            configuration.idleTimeout.nanoseconds)
        do {
            return try await client(for: url).execute(
                request, timeout: .nanoseconds(limit.overflow ? Int64.max / 4 : limit.partialValue))
        } catch {
            throw failure(error, at: url)
        }
    }

    /// What an error of the library means.
    func failure(_ error: any Error, at url: HubURL) -> any Error {
        if error is HubError { return error }
        if Task.isCancelled || error is CancellationError { return CancellationError() }
        switch error as? HTTPClientError {
        case .connectTimeout?, .tlsHandshakeTimeout?, .socksHandshakeTimeout?, .httpProxyHandshakeTimeout?,
            .getConnectionFromPoolTimeout?:
            return HubError.connectTimeout(host: url.base, seconds: configuration.connectTimeout.inSeconds)
        case .readTimeout?, .deadlineExceeded?:
            return HubError.idleTimeout(host: url.base, seconds: configuration.idleTimeout.inSeconds)
        case .cancelled?:
            return CancellationError()
        case .proxyAuthenticationRequired?:
            return HubError.badProxy(variable: "HTTPS_PROXY", reason: "it wants a user name and a password")
        case .invalidProxyResponse?:
            return HubError.badProxy(
                variable: url.scheme == "https" ? "HTTPS_PROXY" : "HTTP_PROXY",
                reason: "it opens no tunnel (CONNECT) to \(url.host):\(url.effectivePort)")
        default:
            return HubError.connectionFailed(host: url.base, reason: printable("\(error)"))
        }
    }

    /// The answer of the hub's interface, as bytes.
    func fetch(_ url: HubURL, limit: Int, subject: Subject) async throws -> (body: [UInt8], response: Response) {
        let response = try await send("GET", url, headers: [("Accept", "application/json")])
        try check(response, subject: subject)
        var body: [UInt8] = []
        var watch = Watch(configuration.idleTimeout)
        do {
            for try await chunk in response.raw.body {
                body += chunk.readableBytesView
                if body.count > limit {
                    throw HubError.badAnswer(url: response.url.withoutQuery, reason: "it is longer than \(limit) bytes")
                }
                if watch.isStalled(after: chunk.readableBytes) {
                    throw HubError.idleTimeout(host: url.base, seconds: configuration.idleTimeout.inSeconds)
                }
            }
        } catch {
            throw failure(error, at: response.url)
        }
        try Task.checkCancellation()
        return (body, response)
    }

    /// What a request is about, for the sentences of errors.
    struct Subject {
        var repository: String
        var revision: String
        var file: String?
    }

    /// Passes 200 and 206; everything else becomes the error that it means.
    func check(_ response: Response, subject: Subject) throws(HubError) {
        let hub = endpoint.base
        let code = response.header("X-Error-Code") ?? ""
        let message = printable(response.header("X-Error-Message") ?? "")
        let hasToken = token != nil
        // An answer from another host than the hub's says nothing about the repository.
        let isHub = response.url.origin == endpoint.origin
        let retryAfter = response.header("Retry-After").flatMap { RetryAfter.seconds($0, now: secondsNow()) }
        switch response.status {
        case 200, 206: return
        case 401, 403:
            guard isHub else { break }
            if code == "GatedRepo" {
                throw .gated(repository: subject.repository, hub: hub, hasToken: hasToken)
            }
            if response.status == 401 {
                throw .unauthorized(repository: subject.repository, hub: hub, hasToken: hasToken)
            }
            throw .forbidden(repository: subject.repository, hub: hub, hasToken: hasToken, message: message)
        case 404:
            guard isHub else { break }
            if code == "RevisionNotFound" {
                throw .revisionNotFound(repository: subject.repository, revision: subject.revision)
            }
            if let file = subject.file, code != "RepoNotFound" {
                throw .fileNotFound(
                    repository: subject.repository, file: file, revision: subject.revision, available: [])
            }
            if code != "RepoNotFound", subject.revision != "main" {
                throw .revisionNotFound(repository: subject.repository, revision: subject.revision)
            }
            throw .repositoryNotFound(repository: subject.repository, hub: hub)
        case 429:
            throw .rateLimited(host: response.url.base, retryAfter: retryAfter, hasToken: hasToken)
        case 408, 500, 502, 503, 504:
            throw .unavailable(host: response.url.base, status: response.status, retryAfter: retryAfter)
        default: break
        }
        throw .unexpectedStatus(url: response.url.withoutQuery, status: response.status, message: message)
    }

    /// Tries again after a passing failure, waiting as long as the server asks or twice as long each time.
    /// - Parameter notify: told before each pause.
    func retrying<Value>(
        notify: (String) -> Void, _ body: () async throws -> Value
    ) async throws -> Value {
        var attempt = 1
        while true {
            do {
                return try await body()
            } catch let error as HubError {
                try await pause(after: error, attempt: attempt, notify: notify)
                attempt += 1
            }
        }
    }

    /// Waits before the next attempt, or throws the error if there is none.
    func pause(after error: HubError, attempt: Int, notify: (String) -> Void) async throws {
        guard error.isTransient, attempt < configuration.maximumAttempts else { throw error }
        var pause = min(configuration.backoff * (1 << min(attempt - 1, 16)), .seconds(30))
        if let asked = error.retryAfter {
            guard Duration.seconds(asked) <= configuration.maximumRetryAfter else { throw error }
            pause = max(.seconds(asked), .zero)
        }
        notify("\(error); attempt \(attempt + 1) of \(configuration.maximumAttempts) in \(pause.inSeconds) s")
        try await configuration.wait(pause)
    }
}

/// Notices a server that sends a byte now and then, only to keep the line open.
struct Watch {
    private let window: Duration
    private var start = ContinuousClock.now
    private var bytes = 0

    init(_ window: Duration) { self.window = window }

    /// Whether less than 256 bytes a second came in a whole window.
    mutating func isStalled(after count: Int) -> Bool {
        bytes = bytes.addingReportingOverflow(count).partialValue
        let elapsed = start.duration(to: .now)
        guard elapsed > window else { return false }
        let isStalled = Double(bytes) < 256 * elapsed.inSeconds
        start = .now
        bytes = 0
        return isStalled
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }

    /// As many as fit.
    var nanoseconds: Int64 {
        let (whole, overflow) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return Int64.max / 4 }
        return min(whole + components.attoseconds / 1_000_000_000, Int64.max / 4)
    }
}
