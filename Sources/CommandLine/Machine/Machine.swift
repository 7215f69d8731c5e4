import ApusTensors
import Glibc

/// What this machine offers to an engine.
struct Machine: Sendable {
    /// The processor's name as the system gives it.
    var processor: String
    /// Instruction sets that matter for the inner loops.
    var instructionSets: [String]
    /// Processors that are on, that this process may use, and the container's quota of them.
    var processorsOnline: Int
    var processorsAllowed: Int
    var quota: Double?
    var threads: Int
    /// Bytes; the limit is that of the container, where it has one below the machine's memory.
    var memory: Int
    var memoryAvailable: Int
    var memoryLimit: Int?
    /// How the system gives out large pages: "always", "madvise" or "never"; nil where it has none.
    var hugePages: String?
    var hugePageBytes: Int
    /// Caches of the first processor by level, in bytes.
    var caches: [Cache]
    /// The tables of kernels in this build, those of them that this machine can run, and the one that is used.
    var codePathsCompiled: [String]
    var codePaths: [String]
    var codePath: String
    /// Whether `APUS_ISA` chose it.
    var codePathIsAskedFor: Bool

    struct Cache: Sendable, Equatable {
        var name: String
        var bytes: Int
    }

    static func inspect() -> Machine {
        let cpu = fields(of: "/proc/cpuinfo")
        let memory = fields(of: "/proc/meminfo")
        let flags = Set((cpu["flags"] ?? cpu["Features"] ?? "").split(separator: " ").map(String.init))
        let total = kilobytes(memory["MemTotal"])
        let transparent = "/sys/kernel/mm/transparent_hugepage"
        return Machine(
            processor: cpu["model name"] ?? cpu["CPU part"].map { "ARM part \($0)" } ?? "unknown",
            instructionSets: wanted.filter(flags.contains),
            processorsOnline: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))),
            processorsAllowed: Processors.affinity(), quota: Processors.cgroupQuota(), threads: Processors.available,
            memory: total, memoryAvailable: kilobytes(memory["MemAvailable"]),
            memoryLimit: Processors.cgroupMemoryLimit().flatMap { $0 < total ? $0 : nil },
            hugePages: line(of: "\(transparent)/enabled").flatMap(bracketed),
            hugePageBytes: line(of: "\(transparent)/hpage_pmd_size").flatMap { Int($0) } ?? 2 << 20,
            caches: caches(), codePathsCompiled: compiled,
            codePaths: InstructionSets.available, codePath: InstructionSets.chosen,
            codePathIsAskedFor: InstructionSets.environmentChoice?.isEmpty == false)
    }

    /// Bytes that programs could have now; 0 where the system does not say.
    static var memoryAvailable: Int { kilobytes(fields(of: "/proc/meminfo")["MemAvailable"]) }

    private static let wanted = [
        "sse4_2", "avx", "avx2", "fma", "f16c", "avx_vnni", "avx512f", "avx512bw", "avx512vl", "avx512_vnni",
        "avx512_bf16", "avx512_fp16", "amx_int8", "amx_bf16", "asimd", "asimddp", "i8mm", "bf16", "sve",
    ]

    #if arch(x86_64)
        private static let compiled = ["scalar", "avx2", "avxvnni", "avx512"]
    #elseif arch(arm64)
        private static let compiled = ["scalar", "neon", "neon_i8mm"]
    #else
        private static let compiled = ["scalar"]
    #endif

    private static func caches() -> [Cache] {
        (0..<8).compactMap { index in
            let folder = "/sys/devices/system/cpu/cpu0/cache/index\(index)"
            guard let level = line(of: "\(folder)/level"), let kind = line(of: "\(folder)/type"), kind != "Instruction",
                let size = line(of: "\(folder)/size"), let kilobytes = Int(size.filter(\.isNumber))
            else { return nil }
            return Cache(name: "L\(level)", bytes: kilobytes * 1024)
        }
    }

    /// The word in brackets of "always [madvise] never".
    private static func bracketed(_ text: String) -> String? {
        text.split(separator: " ").first { $0.hasPrefix("[") }.map { String($0.dropFirst().dropLast()) }
    }

    private static func line(of path: String) -> String? {
        guard let bytes = try? InputFile.read(path) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)[...].trimmed
        return text.isEmpty ? nil : text
    }

    /// The first value of each name in a file of lines `name : value`.
    private static func fields(of path: String) -> [String: String] {
        guard let bytes = try? InputFile.read(path) else { return [:] }
        var fields: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].trimmed
            if fields[name] == nil { fields[name] = line[line.index(after: colon)...].trimmed }
        }
        return fields
    }

    private static func kilobytes(_ text: String?) -> Int {
        text?.split(separator: " ").first.flatMap { Int($0) }.map { $0 * 1024 } ?? 0
    }
}

extension Substring {
    /// Without white space at both ends.
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
