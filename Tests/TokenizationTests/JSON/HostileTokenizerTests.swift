import ApusModelFiles
import Testing

@testable import ApusTokenization

@Suite("Bad tokenizer.json files are errors that name the place")
struct HostileTokenizerTests {
    static func error(_ text: String) -> String {
        do {
            let tokenizer = try Tokenizer(tokenizerJSON: Array(text.utf8))
            _ = try tokenizer.encode("hello wörld 123", addSpecial: true, parseSpecial: true)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test(
        "what is wrong is said with its JSON path",
        arguments: [
            (#"{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}"#, "model.vocab"),
            (#"{"model":{"type":"BPE","vocab":{"a":2147483648},"merges":[]}}"#, "model.vocab"),
            (#"{"model":{"type":"WordLevel","vocab":{"a":1e300},"unk_token":"a"}}"#, "model.vocab"),
            (#"{"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}}"#, "model.merges[0]"),
            (#"{"model":{"type":"BPE","vocab":{"a":0,"ab":1},"merges":[["a","b"]]}}"#, "model.merges[0]"),
            (#"{"model":{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}}"#, "model.merges[0]"),
            (#"{"model":{"type":"BPE","vocab":{"a":0},"merges":["a  b"]}}"#, "model.merges[0]"),
            (#"{"model":{"type":"BPE","vocab":[],"merges":[]}}"#, "model.vocab"),
            (#"{"model":{"type":"Markov","vocab":{}}}"#, "model"),
            (#"{"model":{"type":"Unigram","vocab":[["a",null]]}}"#, "model.vocab[0]"),
            (#"{"model":{"type":"Unigram","vocab":[["a",0]],"unk_id":1}}"#, "model.unk_id"),
            (#"{"model":{"type":"WordPiece","vocab":{}}}"#, "unk_token"),
            (#"{"normalizer":{"type":"Rot13"},"model":{"type":"BPE","vocab":{},"merges":[]}}"#, "Rot13"),
            (
                #"{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"X"}]},"model":{"type":"BPE","vocab":{},"merges":[]}}"#,
                "pre_tokenizer.pretokenizers[1]"
            ),
            (
                #"{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(a"},"behavior":"Removed","invert":false},"model":{"type":"BPE","vocab":{},"merges":[]}}"#,
                "pre_tokenizer.pattern.Regex"
            ),
            (
                #"{"pre_tokenizer":{"type":"FixedLength","length":0},"model":{"type":"BPE","vocab":{},"merges":[]}}"#,
                "length"
            ),
            (
                #"{"normalizer":{"type":"Precompiled","precompiled_charsmap":"////////"},"model":{"type":"BPE","vocab":{},"merges":[]}}"#,
                "normalizer.precompiled_charsmap"
            ),
            (
                #"{"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x","type_id":0}}],"pair":[],"special_tokens":{}},"model":{"type":"BPE","vocab":{},"merges":[]}}"#,
                "post_processor.single[0].SpecialToken.id"
            ),
            (
                #"{"added_tokens":[{"id":-5,"content":"x"}],"model":{"type":"BPE","vocab":{},"merges":[]}}"#,
                "added_tokens[0].id"
            ),
            (#"{"version":"2.0","model":{"type":"BPE","vocab":{},"merges":[]}}"#, "version"),
            (#"{}"#, "model"),
            (#"[]"#, "object"),
        ])
    func named(_ text: String, _ place: String) {
        let error = HostileTokenizerTests.error(text)
        #expect(error.contains(place), "\(error)")
    }

    @Test("steps nested too deep are refused")
    func deep() {
        for (section, list) in [
            ("normalizer", "normalizers"), ("pre_tokenizer", "pretokenizers"), ("decoder", "decoders"),
        ] {
            let start = String(repeating: #"{"type":"Sequence","\#(list)":["#, count: 100)
            let end = String(repeating: "]}", count: 100)
            let text = #"{"\#(section)":\#(start)\#(end),"model":{"type":"BPE","vocab":{},"merges":[]}}"#
            #expect(HostileTokenizerTests.error(text).contains("32 steps"))
        }
    }

    @Test("duplicate ids and an unknown token that is not there are no crash")
    func lenient() {
        #expect(HostileTokenizerTests.error(#"{"model":{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}}"#) == "")
        let level = #"{"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"z"}}"#
        #expect(HostileTokenizerTests.error(level).contains("the unknown token \"z\" is not in the vocabulary"))
    }

    @Test("a file cut short anywhere is an error", arguments: [0, 20, 45, 70, 90, 120])
    func truncated(_ index: Int) throws {
        let example = TokenizerJSONTests.cases[min(index, TokenizerJSONTests.cases.count - 1)]
        let bytes = Array(example.tokenizer.serialized().utf8)
        for length in stride(from: 0, to: bytes.count, by: 17) {
            #expect(throws: (any Error).self) { try Tokenizer(tokenizerJSON: Array(bytes[..<length])) }
        }
    }
}
