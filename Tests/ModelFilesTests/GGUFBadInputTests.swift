import ApusModelFiles
import Foundation
import Testing

@Suite("Bad GGUF files") struct GGUFBadInputTests {
    /// A fault, and words that its message must have.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var words: String
        var bytes: [UInt8]
        var testDescription: String { name }

        init(_ name: String, _ words: String, _ change: (inout GGUFBuilder) -> Void) {
            self.name = name
            self.words = words
            var builder = GGUFBuilder.good
            change(&builder)
            bytes = builder.bytes
        }
    }

    static let huge: [UInt64] = [1 << 31, 1 << 63, .max]

    static let cases: [Case] =
        [
            Case("no GGUF", "no GGUF") { $0.magic = Array("GGML".utf8) },
            Case("version 0", "version 0") { $0.version = 0 },
            Case("version 1", "version 1") { $0.version = 1 },
            Case("version 4", "version 4") { $0.version = 4 },
            Case("big-endian", "big-endian") { $0.version = UInt32(3).byteSwapped },
            Case("n_dims 0", "'b' has 0 dimensions") { $0.tensor("b", []) },
            Case("n_dims 5", "'b' has 5 dimensions") { $0.tensor("b", [1, 1, 1, 1, 1]) },
            Case("n_dims 2^32 - 1", "dimensions") { $0.tensor("b", [], dimensionCount: .max) },
            Case("zero dimension", "'b' has a dimension of 0") { $0.tensor("b", [4, 0]) },
            Case("offset past the end", "'b'") { $0.tensor("b", offset: 1 << 20) },
            Case("offset 2^63", "'b'") { $0.tensor("b", offset: 1 << 63) },
            Case("offset 2^64 - 32", "'b'") { $0.tensor("b", offset: .max - 31) },
            Case("tensor longer than the file", "ends past") { $0.tensor("b", [1024], offset: 32) },
            Case("overlapping tensors", "'b' overlaps tensor 'a'") { $0.tensor("b") },
            Case("misaligned tensor", "no multiple of the alignment") { $0.tensor("b", offset: 33) },
            Case("product of dimensions overflows", "overflows") { $0.tensor("b", [1 << 32, 1 << 32, 2]) },
            Case("bytes overflow", "overflows") { $0.tensor("b", [1 << 61, 2]) },
            Case("dimensions that wrap to a small product", "overflows") {
                $0.tensor("b", [1 << 32, 1 << 32, 1 << 32])
            },
            Case("broken row", "no multiple of 32") { $0.tensor("b", [33], type: 8, offset: 32) },
            Case("type of zero size", "tensor 'b' has the unknown element type 4") {
                $0.tensor("b", type: 4, offset: 32)
            },
            Case("unknown type", "tensor 'b' has the unknown element type 99") { $0.tensor("b", type: 99, offset: 32) },
            Case("type 2^32 - 1", "tensor 'b'") { $0.tensor("b", type: .max, offset: 32) },
            Case("duplicate tensor", "tensor 'a' is there twice") { $0.tensor("a", offset: 32) },
            Case("tensor name that is not UTF-8", "not valid UTF-8") { $0.tensor([0xff, 0xfe], offset: 32) },
            Case("empty tensor name", "empty name") { $0.tensor("", offset: 32) },
            Case("alignment 0", "alignment is 0") { $0.key("general.alignment", type: 4, [0, 0, 0, 0]) },
            Case("alignment 13", "alignment is 13") { $0.key("general.alignment", type: 4, [13, 0, 0, 0]) },
            Case("alignment 4", "alignment is 4") { $0.key("general.alignment", type: 4, [4, 0, 0, 0]) },
            Case("alignment 2^31", "ends past") { $0.key("general.alignment", type: 4, [0, 0, 0, 0x80]) },
            Case("alignment of another type", "alignment is a uint64") {
                $0.key("general.alignment", type: 10, [32, 0, 0, 0, 0, 0, 0, 0])
            },
            Case("alignment that is a text", "alignment is a string") {
                $0.key("general.alignment", type: 8, GGUFBuilder.string([0x33]))
            },
            Case("duplicate key", "'k' is there twice") {
                $0.key("k", type: 0, [1])
                $0.key("k", type: 0, [1])
            },
            Case("empty key", "empty name") { $0.key("", type: 0, [1]) },
            Case("key that is not UTF-8", "not valid UTF-8") { $0.key([0xc3], type: 0, [1]) },
            Case("unknown value type", "'k' has the unknown type 13") { $0.key("k", type: 13, [1]) },
            Case("unknown element type of an array", "'k' has the unknown type 77") {
                $0.array("k", type: 77, count: 1)
            },
            Case("boolean of 2", "'k' has a boolean of value 2") { $0.key("k", type: 7, [2]) },
            Case("arrays nested 100,000 deep", "'k': arrays are nested") {
                let level = GGUFBuilder.little(UInt32(9)) + GGUFBuilder.little(UInt64(1))
                $0.key("k", type: 9, (0..<100_000).flatMap { _ in level } + level)
            },
        ]
        + huge.flatMap { count in
            [
                Case("\(count) tensors", "tensors") { $0.tensorCount = count },
                Case("\(count) keys", "keys") { $0.keyCount = count },
                Case("key of \(count) bytes", "name") { $0.key([0x6b], type: 0, [1], length: count) },
                Case("text of \(count) bytes", "'k'") { $0.key("k", type: 8, GGUFBuilder.string([1], length: count)) },
                Case("array of \(count) bytes", "'k'") { $0.array("k", type: 0, count: count) },
                Case("array of \(count) uint64", "'k'") { $0.array("k", type: 10, count: count) },
                Case("array of \(count) texts", "'k'") { $0.array("k", type: 8, count: count) },
                Case("array of \(count) arrays", "'k'") { $0.array("k", type: 9, count: count) },
                Case("dimension of \(count)", "'b'") { $0.tensor("b", [count, count, count, count], offset: 32) },
                Case("row of \(count)", "'b'") { $0.tensor("b", [count], offset: 32) },
            ]
        }

    @Test("Each fault is an error that says what and where", arguments: cases)
    func refuses(fault: Case) {
        let error = #expect(throws: GGUFError.self) { try GGUFFile(bytes: fault.bytes, name: "bad.gguf") }
        #expect(error?.description.contains(fault.words) == true, "\(String(describing: error))")
        #expect(error?.description.hasPrefix("bad.gguf") == true)
    }

    @Test("An array of 20 million texts is refused before it is walked")
    func manyTexts() throws {
        var builder = GGUFBuilder()
        builder.array("k", type: 8, count: 20_000_000)
        let folder = try TemporaryFolder()
        let path = try folder.write("many.gguf", builder.bytes)
        // Zeros that take no room on the disk.
        #expect(truncate(path, 200_000_000) == 0)
        let error = #expect(throws: GGUFError.self) { try GGUFFile(path: path) }
        #expect(error?.problem == .valueTooLong(key: "k", count: 20_000_000, limit: 1 << 24))
    }

    @Test("The good file that faults are added to is good")
    func good() throws {
        #expect(try GGUFFile(bytes: GGUFBuilder.good.bytes, name: "good").tensorNames == ["a"])
    }

    @Test("A vocabulary without tensors is a file")
    func noTensors() throws {
        var builder = GGUFBuilder()
        builder.array("tokens", type: 8, count: 1, GGUFBuilder.string([0x61]))
        let file = try GGUFFile(bytes: builder.bytes, name: "v")
        #expect(file.tensors.isEmpty)
        #expect(try file.metadata.requireStrings("tokens")[0] == [0x61])
    }

    @Test("Nested arrays up to the limit are read past")
    func nested() throws {
        var builder = GGUFBuilder()
        let level = GGUFBuilder.little(UInt32(9)) + GGUFBuilder.little(UInt64(1))
        let inner = GGUFBuilder.little(UInt32(0)) + GGUFBuilder.little(UInt64(2)) + [1, 2]
        builder.key("k", type: 9, (0..<10).flatMap { _ in level } + inner)
        builder.key("after", type: 0, [5])
        #expect(try GGUFFile(bytes: builder.bytes, name: "n").metadata.integer("after") == 5)
    }

    @Test("Texts that are not UTF-8 are had as bytes, and refused as text")
    func textThatIsNotUTF8() throws {
        var builder = GGUFBuilder()
        builder.key("k", type: 8, GGUFBuilder.string([0xff]))
        let data = try GGUFFile(bytes: builder.bytes, name: "n").metadata
        #expect(try data.bytes("k") == [0xff])
        #expect(throws: GGUFError.self) { try data.string("k") }
    }

    @Test("Canonically equivalent keys and tensors are different ones")
    func equivalents() throws {
        var builder = GGUFBuilder.good
        builder.key("\u{e9}", type: 0, [1])
        builder.key("e\u{301}", type: 0, [2])
        builder.tensor("\u{e9}", offset: 32)
        let file = try GGUFFile(bytes: builder.bytes, name: "n")
        #expect(try file.metadata.integer("\u{e9}") == 1 && file.metadata.integer("e\u{301}") == 2)
        #expect(file.has("\u{e9}") && !file.has("e\u{301}"))
    }

    @Test(
        "Every truncation is refused",
        arguments: ["all-types.gguf", "aligned-64.gguf", "split-00001-of-00003.gguf"])
    func truncations(name: String) throws {
        let whole = try bytes(ofFixture: name)
        let full = try? GGUFFile(bytes: whole, name: name)
        let end = full?.tensors.map { $0.offset + $0.byteCount }.max() ?? whole.count
        for length in 0..<end {
            #expect(throws: GGUFError.self) { try GGUFFile(bytes: Array(whole.prefix(length)), name: name) }
        }
    }

    @Test("No changed byte crashes the reader", arguments: ["all-types.gguf", "aligned-64.gguf"])
    func mutations(name: String) throws {
        let whole = try bytes(ofFixture: name)
        for position in whole.indices {
            for value: UInt8 in [0, 9, 0x7f, 0x80, 0xff] {
                var changed = whole
                changed[position] = value
                guard let file = try? GGUFFile(bytes: changed, name: name) else { continue }
                for key in file.metadata.keys {
                    _ = try? file.metadata.strings(key)?.reduce(0) { $0 + $1.count }
                    _ = try? file.metadata.integers(key)
                    _ = try? file.metadata.string(key)
                }
                for tensor in file.tensorNames { _ = try? file.tensor(named: tensor).withBytes { $0.reduce(0, ^) } }
            }
        }
    }

    @Test("Files that cannot be opened are told apart")
    func cannotOpen() throws {
        let folder = try TemporaryFolder()
        #expect(throws: FileError.missing(path: "\(folder.path)/x")) { try GGUFFile(path: "\(folder.path)/x") }
        #expect(throws: FileError.isDirectory(path: folder.path)) { try GGUFFile(path: folder.path) }
        #expect(throws: FileError.notRegular(path: "/dev/null")) { try GGUFFile(path: "/dev/null") }
        let empty = try folder.write("empty", "")
        #expect(throws: GGUFError.self) { try GGUFFile(path: empty) }
    }
}
