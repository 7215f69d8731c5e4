import ApusModelFiles
import ApusTensors
import Testing

@Suite("GGUF files") struct GGUFFileTests {
    @Test("Metadata of every type is read as the gguf package wrote it")
    func metadata() throws {
        let file = try GGUFFile(path: fixture("all-types.gguf"))
        let data = file.metadata
        #expect(file.version == 3 && file.alignment == 32)
        #expect(try data.string("general.architecture") == "llama")
        #expect(try data.integer("test.uint8") == 255)
        #expect(try data.integer("test.int8") == -128)
        #expect(try data.integer("test.uint16") == 65535)
        #expect(try data.integer("test.int16") == -32768)
        #expect(try data.integer("test.uint32") == 4_294_967_295)
        #expect(try data.integer("test.int32") == -2_147_483_648)
        #expect(try data.integer("test.int64") == .min)
        #expect(throws: GGUFError.self) { try data.integer("test.uint64") }
        guard case .uint64(.max)? = data["test.uint64"] else {
            Issue.record("uint64")
            return
        }
        #expect(try data.float("test.float32") == Double(Float(1e-5)))
        #expect(try data.float("test.float64") == 0.1)
        #expect(try data.bool("test.bool") == true)
        #expect(try data.string("test.string") == "naïve 😀")
        let strings = try data.requireStrings("test.strings")
        #expect(strings.map { $0 } == ["a", "", "\u{e9}", "e\u{301}"].map { Array($0.utf8) })
        #expect(strings[2] == [0xc3, 0xa9] && strings.count == 4)
        #expect(try data.integers("test.integers") == [1, -2, 3])
        #expect(try data.floats("test.floats") == [0.5, -1.5])
        #expect(try data.bools("test.bools") == [true, false])
        #expect(try data.integers("test.integers", forEach: 3) == [1, -2, 3])
        #expect(try data.integers("test.int8", forEach: 2) == [-128, -128])
        #expect(throws: GGUFError.self) { try data.integers("test.integers", forEach: 4) }
    }

    @Test("Absent keys give nil, required ones and wrong types an error that names the key")
    func metadataErrors() throws {
        let data = try GGUFFile(path: fixture("all-types.gguf")).metadata
        #expect(try data.string("no.such") == nil)
        #expect(try data.floats("no.such") == nil)
        func check(_ key: String, _ body: () throws -> Void) {
            let error = #expect(throws: GGUFError.self) { try body() }
            #expect(error?.description.contains("'\(key)'") == true)
        }
        check("no.such") { _ = try data.requireInteger("no.such") }
        check("test.bool") { _ = try data.integer("test.bool") }
        check("test.int8") { _ = try data.string("test.int8") }
        check("test.int8") { _ = try data.float("test.int8") }
        check("test.uint8") { _ = try data.bool("test.uint8") }
        check("test.string") { _ = try data.strings("test.string") }
        check("test.integers") { _ = try data.strings("test.integers") }
        check("test.strings") { _ = try data.integers("test.strings") }
        check("test.floats") { _ = try data.integers("test.floats") }
        check("test.integers") { _ = try data.floats("test.integers") }
    }

    @Test("Tensors are used where they lie, in row-major shape")
    func tensors() throws {
        let file = try GGUFFile(path: fixture("all-types.gguf"))
        #expect(file.tensorNames == ["f32", "f16", "one", "q8_0", "int"])
        let f32 = try file.tensor(named: "f32")
        #expect(f32.shape == [2, 3] && f32.dtype == .f32 && f32.floats == [0, 1, 2, 3, 4, 5])
        #expect(try file.tensor(named: "f16").floats == [1, -2.5])
        #expect(try file.tensor(named: "one").shape == [1, 1, 1, 1])
        let q8 = try file.tensor(named: "q8_0")
        #expect(q8.shape == [2, 32] && q8.dtype == .q8_0 && q8.bytes.count == 68 && q8.bytes[36] == 7)
        let unsupported = #expect(throws: WeightError.self) { try file.tensor(named: "int") }
        #expect(unsupported?.description.contains("tensor 'int' has type I32") == true)
        #expect(throws: WeightError.missing(tensor: "x", files: file.files)) { try file.tensor(named: "x") }
    }

    @Test("Other alignments and version 2 are read", arguments: ["aligned-64.gguf", "version-2.gguf"])
    func alignment(name: String) throws {
        let file = try GGUFFile(path: fixture(name))
        #expect(file.alignment == 64)
        #expect(try file.tensor(named: "a").floats == [1])
        #expect(try file.tensor(named: "b").floats == [2, 2])
    }

