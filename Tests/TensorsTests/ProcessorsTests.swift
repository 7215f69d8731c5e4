import Testing

@testable import ApusTensors

@Suite("The processors that may be used")
struct ProcessorsTests {
    private static let v2 = "41 31 0:38 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
    private static let v1 = """
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:15 - cgroup cgroup rw,cpu,cpuacct
        35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory

        """

    private func quota(_ files: [String: String]) -> Double? {
        let system = FakeSystem(files)
        return ControlGroups(files: system.files).quota()
    }

    @Test("The limit of memory is the smallest on the way up, in both versions of control groups")
    func memoryLimit() {
        func limit(_ files: [String: String]) -> Int? {
            let system = FakeSystem(files)
            return ControlGroups(files: system.files).memoryLimit()
        }
        let version2 = [
            "/proc/self/mountinfo": Self.v2, "/proc/self/cgroup": "0::/a/b\n",
            "/sys/fs/cgroup/a/b/memory.max": "max\n", "/sys/fs/cgroup/a/memory.max": "1073741824\n",
        ]
        #expect(limit(version2) == 1 << 30)
        let version1 = [
            "/proc/self/mountinfo": Self.v1, "/proc/self/cgroup": "4:memory:/docker/1\n1:cpu,cpuacct:/docker/1\n",
            "/sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes": "536870912\n",
            "/sys/fs/cgroup/cpu,cpuacct/docker/1/memory.limit_in_bytes": "1\n",
        ]
        #expect(limit(version1) == 1 << 29)
        let outside = ["/proc/self/cgroup": "4:memory:/\n", "/sys/fs/cgroup/memory/memory.limit_in_bytes": "4096\n"]
        #expect(limit(outside) == 4096)
        #expect(limit(["/proc/self/cgroup": "0::/\n"]) == nil)
    }

    @Test("A quota of version 2 is found in the process's own group")
    func version2() {
        var files = [
            "/proc/self/mountinfo": Self.v2, "/proc/self/cgroup": "0::/system.slice/apus.service\n",
            "/sys/fs/cgroup/system.slice/apus.service/cpu.max": "150000 100000\n",
        ]
        #expect(quota(files) == 1.5)
        files["/sys/fs/cgroup/system.slice/apus.service/cpu.max"] = "max 100000\n"
        #expect(quota(files) == nil)
    }

    @Test("Of nested quotas the smallest binds, in version 2", arguments: [("400000", "100000"), ("100000", "max")])
    func nestedVersion2(outer: String, inner: String) {
        let files = [
            "/proc/self/mountinfo": Self.v2, "/proc/self/cgroup": "0::/a/b/c\n",
            "/sys/fs/cgroup/a/cpu.max": "\(outer) 100000\n", "/sys/fs/cgroup/a/b/cpu.max": "200000 100000\n",
            "/sys/fs/cgroup/a/b/c/cpu.max": "\(inner) 100000\n",
        ]
        #expect(quota(files) == 1)
    }

    @Test("A container that sees its own group as the root is bound by it")
    func ownNamespace() {
        let files = [
            "/proc/self/mountinfo": Self.v2, "/proc/self/cgroup": "0::/\n",
            "/sys/fs/cgroup/cpu.max": "50000 100000\n",
        ]
        #expect(quota(files) == 0.5)
    }

    @Test("A quota of version 1 is found, and of nested ones the smallest")
    func version1() {
        var files = [
            "/proc/self/mountinfo": Self.v1,
            "/proc/self/cgroup": "9:name=systemd:/\n4:memory:/m\n1:cpu,cpuacct:/docker/1f\n0::/\n",
            "/sys/fs/cgroup/cpu,cpuacct/docker/1f/cpu.cfs_quota_us": "-1\n",
            "/sys/fs/cgroup/cpu,cpuacct/docker/1f/cpu.cfs_period_us": "100000\n",
            "/sys/fs/cgroup/memory/m/cpu.cfs_quota_us": "1\n",
            "/sys/fs/cgroup/memory/m/cpu.cfs_period_us": "100000\n",
        ]
        #expect(quota(files) == nil)
        files["/sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_quota_us"] = "300000\n"
        files["/sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_period_us"] = "100000\n"
        #expect(quota(files) == 3)
        files["/sys/fs/cgroup/cpu,cpuacct/docker/1f/cpu.cfs_quota_us"] = "20000\n"
        files["/sys/fs/cgroup/cpu,cpuacct/docker/1f/cpu.cfs_period_us"] = "10000\n"
        #expect(quota(files) == 2)
    }

