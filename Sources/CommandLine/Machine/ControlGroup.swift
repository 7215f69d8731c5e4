/// What the control group of this process (a container, a systemd unit) grants it of memory.
enum ControlGroup {
    /// The smallest limit of the group and of those around it, for cgroup v2 and v1, in bytes; nil without one.
    static func memoryLimit(read: (String) -> String? = contents) -> Int? {
        var limits: [Int] = []
        for line in (read("/proc/self/cgroup") ?? "").split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let file: (String) -> String
            if fields[1].isEmpty {
                file = { "/sys/fs/cgroup\($0)/memory.max" }
            } else if fields[1].split(separator: ",").contains("memory") {
                file = { "/sys/fs/cgroup/memory\($0)/memory.limit_in_bytes" }
            } else {
                continue
            }
            // Inside a container, the path may be that of the host, and its own group is the root of what it sees.
            var path = fields[2][...]
            while true {
                let text = read(file(path == "/" ? "" : String(path)))
                if let text, let limit = Int(text.filter { !$0.isWhitespace }) { limits.append(limit) }
                guard path.count > 1, let slash = path.lastIndex(of: "/") else { break }
                path = slash == path.startIndex ? "/" : path[..<slash]
            }
        }
        return limits.filter { $0 > 0 }.min()
    }

    private static func contents(_ path: String) -> String? {
        (try? InputFile.read(path)).map { String(decoding: $0, as: UTF8.self) }
    }
}
