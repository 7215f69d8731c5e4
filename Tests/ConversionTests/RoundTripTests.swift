import ApusConversion
import ApusModelFiles
import ApusModels
import ApusTokenization
import Glibc
import Testing

@Suite("A folder, through GGUF, and back")
struct RoundTripTests {
    private let folder: String
    private var source: String { "\(folder)/source" }
    private var again: String { "\(folder)/again" }

    init() throws {
        var template = Array("/tmp/apus-round-trip-XXXXXX".utf8CString)
        folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    private static let fixture = "\(ConversionTests.fixtures)/llama"

    private func write(_ name: String, _ text: String) throws {
        let file = try OutputFile(path: "\(source)/\(name)")
        try file.write(Array(text.utf8))
        try file.finish()
    }

    private func read(_ path: String) throws -> String {
        try FileMapping(path: path).withBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// The fixture `llama` with a tokenizer of this model and these special tokens, and what else a folder has.
    private func makeSource(_ tokenizer: JSON, config: JSON) throws {
        try Folder.makeEmpty(source)
        for name in ["config.json", "model.safetensors"] {
            let bytes = try FileMapping(path: "\(Self.fixture)/\(name)").withBytes { Array($0) }
            let file = try OutputFile(path: "\(source)/\(name)")
            try file.write(bytes)
            try file.finish()
        }
        try write("tokenizer.json", tokenizer.serialized())
        try write("tokenizer_config.json", config.serialized())
        try write("chat_template.jinja", "{{ messages[0].content }}\n")
        try write(
            "generation_config.json",
            #"{"eos_token_id": [2, 5, 6, 7], "bos_token_id": 1, "temperature": 0.7, "top_k": 20, "top_p": 0.9}"#)
        try write(
            "README.md",
            "---\nlicense: mit\nlanguage:\n- en\n- \"no\"\nauthor: Ada\nbase_model: org/base\n---\n# Model\n")
    }

    private func travel() throws {
        let path = "\(folder)/model.gguf"
        try GGUFConverter(LoadedDecoder(path: source), HuggingFaceFolder(path: source)).write(to: path, name: "name")
        try HuggingFaceExporter(LoadedDecoder(path: path), GGUFFile(path: path)).write(to: again)
    }

    private func added(_ names: [String]) -> JSON {
        .array(
            names.enumerated().map { id, name in
                [
                    "id": .integer(id), "content": .string(name), "single_word": false, "lstrip": false,
                    "rstrip": false, "normalized": false, "special": .bool(name != "<sep>"),
                ]
            })
    }

    private static let special = ["<unk>", "<s>", "</s>", "<sep>", "<pad>", "<e5>", "<e6>", "<e7>"]

    private var byteLevel: JSON {
        let words = Self.special + (33..<120).map { String(UnicodeScalar($0)) } + ["Ġ"]
        let bytes: JSON = ["type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true]
        return [
            "version": "1.0", "added_tokens": added(Self.special), "normalizer": .null, "pre_tokenizer": bytes,
            "post_processor": .null, "decoder": bytes,
            "model": [
                "type": "BPE", "unk_token": .null, "byte_fallback": false, "fuse_unk": false,
                "vocab": .object(JSON.Object(words.prefix(96).enumerated().map { ($1, .integer($0)) })), "merges": [],
            ],
        ]
    }

    /// SentencePiece's BPE as transformers has it, with bytes for a few characters only.
    private var sentencePiece: JSON {
        var words = Self.special + ["<0xC3>", "<0xA9>", "<0x0A>", "▁t", "▁th", "he", "▁the"]
        words += ["▁"] + (97..<123).map { String(UnicodeScalar($0)) }
        let replace: JSON = ["type": "Replace", "pattern": ["String": " "], "content": "▁"]
        return [
            "version": "1.0", "added_tokens": added(Self.special),
            "normalizer": ["type": "Sequence", "normalizers": [["type": "Prepend", "prepend": "▁"], replace]],
            "pre_tokenizer": .null, "post_processor": .null,
            "decoder": [
                "type": "Sequence",
                "decoders": [
                    ["type": "Replace", "pattern": ["String": "▁"], "content": " "], ["type": "ByteFallback"],
                    ["type": "Fuse"], ["type": "Strip", "content": " ", "start": 1, "stop": 0],
                ],
            ],
            "model": [
                "type": "BPE", "unk_token": "<unk>", "byte_fallback": true, "fuse_unk": true,
                "vocab": .object(JSON.Object(words.enumerated().map { ($1, .integer($0)) })),
                "merges": [["▁", "t"], ["▁t", "h"], ["h", "e"], ["▁th", "e"], ["▁t", "he"]],
            ],
        ]
    }

    static let texts = ["", "the", " the  thé\n", "a<sep>b", "<s>the</s>", "hello there <e5> the"]

    @Test("The tokenizer gives the same ids and texts", arguments: [false, true])
    func tokenizer(isSentencePiece: Bool) throws {
        try makeSource(
            isSentencePiece ? sentencePiece : byteLevel,
            config: [
                "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>",
                "unk_token": "<unk>", "pad_token": "<pad>", "add_bos_token": true,
                "add_eos_token": .bool(isSentencePiece),
            ])
        try travel()
        let (before, after) = (try Tokenizer.folder(source), try Tokenizer.folder(again))
        for text in Self.texts {
            for parsesSpecial in [false, true] {
                let ids = try before.encode(text, parseSpecial: parsesSpecial)
                #expect(try after.encode(text, parseSpecial: parsesSpecial) == ids, "\(text)")
                #expect(after.decode(ids) == before.decode(ids), "\(text)")
            }
        }
        #expect(after.special.bos == 1 && after.special.eos == 2 && after.special.unk == 0 && after.special.pad == 4)
        #expect(after.special.addsBOS && after.special.addsEOS == isSentencePiece)
    }

    @Test("Template, end tokens, sampling and card travel")
    func companions() throws {
        try makeSource(byteLevel, config: ["bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"])
        try travel()
        let (before, after) = (try HuggingFaceFolder(path: source), try HuggingFaceFolder(path: again))
        #expect(after.chatTemplate() == before.chatTemplate())
        #expect(after.endTokenIDs == [2, 5, 6, 7])
        #expect(after.generationConfig["temperature"] == 0.7 && after.generationConfig["top_k"] == 20)
        #expect(after.generationConfig["top_p"] == 0.9 && after.generationConfig["do_sample"] == true)
        #expect(
            after.card["license"] == "mit" && after.card["author"] == "Ada" && after.card["base_model"] == "org/base")
        #expect(after.card[list: "language"] == ["en", "no"])
        let file = try GGUFFile(path: "\(folder)/model.gguf").metadata
        #expect(try file.string("general.license") == "mit" && file.string("general.name") == "name")
    }

    @Test("A folder's weights are written in shards of a size")
    func shards() throws {
        try makeSource(byteLevel, config: ["bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"])
        let path = "\(folder)/model.gguf"
        try GGUFConverter(LoadedDecoder(path: source), HuggingFaceFolder(path: source)).write(to: path, name: "name")
        let model = try LoadedDecoder(path: path)
        try HuggingFaceExporter(model, GGUFFile(path: path)).write(to: again, shardBytes: 20_000)
        let weights = try HuggingFaceFolder(path: again).weights
        #expect(weights.files.count > 2)
        #expect(weights.tensorNames.count == (try HuggingFaceFolder(path: source).weights.tensorNames.count))
    }
}
