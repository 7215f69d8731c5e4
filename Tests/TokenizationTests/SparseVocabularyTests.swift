import ApusTokenization
import Testing

@Suite("Short files with high ids") struct SparseVocabularyTests {
    @Test(
        "A short file with a high rank is refused by line, before tables of that size are made",
        arguments: [
            "5333330", "2147483647", "99999999999999999999",
        ])
    func highRank(rank: String) {
        let lines = "AA== 0\nAQ== 1\nAg== \(rank)\n"
        #expect {
            try Array(lines.utf8).withUnsafeBufferPointer {
                _ = try Tokenizer(tiktoken: $0, file: "short.tiktoken", encoding: .cl100k)
            }
        } throws: { error in
            "\(error)".hasPrefix("short.tiktoken, line 3: the rank")
        }
    }

    @Test("A short tokenizer.json with a high id is refused by token", arguments: [1_048_577, 8_388_606, 1 << 62])
    func highID(id: Int) {
        let text = #"{"model": {"type": "BPE", "vocab": {"a": 0, "b": \#(id)}, "merges": []}}"#
        #expect {
            _ = try Tokenizer(tokenizerJSON: Array(text.utf8))
        } throws: { error in
            "\(error)".contains("the id of \"b\"") && "\(error)".contains("1048576")
        }
    }
}
