import ApusModelFiles
import ApusModelStore
import ApusTensors
import ArgumentParser

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Show what this machine offers and which code path is taken.",
        discussion: """
            Reads the processor's instruction sets and caches, the processors after affinity and the container's quota, \
            and the memory; says which code path is taken and why; measures how fast memory is read, which bounds the \
            speed of writing, and how fast the processor multiplies, which bounds that of reading a prompt.

            EXAMPLES:
              apus doctor
              apus doctor --format json
            """)

    @OptionGroup var output: OutputOptions

    func run() {
        let console = Console.current
        let machine = Machine.inspect()
        let bandwidth = MemoryBandwidth().measure(passes: 5)
        let peaks = [ArithmeticKind.float32, .bytes].compactMap { kind in kind.measurePeak().map { (kind.name, $0) } }
        let store = ModelStore(environment: console.environment)
        if output.format == .json {
            console.print(json: Self.json(machine, bandwidth: bandwidth, peaks: peaks, store: store))
            return
        }
        let words = console.words
        let quota = machine.quota.map { Quantity.decimal($0, places: 2) } ?? words.none
        let hugePages =
            machine.hugePages.map { words.hugePageFacts($0, Quantity.binaryBytes(machine.hugePageBytes)) }
            ?? words.notOffered
        let caches = machine.caches.map { "\($0.name) \(Quantity.binaryBytes($0.bytes))" }.joined(separator: ", ")
        let rows = [
            (words.processor, machine.processor),
            (words.instructionSets, machine.instructionSets.joined(separator: " ")),
            (words.codePath, words.codePath(machine)),
            (words.processors, words.processorCounts(machine.processorsOnline, machine.processorsAllowed, quota)),
            (words.threads, "\(machine.threads)"),
            (
                words.memory,
                words.memoryAmounts(
                    Quantity.bytes(machine.memory), Quantity.bytes(machine.memoryAvailable),
                    limit: machine.memoryLimit.map(Quantity.bytes))
            ),
            (words.hugePages, hugePages),
            (words.caches, caches.isEmpty ? words.none : caches),
            (words.bandwidth, Quantity.bytes(Int(bandwidth)) + "/s"),
            (
                words.arithmetic,
                peaks.isEmpty
                    ? words.none : peaks.map { "\($0.0) \(Quantity.operations($0.1))" }.joined(separator: ", ")
            ),
            (words.storeFolder, store.root),
        ]
        let width = rows.map { CharacterWidth.columns($0.0) }.max() ?? 0
        for (name, value) in rows { console.print(console.style.bold(name.padded(toColumns: width)) + "  " + value) }
    }

    private static func json(_ machine: Machine, bandwidth: Double, peaks: [(String, Double)], store: ModelStore)
        -> JSON
    {
        [
            "processor": .string(machine.processor),
            "instruction_sets": .array(machine.instructionSets.map { .string($0) }),
            "code_path": .string(machine.codePath), "code_paths": .array(machine.codePaths.map { .string($0) }),
            "code_paths_compiled": .array(machine.codePathsCompiled.map { .string($0) }),
            "code_path_reason": machine.codePathIsAskedFor ? "APUS_ISA" : "fastest",
            "processors": [
                "online": .integer(machine.processorsOnline), "affinity": .integer(machine.processorsAllowed),
                "quota": machine.quota.map { .number($0) } ?? .null,
            ],
            "threads": .integer(machine.threads),
            "memory": [
                "total_bytes": .integer(machine.memory), "available_bytes": .integer(machine.memoryAvailable),
                "limit_bytes": machine.memoryLimit.map { .integer($0) } ?? .null,
            ],
            "huge_pages": machine.hugePages.map { .string($0) } ?? .null,
            "caches": .object(JSON.Object(machine.caches.map { ($0.name, .integer($0.bytes)) })),
            "read_bytes_per_s": .number(bandwidth.rounded()),
            "operations_per_s": .object(JSON.Object(peaks.map { ($0.0, .number($0.1.rounded())) })),
            "store": .string(store.root),
        ]
    }
}
