#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that is written from front to back, one owner at a time.
struct OutputFile {
    let path: String
    private let descriptor: Int32

    /// Opens or creates a file, cuts it to its first `keeping` bytes and goes to its end. A link is refused.
    init(path: String, keeping: Int) throws(StoreFileError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw StoreFileError(operation: "create", path: path, code: errno) }
        do {
            try truncate(to: keeping)
        } catch {
            close()
            throw error
        }
    }

    func truncate(to bytes: Int) throws(StoreFileError) {
        guard ftruncate(descriptor, off_t(bytes)) == 0, lseek(descriptor, off_t(bytes), SEEK_SET) >= 0 else {
            throw StoreFileError(operation: "cut to length", path: path, code: errno)
        }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StoreFileError) {
        var rest = bytes
        while let base = rest.baseAddress, rest.count > 0 {
            #if canImport(Glibc)
                let count = Glibc.write(descriptor, base, rest.count)
            #elseif canImport(Musl)
                let count = Musl.write(descriptor, base, rest.count)
            #else
                let count = Darwin.write(descriptor, base, rest.count)
            #endif
            if count < 0 {
                if errno == EINTR { continue }
                throw StoreFileError(operation: "write to", path: path, code: errno)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
    }

    /// Waits until the bytes are on the disk, so that a power cut can't leave a whole name on half a file.
    func synchronize() throws(StoreFileError) {
        guard fsync(descriptor) == 0 else { throw StoreFileError(operation: "write to", path: path, code: errno) }
    }

    func close() {
        #if canImport(Glibc)
            _ = Glibc.close(descriptor)
        #elseif canImport(Musl)
            _ = Musl.close(descriptor)
        #else
            _ = Darwin.close(descriptor)
        #endif
    }
}
