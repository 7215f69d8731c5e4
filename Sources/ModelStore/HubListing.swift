import ApusModelFiles

/// What a repository holds at one commit.
struct HubListing: Sendable {
    /// Every request from here on names this commit, so that a push in between can't mix two versions.
    var commit: String
    var files: [HubFile]
}

extension HubTransport {
    /// Resolves a revision to its commit and lists the files of that commit.
    ///
    /// Uses `/api/models/REPO/revision/REVISION`, then `/api/models/REPO/tree/COMMIT?recursive=true`, page by page (a
    /// `Link` header names the next); where a mirror has no tree, the `siblings` of the first answer.
    /// - Throws: `HubError`, `CancellationError`.
    func listing(_ reference: HubReference, notify: (String) -> Void) async throws -> HubListing {
        let revision = reference.revision ?? "main"
        let repository = reference.repository.split(separator: "/").map(String.init)
        let subject = Subject(repository: reference.repository, revision: revision)
        let url = endpoint.appending(["api", "models"] + repository + ["revision", revision], query: "?blobs=true")
        let information = try await retrying(notify: notify) { try await self.json(url, subject: subject) }.json
        guard let commit = information["sha"]?.stringValue, (1...64).contains(commit.utf8.count),
            commit.utf8.allSatisfy({ HubReference.isLetterOrDigit($0) })
        else { throw HubError.badAnswer(url: url.withoutQuery, reason: "it names no commit (sha)") }
        let tree = endpoint.appending(["api", "models"] + repository + ["tree", commit], query: "?recursive=true")
        var entries: [Entry]
        do {
            entries = try await pages(of: tree, subject: subject, notify: notify)
        } catch let error as HubError {
            guard let siblings = information["siblings"]?.arrayValue else { throw error }
            switch error {
            case .repositoryNotFound, .revisionNotFound, .unexpectedStatus: break
            default: throw error
            }
            guard siblings.count <= configuration.maximumFiles else {
                throw HubError.tooManyFiles(repository: reference.repository, limit: configuration.maximumFiles)
            }
            entries = siblings.map(Entry.init(sibling:))
        }
        var files: [HubFile] = []
        for entry in entries {
            files.append(try file(entry, reference: reference))
        }
        return HubListing(commit: commit, files: files)
    }

    /// A file as the interface describes it, before it is believed.
    private struct Entry {
        var path: String?
        var bytes: Int?
        var sha256: String?
        var gitBlob: String?

        /// `{"type": "file", "path", "size", "oid", "lfs": {"oid", "size"}}`.
        init(tree entry: JSON) {
            path = entry["path"]?.stringValue
            bytes = entry["lfs"]?["size"]?.intValue ?? entry["size"]?.intValue
            sha256 = entry["lfs"]?["oid"]?.stringValue
            gitBlob = entry["oid"]?.stringValue
        }

        /// `{"rfilename", "size", "blobId", "lfs": {"sha256", "size"}}`.
        init(sibling entry: JSON) {
            path = entry["rfilename"]?.stringValue
            bytes = entry["lfs"]?["size"]?.intValue ?? entry["size"]?.intValue
            sha256 = entry["lfs"]?["sha256"]?.stringValue ?? entry["lfs"]?["oid"]?.stringValue
            gitBlob = entry["blobId"]?.stringValue
        }
    }

    /// Checks the name first: a repository with a hostile name is refused whole. Missing sizes and checksums are asked
    /// for when the file is chosen.
    private func file(_ entry: Entry, reference: HubReference) throws(HubError) -> HubFile {
        guard let path = entry.path else {
            throw .badAnswer(url: endpoint.base, reason: "a file of \(reference.repository) has no name")
        }
        if let problem = HubFile.problem(withPath: path) {
            throw .hostileName(repository: reference.repository, name: path, reason: problem)
        }
        if let bytes = entry.bytes {
            guard bytes >= 0 else {
                throw .badAnswer(url: endpoint.base, reason: "\(printable(path)) has \(bytes) bytes")
            }
            guard bytes <= configuration.maximumBytes else {
                throw .tooLarge(repository: reference.repository, limit: configuration.maximumBytes)
            }
        }
        // A git blob's name is that of the small pointer where the content is in LFS.
        var checksum = entry.sha256.flatMap { Checksum(hexadecimal: $0) }
        if entry.sha256 == nil { checksum = entry.gitBlob.flatMap { Checksum(hexadecimal: $0) } }
        return HubFile(path: path, bytes: entry.bytes ?? -1, checksum: checksum ?? .unknown)
    }

