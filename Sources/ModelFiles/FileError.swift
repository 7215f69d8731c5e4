#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why a file could not be read or written.
public enum FileError: Error, Sendable, Equatable, CustomStringConvertible {
    case missing(path: String)
    case isDirectory(path: String)
    case notDirectory(path: String)
    case notRegular(path: String)
    case noPermission(path: String)
    case tooLarge(path: String, bytes: Int, limit: Int)
    /// Another failure of the operating system; `code` is its `errno`.
    case system(path: String, operation: String, code: Int32)

    public var description: String {
        switch self {
        case .missing(let path): "\(path): no such file"
        case .isDirectory(let path): "\(path): is a folder, expected a file"
        case .notDirectory(let path): "\(path): is no folder"
        case .notRegular(let path): "\(path): is a device, pipe or socket, expected a file"
        case .noPermission(let path): "\(path): no permission"
        case .tooLarge(let path, let bytes, let limit): "\(path): has \(bytes) bytes, at most \(limit) are read"
        case .system(let path, let operation, let code):
            "\(path): cannot \(operation): \(String(cString: strerror(code)))"
        }
    }

    /// The error for an `errno`.
    static func from(_ code: Int32, path: String, operation: String) -> FileError {
        switch code {
        case ENOENT: .missing(path: path)
        case EACCES, EPERM: .noPermission(path: path)
        case EISDIR: .isDirectory(path: path)
        case ENOTDIR: .notDirectory(path: path)
        default: .system(path: path, operation: operation, code: code)
        }
    }
}
