import ApusModelFiles
import ApusTensors
import Testing

@Suite("Safetensors files") struct SafetensorsFileTests {
    @Test("Tensors and metadata are read as the safetensors package wrote them")
    func reads() throws {
        let file = try SafetensorsFile(path: fixture("types.safetensors"))
        #expect(file.tensorNames.count == 10)
        func check(_ name: String, _ shape: [Int], _ values: [Float]) throws {
            let tensor = try file.tensor(named: name)
            #expect(tensor.shape == shape && tensor.floats == values, "\(name)")
        }
        try check("f32", [2, 3], [0, 1, 2, 3, 4, 5])
        try check("f16", [2], [1, -2.5])
        try check("bf16", [3], [1, -3, 0.125])
        try check("scalar", [], [4.5])
        try check("empty", [0, 3], [])
        try check("e\u{301}", [1], [1])
        try check("\u{e9}", [1], [2])
        #expect(file.metadata.first { $0.key == "note" }?.value == "naïve")
    }

    @Test("Types that cannot be computed with are refused when they are asked for", arguments: ["i64", "bool", "f8"])
    func otherTypes(name: String) throws {
        let file = try SafetensorsFile(path: fixture("types.safetensors"))
        let error = #expect(throws: WeightError.self) { try file.tensor(named: name) }
        #expect(error?.description.contains("tensor '\(name)' has type") == true)
    }

    static func file(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
        GGUFBuilder.little(length ?? UInt64(header.utf8.count)) + Array(header.utf8)
            + [UInt8](repeating: 0, count: data)
    }

