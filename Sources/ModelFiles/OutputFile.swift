#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that appears under its name only when it is whole: written beside it under a temporary name, renamed by
/// `finish()`, removed where that is never reached.
public final class OutputFile {
    public let path: String
    private let temporaryPath: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private static let bufferBytes = 1 << 18
    /// Bytes written so far.
    private(set) var position = 0

    public init(path: String) throws(FileError) {
        self.path = path
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[...$0]) } ?? ""
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        guard !name.isEmpty else { throw .isDirectory(path: path) }
        // The file that a link names is replaced by rename like any other name: the link goes, its target stays.
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { throw .isDirectory(path: path) }
        var random = SystemRandomNumberGenerator()
        temporaryPath = "\(folder).\(name.prefix(200)).\(String(random.next(), radix: 36)).part"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError.from(errno, path: path, operation: "create") }
        buffer.reserveCapacity(Self.bufferBytes)
    }

    public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        position += bytes.count
        if buffer.count + bytes.count <= Self.bufferBytes {
            buffer.append(contentsOf: bytes)
            return
        }
        try flush()
        if bytes.count < Self.bufferBytes { buffer.append(contentsOf: bytes) } else { try writeThrough(bytes) }
    }

    public func write(_ bytes: [UInt8]) throws(FileError) {
        let result = bytes.withUnsafeBytes { raw in
            Result { () throws(FileError) in try write(raw) }
        }
        try result.get()
    }

    /// Zeros up to the next multiple of `alignment`.
    func pad(to alignment: Int) throws(FileError) {
        let rest = position % alignment
        var missing = rest == 0 ? 0 : alignment - rest
        while missing > 0 {
            let step = min(missing, Self.bufferBytes)
            try write([UInt8](repeating: 0, count: step))
            missing -= step
        }
    }

    /// Puts the file in its place.
    public func finish() throws(FileError) {
        try flush()
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw .from(errno, path: path, operation: "write") }
        guard close(descriptor) == 0 else {
            let code = errno
            descriptor = -1
            unlink(temporaryPath)
            throw .from(code, path: path, operation: "write")
        }
        descriptor = -1
        guard rename(temporaryPath, path) == 0 else {
            let code = errno
            unlink(temporaryPath)
            throw .from(code, path: path, operation: "rename")
        }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(temporaryPath)
    }

    private func flush() throws(FileError) {
        let pending = buffer
        buffer.removeAll(keepingCapacity: true)
        let result = pending.withUnsafeBytes { raw in
            Result { () throws(FileError) in try writeThrough(raw) }
        }
        try result.get()
    }

    private func writeThrough(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            #if canImport(Glibc)
                let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            #elseif canImport(Musl)
                let written = Musl.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            #else
                let written = Darwin.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            #endif
            if written < 0 {
                if errno == EINTR { continue }
                throw FileError.from(errno, path: path, operation: "write")
            }
            rest = rest.dropFirst(written)
        }
    }
}
