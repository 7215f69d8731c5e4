/// What Linux's control groups, by which containers are limited, grant of the processors' time and of memory.
///
/// Source: the kernel's `Documentation/admin-guide/cgroup-v1/` and `cgroup-v2.rst`, and `proc_pid_mountinfo(5)`.
struct ControlGroups {
    var files = SystemFiles()

    /// Processors' worth of time, of both versions of control groups the smaller; nil without a limit. A quota on any
    /// enclosing group binds as well.
    func quota() -> Double? {
        folders(controller: "cpu").compactMap { $0.version2 ? quota2($0.path) : quota1($0.path) }.min()
    }

    /// Bytes of memory, of both versions and of all enclosing groups the least; nil without a limit.
    func memoryLimit() -> Int? {
        folders(controller: "memory").compactMap { folder in
            let limit = files.number(folder.path + (folder.version2 ? "/memory.max" : "/memory.limit_in_bytes"))
            return limit.flatMap { $0 > 0 ? Int(exactly: $0.rounded()) : nil }  // "max" is no number
        }.min()
    }

    /// Where this process's groups and those around them lie, as far as they have to do with a controller.
    private func folders(controller: String) -> [(version2: Bool, path: String)] {
        let mounts = mounts(controller)
        var folders: [(version2: Bool, path: String)] = []
        for line in files.text("/proc/self/cgroup")?.split(separator: "\n") ?? [] {
            // number:controllers:path, where version 2 has no controllers
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let version2 = fields[1].isEmpty
            guard version2 || fields[1].split(separator: ",").contains(Substring(controller)) else { continue }
            for mount in mounts where mount.version2 == version2 {
                folders += mount.folders(of: String(fields[2])).map { (version2, $0) }
            }
        }
        return folders
    }

    private func quota1(_ folder: String) -> Double? {
        ratio(files.number(folder + "/cpu.cfs_quota_us"), files.number(folder + "/cpu.cfs_period_us"))
    }

    private func quota2(_ folder: String) -> Double? {
        let fields = files.text(folder + "/cpu.max")?.split(whereSeparator: \.isWhitespace) ?? []
        guard fields.count == 2 else { return nil }
        return ratio(Double(fields[0]), Double(fields[1]))  // "max" is no number
    }

    private func ratio(_ quota: Double?, _ period: Double?) -> Double? {
        guard let quota, let period, quota > 0, period > 0, (quota / period).isFinite else { return nil }
        return quota / period
    }

    /// A place where groups can be seen.
    private struct Mount {
        var version2: Bool
        /// The group that lies at the mount point.
        var root: String
        var point: String

        /// Where this group and those around it lie, as far as they can be seen here.
        func folders(of group: String) -> [String] {
            var path = group
            if root != "/" {
                // Of a group outside the mounted part only that part's own limit shows.
                if path == root || path.hasPrefix(root + "/") { path.removeFirst(root.count) } else { path = "" }
            }
            var folders: [String] = []
            while let slash = path.lastIndex(of: "/") {
                if path.index(after: slash) < path.endIndex { folders.append(point + path) }
                path = String(path[..<slash])
            }
            return folders + [point]
        }
    }

    private func mounts(_ controller: String) -> [Mount] {
        var mounts: [Mount] = []
        for line in files.text("/proc/self/mountinfo")?.split(separator: "\n") ?? [] {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash >= 5, fields.count > dash + 3 else { continue }
            let kind = fields[dash + 1]
            guard
                kind == "cgroup2"
                    || (kind == "cgroup" && fields[dash + 3].split(separator: ",").contains(Substring(controller)))
            else { continue }
            mounts.append(
                Mount(version2: kind == "cgroup2", root: Self.unescaped(fields[3]), point: Self.unescaped(fields[4])))
        }
        if !mounts.isEmpty { return mounts }
        return [
            Mount(version2: true, root: "/", point: "/sys/fs/cgroup"),
            Mount(version2: false, root: "/", point: "/sys/fs/cgroup/\(controller)"),
            Mount(version2: false, root: "/", point: "/sys/fs/cgroup/cpu,cpuacct"),
        ]
    }

    /// Without the octal escapes of spaces and the like: `\040`.
    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8) {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