    static func entry(_ name: String, _ type: String = "F32", _ shape: String = "[1]", _ range: String) -> String {
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(range)}"
    }

    static let bad: [(String, String, [UInt8])] = [
        ("an empty file", "no safetensors", []),
        ("seven bytes", "no safetensors", [1, 0, 0, 0, 0, 0, 0]),
        ("a header of 2^63 bytes", "header has 9223372036854775808", file("{}", length: 1 << 63)),
        ("a header of 2^64 - 1 bytes", "header has", file("{}", length: .max)),
        ("a header of 2^31 bytes", "more than 100000000", file("{}", length: 1 << 31)),
        ("a header past the end", "only 2 follow", file("{}", length: 3)),
        ("a header that is an array", "an object", file("[]")),
        ("deep JSON", "levels", file(String(repeating: "{\"a\":", count: 100_000))),
        ("deep arrays in an unknown field", "levels", file("{\"a\":{\"x\":" + String(repeating: "[", count: 100_000))),
        ("deep shape", "a number", file("{\"a\":{\"shape\":" + String(repeating: "[", count: 100_000))),
        ("a hole at the beginning", "hole before tensor 'a'", file("{\(entry("a", "[4,8]"))}", data: 8)),
        (
            "a hole between", "hole before tensor 'b'",
            file("{\(entry("a", "[0,4]")),\(entry("b", "[8,12]"))}", data: 12)
        ),
        ("an overlap", "'b' overlaps", file("{\(entry("a", "[0,4]")),\(entry("b", "[2,6]"))}", data: 6)),
        ("the same place twice", "'b' overlaps", file("{\(entry("a", "[0,4]")),\(entry("b", "[0,4]"))}", data: 4)),
        ("bytes after the end", "4 bytes, but 8", file("{\(entry("a", "[0,4]"))}", data: 8)),
        ("bytes that are missing", "4 bytes, but 3", file("{\(entry("a", "[0,4]"))}", data: 3)),
        ("an end before the beginning", "range", file("{\(entry("a", "[4,0]"))}", data: 4)),
        ("a negative offset", "from 0 on", file("{\(entry("a", "[-4,0]"))}", data: 4)),
        ("offsets past 64 bits", "from 0 on", file("{\(entry("a", "[0,99999999999999999999]"))}", data: 4)),
        ("three offsets", "at most 2", file("{\(entry("a", "[0,4,4]"))}", data: 4)),
        ("one offset", "two offsets", file("{\(entry("a", "[0]"))}", data: 4)),
        ("a shape of another size", "cannot have 4 bytes", file("{\(entry("a", "F32", "[2]", "[0,4]"))}", data: 4)),
        (
            "a shape that overflows", "overflows",
            file("{\(entry("a", "F32", "[9223372036854775807,2]", "[0,4]"))}", data: 4)
        ),
        (
            "bits that overflow", "overflows",
            file("{\(entry("a", "F32", "[4611686018427387904]", "[0,4]"))}", data: 4)
        ),
        ("offsets at the end of the numbers", "bytes", file("{\(entry("a", "X", "[1]", "[0,9223372036854775807]"))}")),
        ("a negative dimension", "from 0 on", file("{\(entry("a", "F32", "[-1]", "[0,4]"))}", data: 4)),
        ("a dimension that is no integer", "from 0 on", file("{\(entry("a", "F32", "[1.5]", "[0,4]"))}", data: 4)),
        ("many dimensions", "at most", file("{\(entry("a", "F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]"))}", data: 4)),
        ("a missing field", "lacks dtype", file("{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}")),
        ("a field twice", "once only", file("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}")),
        ("a tensor twice", "'a' is there twice", file("{\(entry("a", "[0,4]")),\(entry("a", "[4,8]"))}", data: 8)),
        ("half a 4-bit byte", "cannot have", file("{\(entry("a", "F4", "[1]", "[0,1]"))}", data: 1)),
        (
            "a name of 2,000 bytes", "too long",
            file("{\(entry(String(repeating: "n", count: 2000), "[0,4]"))}", data: 4)
        ),
        ("a text of 2 MB", "too long", file("{\"" + String(repeating: "n", count: 1 << 21) + "\":{}}")),
        ("metadata that is no text", "a string", file("{\"__metadata__\":{\"a\":1}}")),
    ]

    static func entry(_ name: String, _ range: String) -> String { entry(name, "F32", "[1]", range) }

    @Test("Each fault is an error that says what", arguments: bad)
    func refuses(name: String, words: String, bytes: [UInt8]) {
        let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(bytes: bytes, name: "bad") }
        #expect(error?.description.contains(words) == true, "\(name): \(String(describing: error))")
    }

    @Test("A name that is not UTF-8 is refused")
    func nameThatIsNotUTF8() {
        var bytes = Self.file("{\(Self.entry("?", "[0,4]"))}", data: 4)
        bytes[10] = 0xff
        #expect(throws: SafetensorsError.self) { try SafetensorsFile(bytes: bytes, name: "bad") }
    }

    @Test("A type that is not known is refused when it is asked for")
    func unknownType() throws {
        let bytes = Self.file("{\(Self.entry("a", "F3", "[1]", "[0,4]"))}", data: 4)
        let file = try SafetensorsFile(bytes: bytes, name: "new")
        let error = #expect(throws: WeightError.self) { try file.tensor(named: "a") }
        #expect(error == .unsupportedType(tensor: "a", type: "F3", file: "new"))
    }

    @Test("A tensor at an odd place is copied to a right one")
    func misaligned() throws {
        let header = "{\(Self.entry("a", "U8", "[1]", "[0,1]")),\(Self.entry("b", "F32", "[1]", "[1,5]"))}"
        var bytes = Self.file(header, data: 5)
        bytes[bytes.count - 1] = 0x40
        let tensor = try SafetensorsFile(bytes: bytes, name: "odd").tensor(named: "b")
        #expect(tensor.floats == [2])
        #expect(tensor.bytes.baseAddress.map { Int(bitPattern: $0) % 4 } == 0)
    }

    @Test("Every truncation is refused, and no changed byte crashes")
    func damages() throws {
        let whole = try bytes(ofFixture: "types.safetensors")
        for length in 0..<whole.count {
            #expect(throws: SafetensorsError.self) {
                try SafetensorsFile(bytes: Array(whole.prefix(length)), name: "cut")
            }
        }
        for position in whole.indices {
            for value: UInt8 in [0, 0x22, 0x30, 0x39, 0x7f, 0xff] {
                var changed = whole
                changed[position] = value
                guard let file = try? SafetensorsFile(bytes: changed, name: "changed") else { continue }
                for name in file.tensorNames { _ = try? file.tensor(named: name).withBytes { $0.reduce(0, ^) } }
            }
        }
    }

    @Test("What is written is read back, in one file or in shards", arguments: [1 << 30, 20, 1])
    func roundTrip(maximum: Int) throws {
        let folder = try TemporaryFolder()
        let source = try SafetensorsFile(path: fixture("types.safetensors"))
        let names = ["bf16", "f32", "e\u{301}", "empty", "\u{e9}", "f16", "scalar"]
        let tensors = try names.map { name in
            let entry = try #require(source.entry(named: name))
            let type = try #require(SafetensorsType.named(entry.type))
            return SafetensorsWriter.Description(name: name, type: type, shape: entry.shape)
        }
        try SafetensorsWriter.write(folder: folder.path, tensors: tensors, maximumShardBytes: maximum) {
            try source.tensor(named: $0.name).withBytes($1)
        }
        try folder.write("config.json", "{}")
        let weights = try HuggingFaceFolder(path: folder.path).weights
        #expect(Set(weights.tensorNames.map { Array($0.utf8) }) == Set(names.map { Array($0.utf8) }))
        #expect(weights.files.count == (maximum == 1 << 30 ? 1 : maximum == 20 ? 3 : 6))
        for name in names {
            let (old, new) = (try source.tensor(named: name), try weights.tensor(named: name))
            #expect(new.shape == old.shape && new.dtype == old.dtype && new.floats == old.floats)
        }
        #expect(folder.names.allSatisfy { !$0.hasPrefix(".") })
    }

    @Test("Shards: what is missing is named, and nothing outside the folder is opened")
    func shards() throws {
        let folder = try TemporaryFolder()
        let index = "\(folder.path)/model.safetensors.index.json"
        let open = { (path: String) in try SafetensorsFile(path: path) }
        func write(_ text: String) throws { try folder.write("model.safetensors.index.json", text) }
        try folder.write("a.safetensors", Self.file("{\(Self.entry("a", "[0,4]"))}", data: 4))

        try write(#"{"weight_map":{"a":"a.safetensors"}}"#)
        #expect(try ShardedWeights(indexPath: index, open: open).tensorNames == ["a"])
        try write(#"{"weight_map":{"a":"a.safetensors","b":"b.safetensors"}}"#)
        let missing = #expect(throws: ShardError.self) { try ShardedWeights(indexPath: index, open: open) }
        #expect(missing == .missingShard(index: index, shard: "\(folder.path)/b.safetensors", tensor: "b"))
        try write(#"{"weight_map":{"b":"a.safetensors"}}"#)
        let absent = #expect(throws: ShardError.self) { try ShardedWeights(indexPath: index, open: open) }
        #expect(absent == .notInShard(index: index, tensor: "b", shard: "\(folder.path)/a.safetensors"))
        for name in ["../a.safetensors", "/etc/passwd", "..", "", "x/a.safetensors", #"a\u0000b"#] {
            try write("{\"weight_map\":{\"a\":\"\(name)\"}}")
            let escaping = #expect(throws: ShardError.self) { try ShardedWeights(indexPath: index, open: open) }
            guard case .unsafeName? = escaping else {
                Issue.record("\(name): \(String(describing: escaping))")
                continue
            }
        }
        try write("{}")
        #expect(throws: ShardError.noWeightMap(index: index)) { try ShardedWeights(indexPath: index, open: open) }
        try write(#"{"weight_map":{"a":1}}"#)
        #expect(throws: JSONError.self) { try ShardedWeights(indexPath: index, open: open) }
    }
}
