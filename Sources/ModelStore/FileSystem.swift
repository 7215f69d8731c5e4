import ApusModelFiles

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A call of the operating system on a path that failed.
public struct StoreFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was tried, as a verb: "open", "write", "rename", …
    public var operation: String
    public var path: String
    /// The value of `errno`.
    public var code: Int32

    public init(operation: String, path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    public var isMissing: Bool { code == ENOENT || code == ENOTDIR }
    public var isFull: Bool { code == ENOSPC || code == EDQUOT || code == EFBIG }

    public var description: String {
        let advice =
            switch code {
            case ENOSPC: "the disk is full; make room and try again"
            case EDQUOT: "your disk quota is used up; make room and try again"
            case EFBIG: "the file system does not take a file of this size; use another one (XDG_DATA_HOME)"
            case EACCES, EPERM: "permission denied; check who owns the folder, or set XDG_DATA_HOME to one of yours"
            case EROFS: "the file system is read-only; set XDG_DATA_HOME to a folder that can be written"
            default: String(cString: strerror(code))
            }
        return "cannot \(operation) \(path): \(advice)"
    }
}

/// The few file calls that the store needs, each with its path in the error.
enum FileSystem {
    struct Status {
        var isFolder: Bool
        var isFile: Bool
        var isLink: Bool
        var bytes: Int
        /// Seconds since 1970.
        var modified: Int
    }

    /// What lies at a path, or nil if there is nothing (a link that leads nowhere counts as nothing if followed).
    static func status(_ path: String, followLinks: Bool = true) -> Status? {
        var info = stat()
        guard !path.utf8.contains(0), (followLinks ? stat(path, &info) : lstat(path, &info)) == 0 else { return nil }
        let kind = info.st_mode & S_IFMT
        #if canImport(Darwin)
            let seconds = Int(info.st_mtimespec.tv_sec)
        #else
            let seconds = Int(info.st_mtim.tv_sec)
        #endif
        return Status(
            isFolder: kind == S_IFDIR, isFile: kind == S_IFREG, isLink: kind == S_IFLNK, bytes: Int(info.st_size),
            modified: seconds)
    }

    /// The names in a folder, sorted, without `.` and `..`; empty if it can't be read.
    static func names(in folder: String) -> [String] { (try? Folder.names(folder)) ?? [] }

