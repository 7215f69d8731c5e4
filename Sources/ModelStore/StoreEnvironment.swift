#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The variables that say where models lie and how to reach a hub.
public struct StoreEnvironment: Sendable {
    private let lookUp: @Sendable (String) -> String?

    /// The variables of this process.
    public static let process = StoreEnvironment { name in
        getenv(name).map { String(cString: $0) }
    }

    public init(_ variables: [String: String]) {
        lookUp = { variables[$0] }
    }

    private init(lookUp: @escaping @Sendable (String) -> String?) {
        self.lookUp = lookUp
    }

    /// The value of a variable; nil where it is not set or empty.
    public subscript(name: String) -> String? {
        lookUp(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    var home: String {
        if let home = self["HOME"] { return home }
        if let record = getpwuid(getuid()), let folder = record.pointee.pw_dir { return String(cString: folder) }
        return "/"
    }

    /// A path from a variable, `~` at its beginning meaning the home folder.
    func path(_ name: String) -> String? {
        guard let value = self[name] else { return nil }
        if value == "~" { return home }
        return value.hasPrefix("~/") ? home + value.dropFirst(1) : value
    }

    /// `$XDG_DATA_HOME/apus/models`. The specification says that a relative path is to be ignored.
    var storeFolder: String {
        if let data = path("XDG_DATA_HOME"), data.hasPrefix("/") { return data + "/apus/models" }
        return home + "/.local/share/apus/models"
    }

    /// `HF_HOME`: the folder of the Hugging Face tools.
    var huggingFaceFolder: String {
        path("HF_HOME") ?? ((path("XDG_CACHE_HOME") ?? home + "/.cache") + "/huggingface")
    }

    var huggingFaceCache: String {
        path("HF_HUB_CACHE") ?? path("HUGGINGFACE_HUB_CACHE") ?? huggingFaceFolder + "/hub"
    }

    /// Where Ollama keeps models: the user's own folder, and that of the system service.
    var ollamaFolders: [String] {
        if let folder = path("OLLAMA_MODELS") { return [folder] }
        return [home + "/.ollama/models", "/usr/share/ollama/.ollama/models"]
    }
}
