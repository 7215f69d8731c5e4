import ApusModelFiles
import ApusTensors
import ApusTokenization
import Testing

@testable import ApusTraining

@Suite("A corpus is found, read and packed")
struct CorpusTests {
    private func pack(
        _ folder: DataFolder, _ paths: [String], separator: String? = nil, tokenizer: Tokenizer? = nil,
        encoder: RowEncoder? = nil
    ) throws -> (corpus: PackedCorpus, report: DataReport) {
        let tokenizer = try tokenizer ?? DataFixture.tokenizer()
        let corpus = try Corpus(paths: paths, documentSeparator: separator)
        return try CorpusPacker(tokenizer: tokenizer, rowEncoder: encoder).pack(corpus, to: folder.path + "/out.packed")
    }

    private func tokens(_ corpus: PackedCorpus) throws -> [TokenID] {
        var result: [TokenID] = []
        try corpus.append(0..<corpus.tokens, to: &result)
        return result
    }

    private func documents(_ corpus: PackedCorpus) throws -> [[TokenID]] {
        try (0..<corpus.documents).map { index in
            var result: [TokenID] = []
            try corpus.append(corpus.document(index), to: &result)
            return result
        }
    }

    @Test("Folders are searched in the order of names, and what is no text is passed over")
    func folders() throws {
        let folder = DataFolder()
        folder.write("b.txt", "bee")
        folder.write("a/z.md", "zed")
        folder.write("a/rows.jsonl", "{\"text\": \"row\"}\n")
        folder.write("c.png", [0x89, 0x50, 0x4E, 0x47, 0, 0, 1])
        folder.write("code.swift", "let x = 1")
        folder.write(".hidden.txt", "no")
        folder.write("utf16", [0xFF, 0xFE, 0x61, 0])
        let corpus = try Corpus(paths: [folder.path])
        let names = corpus.files.map { String($0.path.dropFirst(folder.path.count + 1)) }
        #expect(names == ["a/rows.jsonl", "a/z.md", "b.txt", "code.swift"])
        #expect(corpus.files.map(\.kind) == [.rows, .text, .text, .text])
        #expect(corpus.skipped.map { String($0.dropFirst(folder.path.count + 1)) } == ["c.png", "utf16"])
    }

    @Test("Each document begins and ends as the model asks, whatever form it comes in")
    func forms() throws {
        let folder = DataFolder()
        let plain = try DataFixture.tokenizer(eos: "</s>")
        let ends = try plain.encode("</s>", parseSpecial: true)
        let expected = try [plain.encode("one"), plain.encode("two\nlines"), plain.encode("three 三 🗼")]
        let separated = folder.write("s.txt", "one<|endoftext|>\n\ntwo\nlines\n<|endoftext|> <|endoftext|>three 三 🗼\n")
        let rows = folder.write(
            "r.jsonl",
            "\u{FEFF}{\"text\": \"one\"}\r\n\n  \n{\"text\": \"two\\nlines\", \"id\": 3}\n{\"text\": \" \"}\n{\"text\": \"three 三 🗼\"}"
        )
        let first = try pack(folder, [separated], separator: "<|endoftext|>")
        #expect(try documents(first.corpus) == expected.map { $0 + ends })
        #expect(first.report.counts == [.emptyDocument: 1])
        let second = try pack(folder, [rows])
        #expect(try documents(second.corpus) == expected.map { $0 + ends })
        #expect(second.corpus.content == first.corpus.content)
        let asked = try DataFixture.tokenizer(bos: "<s>", eos: "</s>", addsBOS: true)
        let third = try pack(folder, [rows], tokenizer: asked)
        let starts = try plain.encode("<s>", parseSpecial: true)
        #expect(try documents(third.corpus) == expected.map { starts + $0 + ends })
        let none = try DataFixture.tokenizer(eos: nil)
        #expect(try documents(pack(folder, [rows], tokenizer: none).corpus) == expected)
    }