    static func createFolder(_ path: String) throws(StoreFileError) {
        if status(path)?.isFolder == true { return }
        let parent = parent(of: path)
        if parent != path, status(parent)?.isFolder != true { try createFolder(parent) }
        if mkdir(path, 0o755) != 0, errno != EEXIST || status(path)?.isFolder != true {
            throw StoreFileError(operation: "create the folder", path: path, code: errno)
        }
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func lastComponent(of path: String) -> String {
        String(path.split(separator: "/", omittingEmptySubsequences: true).last ?? "")
    }

    static func rename(_ source: String, to target: String) throws(StoreFileError) {
        #if canImport(Glibc)
            let result = Glibc.rename(source, target)
        #elseif canImport(Musl)
            let result = Musl.rename(source, target)
        #else
            let result = Darwin.rename(source, target)
        #endif
        if result != 0 { throw StoreFileError(operation: "move \(source) to", path: target, code: errno) }
    }

    /// Removes a file, a link (never what it leads to) or a folder with all that is in it. Nothing there is no error.
    static func remove(_ path: String) throws(StoreFileError) {
        guard let status = status(path, followLinks: false) else { return }
        if status.isFolder {
            for name in names(in: path) { try remove(path + "/" + name) }
            if rmdir(path) != 0, errno != ENOENT {
                throw StoreFileError(operation: "remove the folder", path: path, code: errno)
            }
        } else if unlink(path) != 0, errno != ENOENT {
            throw StoreFileError(operation: "remove", path: path, code: errno)
        }
    }

    /// The bytes of a small file.
    static func read(_ path: String, limit: Int = 16 << 20) throws(StoreFileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreFileError(operation: "open", path: path, code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = chunk.withUnsafeMutableBytes { posixRead(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw StoreFileError(operation: "read", path: path, code: errno)
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            if bytes.count > limit { throw StoreFileError(operation: "read all of", path: path, code: EFBIG) }
        }
    }

    /// The first bytes of a file, fewer where it is shorter.
    static func head(of path: String, count: Int) throws(StoreFileError) -> [UInt8] {
        // A pipe or a device in place of a model must not block.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw StoreFileError(operation: "open", path: path, code: errno) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: count)
        let got = bytes.withUnsafeMutableBytes { posixRead(descriptor, $0.baseAddress, $0.count) }
        guard got >= 0 else { throw StoreFileError(operation: "read", path: path, code: errno) }
        return Array(bytes[..<got])
    }

    /// Writes a small file so that it is there whole or not at all.
    static func write(_ bytes: [UInt8], to path: String) throws(StoreFileError) {
        let draft = path + ".new"
        let file = try OutputFile(path: draft, keeping: 0)
        do {
            let result = bytes.withUnsafeBytes { raw in
                Result { () throws(StoreFileError) in try file.append(raw) }
            }
            try result.get()
            try file.synchronize()
        } catch {
            file.close()
            unlink(draft)
            throw error
        }
        file.close()
        try rename(draft, to: path)
    }

    /// The paths of all files below a folder, relative to it; hidden ones and links to folders are left out.
    static func files(below folder: String, depth: Int = 8) -> [String] {
        var files: [String] = []
        for name in names(in: folder) where !name.hasPrefix(".") {
            let path = folder + "/" + name
            if status(path, followLinks: false)?.isFolder == true {
                if depth > 1 { files += self.files(below: path, depth: depth - 1).map { name + "/" + $0 } }
            } else if status(path)?.isFolder != true {
                files.append(name)
            }
        }
        return files
    }

    static func copy(_ source: String, to target: String) throws(StoreFileError) {
        let input = open(source, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw StoreFileError(operation: "open", path: source, code: errno) }
        defer { close(input) }
        let output = try OutputFile(path: target, keeping: 0)
        defer { output.close() }
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { chunk.deallocate() }
        while true {
            let count = posixRead(input, chunk.baseAddress, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw StoreFileError(operation: "read", path: source, code: errno)
            }
            if count == 0 { break }
            try output.append(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
        }
        try output.synchronize()
    }

    /// A second name for a file; false where the file system has no such thing.
    static func link(_ source: String, to target: String) -> Bool {
        #if canImport(Glibc)
            return Glibc.link(source, target) == 0
        #elseif canImport(Musl)
            return Musl.link(source, target) == 0
        #else
            return Darwin.link(source, target) == 0
        #endif
    }

    /// Removes a folder that has become empty, then its parent if that is empty too, and so on below `top`.
    static func removeEmptyFolders(from folder: String, upTo top: String) {
        var folder = folder
        while folder.utf8.count > top.utf8.count, folder.hasPrefix(top + "/"), rmdir(folder) == 0 {
            folder = parent(of: folder)
        }
    }

    /// Bytes that this user may still write on the file system of a folder (of the nearest parent that exists).
    static func freeBytes(at path: String) -> Int? {
        var place = path
        while status(place) == nil, place != "/", place != "." { place = parent(of: place) }
        var info = statvfs()
        guard statvfs(place, &info) == 0 else { return nil }
        let (bytes, overflow) = UInt64(info.f_bavail).multipliedReportingOverflow(by: UInt64(info.f_frsize))
        return overflow ? Int.max : Int(clamping: bytes)
    }

    /// The path with links resolved, or nil if it leads nowhere.
    static func realPath(_ path: String) -> String? {
        guard !path.utf8.contains(0), let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    static func absolutePath(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return String(cString: current) + "/" + path
    }
}

func posixRead(_ descriptor: Int32, _ base: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
        Glibc.read(descriptor, base, count)
    #elseif canImport(Musl)
        Musl.read(descriptor, base, count)
    #else
        Darwin.read(descriptor, base, count)
    #endif
}
