extension ModelStore {
    /// How a model that lies elsewhere comes into the store.
    public enum RegistrationMode: Sendable {
        /// Only its path is noted: the model stays where it lies.
        case reference
        /// Its files are copied.
        case copy
        /// Its files are moved (copied and then removed, if they lie on another file system).
        case move
    }

    /// Puts a GGUF file (any of its parts) or a model folder into the store under a name.
    ///
    /// - Parameters:
    ///   - path: a `.gguf` file, or a folder with `config.json` and weights.
    ///   - name: one to three parts divided by `/`.
    ///   - origin: what `list` shows as where it came from; the path if nil.
    /// - Throws: `ModelStoreError.badName`, `.exists`, `.notAModel`, `.busy`, `.file`.
    @discardableResult
    public func register(
        _ path: String, as name: String, mode: RegistrationMode = .reference, origin: String? = nil
    ) throws(ModelStoreError) -> StoredModel {
        try ModelName.validate(name)
        let source = FileSystem.absolutePath(path)
        let (kind, files) = try modelFiles(at: source)
        do {
            guard let lock = try FileLock.take(lockPath(of: name)) else { throw ModelStoreError.busy(name: name) }
            defer { lock.release() }
            try checkPlace(of: name)
            let staging = root + "/.partial/\(UInt64.random(in: .min ... .max))"
            try FileSystem.createFolder(staging)
            do {
                var record = StoreRecord(name: name, kind: kind, origin: origin ?? source, date: secondsNow())
                if mode == .reference {
                    record.location = kind == .gguf ? files[0].source : source
                } else {
                    for file in files {
                        let target = staging + "/" + file.name
                        try FileSystem.createFolder(FileSystem.parent(of: target))
                        try FileSystem.copy(file.source, to: target)
                        let bytes = FileSystem.status(target)?.bytes ?? 0
                        record.files.append(.init(path: file.name, bytes: bytes))
                    }
                    if kind == .gguf { record.main = files[0].name }
                }
                try record.write(in: staging)
                try FileSystem.createFolder(FileSystem.parent(of: entryFolder(of: name)))
                try FileSystem.rename(staging, to: entryFolder(of: name))
            } catch {
                try? FileSystem.remove(staging)
                throw error
            }
            if mode == .move {
                for file in files { try FileSystem.remove(file.source) }
                FileSystem.removeEmptyFolders(from: source, upTo: FileSystem.parent(of: source))
            }
        } catch let error as ModelStoreError {
            throw error
        } catch let error as StoreFileError {
            throw .file(error)
        } catch {
            throw .notAModel(path: source, reason: "\(error)")
        }
        return try find(name)
    }

    /// Checks that a new entry neither replaces one nor lies within one.
    func checkPlace(of name: String) throws(ModelStoreError) {
        let folder = entryFolder(of: name)
        if FileSystem.status(folder, followLinks: false) != nil { throw .exists(name: name, path: folder) }
        try checkParents(of: name)
    }

    func checkParents(of name: String) throws(ModelStoreError) {
        var parent = FileSystem.parent(of: entryFolder(of: name))
        while parent.utf8.count > root.utf8.count {
            if StoreRecord.read(in: parent) != nil {
                throw .badName(
                    name: name, reason: "there is a model at \(parent), and a model can't lie inside another")
            }
            parent = FileSystem.parent(of: parent)
        }
    }

    private func modelFiles(
        at path: String
    ) throws(ModelStoreError) -> (kind: ModelKind, files: [(name: String, source: String)]) {
        guard let status = FileSystem.status(path) else {
            throw .notAModel(path: path, reason: "there is no such file or folder")
        }
        if status.isFile {
            let (files, _, problem) = FolderContents.gguf(at: path)
            if let problem { throw .notAModel(path: path, reason: problem) }
            return (.gguf, files.map { (FileSystem.lastComponent(of: $0), $0) })
        }
        let names = FileSystem.names(in: path)
        guard status.isFolder, let contents = FolderContents(folder: path, names: names) else {
            throw .notAModel(path: path, reason: "neither a GGUF file nor a folder with config.json and weights")
        }
        if let problem = contents.problem { throw .notAModel(path: path, reason: problem) }
        return (.huggingFace, FileSystem.files(below: path).map { ($0, path + "/" + $0) })
    }
}
