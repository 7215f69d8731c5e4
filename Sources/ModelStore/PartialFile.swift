/// A file on its way here: `KEY.partial` holds its first bytes, `KEY.tag` the entity tag of the server that sent them,
/// `KEY.whole` is the file once its checksum was found right.
///
/// KEY is the checksum, so that no name from outside becomes a path, and what was begun for one commit serves another
/// with the same file.
struct PartialFile {
    let file: HubFile
    let folder: String
    let key: String
    private var digest: Digest
    /// How many bytes of the partial file the digest has seen.
    private var digested = 0

    /// - Parameter ordinal: tells files of the same content apart.
    init(_ file: HubFile, in folder: String, ordinal: Int) {
        self.file = file
        self.folder = folder
        key = file.checksum.hexadecimal + (ordinal == 0 ? "" : "-\(ordinal)")
        digest = Digest(for: file.checksum, bytes: file.bytes)
    }

    var path: String { folder + "/" + key + ".partial" }
    var wholePath: String { folder + "/" + key + ".whole" }
    private var tagPath: String { folder + "/" + key + ".tag" }

    var isWhole: Bool {
        FileSystem.status(wholePath, followLinks: false).map { $0.isFile && $0.bytes == file.bytes } ?? false
    }

    /// Bytes that are here already.
    var bytesHere: Int {
        if isWhole { return file.bytes }
        guard let status = FileSystem.status(path, followLinks: false), status.isFile else { return 0 }
        return status.bytes <= file.bytes ? status.bytes : 0
    }

    /// The strong entity tag to resume with; a weak one can't promise the same bytes (RFC 9110, 13.1.5).
    var entityTag: String? {
        guard let bytes = try? FileSystem.read(tagPath, limit: 1024), !bytes.isEmpty,
            bytes.allSatisfy({ (33...126).contains($0) })
        else { return nil }
        let tag = String(decoding: bytes, as: UTF8.self)
        return tag.hasPrefix("\"") ? tag : nil
    }

    func keep(entityTag: String?) throws(StoreFileError) {
        try FileSystem.remove(tagPath)
        guard let tag = entityTag, tag.utf8.count <= 1024, tag.hasPrefix("\"") else { return }
        try FileSystem.write(Array(tag.utf8), to: tagPath)
    }

    /// Throws away what is here.
    mutating func discard() throws(StoreFileError) {
        try FileSystem.remove(path)
        try FileSystem.remove(tagPath)
        restartDigest()
    }

    mutating func restartDigest() {
        digest = Digest(for: file.checksum, bytes: file.bytes)
        digested = 0
    }

    /// Opens the partial file behind its first `keeping` bytes, and brings the digest to the same place.
    mutating func open(keeping: Int) async throws -> OutputFile {
        let output = try OutputFile(path: path, keeping: keeping)
        do {
            try await catchUp(to: keeping, path: path)
        } catch {
            output.close()
            throw error
        }
        return output
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer, to output: OutputFile) throws(StoreFileError) {
        try output.append(bytes)
        digest.update(bytes)
        digested += bytes.count
    }

    /// Checks the whole partial file. Right bytes become `wholePath`; wrong ones stay where they are.
    /// - Returns: nil for right bytes, else the checksum of those that are here.
    mutating func verify(from path: String) async throws -> Checksum? {
        try await catchUp(to: file.bytes, path: path)
        let found = digest.finish()
        guard found == file.checksum else { return found }
        try FileSystem.rename(path, to: wholePath)
        try FileSystem.remove(tagPath)
        return nil
    }

    /// Reads what the digest has not seen.
    private mutating func catchUp(to end: Int, path: String) async throws {
        if digested > end { restartDigest() }
        guard digested < end else { return }
        let input = try InputFile(path: path, offset: digested)
        defer { input.close() }
        while digested < end {
            try Task.checkCancellation()
            let count = try input.read(atMost: end - digested) { digest.update($0) }
            guard count > 0 else { throw StoreFileError.endsEarly(path) }
            digested += count
            await Task.yield()
        }
    }
}