    @Test("A long document that many threads share has the tokens of the whole")
    func longDocument() throws {
        let folder = DataFolder()
        let lines = [
            "The capital of France is Paris.", "", "of course! 法国的首都是哪里？是巴黎。", "  indented\t42", "x", "\r",
            "what's next",
        ]
        var text = ""
        var random = SplitMix64(seed: 5)
        while text.utf8.count < 3_500_000 { text += lines[random.number(below: lines.count)] + "\n" }
        let path = folder.write("long.txt", text)
        let tokenizer = try DataFixture.tokenizer()
        let (corpus, report) = try pack(folder, [path])
        let expected = try tokenizer.encode(text) + tokenizer.encode("</s>", parseSpecial: true)
        #expect(try tokens(corpus) == expected)
        #expect(corpus.documents == 1)
        #expect(report.counts[.carriageReturns] != nil)
        // With a separator, units end with one, or do not part one.
        let other = folder.write("separated.txt", text.replacingDoubleBreaks())
        let separated = try pack(folder, [other], separator: "\n--\n")
        let parts = text.replacingDoubleBreaks().split(separator: "\n--\n").map { $0.trimmed() }.filter { !$0.isEmpty }
        #expect(separated.corpus.documents == parts.count)
        #expect(try documents(separated.corpus).first == tokenizer.encode(parts[0]) + [expected[expected.count - 1]])
    }

    @Test("A text without line breaks is cut at spaces or between characters", arguments: [" word", "字"])
    func noLineBreaks(piece: String) throws {
        let folder = DataFolder()
        let text = String(repeating: piece, count: 5_000_000 / piece.utf8.count)
        let path = folder.write("long.txt", text)
        let tokenizer = try DataFixture.tokenizer()
        let (corpus, _) = try pack(folder, [path])
        #expect(tokenizer.decode(try tokens(corpus).dropLast()) == Array(text.utf8))
    }

