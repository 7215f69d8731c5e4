import Crypto
import Glibc

/// Sizes and checksums of files.
enum FileSums {
    static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// The SHA-256 of each file, in hexadecimal digits.
    static func sha256(of files: [String], console: Console) throws -> [(file: String, sum: String)] {
        let bar = ProgressBar("SHA-256", total: files.reduce(0) { $0 + size(of: $1) }, unit: .bytes, console: console)
        defer { bar.finish() }
        return try files.map { file in
            let descriptor = open(file, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                throw CommandError.cannotRead(path: file, reason: String(cString: strerror(errno)))
            }
            defer { close(descriptor) }
            var hash = SHA256()
            var chunk = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = read(descriptor, &chunk, chunk.count)
                if count > 0 {
                    chunk.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                    bar.advance(by: count)
                } else if count == 0 {
                    break
                } else if errno != EINTR {
                    throw CommandError.cannotRead(path: file, reason: String(cString: strerror(errno)))
                }
            }
            let sum = hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            return (file, sum)
        }
    }
}
