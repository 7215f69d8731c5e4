import ApusModelFiles
import Testing

@Suite("Files of torch.save") struct PyTorchFileTests {
    static let files = ["torch-zip.bin", "torch-legacy.bin", "torch-protocol4.bin"]

    @Test("Tensors of every layout are read as torch sees them", arguments: files)
    func reads(name: String) throws {
        let file = try PyTorchFile(path: fixture(name))
        #expect(file.tensorNames.count == 16 && file.tensorNames.first == "plain")
        func check(_ name: String, _ shape: [Int], _ values: [Float]) throws {
            let tensor = try file.tensor(named: name)
            #expect(tensor.shape == shape && tensor.floats == values, "\(name)")
        }
        let base = (0..<24).map(Float.init)
        try check("plain", [4, 6], base)
        try check("tied", [4, 6], base)
        try check("half", [2, 2], [1, -2.5, 0.5, 65504])
        try check("bf16", [3], [1, -3, 0.125])
        try check("transposed", [6, 4], (0..<6).flatMap { c in (0..<4).map { base[$0 * 6 + c] } })
        try check("slice", [2, 3], [8, 9, 10, 14, 15, 16])
        try check("row", [6], Array(base[12..<18]))
        try check(
            "permuted", [4, 2, 3],
            (0..<4).flatMap { k in (0..<2).flatMap { i in (0..<3).map { j in base[i * 12 + j * 4 + k] } } })
        try check("parameter", [2], [7, 8])
        try check("scalar", [], [4.5])
        try check("empty", [0, 3], [])
        try check("e\u{301}", [1], [1])
        try check("\u{e9}", [1], [2])
    }

    @Test("Contiguous tensors are used where they lie", arguments: files)
    func inPlace(name: String) throws {
        let file = try PyTorchFile(path: fixture(name))
        let plain = try file.tensor(named: "plain")
        #expect(plain.bytes.baseAddress == (try file.tensor(named: "tied")).bytes.baseAddress)
        #expect(plain.owner.count > 1000)
    }

    @Test(
        "Types that cannot be computed with are refused when they are asked for", arguments: ["long", "mask", "double"])
    func otherTypes(name: String) throws {
        let file = try PyTorchFile(path: fixture("torch-zip.bin"))
        let error = #expect(throws: WeightError.self) { try file.tensor(named: name) }
        #expect(error?.description.contains("tensor '\(name)' has type") == true)
    }

    @Test("Whatever is no tensor is refused by name, and not executed")
    func evil() throws {
        let error = #expect(throws: PyTorchError.self) { try PyTorchFile(path: fixture("torch-evil.bin")) }
        #expect(error?.problem == .forbidden("posix.system"))
    }

    @Test(
        "Names outside the list are refused",
        arguments: [
            "builtins eval", "torch.storage _load_from_bytes", "torch load", "collections Counter", "os system",
        ])
    func forbidden(name: String) {
        let parts = name.split(separator: " ").map(String.init)
        let pickle = [0x80, 2] + Array("c\(parts[0])\n\(parts[1])\n(U\u{3}abctR.".utf8)
        let error = #expect(throws: PyTorchError.self) { try PyTorchFile(bytes: legacy(pickle), name: "m.bin") }
        #expect(error?.problem == .forbidden("\(parts[0]).\(parts[1])"))
    }

    @Test("A tensor that repeats its storage, a list and a file without tensors are refused")
    func noWeights() throws {
        let error = #expect(throws: PyTorchError.self) { try PyTorchFile(path: fixture("torch-expanded.bin")) }
        #expect(error?.problem == .tensor("expanded", "repeats its elements (stride 0)"))
        #expect(throws: PyTorchError.self) { try PyTorchFile(path: fixture("torch-list.bin")) }
        for bytes in [[], Array("GGUF".utf8), [0x80], [0x80, 2, 0x2e], legacy([0x80, 2, 0x7d, 0x2e])] as [[UInt8]] {
            #expect(throws: PyTorchError.self) { try PyTorchFile(bytes: bytes, name: "m.bin") }
        }
    }

    @Test("Every truncation is refused", arguments: files)
    func truncations(name: String) throws {
        let whole = try bytes(ofFixture: name)
        for length in 0..<whole.count {
            #expect(throws: PyTorchError.self) { try PyTorchFile(bytes: Array(whole.prefix(length)), name: name) }
        }
    }

    @Test("No changed byte crashes the reader", arguments: files)
    func mutations(name: String) throws {
        let whole = try bytes(ofFixture: name)
        for position in whole.indices {
            for value: UInt8 in [0, 0x80, 0xff, whole[position] ^ 1] {
                var changed = whole
                changed[position] = value
                guard let file = try? PyTorchFile(bytes: changed, name: name) else { continue }
                for tensor in file.tensorNames { _ = try? file.tensor(named: tensor) }
            }
        }
    }

    @Test("Pickles that grow, nest or refer to nothing are refused")
    func bombs() {
        func refuses(_ operations: [UInt8]) {
            #expect(throws: PyTorchError.self) {
                try PyTorchFile(bytes: legacy([0x80, 2] + operations), name: "m.bin")
            }
        }
        let many = 3_000_000
        refuses([UInt8](repeating: 0x29, count: many))  // empty tuples
        refuses([UInt8](repeating: 0x28, count: many))  // marks
        refuses([UInt8](repeating: 0x5d, count: many))  // lists
        refuses([UInt8](repeating: 0x7d, count: many))  // dictionaries
        refuses([0x29] + [UInt8](repeating: 0x85, count: many))  // nested tuples
        refuses([0x4e] + [UInt8](repeating: 0x32, count: many))  // copies
        refuses([0x4e] + [UInt8](repeating: 0x94, count: many))  // memos
        refuses([0x4e, 0x72, 0xff, 0xff, 0xff, 0xff])  // memo 2^32 - 1
        refuses([0x6a, 0, 0, 0, 0x80])  // recall of nothing
        refuses([0x58, 0xff, 0xff, 0xff, 0xff])  // a long text
        refuses([0x8d] + [UInt8](repeating: 0xff, count: 8))
        refuses([0x8b, 0, 0, 0, 0x80])  // an integer of negative length
        // A list that doubles by reference: [a, a], [[a, a], [a, a]], …
        refuses([0x4e] + (0..<100_000).flatMap { _ in [0x32, 0x86] as [UInt8] })
    }
}

/// A file of the old format with a pickle in the place of the state dictionary.
private func legacy(_ pickle: [UInt8]) -> [UInt8] {
    let magic: [UInt8] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]
    let list: [UInt8] = [0x80, 2, 0x5d, 0x2e]
    return [0x80, 2, 0x8a, 10] + magic + [0x2e, 0x80, 2, 0x4d, 0xe9, 0x03, 0x2e, 0x80, 2, 0x7d, 0x2e] + pickle + list
}
