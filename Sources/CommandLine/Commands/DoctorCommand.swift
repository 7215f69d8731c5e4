import ApusModelFiles
import ApusModelStore
import ApusTensors
import ArgumentParser

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Show what this machine offers and which code path is taken.",
        discussion: """
            Reads the processor's instruction sets, the processors after affinity and the container's quota, and the \
            memory; measures how fast memory is read, which bounds the speed of decoding.

            EXAMPLES:
              apus doctor
              apus doctor --format json
            """)

    @OptionGroup var output: OutputOptions

    func run() {
        let console = Console.current
        let machine = Machine.inspect()
        let bandwidth = MemoryBandwidth.measure()
        let store = ModelStore(environment: console.environment)
        if output.format == .json {
            console.print(json: Self.json(machine, bandwidth: bandwidth, store: store))
            return
        }
        let words = console.words
        let quota = machine.quota.map { Quantity.decimal($0, places: 2) } ?? words.none
        let rows = [
            (words.processor, machine.processor),
            (words.instructionSets, machine.instructionSets.joined(separator: " ")),
            (words.codePath, words.codePath(machine.codePath, of: machine.codePaths)),
            (words.processors, words.processorCounts(machine.processorsOnline, machine.processorsAllowed, quota)),
            (words.threads, "\(machine.threads)"),
            (
                words.memory,
                words.memoryAmounts(Quantity.bytes(machine.memory), Quantity.bytes(machine.memoryAvailable))
            ),
            (words.bandwidth, Quantity.bytes(Int(bandwidth)) + "/s"),
            (words.storeFolder, store.root),
        ]
        let width = rows.map { CharacterWidth.columns($0.0) }.max() ?? 0
        for (name, value) in rows { console.print(console.style.bold(name.padded(toColumns: width)) + "  " + value) }
    }

    private static func json(_ machine: Machine, bandwidth: Double, store: ModelStore) -> JSON {
        [
            "processor": .string(machine.processor),
            "instruction_sets": .array(machine.instructionSets.map { .string($0) }),
            "code_path": .string(machine.codePath), "code_paths": .array(machine.codePaths.map { .string($0) }),
            "processors": [
                "online": .integer(machine.processorsOnline), "affinity": .integer(machine.processorsAllowed),
                "quota": machine.quota.map { .number($0) } ?? .null,
            ],
            "threads": .integer(machine.threads),
            "memory": ["total_bytes": .integer(machine.memory), "available_bytes": .integer(machine.memoryAvailable)],
            "read_bytes_per_s": .number(bandwidth.rounded()), "store": .string(store.root),
        ]
    }
}
