import CKernels
import Testing

@testable import ApusTensors

@Suite("Instruction sets")
struct InstructionSetTests {
    @Test("Each is there by its name, the scalar one first")
    func names() {
        #expect(InstructionSets.available.first == "scalar")
        #expect(Set(InstructionSets.available).count == InstructionSets.available.count)
        for name in InstructionSets.available {
            #expect(apus_kernels_named(name).map { String(cString: $0.pointee.name) } == name)
        }
        #expect(apus_kernels_named("altivec") == nil)
        #expect(apus_kernels_at(-1) == nil)
        #expect(InstructionSets.available.contains(InstructionSets.chosen))
    }

    @Test("One that the processor has may be asked for, and so may none")
    func present() throws {
        for name in InstructionSets.available { try InstructionSets.check(name) }
        try InstructionSets.check(nil)
        try InstructionSets.check("")
    }

    @Test("One that it lacks is an error that names those it has", arguments: ["altivec", "AVX2", "scalar "])
    func absent(name: String) {
        let error = InstructionSetError(wanted: name, available: InstructionSets.available)
        #expect(throws: error) { try InstructionSets.check(name) }
        #expect(error.description.contains("\"\(name)\""))
        #expect(error.description.contains("one of scalar"))
    }
}
