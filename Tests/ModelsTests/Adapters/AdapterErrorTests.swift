import ApusModelFiles
import ApusTensors
import Testing

@testable import ApusModels

@Suite("An adapter that does not fit is one clear error")
struct AdapterErrorTests {
    private static let llama = "\(Golden.fixtures)/llama"
    private static let adapter = "\(Golden.fixtures)/adapters/llama"

    private func error(model: String, adapter: String) -> String {
        do {
            _ = try LoadedDecoder(path: model, adapters: [AdapterReference(path: adapter)])
            Issue.record("\(adapter) was taken for \(model)")
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test(
        "An adapter for another model says so",
        arguments: [
            ("gpt2", "llama", "a model of the family gpt2 has no 'model.layers.0."),
            ("llama", "gpt2", "has no 'transformer.h.0"),
            ("llama-head-dim", "llama", "maps 32 to 32 numbers there, 24 to 32 here"),
            ("phi3", "llama", "has no 'model.layers.0.mlp.gate_proj'"),
            ("mixtral", "llama", "maps 32 to 32 numbers there, 32 to 16 here"),
        ])
    func otherModel(model: String, adapter: String, reason: String) {
        let message = error(model: "\(Golden.fixtures)/\(model)", adapter: "\(Golden.fixtures)/adapters/\(adapter)")
        #expect(message.contains("made for another model"), "\(message)")
        #expect(message.contains(reason), "\(message)")
    }

    @Test(
        "What is not computed is refused by name",
        arguments: [
            ("use_dora", "true", "DoRA"), ("bias", "\"lora_only\"", "biases"), ("bias", "\"all\"", "biases"),
            ("lora_bias", "true", "biases"), ("modules_to_save", "[\"lm_head\"]", "modules_to_save: [\"lm_head\"]"),
            ("trainable_token_indices", "[1, 2]", "embeddings"), ("layer_replication", "[[0, 2]]", "repeats layers"),
            ("alora_invocation_tokens", "[5]", "from a token on"), ("target_parameters", "[\"x\"]", "experts"),
            ("peft_type", "\"IA3\"", "IA3"), ("init_lora_weights", "\"pissa_niter_4\"", "pissa"),
            ("init_lora_weights", "\"olora\"", "changed base"), ("use_qalora", "true", "QALoRA"),
            ("r", "0", "'r' is 0"), ("r", "\"4\"", "'r'"), ("r", "8", "its rank is 4, but adapter_config.json says 8"),
            ("lora_alpha", "null", ""), ("lora_alpha", "\"much\"", "'lora_alpha'"), ("use_rslora", "3", "'use_rslora'"),
            ("rank_pattern", "[]", "'rank_pattern'"), ("rank_pattern", "{\"q_proj\": -1}", "rank_pattern.q_proj"),
            ("rank_pattern", "{\"q_(proj\": 4}", "names of modules"),
            ("alpha_pattern", "{\"q_proj\": true}", "alpha_pattern"),
        ])
    func configuration(key: String, value: String, words: String) throws {
        try withFolder { folder in
            var config = try #require(
                JSON(parsing: AdapterGolden.read("\(Self.adapter)/adapter_config.json")).objectValue)
            config[key] = try JSON(parsing: value)
            try write(JSON.object(config).serialized(), to: "\(folder)/adapter_config.json")
            try copyMatrices(to: folder)
            guard !words.isEmpty else {
                _ = try LoadedDecoder(path: Self.llama, adapters: [AdapterReference(path: folder)])
                return
            }
            let message = error(model: Self.llama, adapter: folder)
            #expect(message.contains(words), "\(key): \(message)")
            #expect(message.contains("\(folder)/adapter_"), "\(message)")
        }
    }

    private func copyMatrices(to folder: String) throws {
        let output = try OutputFile(path: "\(folder)/adapter_model.safetensors")
        try output.write(AdapterGolden.read("\(Self.adapter)/adapter_model.safetensors"))
        try output.finish()
    }

    @Test("Missing files are named")
    func missingFiles() throws {
        #expect(error(model: Self.llama, adapter: "/nowhere/at/all").contains("/nowhere/at/all: no such file"))
        #expect(error(model: Self.llama, adapter: Self.llama).contains("there is no adapter_config.json"))
        #expect(error(model: Self.llama, adapter: "\(Self.adapter)/logits.f32").contains("logits.f32"))
        try withFolder { folder in
            try write("{\"peft_type\": \"LORA\", \"r\": 4}", to: "\(folder)/adapter_config.json")
            #expect(error(model: Self.llama, adapter: folder).contains("there is no adapter_model.safetensors"))
            try write("{", to: "\(folder)/adapter_config.json")
            #expect(error(model: Self.llama, adapter: folder).contains("adapter_config.json"))
            try write("[1]", to: "\(folder)/adapter_config.json")
            #expect(error(model: Self.llama, adapter: folder).contains("must be an object"))
        }
    }

    /// An adapter with some tensors; each is a name, a shape and a value for all elements.
    private func withAdapter(
        _ tensors: [(name: String, shape: [Int], value: Float)], rank: Int = 2, _ body: (String) throws -> Void
    ) throws {
        try withFolder { folder in
            try write(
                "{\"peft_type\": \"LORA\", \"r\": \(rank), \"lora_alpha\": 4}", to: "\(folder)/adapter_config.json")
            let writer = try SafetensorsWriter(
                path: "\(folder)/adapter_model.safetensors",
                tensors: tensors.map { .init(name: $0.name, type: .f32, shape: $0.shape) })
            for tensor in tensors {
                let values = [Float](repeating: tensor.value, count: tensor.shape.reduce(1, *))
                try values.withUnsafeBytes { try writer.append($0) }
            }
            try writer.finish()
            try body(folder)
        }
    }

    private static let q = "base_model.model.model.layers.0.self_attn.q_proj"

    @Test(
        "Tensors that make no adapter are named",
        arguments: [
            ([("\(q).lora_A.weight", [2, 32])], "has no matrix B"),
            ([("\(q).lora_B.weight", [32, 2])], "has no matrix A"),
            (
                [("\(q).lora_A.weight", [2, 32]), ("\(q).lora_B.weight", [32, 3])],
                "not [rank, inputs] and [outputs, rank]"
            ),
            ([("\(q).lora_A.weight", [64]), ("\(q).lora_B.weight", [32, 2])], "not [rank, inputs]"),
            (
                [("\(q).lora_A.weight", [2, 16]), ("\(q).lora_B.weight", [32, 2])],
                "maps 16 to 32 numbers there, 32 to 32 here"
            ),
            (
                [("\(q).lora_A.weight", [2, 32]), ("\(q).lora_A.default.weight", [2, 32])],
                "several under different names"
            ),
            ([("base_model.model.model.embed_tokens.lora_embedding_A", [2, 96])], "a table of embeddings"),
            ([("\(q).lora_magnitude_vector.weight", [32])], "DoRA"), ([("\(q).lora_B.bias", [32])], "biases"),
            ([("base_model.model.lm_head.weight", [96, 32])], "replaces whole tensors"),
            ([("something.else", [2])], "no part of a low-rank adapter"), ([], "it holds no matrices"),
            (
                [
                    ("base_model.model.model.layers.7.self_attn.q_proj.lora_A.weight", [2, 32]),
                    ("base_model.model.model.layers.7.self_attn.q_proj.lora_B.weight", [32, 2]),
                ], "there is no linear map 'model.layers.7.self_attn.q_proj'"
            ),
            (
                [
                    ("base_model.model.model.embed_tokens.lora_A.weight", [2, 32]),
                    ("base_model.model.model.embed_tokens.lora_B.weight", [96, 2]),
                ], "table of embeddings"
            ),
        ])
    func tensors(tensors: [(String, [Int])], words: String) throws {
        try withAdapter(tensors.map { ($0.0, $0.1, 0.5) }) { folder in
            let message = error(model: Self.llama, adapter: folder)
            #expect(message.contains(words), "\(message)")
        }
    }

    @Test("Numbers that are not finite are found", arguments: [Float.nan, .infinity])
    func notFinite(value: Float) throws {
        try withAdapter([("\(Self.q).lora_A.weight", [2, 32], value), ("\(Self.q).lora_B.weight", [32, 2], 0)]) {
            #expect(error(model: Self.llama, adapter: $0).contains("NaN or infinite"))
        }
    }

    @Test("An adapter under a name of its own, and of older versions without a prefix, is read")
    func otherNames() throws {
        for names in [
            ("\(Self.q).lora_A.default.weight", "\(Self.q).lora_B.default.weight"),
            ("model.layers.0.self_attn.q_proj.lora_A.weight", "model.layers.0.self_attn.q_proj.lora_B.weight"),
        ] {
            try withAdapter([(names.0, [2, 32], 0.1), (names.1, [32, 2], 0.1)]) { folder in
                let model = try LoadedDecoder(path: Self.llama)
                let adapter = try Adapter(path: folder, for: model)
                #expect(adapter.changes.map(\.name) == ["blk.0.attn_q.weight"])
                #expect(adapter.changes[0].scale == 2)
                _ = try model.adapted(by: [.init(adapter)])
            }
        }
    }

    @Test(
        "GGUF files that are no adapters for the model are refused",
        arguments: [
            ([:], "general.type is 'model'"),
            (["general.type": "adapter"], "of the kind '(not said)'"),
            (["general.type": "adapter", "adapter.type": "control_vector"], "of the kind 'control_vector'"),
            (["general.type": "adapter", "adapter.type": "lora"], "general.architecture"),
            (
                ["general.type": "adapter", "adapter.type": "lora", "general.architecture": "qwen2"],
                "its architecture is 'qwen2', the model's 'llama'"
            ),
            (
                ["general.type": "adapter", "adapter.type": "lora", "general.architecture": "llama"],
                "has no matrix B"
            ),
        ] as [([String: String], String)])
    func gguf(metadata: [String: String], words: String) throws {
        try withFolder { folder in
            let path = "\(folder)/adapter.gguf"
            let float32 = try #require(GGUFTensorType(number: 0))
            try GGUFWriter.write(
                path: path, metadata: metadata.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) },
                tensors: [.init(name: "blk.0.attn_q.weight.lora_a", type: float32, shape: [2, 32])]
            ) { _, append in
                try [Float](repeating: 0, count: 64).withUnsafeBytes { try append($0) }
            }
            let message = error(model: Self.llama, adapter: path)
            #expect(message.contains(words), "\(message)")
            #expect(message.contains(path), "\(message)")
        }
    }
}

