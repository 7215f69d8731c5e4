import ApusModelFiles

/// Where a GGUF file is to be written.
enum GGUFDestination {
    /// - Parameter inParts: whether parts named after the file may be written instead of it.
    /// - Throws: `CommandError.exists` where that would replace a file.
    static func requireFree(_ path: String, inParts: Bool) throws {
        if InputFile.exists(path) { throw CommandError.exists(path: path) }
        guard inParts else { return }
        let prefix = path.hasSuffix(".gguf") ? String(path.dropLast(5)) : path
        let folder = prefix.lastIndex(of: "/").map { String(prefix[..<$0]) } ?? "."
        for (name, _) in FolderListing.entries(of: folder.isEmpty ? "/" : folder) {
            guard let split = SplitName(name), split.suffix == "gguf", split.prefix == prefix.lastPathComponent else {
                continue
            }
            throw CommandError.exists(path: "\(folder)/\(name)")
        }
    }
}
