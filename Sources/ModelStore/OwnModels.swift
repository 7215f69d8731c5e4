import ApusModelFiles

extension ModelStore {
    /// The entries of the own store: folders with a record, and models that were put there by hand.
    func ownModels() -> [StoredModel] {
        var models: [StoredModel] = []
        collect(in: root, prefix: "", depth: 0, into: &models)
        return models.sorted { $0.name < $1.name }
    }

    /// Folders are looked into to a depth of 4 (ORG/REPO and some more), which also ends a walk through links in a
    /// circle. Names beginning with a point are the store's own.
    private func collect(in folder: String, prefix: String, depth: Int, into models: inout [StoredModel]) {
        for name in FileSystem.names(in: folder) where !name.hasPrefix(".") {
            let path = folder + "/" + name
            guard let status = FileSystem.status(path) else {
                if name.hasSuffix(".gguf") { models.append(loose(path, name: prefix + name, date: 0)) }
                continue
            }
            if status.isFile {
                guard name.hasSuffix(".gguf") else { continue }
                if let split = SplitName(name), split.part != firstPart(of: split, in: folder) { continue }
                models.append(loose(path, name: prefix + name, date: status.modified))
            } else if status.isFolder {
                if let model = model(in: path, name: prefix + name, date: status.modified) {
                    models.append(model)
                } else if depth < 4 {
                    collect(in: path, prefix: prefix + name + "/", depth: depth + 1, into: &models)
                }
            }
        }
    }

    private func firstPart(of split: SplitName, in folder: String) -> Int? {
        (1...split.parts).first { FileSystem.status(folder + "/" + split.name(ofPart: $0)) != nil }
    }

    private func loose(_ path: String, name: String, date: Int) -> StoredModel {
        let (files, bytes, problem) = FolderContents.gguf(at: path)
        return StoredModel(
            name: name, kind: .gguf, path: files[0], bytes: bytes, date: date, place: .store, origin: nil,
            problem: problem, entry: path,
            looseFiles: files.filter { FileSystem.status($0, followLinks: false) != nil })
    }

    private func model(in folder: String, name: String, date: Int) -> StoredModel? {
        switch StoreRecord.read(in: folder) {
        case .success(let record): return model(of: record, in: folder)
        case .failure(let unreadable):
            return StoredModel(
                name: name, kind: .huggingFace, path: folder, bytes: 0, date: date, place: .store, origin: nil,
                problem: unreadable.reason, entry: folder)
        case nil:
            let names = FileSystem.names(in: folder)
            guard let contents = FolderContents(folder: folder, names: names) else { return nil }
            return StoredModel(
                name: name, kind: .huggingFace, path: folder, bytes: contents.bytes, date: date, place: .store,
                origin: nil, problem: contents.problem, entry: folder)
        }
    }

    private func model(of record: StoreRecord, in folder: String) -> StoredModel {
        var model = StoredModel(
            name: record.name, kind: record.kind, path: folder, bytes: 0, date: record.date, place: .store,
            origin: record.origin, problem: nil, entry: folder)
        if let location = record.location {
            model.path = location
            model.origin = model.origin ?? location
            if record.kind == .gguf {
                (_, model.bytes, model.problem) = FolderContents.gguf(at: location)
            } else if let contents = FolderContents(folder: location, names: FileSystem.names(in: location)) {
                (model.bytes, model.problem) = (contents.bytes, contents.problem)
            } else {
                model.problem = "\(location), where it was registered, has no model any more"
            }
            return model
        }
        if let main = record.main { model.path = folder + "/" + main }
        for file in record.files {
            let path = folder + "/" + file.path
            guard let status = FileSystem.status(path), status.isFile else {
                model.problem = model.problem ?? "\(file.path) is missing"
                continue
            }
            model.bytes = model.bytes.addingReportingOverflow(status.bytes).partialValue
            if status.bytes != file.bytes {
                model.problem = model.problem ?? "\(file.path) has \(status.bytes) bytes instead of \(file.bytes)"
            }
        }
        if record.kind == .gguf, model.problem == nil { model.problem = FolderContents.problem(withGGUF: model.path) }
        return model
    }
}