@Suite("Adapters on the command line and in patterns")
struct AdapterNameTests {
    @Test(
        "A scale follows the path after a colon",
        arguments: [
            ("dir", "dir", 1), ("dir:0.5", "dir", 0.5), ("a:b:2", "a:b", 2), ("dir:-1", "dir", -1),
            ("dir:x", "dir:x", 1),
            (":0.5", ":0.5", 1), ("dir:", "dir:", 1),
        ] as [(String, String, Float)])
    func reference(text: String, path: String, scale: Float) throws {
        #expect(try AdapterReference(parsing: text) == AdapterReference(path: path, scale: scale))
    }

    @Test("A scale that is not finite is refused", arguments: ["dir:nan", "dir:inf", "dir:1e60"])
    func notFinite(text: String) {
        #expect(throws: AdapterError.self) { try AdapterReference(parsing: text) }
    }

    @Test("What exists under the whole text is a path")
    func existing() throws {
        try withFolder { folder in
            try write("", to: "\(folder)/adapter:2")
            #expect(
                try AdapterReference(parsing: "\(folder)/adapter:2") == AdapterReference(path: "\(folder)/adapter:2"))
        }
    }

    @Test(
        "Patterns match as Python's do",
        arguments: [
            ("q_proj", "model.layers.0.self_attn.q_proj", true), ("q_proj", "q_proj", true),
            ("q_proj", "my_q_proj", false),
            ("self_attn.q_proj", "layers.0.self_attn.q_proj", true), ("^q_proj", "a.q_proj", false),
            ("^a.q_proj", "a.q_proj", true), (".*\\.(q|v)_proj", "x.v_proj", true),
            (".*\\.(q|v)_proj", "x.k_proj", false),
            ("layers\\.[0-3]\\.mlp", "layers.2.mlp", true), ("layers\\.[0-3]\\.mlp", "layers.4.mlp", false),
            ("layers.\\d{2,3}.x", "layers.12.x", true), ("layers.\\d{2,3}.x", "layers.1.x", false),
            ("a[^.]+b", "axxb", true), ("a[^.]+b", "a.b", false), ("(?:a|b|cd)*e", "abcde", true),
            ("(a*)*b", "aab", true),
            ("a?b$", "b", true), ("q_proj", "q_proj.x", false), ("", "a.", true), ("a+?b", "aab", true),
        ])
    func patterns(pattern: String, name: String, matches: Bool) throws {
        #expect(try #require(ModulePattern(pattern)).matches(name) == matches)
    }

    @Test(
        "Patterns that are broken or grow without bound are refused",
        arguments: [
            "(a", "a)", "[a", "*a", "(?=a)", "\\b",
            "a{2000}{2000}", "((){900}){900}", "(((a{99}){99}){99})", "a{2,1}", String(repeating: "(", count: 100_000),
        ])
    func refused(pattern: String) { #expect(ModulePattern(pattern) == nil) }

    @Test("A pattern that makes others take forever is matched at once")
    func linearTime() throws {
        let pattern = try #require(ModulePattern("(a+)+(a*)*b"))
        #expect(!pattern.matches(String(repeating: "a", count: 5000)))
    }
}
