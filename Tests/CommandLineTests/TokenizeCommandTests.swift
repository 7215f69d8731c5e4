import ApusModelFiles
import Testing

@testable import ApusCommandLine

/// A byte-level vocabulary of the 256 bytes and a few words, as a tiktoken file.
private func vocabulary(_ folder: TemporaryFolder) throws -> String {
    let words = (0...255).map { [UInt8($0)] } + [" th", " the", "he"].map { Array($0.utf8) }
    let lines = words.enumerated().map { rank, word in base64(word) + " \(rank)\n" }
    return try folder.write(lines.joined(), to: "tiny.tiktoken")
}

private func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
        for index in 0..<4 { text.append(index <= group.count ? alphabet[bits >> (18 - 6 * index) & 63] : "=") }
    }
    return text
}

@Suite("tokenize")
struct TokenizeCommandTests {
    @Test("Prints ids, pieces and byte offsets; --ids, --count and --decode as the contract says")
    func views() async throws {
        let folder = try TemporaryFolder()
        let model = try vocabulary(folder)
        let table = await apus("tokenize", model, "a the", "--pattern", "gpt2")
        #expect(table.messages == "")
        #expect(table.output == "97\t\"a\"\t0\t1\n257\t\" the\"\t1\t5\n")
        #expect(await apus("tokenize", model, "a the", "--ids", "--pattern", "gpt2").output == "[97,257]\n")
        #expect(await apus("tokenize", model, "a the", "--count", "--pattern", "gpt2").output == "2\n")
        #expect(await apus("tokenize", model, "--decode", "[97, 257]", "--pattern", "gpt2").output == "a the")
        #expect(await apus("tokenize", model, "--decode", "97 257", "--pattern", "gpt2").output == "a the")
        #expect(await apus("tokenize", model, "--decode", "999999", "--pattern", "gpt2").code == 1)
        #expect(await apus("tokenize", model, "", "--ids", "--pattern", "gpt2").output == "[]\n")
    }

    @Test("A file is read as raw bytes and nothing is trimmed")
    func file() async throws {
        let folder = try TemporaryFolder()
        let model = try vocabulary(folder)
        let text = try folder.write([0x20, 0xFF, 0x0A], to: "text")
        #expect(await apus("tokenize", model, "--file", text, "--ids", "--pattern", "gpt2").output == "[32,255,10]\n")
        let empty = try folder.write("", to: "empty")
        #expect(await apus("tokenize", model, "--file", empty, "--ids", "--pattern", "gpt2").output == "[]\n")
    }

    @Test("JSON has ids, bytes and offsets of each piece")
    func json() async throws {
        let folder = try TemporaryFolder()
        let model = try vocabulary(folder)
        let result = await apus("tokenize", model, "é", "--format", "json", "--pattern", "gpt2")
        let object = try JSON(parsing: Array(result.output.utf8), source: "output")
        #expect(object["count"] == 2)
        #expect(object["tokens"] == [195, 169])
        #expect(object["pieces"]?[1] == ["id": 169, "piece": "\u{FFFD}", "bytes": [169], "start": 1, "end": 2])
    }

    @Test("The page holds every token, escapes what would be markup and shows shared characters as bytes")
    func page() async throws {
        let folder = try TemporaryFolder()
        let model = try vocabulary(folder)
        let result = await apus("tokenize", model, "<b>é</script>\n", "--html", "--pattern", "gpt2")
        #expect(result.code == 0)
        #expect(result.output.hasPrefix("<!doctype html>"))
        #expect(result.output.contains("<i>&lt;</i><i>b</i><i>&gt;</i><i class=x>C3</i><i class=x>A9</i>"))
        #expect(result.output.contains("<i><b>⏎</b>\n</i>"))
        #expect(result.output.components(of: "</script>") == 1)
        #expect(!result.output.contains("http"))
    }

    @Test(
        "Bytes are quoted so that everything can be seen",
        arguments: [
            (Array(" the".utf8), "\" the\""), (Array("\n\t\"\\".utf8), #""\n\t\"\\""#), ([0xC3], #""\xC3""#),
            (Array("é猫".utf8), "\"é猫\""), (Array("\u{200B}".utf8), #""\u{200B}""#), ([0x1B], #""\u{1B}""#),
        ] as [([UInt8], String)])
    func quoting(bytes: [UInt8], text: String) {
        #expect(TokenizedText.quoted(bytes) == text)
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(of text: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: text) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
