/// Which proxy leads to a host: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in large or small letters, read
/// as curl and Python read them.
public struct ProxySettings: Sendable, Hashable {
    public struct Proxy: Sendable, Hashable {
        public enum Kind: Sendable, Hashable { case http, socks5 }
        public var kind: Kind
        public var host: String
        public var port: Int
        public var user: String?
        public var password: String?

        public init(kind: Kind, host: String, port: Int, user: String? = nil, password: String? = nil) {
            self.kind = kind
            self.host = host
            self.port = port
            self.user = user
            self.password = password
        }
    }

    public var http: Proxy?
    public var https: Proxy?
    /// Hosts that are reached directly: names (with all names below them), addresses, `HOST:PORT`, `*` for all.
    public var exceptions: [String]

    public static let none = ProxySettings()

    public init(http: Proxy? = nil, https: Proxy? = nil, exceptions: [String] = []) {
        self.http = http
        self.https = https
        self.exceptions = exceptions
    }

    /// - Throws: `HubError.badProxy` for a value that is no address of a proxy.
    public init(environment: StoreEnvironment) throws(HubError) {
        func proxy(_ names: [String]) throws(HubError) -> Proxy? {
            for name in names {
                if let value = environment[name] { return try Self.parse(value, variable: name) }
            }
            return nil
        }
        http = try proxy(["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
        https = try proxy(["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
        let list = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
        exceptions = list.split(whereSeparator: { $0 == "," || $0 == " " }).map { $0.lowercased() }
    }

    /// The proxy on the way to an address, or nil for the direct way.
    func proxy(for url: HubURL) -> Proxy? {
        guard let proxy = url.scheme == "https" ? https : http, !isException(url) else { return nil }
        return proxy
    }

    private func isException(_ url: HubURL) -> Bool {
        let host = url.host.hasPrefix("[") ? String(url.host.dropFirst().dropLast()) : url.host
        return exceptions.contains { exception in
            if exception == "*" || exception == url.host { return true }
            var name = exception[...]
            if let colon = name.lastIndex(of: ":"), name.filter({ $0 == ":" }).count == 1 {
                guard Int(name[name.index(after: colon)...]) == url.effectivePort else { return false }
                name = name[..<colon]
            }
            if name.hasPrefix("*.") { name = name.dropFirst(2) } else if name.hasPrefix(".") { name = name.dropFirst() }
            return !name.isEmpty && (host == name || host.hasSuffix("." + name))
        }
    }

    static func parse(_ text: String, variable: String) throws(HubError) -> Proxy {
        var rest = text[...]
        var kind = Proxy.Kind.http
        if let end = text.firstIndex(of: ":"), text[end...].hasPrefix("://") {
            switch text[..<end].lowercased() {
            case "http": kind = .http
            case "socks5", "socks5h", "socks": kind = .socks5
            case let scheme:
                throw .badProxy(
                    variable: variable, reason: "the scheme \"\(printable(scheme))\" is not known (http and socks5 are)"
                )
            }
            rest = text[text.index(end, offsetBy: 3)...]
        }
        while rest.hasSuffix("/") { rest = rest.dropLast() }
        var user: String?
        var password: String?
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = decoded(parts[0])
            password = parts.count > 1 ? decoded(parts[1]) : ""
            rest = rest[rest.index(after: at)...]
        }
        guard let url = HubURL("http://" + rest), url.target == "/" else {
            throw .badProxy(variable: variable, reason: "it is no address of the form http://HOST:PORT")
        }
        if kind == .socks5, user != nil {
            throw .badProxy(variable: variable, reason: "a SOCKS proxy with a password can't be used")
        }
        let host = url.host.hasPrefix("[") ? String(url.host.dropFirst().dropLast()) : url.host
        return Proxy(
            kind: kind, host: host, port: url.port ?? (kind == .http ? 80 : 1080), user: user, password: password)
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        let source = Array(text.utf8)
        var index = 0
        while index < source.count {
            if source[index] == UInt8(ascii: "%"), index + 2 < source.count,
                let byte = UInt8(String(decoding: source[index + 1...index + 2], as: UTF8.self), radix: 16)
            {
                bytes.append(byte)
                index += 3
            } else {
                bytes.append(source[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
