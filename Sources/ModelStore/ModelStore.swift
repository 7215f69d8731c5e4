/// The models on this machine: Apus's own folder, and those that the Hugging Face tools and Ollama have fetched.
///
/// The own store is plain folders below `root`, one for each model, with a small record (`.apus.json`) beside the
/// files. A GGUF file or a Hugging Face folder that a user puts there by hand is a model too. Other programs' stores
/// are only read: their models are used where they lie.
///
/// ```swift
/// for model in ModelStore.default.list() where model.isWhole { print(model.name, model.path) }
/// let model = try ModelStore.default.find("ORG/REPO")
/// ```
public struct ModelStore: Sendable {
    /// The folder of Apus's own models; made when first needed.
    public var root: String
    /// The `hub` folders of the Hugging Face tools.
    public var huggingFaceCaches: [String]
    /// Ollama's `models` folders.
    public var ollamaFolders: [String]

    /// The store of this user: `$XDG_DATA_HOME/apus/models`, `$HF_HUB_CACHE`, `$OLLAMA_MODELS` and their defaults.
    public static var `default`: ModelStore { ModelStore(environment: .process) }

    public init(environment: StoreEnvironment) {
        self.init(
            root: environment.storeFolder, huggingFaceCaches: [environment.huggingFaceCache],
            ollamaFolders: environment.ollamaFolders)
    }

    public init(root: String, huggingFaceCaches: [String] = [], ollamaFolders: [String] = []) {
        self.root = FileSystem.absolutePath(root)
        self.huggingFaceCaches = huggingFaceCaches
        self.ollamaFolders = ollamaFolders
    }

    /// All models, by name within each place: the own store first, then the Hugging Face cache, then Ollama.
    ///
    /// A pull that has not come to its end is not there. An entry that was damaged later is there with its `problem`.
    public func list() -> [StoredModel] {
        ownModels() + huggingFaceCaches.flatMap { HuggingFaceCache(root: $0).models() }
            + ollamaFolders.flatMap { OllamaStore(root: $0).models() }
    }

    /// The model that a name stands for.
    ///
    /// A repository's name alone stands for its only model here; a quantisation may stand in place of a file; Ollama's
    /// `:latest` and the ending `.gguf` may be left out. `hf:` before the name is passed over. Where several places
    /// have the same name, the own store wins.
    /// - Throws: `ModelStoreError.notFound`, `.ambiguous`, `.broken`.
    public func find(_ name: String) throws(ModelStoreError) -> StoredModel {
        let model = try entry(named: name)
        if let problem = model.problem { throw .broken(name: model.name, path: model.path, reason: problem) }
        return model
    }

    /// Removes a model from the own store.
    ///
    /// Only what lies inside the store is removed; of a link, the link; of a registered path, the record. The same
    /// names are understood as by `find`.
    /// - Returns: what was removed.
    /// - Throws: `ModelStoreError.belongsToOther` for a model of another program's store, `.outsideStore`, `.busy`, …
    @discardableResult
    public func remove(_ name: String) throws(ModelStoreError) -> StoredModel {
        let model = try entry(named: name)
        guard model.place == .store else {
            throw .belongsToOther(name: model.name, place: model.place, path: model.path)
        }
        do {
            guard let lock = try FileLock.take(lockPath(of: model.name)) else {
                throw ModelStoreError.busy(name: model.name)
            }
            defer { lock.release() }
            for path in model.looseFiles.isEmpty ? [model.entry] : model.looseFiles {
                guard isInside(path) else {
                    throw ModelStoreError.outsideStore(name: model.name, path: path, store: root)
                }
            }
            if model.looseFiles.isEmpty {
                try discard(model.entry)
            } else {
                for path in model.looseFiles { try FileSystem.remove(path) }
            }
            try FileSystem.remove(partialFolder(of: model.name))
            FileSystem.removeEmptyFolders(from: FileSystem.parent(of: model.entry), upTo: root)
            return model
        } catch let error as ModelStoreError {
            throw error
        } catch let error as StoreFileError {
            throw .file(error)
        } catch {
            throw .notFound(name: name, near: [])
        }
    }

    /// The entry of a name, whole or broken.
    private func entry(named text: String) throws(ModelStoreError) -> StoredModel {
        let name = text.hasPrefix(HubReference.scheme) ? String(text.dropFirst(HubReference.scheme.count)) : text
        let all = list()
        for spelling in [name, name + ":latest", name + ".gguf"] {
            if let model = all.first(where: { $0.name == spelling }) { return model }
        }
        let alike = all.filter { ModelName.answers($0, to: name) }
        for place in [StoredModel.Place.store, .huggingFaceCache, .ollama] {
            let candidates = alike.filter { $0.place == place }
            let whole = candidates.filter(\.isWhole)
            if whole.count == 1 { return whole[0] }
            if candidates.count == 1 { return candidates[0] }
            if !candidates.isEmpty { throw .ambiguous(name: name, candidates: candidates.map(\.name)) }
        }
        let lowered = name.lowercased()
        let near = all.map(\.name).filter { lowered.count > 2 && $0.lowercased().contains(lowered) }
        throw .notFound(name: name, near: Array(near.prefix(5)))
    }

    /// Whether a path lies inside the store once the links on the way to it (not the last part) are resolved.
    func isInside(_ path: String) -> Bool {
        guard let base = FileSystem.realPath(root), let parent = FileSystem.realPath(FileSystem.parent(of: path)) else {
            return false
        }
        let last = FileSystem.lastComponent(of: path)
        guard !last.isEmpty, last != ".", last != ".." else { return false }
        return parent == base || parent.hasPrefix(base == "/" ? "/" : base + "/")
    }

    func entryFolder(of name: String) -> String { root + "/" + ModelName.folder(of: name) }
    func lockPath(of name: String) -> String { root + "/.locks/" + ModelName.key(of: name) + ".lock" }
    func partialFolder(of name: String) -> String { root + "/.partial/" + ModelName.key(of: name) }

    /// Takes an entry out of sight at once and then removes it: a removal that is cut off leaves no half entry.
    func discard(_ path: String) throws(StoreFileError) {
        guard FileSystem.status(path, followLinks: false) != nil else { return }
        let trash = root + "/.trash"
        try FileSystem.createFolder(trash)
        let target = trash + "/\(UInt64.random(in: .min ... .max))"
        try FileSystem.rename(path, to: target)
        try FileSystem.remove(target)
    }

    /// Puts a folder in the place of an entry; the old one is back if that fails.
    func replace(_ target: String, with source: String) throws(StoreFileError) {
        guard FileSystem.status(target, followLinks: false) != nil else {
            try FileSystem.rename(source, to: target)
            return
        }
        try FileSystem.createFolder(root + "/.trash")
        let old = root + "/.trash/\(UInt64.random(in: .min ... .max))"
        try FileSystem.rename(target, to: old)
        do {
            try FileSystem.rename(source, to: target)
        } catch {
            try FileSystem.rename(old, to: target)
            throw error
        }
        try FileSystem.remove(old)
    }
}