    @Test("A container's mount shows its own group where the path names the host's")
    func mountedPart() {
        let mount = "32 31 0:29 /docker/1f /sys/fs/cgroup/cpu ro,relatime - cgroup cgroup rw,cpu\n"
        var files = [
            "/proc/self/mountinfo": mount, "/proc/self/cgroup": "1:cpu:/docker/1f/worker\n",
            "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "400000\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            "/sys/fs/cgroup/cpu/worker/cpu.cfs_quota_us": "100000\n",
            "/sys/fs/cgroup/cpu/worker/cpu.cfs_period_us": "100000\n",
        ]
        #expect(quota(files) == 1)
        files["/proc/self/cgroup"] = "1:cpu:/docker/other\n"
        #expect(quota(files) == 4)
    }

    @Test("Both versions side by side, mount points with spaces, and nonsense in the files")
    func oddities() {
        let both = Self.v1 + "41 31 0:38 / /sys/fs/cgroup/uni\\040fied rw - cgroup2 cgroup2 rw\n"
        let cgroup = "1:cpu,cpuacct:/\n0::/x\n"
        #expect(
            quota([
                "/proc/self/mountinfo": both, "/proc/self/cgroup": cgroup,
                "/sys/fs/cgroup/uni fied/x/cpu.max": "100000 100000\n",
                "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "200000\n",
                "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            ]) == 1)
        #expect(
            quota([
                "/proc/self/mountinfo": "nonsense\n1 2 - \n" + Self.v2, "/proc/self/cgroup": "::\nnothing\n0::/x\n",
                "/sys/fs/cgroup/x/cpu.max": "0 100000\n", "/sys/fs/cgroup/cpu.max": "100000 0\n",
            ]) == nil)
        #expect(quota([:]) == nil)
    }

    @Test("A part of a processor's time is worth a thread, and none are made beyond the mask")
    func rounding() {
        #expect(Processors.threads(quota: 0.1, of: 4) == 1)
        #expect(Processors.threads(quota: 2, of: 4) == 2)
        #expect(Processors.threads(quota: 2.5, of: 4) == 3)
        #expect(Processors.threads(quota: 1e300, of: 4) == 4)
    }

    @Test("Where x86 has two kinds of cores, few threads go to the performance cores")
    func hybrid() {
        let system = FakeSystem(["/sys/devices/cpu_core/cpus": "0-3,8\n", "/sys/devices/cpu_atom/cpus": "4-7\n"])
        let all = Array(0...8)
        #expect(Processors.fastest(2, of: all, files: system.files) == [0, 1, 2, 3, 8])
        #expect(Processors.fastest(5, of: all, files: system.files) == [0, 1, 2, 3, 8])
        #expect(Processors.fastest(6, of: all, files: system.files) == nil)
        #expect(Processors.fastest(2, of: [3, 4, 5], files: system.files) == nil)
        #expect(Processors.fastest(1, of: [3, 4, 5], files: system.files) == [3])
        #expect(Processors.fastest(1, of: [4, 5], files: system.files) == nil)
    }

    @Test("Where ARM has three kinds of cores, threads go to as many kinds as they need")
    func capacities() {
        var files: [String: String] = [:]
        for (processor, capacity) in [250, 250, 760, 760, 1024, 250].enumerated() {
            files["/sys/devices/system/cpu/cpu\(processor)/cpu_capacity"] = "\(capacity)\n"
        }
        let system = FakeSystem(files)
        let all = Array(0...5)
        #expect(Processors.fastest(1, of: all, files: system.files) == [4])
        #expect(Processors.fastest(2, of: all, files: system.files) == [2, 3, 4])
        #expect(Processors.fastest(4, of: all, files: system.files) == nil)
    }

    @Test("Where all cores are alike, threads may run anywhere")
    func alike() {
        #expect(Processors.fastest(1, of: [0, 1, 2, 3], files: FakeSystem([:]).files) == nil)
    }

    @Test("The mask of this process is known and bounds the threads")
    func mask() {
        #expect(Processors.available >= 1)
        #expect(Processors.available <= Processors.affinity())
        #expect(Processors.mask().isEmpty || Processors.mask().count == Processors.affinity())
    }
}