    @Test("A big-endian file is refused by name")
    func bigEndian() {
        let error = #expect(throws: GGUFError.self) { try GGUFFile(path: fixture("big-endian.gguf")) }
        #expect(error?.problem == .bigEndian)
    }

    @Test("Parts are one model, whichever is opened", arguments: 1...3)
    func parts(number: Int) throws {
        let file = try GGUFFile(path: fixture("split-0000\(number)-of-00003.gguf"))
        #expect(file.files.count == 3)
        #expect(file.tensorNames == ["t0", "t1", "t2", "t3", "t4"])
        for index in 0..<5 {
            #expect(try file.tensor(named: "t\(index)").floats == [Float](repeating: Float(index), count: 4))
        }
        #expect(try file.metadata.string("general.architecture") == "llama")
    }

    @Test("A missing part is named, a wrong one refused")
    func wrongParts() throws {
        let folder = try TemporaryFolder()
        func name(_ part: Int, of count: Int = 3) -> String { "m-0000\(part)-of-0000\(count).gguf" }
        let parts = try (1...3).map { try bytes(ofFixture: "split-0000\($0)-of-00003.gguf") }
        let first = try folder.write(name(1), parts[0])
        try folder.write(name(2), parts[1])
        let missing = #expect(throws: GGUFError.self) { try GGUFFile(path: first) }
        #expect(missing?.problem == .missingPart("\(folder.path)/\(name(3))"))
        try folder.write(name(3), parts[1])
        let wrong = #expect(throws: GGUFError.self) { try GGUFFile(path: first) }
        #expect(wrong?.description.contains("split.no is 1") == true)
        let renamed = try folder.write("renamed.gguf", parts[1])
        let unnamed = #expect(throws: GGUFError.self) { try GGUFFile(path: renamed) }
        #expect(unnamed?.problem == .partName)
        let miscounted = try folder.write(name(1, of: 4), parts[0])
        #expect(throws: GGUFError.self) { try GGUFFile(path: miscounted) }
    }

