import CKernels
import Testing

@Suite("Stored values back to float32") struct DequantizeTests {
    @Test("Every table gives gguf's values, bit by bit", arguments: StoredType.all)
    func matchesReference(type: StoredType) throws {
        let golden = try Golden(type)
        #expect(golden.values.count > 256)
        for table in Table.all {
            let values = try table.dequantize(type, golden.blocks, count: golden.values.count)
            #expect(values.bits == golden.values.bits, "\(table.name)")
        }
    }

    @Test("A type that is not known has no block")
    func unknownType() {
        for type in [Int32(-1), 4, 5, 9, 15, 16, 19, 22, 24, 40, 1000] {
            #expect(apus_block_size(type) == 0 && apus_block_bytes(type) == 0)
        }
    }

    @Test("There is a table for this machine, and it has every function for stored weights")
    func chosenTable() throws {
        let chosen = try #require(apus_kernels())
        let name = String(cString: try #require(chosen.pointee.name))
        #expect(Table.all.map(\.name).contains(name))
        #expect(Table.all.first?.name == "scalar")
        #expect(apus_kernels_named("none such") == nil)
        #expect(chosen.pointee.dequantize != nil && chosen.pointee.product != nil)
        #expect(chosen.pointee.activation_form != nil && chosen.pointee.activation_row_bytes != nil)
        #expect(chosen.pointee.make_activation_row != nil)
    }
}
