import Glibc

/// The lines a user wrote before, kept in a file of one escaped entry a line that only the user can read.
struct LineHistory: Sendable {
    private(set) var entries: [String] = []
    let path: String?
    /// How many entries are kept.
    static let limit = 1000

    /// Reads the file; none, or none that can be read, is an empty history.
    init(path: String?) {
        self.path = path
        guard let path, let text = Self.read(path) else { return }
        let lines = text.split(separator: "\n")
        entries = lines.suffix(Self.limit).map { Self.unescape($0) }
        // The file grows by appending; a long one is cut now and then.
        if lines.count > 2 * Self.limit { rewrite(path) }
    }

    /// Adds a line, here and in the file. Blank lines and repetitions of the newest entry are left out.
    mutating func append(_ entry: String) {
        guard entry.contains(where: { !$0.isWhitespace }), entry != entries.last else { return }
        entries.append(entry)
        guard let path else { return }
        Self.makeFolder(of: path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // One call, so that two programs do not mix their entries.
        Self.write(Self.escape(entry) + "\n", to: descriptor)
    }

    static func escape(_ entry: String) -> String {
        var result = ""
        for scalar in entry.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    static func unescape(_ line: some StringProtocol) -> String {
        var result = String.UnicodeScalarView()
        var escaped = false
        for scalar in line.unicodeScalars {
            if escaped {
                result.append(scalar == "n" ? "\n" : scalar == "r" ? "\r" : scalar)
                escaped = false
            } else if scalar == "\\" {
                escaped = true
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    private func rewrite(_ path: String) {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        Self.write(entries.map { Self.escape($0) + "\n" }.joined(), to: descriptor)
        close(descriptor)
        rename(temporary, path)
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    private static func makeFolder(of path: String) {
        var folder = ""
        for part in path.split(separator: "/").dropLast() {
            folder += "/" + part
            mkdir(folder, 0o700)
        }
    }
}