    /// Asks the server that has a file for what the listing did not say.
    func completed(
        _ file: HubFile, reference: HubReference, commit: String, notify: (String) -> Void
    ) async throws -> HubFile {
        guard file.bytes < 0 || file.checksum == .unknown else { return file }
        let subject = Subject(repository: reference.repository, revision: commit, file: file.path)
        let url = address(of: file.path, reference: reference, commit: commit)
        let response = try await retrying(notify: notify) {
            let response = try await self.send("HEAD", url)
            try self.check(response, subject: subject)
            return response
        }
        var file = file
        if file.bytes < 0 {
            let announced = response.linkedBytes ?? response.header("Content-Length").flatMap { Int($0) }
            guard let bytes = announced, bytes >= 0 else {
                throw HubError.badAnswer(url: url.withoutQuery, reason: "it does not say how long the file is")
            }
            guard bytes <= configuration.maximumBytes else {
                throw HubError.tooLarge(repository: reference.repository, limit: configuration.maximumBytes)
            }
            file.bytes = bytes
        }
        if file.checksum == .unknown {
            let tag = (response.linkedEntityTag ?? response.header("ETag") ?? "").filter { $0 != "\"" }
            guard let checksum = Checksum(hexadecimal: tag) else {
                throw HubError.noChecksum(repository: reference.repository, file: file.path)
            }
            file.checksum = checksum
        }
        return file
    }

    /// `/REPO/resolve/COMMIT/PATH`.
    func address(of path: String, reference: HubReference, commit: String) -> HubURL {
        endpoint.appending(
            reference.repository.split(separator: "/").map(String.init) + ["resolve", commit]
                + path.split(separator: "/").map(String.init))
    }

    private func pages(
        of start: HubURL, subject: Subject, notify: (String) -> Void
    ) async throws -> [Entry] {
        var entries: [Entry] = []
        var seen: Set<String> = []
        var next: HubURL? = start
        while let url = next {
            guard seen.insert(url.target).inserted, seen.count <= 1000 else {
                throw HubError.badAnswer(url: url.withoutQuery, reason: "its pages run in a circle")
            }
            let (json, response) = try await retrying(notify: notify) { try await self.json(url, subject: subject) }
            guard let page = json.arrayValue else {
                throw HubError.badAnswer(url: url.withoutQuery, reason: "it is \(json.kind) instead of a list of files")
            }
            for entry in page where entry["type"]?.stringValue != "directory" {
                entries.append(Entry(tree: entry))
            }
            guard entries.count <= configuration.maximumFiles else {
                throw HubError.tooManyFiles(repository: subject.repository, limit: configuration.maximumFiles)
            }
            next = try nextPage(response, after: url)
        }
        return entries
    }

    /// The address of the next page. Its path and query are taken, and always sent to the endpoint: a mirror passes
    /// on headers that name the hub behind it.
    private func nextPage(_ response: Response, after url: HubURL) throws(HubError) -> HubURL? {
        for link in response.raw.headers[canonicalForm: "Link"] {
            let parts = link.split(separator: ";").map { $0.filter { $0 != " " } }
            guard let address = parts.first, address.hasPrefix("<"), address.hasSuffix(">"),
                parts.dropFirst().contains(where: { $0 == "rel=\"next\"" || $0 == "rel=next" })
            else { continue }
            guard var next = response.url.resolving(String(address.dropFirst().dropLast())) else {
                throw .badAnswer(url: url.withoutQuery, reason: "the address of its next page can't be read")
            }
            (next.scheme, next.host, next.port) = (endpoint.scheme, endpoint.host, endpoint.port)
            return next
        }
        return nil
    }

    private func json(_ url: HubURL, subject: Subject) async throws -> (json: JSON, response: Response) {
        let (body, response) = try await fetch(url, limit: 32 << 20, subject: subject)
        do {
            return (try JSON(parsing: body, maximumDepth: 64), response)
        } catch {
            throw HubError.badAnswer(url: url.withoutQuery, reason: "it is no JSON (\(printable("\(error)")))")
        }
    }
}

extension Checksum {
    /// Stands in a listing for a checksum that is not known yet; no file has it.
    static let unknown = Checksum.sha256("")
}
