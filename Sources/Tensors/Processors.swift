import CKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The processors that this process may use.
public enum Processors {
    /// How many threads can run at once: the affinity mask, cut by the container's CPU quota, never the host's count.
    public static let available: Int = {
        let allowed = affinity()
        guard let quota = cgroupQuota() else { return allowed }
        return max(1, min(allowed, Int(quota.rounded(.up))))
    }()

    /// Processors in the affinity mask.
    public static func affinity() -> Int {
        let allowed = Int(apus_affinity_count())
        return allowed > 0 ? allowed : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// Processors' worth of time that the control group grants, for cgroup v2 or v1; nil without a limit.
    public static func cgroupQuota() -> Double? {
        let groups = readSmallFile("/proc/self/cgroup")?.split(separator: "\n") ?? []
        var smallest: Double?
        func note(_ quota: Double?, _ period: Double?) {
            guard let quota, let period, quota > 0, period > 0 else { return }
            smallest = min(smallest ?? .infinity, quota / period)
        }
        for line in groups {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let controllers = fields[1].split(separator: ",")
            // A quota on any enclosing group binds as well.
            var path = String(fields[2])
            while true {
                if controllers.isEmpty {
                    let limit = readSmallFile("/sys/fs/cgroup\(path)/cpu.max")?.split(whereSeparator: \.isWhitespace)
                    if let limit, limit.count == 2 { note(Double(limit[0]), Double(limit[1])) }
                } else if controllers.contains("cpu") {
                    for root in ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"] {
                        note(number("\(root)\(path)/cpu.cfs_quota_us"), number("\(root)\(path)/cpu.cfs_period_us"))
                    }
                }
                guard path.count > 1, let slash = path.lastIndex(of: "/") else { break }
                path = slash == path.startIndex ? "/" : String(path[..<slash])
            }
        }
        return smallest
    }

    private static func number(_ path: String) -> Double? {
        readSmallFile(path).flatMap { text in Double(text.filter { !$0.isWhitespace }) }
    }

    private static func readSmallFile(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}
