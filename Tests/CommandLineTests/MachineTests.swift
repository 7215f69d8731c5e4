import Testing

@testable import ApusCommandLine

@Suite("The machine and speed on it")
struct MachineTests {
    @Test("doctor says which path is taken, why, and what the others are")
    func doctor() async {
        let result = await apus("doctor")
        #expect(result.code == 0)
        let machine = Machine.inspect()
        #expect(machine.codePathsCompiled.contains(machine.codePath))
        #expect(machine.codePaths.contains(machine.codePath))
        for path in machine.codePathsCompiled { #expect(result.output.contains(path)) }
        let json = await apus("doctor", "--format", "json")
        for name in ["code_path_reason", "affinity", "quota", "read_bytes_per_s", "operations_per_s", "huge_pages"] {
            #expect(json.output.contains("\"\(name)\""))
        }
    }

    @Test("bench gives the figures of the contract and says what binds")
    func bench() async {
        let arguments = ["bench", "--prompt", "32", "--generate", "4", "--repeats", "1"]
        let json = await apus(arguments + ["--format", "json"])
        #expect(json.code == 0)
        for name in [
            "prefill_tokens_per_s", "decode_tokens_per_s", "prefill_spread", "decode_spread", "bandwidth_share",
            "arithmetic_share", "prefill_bound", "decode_bound",
        ] {
            #expect(json.output.contains("\"\(name)\""))
        }
        let text = await apus(arguments)
        #expect(text.output.split(separator: "\n").count == 3)
        #expect(text.output.contains("memory reads"))
        let chinese = await apus(arguments, language: .chinese)
        #expect(chinese.output.contains("瓶颈"))
    }

    @Test("More than the context can't be measured")
    func tooLong() async {
        let result = await apus("bench", "--prompt", "100000", "--generate", "1")
        #expect(result.code == 1)
        #expect(result.messages.contains("100001"))
    }

    @Test("Sizes of caches and rates of arithmetic read as people write them")
    func quantities() {
        #expect(Quantity.binaryBytes(48 << 10) == "48 KiB")
        #expect(Quantity.binaryBytes(2 << 20) == "2 MiB")
        #expect(Quantity.binaryBytes(1536 << 10) == "1.5 MiB")
        #expect(Quantity.operations(9.01e11) == "901 Gop/s")
        #expect(Quantity.operations(1.2e12) == "1.20 Top/s")
    }
}
