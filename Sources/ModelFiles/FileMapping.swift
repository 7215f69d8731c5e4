import ApusTensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The bytes of a file, mapped read-only and shared with other processes that map it, or bytes in memory that stand for
/// a file. They stay where they are as long as this object lives.
///
/// Unchecked: `bytes` is set once; the memory behind it is read-only after `init` and freed in `deinit`, when nobody
/// holds the object. (As with every mapping, a file that somebody shortens while it is mapped ends the process.)
public final class FileMapping: PageLender, @unchecked Sendable {
    /// The path of the file, or the name of bytes in memory: for messages.
    public let path: String
    /// All bytes. Valid while this object lives: whoever keeps the pointer keeps the object.
    public let bytes: UnsafeRawBufferPointer
    private let isMapped: Bool

    public var count: Int { bytes.count }

    /// Maps a file. Costs no reading: pages come in as they are touched.
    /// - Throws: `FileError` for what is missing, unreadable or no regular file.
    public init(path: String) throws(FileError) {
        // O_NONBLOCK: opening a pipe must not wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError.from(errno, path: path, operation: "open") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError.from(errno, path: path, operation: "examine") }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw .isDirectory(path: path)
        default: throw .notRegular(path: path)
        }
        self.path = path
        isMapped = true
        let size = Int(status.st_size)
        // An empty range cannot be mapped.
        guard size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let address = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0), address != MAP_FAILED else {
            throw FileError.from(errno, path: path, operation: "map")
        }
        bytes = UnsafeRawBufferPointer(start: address, count: size)
    }

    /// Bytes in memory, aligned to 64, filled by `fill` before anybody sees them.
    public init(name: String, count: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 64)
        path = name
        isMapped = false
        bytes = UnsafeRawBufferPointer(start: memory.baseAddress, count: count)
        do {
            try fill(UnsafeMutableRawBufferPointer(rebasing: memory[0..<count]))
        } catch {
            // `deinit` frees the memory: every property is set.
            throw error
        }
    }

    /// A copy of bytes.
    public convenience init(copying source: some Collection<UInt8>, name: String) {
        self.init(name: name, count: source.count) { $0.copyBytes(from: source) }
    }

    deinit {
        guard let address = bytes.baseAddress else { return }
        if isMapped {
            munmap(UnsafeMutableRawPointer(mutating: address), bytes.count)
        } else {
            UnsafeMutableRawPointer(mutating: address).deallocate()
        }
    }

    /// Calls `body` with all bytes and holds this object until it returns: `FileMapping(path: p).bytes` alone would
    /// point to what has been unmapped.
    public func withBytes<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try withExtendedLifetime(self) { () throws(Failure) in try body(bytes) }
    }

    /// Asks the system to read the whole file ahead.
    public func prefetch() {
        guard isMapped, let address = bytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: address), bytes.count, MADV_WILLNEED)
    }

    /// Lets whole pages within `bytes` go from this process's memory. Of a file they are read again when touched; bytes
    /// in memory stay.
    public func letGo(of bytes: UnsafeRawBufferPointer) {
        guard isMapped, let first = bytes.baseAddress else { return }
        let page = sysconf(Int32(_SC_PAGESIZE))
        let start = (Int(bitPattern: first) + page - 1) / page * page
        let end = Int(bitPattern: first + bytes.count) / page * page
        guard end > start, let address = UnsafeMutableRawPointer(bitPattern: start) else { return }
        madvise(address, end - start, MADV_DONTNEED)
    }

    /// Whether a folder lies at this path (links followed).
    public static func isFolder(_ path: String) -> Bool { kind(of: path) == S_IFDIR }

    /// Whether a regular file lies at this path (links followed).
    public static func isFile(_ path: String) -> Bool { kind(of: path) == S_IFREG }

    private static func kind(of path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    /// A part of the bytes; nil where the range does not lie within them.
    public func slice(_ range: Range<Int>) -> MappedSlice? {
        guard range.lowerBound >= 0, range.upperBound <= count else { return nil }
        return MappedSlice(owner: self, unchecked: range)
    }
}

/// A part of a mapping, which it keeps alive.
public struct MappedSlice: Sendable {
    public let owner: FileMapping
    public let range: Range<Int>

    /// The range has been found to lie within the mapping.
    init(owner: FileMapping, unchecked range: Range<Int>) {
        self.owner = owner
        self.range = range
    }

    public var count: Int { range.count }

    /// Valid while `owner` lives: hold the slice or its owner as long as the pointer is used, or see `withBytes`.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: owner.bytes[range]) }

    /// Calls `body` with the bytes and holds their owner until it returns.
    public func withBytes<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try withExtendedLifetime(owner) { () throws(Failure) in try body(bytes) }
    }

    /// The bytes at an address divisible by `alignment`: these where they lie so, otherwise a copy.
    func aligned(to alignment: Int) -> MappedSlice {
        guard let address = bytes.baseAddress, Int(bitPattern: address) % alignment != 0 else { return self }
        let copy = FileMapping(copying: bytes, name: owner.path)
        return MappedSlice(owner: copy, unchecked: 0..<count)
    }
}
