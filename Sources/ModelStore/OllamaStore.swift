import ApusModelFiles

/// Ollama's store: `manifests/HOST/NAMESPACE/NAME/TAG` is a JSON manifest of layers, `blobs/sha256-DIGEST` their bytes;
/// the layer of type `application/vnd.ollama.image.model` is a GGUF file.
///
/// Source: ollama's documentation of its import format and of the registry. Nothing here is ever written or removed.
struct OllamaStore {
    var root: String

    static let modelType = "application/vnd.ollama.image.model"
    static let adapterType = "application/vnd.ollama.image.adapter"

    func models() -> [StoredModel] {
        let manifests = root + "/manifests"
        return FileSystem.files(below: manifests, depth: 4).compactMap { path in
            let parts = path.split(separator: "/").map(String.init)
            guard parts.count == 4, !parts.contains(where: { $0.hasPrefix(".") }) else { return nil }
            return model(
                manifest: manifests + "/" + path, name: Self.name(host: parts[0], parts[1], parts[2], tag: parts[3]))
        }
    }

    /// As `ollama list` spells it: the host and the namespace `library` are left out where they are the usual ones.
    static func name(host: String, _ namespace: String, _ name: String, tag: String) -> String {
        var text = name + ":" + tag
        if host != "registry.ollama.ai" {
            text = host + "/" + namespace + "/" + text
        } else if namespace != "library" {
            text = namespace + "/" + text
        }
        return text
    }

    private func model(manifest path: String, name: String) -> StoredModel? {
        guard let bytes = try? FileSystem.read(path, limit: 1 << 20),
            let manifest = try? JSON(parsing: bytes, maximumDepth: 32), let layers = manifest["layers"]?.arrayValue
        else { return nil }
        let weights = layers.filter { $0["mediaType"]?.stringValue == Self.modelType }
        guard let layer = weights.first, let digest = layer["digest"]?.stringValue, let blob = blob(digest) else {
            return nil
        }
        let status = FileSystem.status(blob)
        var problem: String?
        if status == nil {
            problem = "its weights \(blob) are missing"
        } else if let size = layer["size"]?.intValue, size != status?.bytes {
            problem = "its weights have \(status?.bytes ?? 0) bytes instead of \(size)"
        } else if weights.count > 1 {
            problem = "it has \(weights.count) layers of weights, which is not known"
        } else if layers.contains(where: { $0["mediaType"]?.stringValue == Self.adapterType }) {
            problem = "it needs an adapter beside its weights, which can't be used from here"
        } else {
            problem = FolderContents.problem(withGGUF: blob)
        }
        return StoredModel(
            name: name, kind: .gguf, path: blob, bytes: status?.bytes ?? 0,
            date: FileSystem.status(path)?.modified ?? 0, place: .ollama, origin: "ollama:" + name, problem: problem,
            entry: path)
    }

    /// The file of a digest `sha256:…`; nil for what is not one (it becomes part of a path).
    private func blob(_ digest: String) -> String? {
        let parts = digest.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "sha256", case .sha256(let hash)? = Checksum(hexadecimal: String(parts[1]))
        else { return nil }
        return root + "/blobs/sha256-" + hash
    }
}
