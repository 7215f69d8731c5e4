/// Why a model could not be pulled from a hub.
public enum HubError: Error, Sendable, Equatable, CustomStringConvertible {
    case badReference(String, reason: String)
    case badEndpoint(String, reason: String)
    case badProxy(variable: String, reason: String)
    /// The token has characters that can't be sent.
    case badToken
    /// 401.
    case unauthorized(repository: String, hub: String, hasToken: Bool)
    /// 401 or 403 for a repository whose terms must be accepted first.
    case gated(repository: String, hub: String, hasToken: Bool)
    /// 403.
    case forbidden(repository: String, hub: String, hasToken: Bool, message: String)
    case repositoryNotFound(repository: String, hub: String)
    case revisionNotFound(repository: String, revision: String)
    /// `available` has names that could have been meant.
    case fileNotFound(repository: String, file: String, revision: String, available: [String])
    case ambiguousFile(repository: String, file: String, candidates: [String])
    /// The repository has nothing that can be used as a model.
    case noModel(repository: String, reason: String)
    /// 429 and a wait that is too long, or again and again.
    case rateLimited(host: String, retryAfter: Int?, hasToken: Bool)
    /// 500, 502, 503, 504 again and again.
    case unavailable(host: String, status: Int, retryAfter: Int?)
    case unexpectedStatus(url: String, status: Int, message: String)
    case connectionFailed(host: String, reason: String)
    case connectTimeout(host: String, seconds: Double)
    case idleTimeout(host: String, seconds: Double)
    /// The line broke in the middle; `received` of `expected` bytes are kept for the next time.
    case brokenLine(what: String, received: Int, expected: Int, reason: String)
    case tooManyRedirects(url: String, limit: Int)
    /// From https to http.
    case insecureRedirect(from: String, to: String)
    case badRedirect(from: String, to: String)
    /// An answer that is not what the hub's interface promises.
    case badAnswer(url: String, reason: String)
    case hostileName(repository: String, name: String, reason: String)
    case tooManyFiles(repository: String, limit: Int)
    case tooLarge(repository: String, limit: Int)
    case noChecksum(repository: String, file: String)
    case wrongCommit(file: String, expected: String, got: String)
    case wrongLength(file: String, expected: Int, got: Int)
    case wrongChecksum(file: String, expected: Checksum, got: Checksum)
    case notEnoughSpace(path: String, needed: Int, free: Int)
    case file(StoreFileError)
    case store(ModelStoreError)

