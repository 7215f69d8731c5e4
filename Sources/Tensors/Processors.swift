import CKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The processors that this process may use, and what control groups grant it.
public enum Processors {
    /// How many threads can run at once: the affinity mask, cut by the container's CPU quota, never the host's count.
    public static let available: Int = {
        let allowed = affinity()
        guard let quota = cgroupQuota() else { return allowed }
        return threads(quota: quota, of: allowed)
    }()

    /// Processors in the affinity mask.
    public static func affinity() -> Int {
        let allowed = mask().count
        return allowed > 0 ? allowed : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// Processors' worth of time that the control groups grant, for cgroup v2 and v1; nil without a limit.
    public static func cgroupQuota() -> Double? { ControlGroups().quota() }

    /// Bytes of memory that the control groups grant, for cgroup v2 and v1; nil without a limit.
    public static func cgroupMemoryLimit() -> Int? { ControlGroups().memoryLimit() }

    /// A part of a processor's time is worth a thread.
    static func threads(quota: Double, of allowed: Int) -> Int {
        quota >= Double(allowed) ? allowed : max(1, Int(quota.rounded(.up)))
    }

    /// The numbers of the processors in the affinity mask; none where the system does not say.
    static func mask() -> [Int] {
        let most: Int32 = 16384
        return [Int](
            [Int32](unsafeUninitializedCapacity: Int(most)) { buffer, count in
                guard let base = buffer.baseAddress else { return }
                count = Int(apus_affinity(base, most))
            }.map { Int($0) })
    }

    /// Where processors differ in speed: the fastest kinds of those in `allowed` that together have room for so many
    /// threads. Nil where all are alike, or all are needed.
    ///
    /// Whole kinds, because two of a kind can be one core's two threads: which to take, the system knows better.
    static func fastest(_ threads: Int, of allowed: [Int], files: SystemFiles = SystemFiles()) -> [Int]? {
        let speeds = speeds(of: allowed, files: files)
        var chosen: [Int] = []
        for speed in Set(speeds.values).sorted(by: >) where chosen.count < threads {
            chosen += allowed.filter { speeds[$0] == speed }
        }
        return chosen.isEmpty || chosen.count >= allowed.count ? nil : chosen.sorted()
    }

    /// Numbers that grow with a processor's speed. x86 names the performance cores of processors that have two kinds,
    /// ARM says each one's capacity.
    private static func speeds(of processors: [Int], files: SystemFiles) -> [Int: Double] {
        var speeds: [Int: Double] = [:]
        let performance = files.numbers("/sys/devices/cpu_core/cpus").map { Set($0) }
        for processor in processors {
            if let performance {
                speeds[processor] = performance.contains(processor) ? 2 : 1
            } else {
                speeds[processor] =
                    files.number("/sys/devices/system/cpu/cpu\(processor)/cpu_capacity") ?? 0
            }
        }
        return speeds
    }
}