    @Test("Names of parts are taken apart and made")
    func partNames() {
        let name = SplitName("/a-b/c-00002-of-00010.gguf")
        #expect(name?.prefix == "/a-b/c" && name?.part == 2 && name?.parts == 10 && name?.suffix == "gguf")
        #expect(name?.name(ofPart: 10) == "/a-b/c-00010-of-00010.gguf")
        for path in ["b.gguf", "b-00000-of-00002.gguf", "b-00003-of-00002.gguf", "b-0001-of-0002.gguf", ""] {
            #expect(SplitName(path) == nil)
        }
        #expect(
            SplitName.missingPart(among: ["m-00001-of-00003.bin", "m-00003-of-00003.bin"]) == "m-00002-of-00003.bin")
    }

    /// Three tensors of 100, 300 and 40 bytes.
    private func writeParts(_ path: String, partBytes: Int?) throws -> [String] {
        let sizes = [25, 75, 10]
        let writer = try GGUFPartsWriter(
            path: path, metadata: [("general.architecture", .string("llama"))],
            tensors: sizes.enumerated().compactMap { .init(name: "t\($0)", dtype: .f32, shape: [$1]) },
            partBytes: partBytes)
        for (number, size) in sizes.enumerated() {
            // In two pieces, as they come from large tensors.
            let bytes = [UInt8](repeating: UInt8(number + 1), count: 4 * size)
            try writer.append(Array(bytes[..<30]))
            #expect(writer.paths.allSatisfy { !FileMapping.isFile($0) })
            try writer.append(Array(bytes[30...]))
        }
        try writer.finish()
        return writer.paths
    }

    @Test(
        "A model is written in parts of a size, a large tensor alone, and read as one",
        arguments: [(nil, 1), (1000, 1), (420, 2), (128, 3), (1, 3)] as [(Int?, Int)])
    func writtenParts(partBytes: Int?, count: Int) throws {
        let folder = try TemporaryFolder()
        let paths = try writeParts("\(folder.path)/m.gguf", partBytes: partBytes)
        #expect(paths.count == count)
        #expect(paths[0] == "\(folder.path)/" + (count == 1 ? "m.gguf" : "m-00001-of-0000\(count).gguf"))
        let file = try GGUFFile(path: paths[count - 1])
        #expect(file.files == paths && file.tensorNames == ["t0", "t1", "t2"])
        for (number, size) in [25, 75, 10].enumerated() {
            let tensor = try file.tensor(named: "t\(number)")
            #expect(tensor.shape == [size])
            #expect(tensor.withBytes { $0.allSatisfy { $0 == UInt8(number + 1) } })
        }
    }

    @Test("No part appears where tensors are missing, and too many parts are refused")
    func brokenParts() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/m.gguf"
        let writer = try GGUFPartsWriter(
            path: path, metadata: [],
            tensors: ["a", "b"].compactMap { .init(name: $0, dtype: .f32, shape: [8]) }, partBytes: 32)
        try writer.append([UInt8](repeating: 0, count: 32))
        #expect(throws: GGUFError.self) { try writer.finish() }
        #expect(writer.paths.count == 2 && writer.paths.allSatisfy { !FileMapping.isFile($0) })
        let many = (0..<600).compactMap { GGUFWriter.Description(name: "t\($0)", dtype: .f32, shape: [8]) }
        #expect(throws: GGUFError.self) { try GGUFPartsWriter(path: path, metadata: [], tensors: many, partBytes: 1) }
    }

    @Test("What is written is read back", arguments: [8, 32, 128])
    func roundTrip(alignment: Int) throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/out.gguf"
        let source = try GGUFFile(path: fixture("all-types.gguf"))
        let made: [(key: String, value: GGUFValue)] = [
            ("made.strings", .array(GGUFArray(["x", "é", ""]))), ("made.ints", .array(GGUFArray([1, -1] as [Int32]))),
            ("made.floats", .array(GGUFArray([1.5] as [Float]))), ("made.bools", .array(GGUFArray([true]))),
            ("made.text", .string("text")), ("made.empty", .array(GGUFArray([] as [[UInt8]]))),
        ]
        let descriptions = source.tensors.map {
            GGUFWriter.Description(name: $0.name, type: $0.type, shape: $0.shape)
        }
        try GGUFWriter.write(
            path: path, metadata: source.metadata.entries + made, tensors: descriptions, alignment: alignment
        ) { tensor, append in
            let info = try #require(source.info(named: tensor.name))
            try #require(source.slice(of: info)).withBytes(append)
        }
        #expect(folder.names == ["out.gguf"])
        let copy = try GGUFFile(path: path)
        #expect(copy.alignment == alignment && copy.tensorNames == source.tensorNames)
        for (info, old) in zip(copy.tensors, source.tensors) {
            #expect(info.shape == old.shape && info.type == old.type && info.offset % alignment == 0)
            #expect(copy.slice(of: info).map { Array($0.bytes) } == source.slice(of: old).map { Array($0.bytes) })
        }
        for (key, value) in source.metadata.entries { #expect(copy.metadata[key]?.kind == value.kind) }
        #expect(try copy.metadata.string("test.string") == "naïve 😀")
        #expect(try copy.metadata.integers("made.ints") == [1, -1])
        #expect(try copy.metadata.strings("made.strings")?.map { $0 } == [[0x78], [0xc3, 0xa9], []])
        #expect(try copy.metadata.floats("made.floats") == [1.5])
        #expect(try copy.metadata.strings("made.empty")?.isEmpty == true)
    }

    @Test("A file that was not finished does not appear, nor does its temporary")
    func unfinished() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/out.gguf"
        let tensor = try #require(GGUFWriter.Description(name: "a", dtype: .f32, shape: [4]))
        do {
            let writer = try GGUFWriter(path: path, metadata: [], tensors: [tensor])
            try writer.append([UInt8](repeating: 0, count: 8))
            #expect(throws: GGUFError.self) { try writer.append([UInt8](repeating: 0, count: 9)) }
            #expect(throws: GGUFError.self) { try writer.finish() }
            #expect(folder.names.count == 1)
        }
        #expect(folder.names.isEmpty)
    }

    @Test(
        "What no reader would accept is not written",
        arguments: [
            ("", [4], DType.f32), ("a", [], .f32), ("a", [0], .f32), ("a", [1, 1, 1, 1, 1], .f32), ("a", [33], .q8_0),
            ("a", [.max, 2], .f32), (String(repeating: "n", count: 64), [1], .f32),
        ])
    func refusesToWrite(name: String, shape: [Int], dtype: DType) throws {
        let folder = try TemporaryFolder()
        let tensor = try #require(GGUFWriter.Description(name: name, dtype: dtype, shape: shape))
        #expect(throws: GGUFError.self) {
            try GGUFWriter(path: "\(folder.path)/a.gguf", metadata: [], tensors: [tensor])
        }
        #expect(folder.names.isEmpty)
    }
}
