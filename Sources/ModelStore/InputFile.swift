#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that is read from front to back in pieces of up to a megabyte.
struct InputFile {
    let path: String
    private let descriptor: Int32
    private let chunk: UnsafeMutableRawBufferPointer

    init(path: String, offset: Int) throws(StoreFileError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw StoreFileError(operation: "open", path: path, code: errno) }
        chunk = .allocate(byteCount: 1 << 20, alignment: 64)
        guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else {
            let code = errno
            close()
            throw StoreFileError(operation: "read", path: path, code: code)
        }
    }

    /// Hands the next bytes on. Returns how many there were, 0 at the end.
    func read(atMost limit: Int, _ body: (UnsafeRawBufferPointer) -> Void) throws(StoreFileError) -> Int {
        while true {
            let count = posixRead(descriptor, chunk.baseAddress, min(limit, chunk.count))
            if count < 0 {
                if errno == EINTR { continue }
                throw StoreFileError(operation: "read", path: path, code: errno)
            }
            body(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
            return count
        }
    }

    func close() {
        chunk.deallocate()
        #if canImport(Glibc)
            _ = Glibc.close(descriptor)
        #elseif canImport(Musl)
            _ = Musl.close(descriptor)
        #else
            _ = Darwin.close(descriptor)
        #endif
    }
}

extension StoreFileError {
    /// Somebody shortened a file while we read it.
    static func endsEarly(_ path: String) -> StoreFileError {
        StoreFileError(operation: "read all of", path: path, code: EIO)
    }
}
