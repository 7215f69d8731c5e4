import ApusModelFiles

/// The cache folder of the Hugging Face tools: `models--ORG--REPO/snapshots/COMMIT/…`, whose files are links into
/// `blobs/`, with `refs/main` naming the commit of the main branch.
///
/// Source: huggingface_hub's guide "Understand caching". Nothing here is ever written or removed.
struct HuggingFaceCache {
    var root: String

    func models() -> [StoredModel] {
        FileSystem.names(in: root).flatMap { name -> [StoredModel] in
            guard name.hasPrefix("models--") else { return [] }
            let repository = name.dropFirst("models--".count).replacing("--", with: "/")
            guard let reference = try? HubReference(repository: String(repository)) else { return [] }
            return models(of: reference, in: root + "/" + name)
        }
    }

    /// The models of a repository: those of its main branch (of its newest snapshot where that is not known) by the
    /// plain name, those of other snapshots with their commit.
    private func models(of reference: HubReference, in folder: String) -> [StoredModel] {
        let commits = FileSystem.names(in: folder + "/snapshots").filter { commit in
            (try? HubReference(repository: reference.repository, revision: commit)) != nil
        }
        let dates = commits.map { FileSystem.status(folder + "/snapshots/" + $0)?.modified ?? 0 }
        let main = (try? FileSystem.read(folder + "/refs/main", limit: 256)).map { bytes in
            String(decoding: bytes.filter { $0 > 32 }, as: UTF8.self)
        }
        let newest = zip(commits, dates).max { $0.1 < $1.1 }?.0
        let current = main.flatMap { commits.contains($0) ? $0 : nil } ?? newest
        return zip(commits, dates).flatMap { commit, date in
            models(
                in: folder + "/snapshots/" + commit, date: date,
                name: reference.repository + (commit == current ? "" : "@" + commit),
                origin: "hf:\(reference.repository)@\(commit)")
        }
    }

    private func models(in snapshot: String, date: Int, name: String, origin: String) -> [StoredModel] {
        var models: [StoredModel] = []
        func model(_ kind: ModelKind, _ file: String?, bytes: Int, problem: String?) -> StoredModel {
            StoredModel(
                name: name + (file.map { ":" + $0 } ?? ""), kind: kind,
                path: snapshot + (file.map { "/" + $0 } ?? ""), bytes: bytes, date: date, place: .huggingFaceCache,
                origin: origin + (file.map { ":" + $0 } ?? ""), problem: problem,
                entry: snapshot)
        }
        if let contents = FolderContents(folder: snapshot, names: FileSystem.names(in: snapshot)) {
            models.append(model(.huggingFace, nil, bytes: contents.bytes, problem: contents.problem))
        }
        for file in FileSystem.files(below: snapshot) where file.hasSuffix(".gguf") {
            // Projectors and importance matrices are no models of their own.
            if HubSelection.isAuxiliary(file) { continue }
            if let split = SplitName(FileSystem.lastComponent(of: file)), split.part != 1 { continue }
            let (_, bytes, problem) = FolderContents.gguf(at: snapshot + "/" + file)
            models.append(model(.gguf, file, bytes: bytes, problem: problem))
        }
        return models
    }
}