    @Test("What is not UTF-8 is an error with file, line and byte")
    func encodings() throws {
        let folder = DataFolder()
        let latin = folder.write("latin.txt", Array("caf\n".utf8) + [0x63, 0xE9, 0x0A])
        #expect(
            dataError { _ = try pack(folder, [latin]) }
                == .invalidUTF8(DataPlace(file: latin, line: 2), offset: 5))
        let nul = folder.write("nul.txt", [0x61, 0x0A, 0x0A, 0x00])
        #expect(dataError { _ = try pack(folder, [nul]) } == .nulByte(DataPlace(file: nul, line: 3), offset: 3))
        let late = folder.write(
            "late.txt", Array(String(repeating: "a line of text\n", count: 200_000).utf8) + [0xFF])
        #expect(
            dataError { _ = try pack(folder, [late]) }
                == .invalidUTF8(DataPlace(file: late, line: 200_001), offset: 3_000_000))
        let rows = folder.write(
            "r.jsonl", Array("{\"text\": \"a\"}\n{\"text\": \"".utf8) + [0xC3, 0x28] + Array("\"}\n".utf8))
        #expect(dataError { _ = try pack(folder, [rows]) } != nil)
        let wide = folder.write("wide.txt", [0xFF, 0xFE, 0x61, 0x00])
        #expect(dataError { _ = try pack(folder, [wide]) } == .otherEncoding(path: wide, name: "UTF-16"))
        let surrogate = folder.write("surrogate.txt", [0x61, 0xED, 0xA0, 0x80])
        #expect(
            dataError { _ = try pack(folder, [surrogate]) }
                == .invalidUTF8(DataPlace(file: surrogate, line: 1), offset: 1))
    }

    @Test("A corpus from which nothing can be learned is one clear error")
    func hopeless() throws {
        let folder = DataFolder()
        let empty = folder.write("empty.txt", "")
        #expect(dataError { _ = try pack(folder, [empty]) } == .emptyCorpus(path: empty))
        let blank = folder.write("blank.txt", " \n\n\t\n")
        #expect(dataError { _ = try pack(folder, [blank]) } == .emptyCorpus(path: blank))
        let same = folder.write("same.jsonl", String(repeating: "{\"text\": \"a b\\nc\"}\n", count: 50))
        #expect(dataError { _ = try pack(folder, [same]) } == .allDuplicates(count: 50))
        let lines = folder.write("lines.txt", String(repeating: "the same line\n", count: 300_000))
        guard case .allDuplicates = dataError({ _ = try pack(folder, [lines]) }) else {
            Issue.record("equal lines were accepted")
            return
        }
        let one = try pack(folder, [folder.write("one.txt", "Just one line.")])
        #expect(
            dataError { _ = try CorpusSplit(one.corpus, heldOutShare: 0.1, context: 64, seed: 1) }
                == .tooFewTokens(tokens: one.corpus.tokens, context: 64))
        let none = DataFolder()
        #expect(dataError { _ = try Corpus(paths: [none.path]) } == .noText(path: none.path))
        #expect(dataError { _ = try Corpus(paths: []) } == .noText(path: "the corpus"))
        #expect(throws: FileError.self) { try Corpus(paths: [none.path + "/missing.txt"]) }
        let array = folder.write("array.jsonl", "[{\"text\": \"a\"}]")
        #expect(dataError { _ = try pack(folder, [array]) } == .jsonArray(path: array))
        let wrong = folder.write("wrong.jsonl", "{\"text\": \"a\"}\n\n{\"text\": 3}\n{\"prompt\": \"a\"}\nnonsense\n")
        guard case .wrongRows(let rows, 0)? = dataError({ _ = try pack(folder, [wrong]) }) else {
            Issue.record("wrong rows were accepted")
            return
        }
        #expect(rows.map(\.place.line) == [3, 4, 5])
        #expect(rows[0].problem == .wrongType(key: "text", expected: "a string", found: "a number"))
    }

    @Test("A packed file is opened again, and refused when it is cut, changed or another tokenizer's")
    func packedFiles() throws {
        let folder = DataFolder()
        let path = folder.write("a.jsonl", (0..<50).map { "{\"text\": \"row \($0)\"}\n" }.joined())
        let tokenizer = try DataFixture.tokenizer()
        let (corpus, report) = try pack(folder, [path])
        let packed = corpus.path
        let again = try CorpusPacker(tokenizer: tokenizer).pack(Corpus(paths: [packed]), to: "/nowhere/x")
        #expect(again.corpus.content == corpus.content)
        #expect(again.report.lengths == report.lengths)
        #expect(try tokens(again.corpus) == tokens(corpus))
        #expect(dataError { _ = try Corpus(paths: [packed, path]) } == .packedAmongOthers(path: packed))
        // The folder that holds the packed file is still a corpus of texts.
        #expect(try Corpus(paths: [folder.path]).files.map(\.path) == [path])

        let other = try DataFixture.tokenizer(eos: "<eos>")
        guard case .packed(_, .otherTokenizer)? = dataError({ _ = try PackedCorpus(path: packed, tokenizer: other) })
        else {
            Issue.record("another tokenizer was accepted")
            return
        }
        let bytes = try folder.read(packed)
        for length in 0..<bytes.count {
            let cut = folder.write("cut.packed", Array(bytes[..<length]))
            #expect(dataError { _ = try PackedCorpus(path: cut, tokenizer: tokenizer) } != nil, "\(length)")
        }
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 0x41
            let file = folder.write("changed.packed", changed)
            // The zeros of the footer mean nothing.
            let isPadding = (bytes.count - 32..<bytes.count - 8).contains(place)
            #expect(
                (dataError { _ = try PackedCorpus(path: file, tokenizer: tokenizer) } != nil) != isPadding, "\(place)")
        }
        #expect(throws: (any Error).self) {
            try CorpusPacker(tokenizer: tokenizer).pack(Corpus(paths: [path]), to: "/nowhere/x")
        }
    }

    @Test("Rows of conversations and completions become documents as the model sees them")
    func conversations() throws {
        let folder = DataFolder()
        let tokenizer = try DataFixture.tokenizer()
        let encoder = try RowEncoder(tokenizer: tokenizer, chatTemplate: nil)
        let path = folder.write(
            "mixed.jsonl",
            """
            {"prompt": "a", "completion": " b"}
            {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}
            {"text": "plain"}
            """)
        let (corpus, _) = try pack(folder, [path], encoder: encoder)
        let texts = try documents(corpus).map { tokenizer.text($0) }
        #expect(texts == ["a b</s>", "### User\nHi\n\n### Assistant\nHo</s>\n\n", "plain</s>"])
        guard case .wrongRows? = dataError({ _ = try pack(folder, [path]) }) else {
            Issue.record("rows without text were accepted")
            return
        }
    }
}

extension String {
    fileprivate func replacingDoubleBreaks() -> String {
        var result = ""
        var previous: Character = "x"
        for character in self {
            if character == "\n", previous == "\n" { result += "--\n" } else { result.append(character) }
            previous = character
        }
        return result
    }
}

extension Substring {
    fileprivate func trimmed() -> String {
        let spaces = Set<Unicode.Scalar>([" ", "\n", "\r", "\t"])
        let scalars = Array(unicodeScalars)
        guard let start = scalars.firstIndex(where: { !spaces.contains($0) }),
            let end = scalars.lastIndex(where: { !spaces.contains($0) })
        else { return "" }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[start...end])
        return String(view)
    }
}
