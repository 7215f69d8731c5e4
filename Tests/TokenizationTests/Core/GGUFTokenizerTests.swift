import ApusModelFiles
import Testing

@testable import ApusTokenization

@Suite struct GGUFTokenizerTests {
    static let kinds: [String] =
        (try? CoreFixture.json("gguf_ids.json").at("gpt2").objectValue?.entries.map(\.key)) ?? []

    private func compare(_ tokenizer: Tokenizer, _ expected: JSON) throws {
        let cases = try CoreFixture.json("gguf_ids.json").at("cases").list
        #expect(cases.count > 100 && cases.count == expected.list.count)
        for (text, ids) in zip(cases, expected.list) {
            let bytes = CoreFixture.hex(text)
            let got = try tokenizer.encode(bytes)
            #expect(got == CoreFixture.ids(ids), "\(String(decoding: bytes, as: UTF8.self))")
            #expect(try tokenizer.pieces(bytes).map(\.id) == got)
        }
    }

    @Test("Every pre-tokenizer cuts as llama.cpp does", arguments: kinds)
    func preTokenizers(kind: String) throws {
        try compare(
            VocabularyFile(model: "gpt2", pre: kind).tokenizer(), CoreFixture.json("gguf_ids.json").at("gpt2").at(kind))
    }

    @Test("SentencePiece and BERT vocabularies give llama.cpp's ids", arguments: ["llama", "bert"])
    func otherModels(model: String) throws {
        try compare(VocabularyFile(model: model).tokenizer(), CoreFixture.json("gguf_ids.json").at(model))
    }

    @Test("Control tokens in text are text unless they are parsed; user-defined ones are always found")
    func marks() throws {
        let tokenizer = try VocabularyFile(model: "gpt2", pre: "gpt-2").tokenizer()
        let marks = try CoreFixture.json("gguf_ids.json").at("marks")
        for (index, text) in marks.at("cases").list.enumerated() {
            let bytes = Array((text.stringValue ?? "").utf8)
            #expect(try tokenizer.encode(bytes) == CoreFixture.ids(marks.at("plain").list[index]))
            #expect(try tokenizer.encode(bytes, parseSpecial: true) == CoreFixture.ids(marks.at("special").list[index]))
        }
    }

    @Test("Ends are added and known as the file says")
    func ends() throws {
        var file = try VocabularyFile(model: "llama")
        var tokenizer = try file.tokenizer()
        #expect(try tokenizer.encode("a", addSpecial: true).first == 1)
        #expect(tokenizer.addsBOS && !tokenizer.addsEOS)
        #expect(tokenizer.endOfGeneration.contains(2))
        file["tokenizer.ggml.add_bos_token"] = .flag(false)
        file["tokenizer.ggml.add_eos_token"] = .flag(true)
        tokenizer = try file.tokenizer()
        #expect(try tokenizer.encode("a", addSpecial: true).last == 2)
        #expect(try tokenizer.encode("a", addSpecial: true).first != 1)
        let bert = try VocabularyFile(model: "bert").tokenizer()
        #expect(try bert.encode("a", addSpecial: true).first == 101)
        #expect(try bert.encode("a", addSpecial: true).last == 102)
    }

    @Test("Texts come back from Llama's tokens")
    func decoding() throws {
        let tokenizer = try VocabularyFile(model: "llama").tokenizer()
        var chance = Chance(state: 3)
        for _ in 0..<200 {
            // In text that is not UTF-8, llama.cpp takes a space after half a character for a part of that.
            let text = chance.text(of: 30)
            #expect(try tokenizer.decode(tokenizer.encode(text)) == text)
        }
    }

    @Test(
        "Bad metadata is refused by key and place",
        arguments: [
            ("tokenizer.ggml.model", VocabularyFile.Value.string("none"), "no vocabulary"),
            ("tokenizer.ggml.model", .string("rwkv"), "not supported"),
            ("tokenizer.ggml.model", .number(1), "tokenizer.ggml.model"),
            ("tokenizer.ggml.pre", .string("nobody"), "tokenizer.ggml.pre"),
            ("tokenizer.ggml.merges", .strings(["a b", "Q Zq"]), "tokenizer.ggml.merges[1]"),
            ("tokenizer.ggml.merges", .strings(["ab"]), "tokenizer.ggml.merges[0]"),
            ("tokenizer.ggml.merges", .numbers([1]), "tokenizer.ggml.merges"),
            ("tokenizer.ggml.tokens", .strings([]), "tokenizer.ggml.tokens"),
            ("tokenizer.ggml.tokens", .strings(["a", "b", "a"]), "tokenizer.ggml.tokens[2]"),
            ("tokenizer.ggml.token_type", .numbers([1, 1]), "2 types"),
            ("tokenizer.ggml.bos_token_id", .number(3002), "token 3002"),
            ("tokenizer.ggml.eos_token_id", .number(1 << 31), "tokenizer.ggml.eos_token_id"),
            ("tokenizer.ggml.scores", .floats([1]), "1 scores"),
            ("tokenizer.ggml.add_bos_token", .number(1), "tokenizer.ggml.add_bos_token"),
        ] as [(String, VocabularyFile.Value, String)])
    func badMetadata(key: String, value: VocabularyFile.Value, words: String) throws {
        var file = try VocabularyFile(model: "gpt2", pre: "gpt-2")
        file[key] = value
        do {
            _ = try file.tokenizer()
            Issue.record("no error for \(key)")
        } catch {
            #expect("\(error)".contains(words), "\(error)")
        }
    }

    @Test("Missing keys, bad byte tokens and scores that are no numbers are refused")
    func badArrays() throws {
        var file = try VocabularyFile(model: "gpt2", pre: "gpt-2")
        file["tokenizer.ggml.merges"] = nil
        #expect(throws: GGUFError.self) { try file.tokenizer() }
        file = try VocabularyFile(model: "llama")
        if case .strings(var tokens)? = file["tokenizer.ggml.tokens"] {
            tokens[3] = "<0xZZ>"
            file["tokenizer.ggml.tokens"] = .strings(tokens)
        }
        do {
            _ = try file.tokenizer()
            Issue.record("no error")
        } catch { #expect("\(error)".contains("tokenizer.ggml.tokens[3]"), "\(error)") }
        file = try VocabularyFile(model: "llama")
        if case .floats(var scores)? = file["tokenizer.ggml.scores"] {
            scores[5] = .nan
            file["tokenizer.ggml.scores"] = .floats(scores)
        }
        #expect(throws: (any Error).self) { try file.tokenizer() }
    }

    @Test("No cut of a good file crashes")
    func truncation() throws {
        let bytes = try VocabularyFile(model: "llama").bytes
        for length in stride(from: 0, to: bytes.count, by: 997) {
            #expect(throws: (any Error).self) {
                try Tokenizer(gguf: GGUFFile(bytes: Array(bytes[..<length]), name: "cut").metadata)
            }
        }
    }
}
