import ApusModelFiles

@testable import ApusTokenization

/// Files beside the tests, made by `Fixtures/make_fixtures.py`.
enum CoreFixture {
    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return try FileMapping(path: "\(folder)/Fixtures/\(name)").withBytes { Array($0) }
    }

    static func json(_ name: String) throws -> JSON {
        try bytes(name).withUnsafeBytes { try JSON(parsing: $0) }
    }

    /// Bytes written as hexadecimal digits.
    static func hex(_ value: JSON) -> [UInt8] {
        let digits = Array((value.stringValue ?? "").utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).map { index in
            UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) ?? 0
        }
    }

    static func ids(_ value: JSON) -> [TokenID] {
        (value.arrayValue ?? []).compactMap { $0.intValue.map { TokenID($0) } }
    }

    static func tiktoken(_ encoding: TiktokenEncoding = .gpt2) throws -> Tokenizer {
        try bytes("small.tiktoken").withUnsafeBufferPointer {
            try Tokenizer(tiktoken: $0, file: "small.tiktoken", encoding: encoding)
        }
    }
}

extension JSON {
    /// The value of a key, or null.
    func at(_ name: String) -> JSON { objectValue?[name] ?? .null }
    var list: [JSON] { arrayValue ?? [] }
}

/// The metadata of a small GGUF vocabulary, to be changed and read.
struct VocabularyFile {
    enum Value {
        case string(String)
        case number(UInt32)
        case flag(Bool)
        case strings([String])
        case numbers([Int32])
        case floats([Float])
    }

    var values: [(key: String, value: Value)] = []

    subscript(key: String) -> Value? {
        get { values.first { $0.key == key }?.value }
        set {
            values.removeAll { $0.key == key }
            if let newValue { values.append((key, newValue)) }
        }
    }

    init(model: String, pre: String? = nil) throws {
        let vocabulary = try CoreFixture.json("vocabularies.json").at(model)
        self["general.architecture"] = .string("llama")
        self["tokenizer.ggml.model"] = .string(model)
        if let pre { self["tokenizer.ggml.pre"] = .string(pre) }
        self["tokenizer.ggml.tokens"] = .strings(vocabulary.at("tokens").list.compactMap(\.stringValue))
        self["tokenizer.ggml.token_type"] = .numbers(CoreFixture.ids(vocabulary.at("types")))
        if let merges = vocabulary.at("merges").arrayValue {
            self["tokenizer.ggml.merges"] = .strings(merges.compactMap(\.stringValue))
        }
        if let scores = vocabulary.at("scores").arrayValue {
            self["tokenizer.ggml.scores"] = .floats(scores.compactMap { $0.doubleValue.map { Float($0) } })
        }
        for (key, value) in vocabulary.at("ids").objectValue?.entries ?? [] {
            self["tokenizer.ggml." + key] = .number(UInt32(value.intValue ?? 0))
        }
    }

    var bytes: [UInt8] {
        var bytes = Array("GGUF".utf8)
        func add(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        func add(_ text: String) {
            add(UInt64(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        }
        add(UInt32(3))
        add(UInt64(0))
        add(UInt64(values.count))
        for (key, value) in values {
            add(key)
            switch value {
            case .number(let number):
                add(UInt32(4))
                add(number)
            case .flag(let flag):
                add(UInt32(7))
                bytes.append(flag ? 1 : 0)
            case .string(let text):
                add(UInt32(8))
                add(text)
            case .strings(let texts):
                add(UInt32(9))
                add(UInt32(8))
                add(UInt64(texts.count))
                for text in texts { add(text) }
            case .numbers(let numbers):
                add(UInt32(9))
                add(UInt32(5))
                add(UInt64(numbers.count))
                for number in numbers { add(number) }
            case .floats(let numbers):
                add(UInt32(9))
                add(UInt32(6))
                add(UInt64(numbers.count))
                for number in numbers { add(number.bitPattern) }
            }
        }
        while bytes.count % 32 != 0 { bytes.append(0) }
        return bytes
    }

    func tokenizer() throws -> Tokenizer {
        try Tokenizer(gguf: GGUFFile(bytes: bytes, name: "vocabulary.gguf").metadata)
    }
}

/// A repeatable source of chance (SplitMix64).
struct Chance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Text of many scripts, white space, digits, apostrophes; sometimes bytes that are not UTF-8.
    mutating func text(of length: Int, valid: Bool = true) -> [UInt8] {
        let ranges: [ClosedRange<UInt32>] = [
            0x20...0x7E, 0x20...0x7E, 0x41...0x7A, 0xC0...0x24F, 0x300...0x36F, 0x391...0x3C9, 0x410...0x44F,
            0x4E00...0x4E80, 0x3041...0x30FF, 0xAC00...0xAC80, 0x1F600...0x1F64F, 0x2000...0x200F, 0x660...0x669,
            0x1C4...0x1CC,
        ]
        let extras = [
            "'s", "'S", "'ſ", "'ll", "'Re", "\n", "\r\n", "  ", " \n ", "\t", "123", "/", "...", "\u{85}", "\u{3000}",
        ]
        var bytes: [UInt8] = []
        while bytes.count < length {
            switch Int.random(in: 0..<(valid ? 5 : 6), using: &self) {
            case 0: bytes += Array((extras.randomElement(using: &self) ?? "").utf8)
            case 1: bytes.append(0x20)
            case 5: bytes.append(UInt8.random(in: 0x80...0xFF, using: &self))
            default:
                let range = ranges.randomElement(using: &self) ?? 0x20...0x7E
                for _ in 0..<Int.random(in: 1...4, using: &self) {
                    UTF8Scalar.append(UInt32.random(in: range, using: &self), to: &bytes)
                }
            }
        }
        return bytes
    }
}