    public var description: String {
        switch self {
        case .badReference(let text, let reason):
            return "\"\(text)\" is no model on a hub: \(reason); the form is hf:ORG/REPO[@REVISION][:FILE]"
        case .badEndpoint(let text, let reason):
            return "the hub's address \"\(printable(text))\" (HF_ENDPOINT) can't be used: \(reason)"
        case .badProxy(let variable, let reason): return "the proxy in \(variable) can't be used: \(reason)"
        case .badToken: return "HF_TOKEN has characters that no token has; copy it again from the hub's settings"
        case .unauthorized(let repository, let hub, let hasToken):
            return "\(hub) does not let us read \(repository) (401): it does not exist or is private; check the name, "
                + (hasToken
                    ? "and whether HF_TOKEN is valid and may read it" : "or set HF_TOKEN to a token that may read it")
        case .gated(let repository, let hub, let hasToken):
            return "\(repository) is gated: accept its terms at \(hub)/\(repository), "
                + (hasToken
                    ? "with the account that HF_TOKEN belongs to" : "then set HF_TOKEN to a token of that account")
        case .forbidden(let repository, let hub, let hasToken, let message):
            return "\(hub) forbids reading \(repository) (403)" + (message.isEmpty ? "" : ": \(message)") + "; "
                + (hasToken ? "check what HF_TOKEN may read" : "set HF_TOKEN to a token that may read it")
        case .repositoryNotFound(let repository, let hub):
            return "there is no model \(repository) at \(hub) (404); check the name, or set HF_TOKEN if it is private"
        case .revisionNotFound(let repository, let revision):
            return "\(repository) has no revision \"\(printable(revision))\" (404); leave it out for the main branch"
        case .fileNotFound(let repository, let file, let revision, let available):
            return "\(repository) has no file \"\(printable(file))\" at revision \(revision)" + Self.choices(available)
        case .ambiguousFile(let repository, let file, let candidates):
            return "\"\(printable(file))\" stands for \(candidates.count) files of \(repository)"
                + Self.choices(candidates)
        case .noModel(let repository, let reason): return "\(repository) can't be used as a model: \(reason)"
        case .rateLimited(let host, let retryAfter, let hasToken):
            return "\(host) takes no more requests from us now (429)"
                + (retryAfter.map { "; try again in \($0) s" } ?? "; try again later")
                + (hasToken ? "" : ", or set HF_TOKEN for a higher limit")
        case .unavailable(let host, let status, let retryAfter):
            return "\(host) can't answer now (\(status)); try again "
                + (retryAfter.map { "in \($0) s" } ?? "later") + ", what has arrived is kept"
        case .unexpectedStatus(let url, let status, let message):
            return "\(url) answered with status \(status)" + (message.isEmpty ? "" : ": \(message)")
        case .connectionFailed(let host, let reason):
            return "no connection to \(host): \(reason); check the network, HF_ENDPOINT and the proxy"
        case .connectTimeout(let host, let seconds):
            return
                "\(host) did not accept a connection within \(seconds) s; check the network, HF_ENDPOINT and the proxy"
        case .idleTimeout(let host, let seconds):
            return "\(host) sent nothing for \(seconds) s; pull again to go on where it stopped"
        case .brokenLine(let what, let received, let expected, let reason):
            return "the line broke after \(received) of \(expected) bytes of \(printable(what)) (\(reason)); "
                + "pull again to go on where it stopped"
        case .tooManyRedirects(let url, let limit): return "\(url) redirects more than \(limit) times"
        case .insecureRedirect(let from, let to):
            return "\(from) redirects from https to \(to), which anyone on the way could change; refused"
        case .badRedirect(let from, let to): return "\(from) redirects to \"\(printable(to))\", which is no address"
        case .badAnswer(let url, let reason): return "the answer of \(url) can't be used: \(reason)"
        case .hostileName(let repository, let name, let reason):
            return "\(repository) lists a file whose name \"\(printable(name))\" \(reason); nothing was downloaded"
        case .tooManyFiles(let repository, let limit):
            return "\(repository) lists more than \(limit) files; nothing was downloaded"
        case .tooLarge(let repository, let limit):
            return "\(repository) says that it has more than \(limit) bytes; nothing was downloaded"
        case .noChecksum(let repository, let file):
            return "the hub gives no checksum for \(printable(file)) of \(repository); nothing was downloaded"
        case .wrongCommit(let file, let expected, let got):
            return "the hub gave \(printable(file)) of commit \(printable(got)) instead of \(expected); pull again"
        case .wrongLength(let file, let expected, let got):
            return "\(printable(file)) has \(expected) bytes, but the server gives \(got); thrown away, pull again"
        case .wrongChecksum(let file, let expected, let got):
            return
                "\(printable(file)) arrived with wrong bytes (\(got) instead of \(expected)); thrown away, pull again"
        case .notEnoughSpace(let path, let needed, let free):
            return "\(needed) bytes are needed at \(path), \(free) are free; make room or set XDG_DATA_HOME"
        case .file(let error): return error.description
        case .store(let error): return error.description
        }
    }

    private static func choices(_ names: [String]) -> String {
        if names.isEmpty { return "" }
        let shown = names.prefix(12).map(printable).joined(separator: ", ")
        return "; there are: " + shown + (names.count > 12 ? ", and \(names.count - 12) more" : "")
    }

    /// Whether the same request may go well a moment later.
    var isTransient: Bool {
        switch self {
        case .rateLimited, .unavailable, .connectionFailed, .connectTimeout, .idleTimeout, .brokenLine: true
        default: false
        }
    }

    /// The seconds that a server asked to wait.
    var retryAfter: Int? {
        switch self {
        case .rateLimited(_, let seconds, _), .unavailable(_, _, let seconds): seconds
        default: nil
        }
    }
}
