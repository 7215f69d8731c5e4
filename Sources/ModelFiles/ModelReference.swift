/// A MODEL argument taken apart. Nothing is looked up: whether a file is there is for others to find out.
public enum ModelReference: Sendable, Equatable {
    /// The model that comes with Apus: no argument, or an empty one.
    case shipped
    /// What is written as a path: it has a `/` at its beginning, begins with `.` or `~`, or ends like a model's file.
    case path(String)
    /// A name of the local store, or a path that looks like one (`ORG/NAME`, `models`): the store is asked first, then
    /// the file system.
    case name(String)
    /// `hf:ORG/REPO[@REVISION][:FILE]`, the text after `hf:`.
    case hub(String)
    /// A model of a remote service.
    case remote(RemoteModel)

    /// - Throws: `ModelReferenceError` for what can be none of these.
    public init(_ argument: String?) throws(ModelReferenceError) {
        guard let text = argument, !text.isEmpty else {
            self = .shipped
            return
        }
        guard !text.utf8.contains(0) else { throw .zeroByte(text) }
        if Self.looksLikePath(text) {
            self = .path(text)
            return
        }
        guard let colon = text.firstIndex(of: ":") else {
            self = .name(text)
            return
        }
        let rest = String(text[text.index(after: colon)...])
        switch text[..<colon] {
        case "hf":
            guard !rest.isEmpty else { throw .missingName(text) }
            self = .hub(rest)
        case "openai", "azure", "anthropic", "google":
            guard !rest.isEmpty, let service = RemoteModel.Service(rawValue: String(text[..<colon])) else {
                throw .missingName(text)
            }
            self = .remote(RemoteModel(service: service, endpoint: nil, name: rest))
        case "openai+http", "openai+https":
            self = .remote(try Self.compatibleServer(text))
        default:
            // A tag of a store's name (`llama3:8b`), unless it is an address of something that is not known.
            guard !rest.hasPrefix("//"), !text[..<colon].contains("+") else {
                throw .unknownScheme(text, scheme: String(text[..<colon]))
            }
            self = .name(text)
        }
    }

    private static func looksLikePath(_ text: String) -> Bool {
        if text.hasPrefix("/") || text.hasPrefix(".") || text.hasPrefix("~") { return true }
        if text.contains(":") { return false }
        return [".gguf", ".json", ".model", ".tiktoken", ".safetensors", ".bin", "/"].contains {
            text.hasSuffix($0)
        }
    }

    /// `openai+http://HOST[:PORT]/PATH#NAME`.
    private static func compatibleServer(_ text: String) throws(ModelReferenceError) -> RemoteModel {
        let address = text.dropFirst("openai+".count)
        guard let mark = address.lastIndex(of: "#"), address.index(after: mark) < address.endIndex else {
            throw .missingName(text)
        }
        let endpoint = String(address[..<mark])
        guard let slashes = endpoint.firstIndex(of: ":"), endpoint[slashes...].hasPrefix("://") else {
            throw .missingHost(text)
        }
        let host = endpoint[endpoint.index(slashes, offsetBy: 3)...]
        guard let first = host.first, first != "/", !host.contains(" ") else { throw .missingHost(text) }
        return RemoteModel(service: .openai, endpoint: endpoint, name: String(address[address.index(after: mark)...]))
    }
}

/// A model of a remote service.
public struct RemoteModel: Sendable, Equatable {
    public enum Service: String, Sendable, CaseIterable {
        case openai
        case azure
        case anthropic
        case google
    }

    public var service: Service
    /// The base address of a compatible server, such as `http://localhost:8000/v1`; nil for the service's own.
    public var endpoint: String?
    /// The service's name for the model; for Azure, of the deployment.
    public var name: String

    public init(service: Service, endpoint: String?, name: String) {
        self.service = service
        self.endpoint = endpoint
        self.name = name
    }
}

/// Why a MODEL argument can be none.
public enum ModelReferenceError: Error, Sendable, Equatable, CustomStringConvertible {
    case missingName(String)
    case missingHost(String)
    case unknownScheme(String, scheme: String)
    case zeroByte(String)

    public var description: String {
        switch self {
        case .missingName(let text):
            "'\(text)' names no model; write hf:ORG/REPO[:FILE], openai:NAME or openai+http://HOST/v1#NAME"
        case .missingHost(let text): "'\(text)' names no server; write openai+http://HOST/v1#NAME"
        case .unknownScheme(let text, let scheme):
            "'\(text)': '\(scheme):' is not known; known are hf:, openai:, azure:, anthropic:, google:, openai+http: "
                + "and openai+https:"
        case .zeroByte(let text): "'\(text.filter { $0 != "\0" })' has a zero byte in it"
        }
    }
}
