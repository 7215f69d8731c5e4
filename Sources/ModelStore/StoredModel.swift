import ApusModelFiles

/// What kind of model an entry of the store is.
public enum ModelKind: String, Sendable, Hashable {
    /// A GGUF file, or the first of its parts.
    case gguf
    /// A folder with `config.json`, weights and tokenizer files.
    case huggingFace = "hugging-face"
}

/// A model that was found on this machine.
public struct StoredModel: Sendable, Hashable {
    /// Whose the files are.
    public enum Place: String, Sendable, Hashable {
        /// Apus's own store.
        case store
        /// The cache of the Hugging Face tools.
        case huggingFaceCache = "hugging-face-cache"
        /// Ollama's store.
        case ollama
    }

    /// The name to call it by: `ORG/REPO`, `ORG/REPO:FILE`, or one that the user gave.
    public var name: String
    public var kind: ModelKind
    /// The GGUF file (the first of its parts) or the folder to open.
    public var path: String
    /// All files together.
    public var bytes: Int
    /// When it came here, in seconds since 1970.
    public var date: Int
    public var place: Place
    /// Where it came from, as `hf:ORG/REPO@COMMIT[:FILE]`, a manifest's name, or the path that was registered.
    public var origin: String?
    /// Why it can't be used; nil for a whole model.
    public var problem: String?

    /// Where the entry itself lies in the store: what `remove` removes.
    var entry: String
    /// The files of an entry that is no folder of its own: a GGUF placed by hand, with all its parts.
    var looseFiles: [String] = []

    public var isWhole: Bool { problem == nil }

    /// `2026-02-03 04:05`, in UTC.
    public var dateText: String { utcText(ofSeconds: date) }
}

/// The files of a model folder, looked at without opening any weights.
struct FolderContents {
    var kind: ModelKind
    var bytes: Int
    var problem: String?

    /// - Parameter names: the names of the files directly in the folder.
    /// - Returns: nil if this is no model's folder.
    init?(folder: String, names: [String]) {
        var statuses: [String: FileSystem.Status] = [:]
        var dangling: String?
        for name in names {
            if let status = FileSystem.status(folder + "/" + name) {
                statuses[name] = status
            } else {
                dangling = dangling ?? name
            }
        }
        let files = statuses.filter { $0.value.isFile }
        let weights = files.keys.filter { Self.isWeights($0) }
        guard files["config.json"] != nil, !weights.isEmpty || dangling.map(Self.isWeights) == true else { return nil }
        kind = .huggingFace
        bytes = files.values.reduce(0) { sum, status in sum.addingReportingOverflow(status.bytes).partialValue }
        if let missing = SplitName.missingPart(among: weights) {
            problem = "\(missing) is missing"
        } else if let dangling {
            problem = "\(dangling) leads nowhere"
        } else if let empty = weights.sorted().first(where: { files[$0]?.bytes == 0 }) {
            problem = "\(empty) is empty"
        } else if files["model.safetensors"] == nil, files["model.safetensors.index.json"] != nil,
            !weights.contains(where: { $0.hasSuffix(".safetensors") })
        {
            problem = "model.safetensors.index.json is there, but no weights are"
        }
    }

    static func isWeights(_ name: String) -> Bool {
        name.hasSuffix(".safetensors") || (name.hasPrefix("pytorch_model") && name.hasSuffix(".bin"))
    }

    /// Why a file is not the beginning of a GGUF model, or nil if it is.
    static func problem(withGGUF path: String) -> String? {
        guard let status = FileSystem.status(path), status.isFile else { return "\(path) leads nowhere" }
        do {
            return try FileSystem.head(of: path, count: 4) == Array("GGUF".utf8)
                ? nil : "\(FileSystem.lastComponent(of: path)) does not begin with GGUF"
        } catch {
            return error.description
        }
    }

    /// A GGUF in one file or several: the paths of all parts, their bytes, and what is wrong with them.
    static func gguf(at path: String) -> (files: [String], bytes: Int, problem: String?) {
        let (folder, name) = (FileSystem.parent(of: path), FileSystem.lastComponent(of: path))
        let split = SplitName(name)
        var files: [String] = []
        var bytes = 0
        for part in 1...(split?.parts ?? 1) {
            let file = split.map { folder + "/" + $0.name(ofPart: part) } ?? path
            guard let status = FileSystem.status(file), status.isFile else {
                return (files.isEmpty ? [path] : files, bytes, "\(FileSystem.lastComponent(of: file)) is missing")
            }
            files.append(file)
            bytes = bytes.addingReportingOverflow(status.bytes).partialValue
        }
        return (files, bytes, problem(withGGUF: files[0]))
    }
}
