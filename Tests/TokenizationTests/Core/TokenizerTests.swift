import ApusModelFiles
import Testing

@testable import ApusTokenization

@Suite struct TokenizerTests {
    @Test("tiktoken's encodings give tiktoken's ids", arguments: [TiktokenEncoding.gpt2, .cl100k, .o200k])
    func tiktoken(encoding: TiktokenEncoding) throws {
        let tokenizer = try CoreFixture.tiktoken(encoding)
        let fixture = try CoreFixture.json("tiktoken_ids.json")
        for (text, ids) in zip(fixture.at("cases").list, fixture.at(encoding.rawValue).list) {
            let bytes = CoreFixture.hex(text)
            #expect(try tokenizer.encode(bytes) == CoreFixture.ids(ids), "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test("Added tokens are found by the rules of the tokenizers package")
    func addedTokens() throws {
        let fixture = try CoreFixture.json("added_tokens.json")
        let tokenizer = try Tokenizer(tokenizerJSON: Array((fixture.at("tokenizer").stringValue ?? "").utf8))
        for (index, text) in fixture.at("texts").list.enumerated() {
            let text = text.stringValue ?? ""
            let special = fixture.at("special").list[index].list
            let pieces = try tokenizer.pieces(text, parseSpecial: true)
            #expect(pieces.map(\.id) == CoreFixture.ids(special[0]), "«\(text)»")
            let characters = pieces.map { piece in
                [piece.range.lowerBound, piece.range.upperBound].map { end in
                    Array(text.utf8)[..<end].reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
                }
            }
            #expect(characters == special[1].list.map { $0.list.compactMap(\.intValue) }, "«\(text)»")
            #expect(try tokenizer.encode(text) == CoreFixture.ids(fixture.at("plain").list[index]), "«\(text)»")
        }
    }

    @Test("Any bytes come back, and pieces cover them in order", arguments: 0..<40)
    func roundTrip(seed: Int) throws {
        let tokenizer = try CoreFixture.tiktoken([.gpt2, .cl100k, .o200k][seed % 3])
        var chance = Chance(state: UInt64(seed))
        for _ in 0..<20 {
            let text = chance.text(of: 50, valid: false)
            let ids = try tokenizer.encode(text)
            #expect(tokenizer.decode(ids) == text)
            let pieces = try tokenizer.pieces(text)
            #expect(pieces.map(\.id) == ids)
            var end = 0
            for piece in pieces {
                #expect(piece.range.lowerBound == end)
                #expect(tokenizer.piece(of: piece.id) == Array(text[piece.range]))
                end = piece.range.upperBound
            }
            #expect(end == text.count)
        }
    }

    @Test("A stream gives whole characters, and in all what decoding gives")
    func streams() throws {
        let tokenizers = try [
            CoreFixture.tiktoken(), VocabularyFile(model: "llama").tokenizer(),
            VocabularyFile(model: "bert").tokenizer(),
        ]
        var chance = Chance(state: 11)
        for tokenizer in tokenizers {
            for _ in 0..<100 {
                let text = chance.text(of: 40)
                let ids = try tokenizer.encode(text)
                var stream = tokenizer.stream()
                var streamed: [UInt8] = []
                for id in ids {
                    let part = stream.append(id)
                    #expect(String(validating: part, as: UTF8.self) != nil)
                    streamed += part
                }
                streamed += stream.flush()
                #expect(streamed == tokenizer.decode(ids, skipSpecial: true))
            }
        }
    }

    @Test("A stream passes on bytes that can't become a character, and keeps back those that can")
    func brokenCharacters() throws {
        let tokenizer = try CoreFixture.tiktoken()
        func id(_ byte: UInt8) throws -> TokenID { try #require(try tokenizer.encode([byte]).first) }
        var stream = tokenizer.stream()
        #expect(try stream.append(id(0xE2)).isEmpty)
        #expect(try stream.append(id(0x82)).isEmpty)
        #expect(try stream.append(id(0xAC)) == Array("€".utf8))
        #expect(try stream.append(id(0xFF)) == [0xFF])
        #expect(try stream.append(id(0xF0)).isEmpty)
        #expect(try stream.append(id(0x41)) == [0xF0, 0x41])
        #expect(try stream.append(id(0xC3)).isEmpty)
        #expect(stream.flush() == [0xC3])
    }

    @Test("The cost of a word without a space grows with its length and little more")
    func linearCost() throws {
        let tokenizer = try CoreFixture.tiktoken()
        let bpe = try #require(tokenizer.parts.model as? BPE)
        for unit in ["a", "abcdefg", "the", "中", "aab"] {
            func steps(_ count: Int) -> Int {
                bpe.steps(of: Array(String(repeating: unit, count: count / unit.utf8.count).utf8))
            }
            let small = steps(10_000)
            let large = steps(80_000)
            #expect(large <= small * 9, "\(unit): \(small), \(large)")
            #expect(small <= 10_000 * 40)
        }
    }

    @Test("Long words are merged as short ones are")
    func longWords() throws {
        let tokenizer = try CoreFixture.tiktoken()
        let bpe = try #require(tokenizer.parts.model as? BPE)
        var chance = Chance(state: 5)
        for length in [95, 97, 200, 1000] {
            let word = (0..<length).map { _ in UInt8(ascii: "a") + UInt8.random(in: 0..<6, using: &chance) }
            var pieces: [Piece] = []
            word.withUnsafeBufferPointer { bpe.tokenize($0, into: &pieces) }
            #expect(pieces.map(\.id) == simpleMerge(word, bpe.vocabulary))
        }
    }

    /// tiktoken's algorithm in its simplest form.
    private func simpleMerge(_ word: [UInt8], _ vocabulary: Vocabulary) -> [TokenID] {
        if let whole = vocabulary.id(of: word) { return [whole] }
        var parts = word.map { [$0] }
        while true {
            var best: (rank: TokenID, index: Int)?
            for index in 0..<parts.count - 1 {
                guard let rank = vocabulary.id(of: parts[index] + parts[index + 1]) else { continue }
                if best.map({ rank < $0.rank }) ?? true { best = (rank, index) }
            }
            guard let best else { return parts.compactMap { vocabulary.id(of: $0) } }
            parts[best.index] += parts.remove(at: best.index + 1)
        }
    }

    @Test(
        "A bad .tiktoken file is refused by line",
        arguments: [
            ("", 1), ("!!!! 0\n", 1), ("YQ== 0\nYg==\n", 2), ("YQ== 0\nYg== 0\n", 2), ("YQ== 0\nYQ== 1\n", 2),
            ("YQ== 99999999\n", 1), ("YQ== 0\n", 1),
        ])
    func badRanks(text: String, line: Int) {
        do {
            _ = try Array(text.utf8).withUnsafeBufferPointer { try Tokenizer(tiktoken: $0, file: "f", encoding: .gpt2) }
            Issue.record("no error")
        } catch {
            #expect((error as? TiktokenError)?.line == line, "\(error)")
        }
    }

    @Test("Whisper's token of no bytes counts, and its special tokens come after it")
    func emptyToken() throws {
        let bytes = try CoreFixture.bytes("small.tiktoken") + Array("= 3000\n".utf8)
        let tokenizer = try bytes.withUnsafeBufferPointer {
            try Tokenizer(tiktoken: $0, file: "f", encoding: .whisper)
        }
        #expect(
            try tokenizer.encode("<|endoftext|><|en|><|su|><|0.02|>", parseSpecial: true) == [3001, 3003, 3101, 3109])
        #expect(tokenizer.piece(of: 3000) == [])
        #expect(try tokenizer.encode("") == [])
    }

    @Test("Many tasks may encode with one tokenizer")
    func concurrency() async throws {
        let tokenizer = try CoreFixture.tiktoken()
        var chance = Chance(state: 8)
        let text = chance.text(of: 5000)
        let expected = try tokenizer.encode(text)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 { group.addTask { (0..<5).allSatisfy { _ in (try? tokenizer.encode(text)) == expected } } }
            for await same in group { #expect(same) }
        }
    }
}
