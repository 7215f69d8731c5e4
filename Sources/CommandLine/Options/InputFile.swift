import Glibc

/// Reads what a command is given, as raw bytes.
enum InputFile {
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The whole file; `-` is standard input.
    /// - Throws: `CommandError.cannotRead`.
    static func read(_ path: String) throws -> [UInt8] {
        if path == "-" { return try readStandardInput() }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandError.cannotRead(path: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        return try readAll(descriptor, name: path)
    }

    static func readStandardInput() throws -> [UInt8] { try readAll(STDIN_FILENO, name: "standard input") }

    private static func readAll(_ descriptor: Int32, name: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count > 0 {
                bytes += chunk[..<count]
            } else if count == 0 {
                return bytes
            } else if errno != EINTR {
                throw CommandError.cannotRead(path: name, reason: String(cString: strerror(errno)))
            }
        }
    }
}

extension String {
    /// What follows the last slash of a path.
    var lastPathComponent: String { split(separator: "/").last.map(String.init) ?? self }
}
