import ApusModelFiles
import Testing

@testable import ApusTokenization

@Suite("Vocabularies that are trained here")
struct VocabularyTrainingTests {
    static let fixture = (try? Fixture.json("training.json")) ?? .null
    static var corpus: [UInt8] { Array((fixture["corpus"]?.stringValue ?? "").utf8) }

    @Test("BPE has the merges of the tokenizers package", arguments: ["plain", "frequent", "short"])
    func merges(_ name: String) throws {
        var training = VocabularyTraining(.byteLevelBPE, vocabularySize: 500)
        if name == "frequent" { training.minimumFrequency = 3 }
        if name == "short" { training.maximumTokenLength = 5 }
        let file = try training.train(text: VocabularyTrainingTests.corpus)
        let expected = VocabularyTrainingTests.fixture[name]
        #expect((expected?.arrayValue?.count ?? 0) > 20)
        #expect(file["model"]?["merges"] == expected)
    }

    @Test("WordPiece has the tokens of the tokenizers package")
    func wordPiece() throws {
        let training = VocabularyTraining(.wordPiece, vocabularySize: 250)
        let file = try training.train(text: VocabularyTrainingTests.corpus)
        let expected = VocabularyTrainingTests.fixture["wordpiece"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(Set(file["model"]?["vocab"]?.objectValue?.keys ?? []) == Set(expected))
    }

    @Test("unigram has the pieces of the tokenizers package")
    func unigram() throws {
        let path = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let file = try VocabularyTraining(.unigram, vocabularySize: 250).train(files: ["/\(path)/LICENSE"])
        let pieces = file["model"]?["vocab"]?.arrayValue?.compactMap { $0.arrayValue?.first?.stringValue } ?? []
        let expected = VocabularyTrainingTests.fixture["unigram"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(expected.count == 250)
        #expect(Set(pieces) == Set(expected))
    }

    @Test(
        "what was trained is a tokenizer.json that loads and gives its own text back",
        arguments: VocabularyTraining.Kind.allCases)
    func roundTrip(_ kind: VocabularyTraining.Kind) throws {
        let training = VocabularyTraining(kind, vocabularySize: kind == .byteLevelBPE ? 400 : 200)
        let file = try training.train(text: VocabularyTrainingTests.corpus)
        let tokenizer = try Tokenizer(tokenizerJSON: Array(file.serialized().utf8))
        let text = "the quick brown fox says hello to all the dogs of the world"
        #expect(try tokenizer.text(tokenizer.encode(text)) == text)
        #expect(try tokenizer.encode(text).count < text.utf8.count)
    }

    @Test("a vocabulary that is too small for the characters is an error with both numbers")
    func tooSmall() throws {
        let training = VocabularyTraining(.unigram, vocabularySize: 10)
        #expect(throws: UnigramTrainer.Problem.self) { try training.train(text: VocabularyTrainingTests.corpus) }
    }

    @Test("pre-tokenizers are named for llama.cpp by their pattern, and refused by it")
    func preTokenizerNames() throws {
        let file = try VocabularyTraining(.byteLevelBPE, vocabularySize: 300).train(text: Array("a b".utf8))
        #expect(try GGUFTokenizerExport.preTokenizer(file) == "gpt-2")
        let odd = try JSON(
            parsing:
                #"{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"x+"},"behavior":"Isolated","invert":false}}"#)
        #expect(throws: TokenizerFileError.self) { try GGUFTokenizerExport.preTokenizer(odd) }
    }
}
