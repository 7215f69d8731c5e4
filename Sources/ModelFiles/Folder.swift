#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Folders of the file system.
public enum Folder {
    /// The names in a folder, hidden ones too, without `.` and `..`, sorted by their bytes.
    public static func names(_ path: String) throws(FileError) -> [String] {
        guard let stream = opendir(path) else { throw FileError.from(errno, path: path, operation: "open") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) {
                    String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.precedesByBytes($1) }
    }

    /// Makes a folder and those above it; one that is there stays as it is.
    public static func make(_ path: String) throws(FileError) {
        var partial = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            partial += "/\(part)"
            if mkdir(partial, 0o777) != 0, errno != EEXIST {
                throw FileError.from(errno, path: partial, operation: "create")
            }
        }
        guard FileMapping.isFolder(path) else { throw .notDirectory(path: path) }
    }

    /// Makes a folder, and those above it, for files to be written into. One that is there must be empty.
    public static func makeEmpty(_ path: String) throws(FileError) {
        try make(path)
        guard try names(path).isEmpty else { throw .system(path: path, operation: "write into", code: ENOTEMPTY) }
    }
}
