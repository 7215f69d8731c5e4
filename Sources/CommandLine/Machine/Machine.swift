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
    /// Bytes.
    var memory: Int
    var memoryAvailable: Int
    /// The tables of kernels that this machine can run, and the one that is used.
    var codePaths: [String]
    var codePath: String

    static func inspect() -> Machine {
        let cpu = fields(of: "/proc/cpuinfo")
        let memory = fields(of: "/proc/meminfo")
        let flags = Set((cpu["flags"] ?? cpu["Features"] ?? "").split(separator: " ").map(String.init))
        return Machine(
            processor: cpu["model name"] ?? cpu["CPU part"].map { "ARM part \($0)" } ?? "unknown",
            instructionSets: wanted.filter(flags.contains),
            processorsOnline: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))),
            processorsAllowed: Processors.affinity(), quota: Processors.cgroupQuota(), threads: Processors.available,
            memory: kilobytes(memory["MemTotal"]), memoryAvailable: kilobytes(memory["MemAvailable"]),
            codePaths: InstructionSets.available, codePath: InstructionSets.chosen)
    }

    private static let wanted = [
        "sse4_2", "avx", "avx2", "fma", "f16c", "avx_vnni", "avx512f", "avx512bw", "avx512vl", "avx512_vnni",
        "avx512_bf16", "avx512_fp16", "amx_int8", "amx_bf16", "asimd", "asimddp", "i8mm", "bf16", "sve",
    ]

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
