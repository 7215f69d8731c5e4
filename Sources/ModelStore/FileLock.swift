#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An exclusive lock on a model's name, between tasks and between processes; the system drops it when the process ends.
///
/// The file itself stays: removing it would let two holders lock two different files of the same name.
struct FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock, or gives nil if somebody else holds it.
    static func take(_ path: String) throws(StoreFileError) -> FileLock? {
        try FileSystem.createFolder(FileSystem.parent(of: path))
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw StoreFileError(operation: "lock", path: path, code: errno) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            close(descriptor)
            if code == EWOULDBLOCK { return nil }
            throw StoreFileError(operation: "lock", path: path, code: code)
        }
        return FileLock(descriptor: descriptor)
    }

    /// Must be called once, by the holder.
    func release() { close(descriptor) }
}
