import ApusModelFiles
import ApusTensors
import Testing

@testable import ApusModels

@Suite("A config.json with something wrong ends in an error that names the key")
struct BadConfigTests {
    /// A configuration of each kind that the fixtures have.
    static let names = [
        "bloom", "gemma", "gemma2", "gemma3", "gpt2", "llama", "llama-dynamic", "llama-linear", "llama-llama3",
        "llama-yarn", "mistral", "mixtral", "phi3", "phi3-longrope", "qwen2-window", "qwen3",
    ]

    static func config(_ name: String) throws -> JSON.Object {
        let mapping = try FileMapping(path: Golden.fixtures + "/\(name)/config.json")
        return try #require(try mapping.withBytes { try JSON(parsing: Array($0)) }.objectValue)
    }

    /// The configuration that a family reads, or its error.
    static func read(_ object: JSON.Object) throws -> DecoderConfiguration {
        let parameters = Parameters(file: "config.json") { object[$0] }
        let type = try parameters.text("model_type")
        let family = try DecoderFamilies.named(huggingFace: type, file: "config.json")
        return try family.configuration(huggingFace: parameters, type: type).validated("config.json")
    }

    static let absurd: [JSON] = [
        .null, .bool(true), .string("x"), .array([]), .object([:]), 0, -1, .integer(.max), .integer(.min), .number(0.5),
        .number(1e300), .number(-1e300), .number(.infinity), .number(.nan), .integer(1 << 31), .integer(4097), 1, 3,
        .array([.integer(-1), .null]), .string(""),
    ]

    @Test("No value of any key traps: what is read is valid, or the error names the file", arguments: names)
    func everyKey(name: String) throws {
        let config = try Self.config(name)
        func attempt(_ changed: JSON.Object, _ place: String) {
            do {
                let c = try Self.read(changed)
                #expect(c.layers <= 4096 && c.heads % c.kvHeads == 0 && c.windows.count == c.layers, "\(place)")
            } catch let error as ModelError {
                #expect("\(error)".hasPrefix("config.json: "), "\(place): \(error)")
            } catch {
                Issue.record("\(place): \(error)")
            }
        }
        for (key, value) in config {
            for replacement in Self.absurd {
                var changed = config
                changed[key] = replacement
                attempt(changed, "\(key) = \(replacement)")
                guard let inner = value.objectValue else { continue }
                for (innerKey, _) in inner {
                    var changedInner = inner
                    changedInner[innerKey] = replacement
                    changed[key] = .object(changedInner)
                    attempt(changed, "\(key).\(innerKey) = \(replacement)")
                }
            }
        }
    }

    static let needed: [(name: String, keys: [String])] = [
        ("bloom", ["hidden_size", "n_layer", "n_head", "vocab_size"]),
        ("gemma", ["hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size"]),
        ("gemma2", ["hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size"]),
        ("gpt2", ["n_embd", "n_layer", "n_head", "vocab_size"]),
        ("llama", ["hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size"]),
        ("mistral", ["hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size"]),
        ("mixtral", ["hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size"]),
        ("phi3", ["hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size"]),
        ("qwen2", ["hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size"]),
        ("qwen3", ["hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size"]),
    ]

    @Test("A key that has no default is named when it is missing, zero or of another type", arguments: needed)
    func missing(name: String, keys: [String]) throws {
        for key in keys {
            for value: JSON? in [
                nil, .null, 0, .integer(-1), .integer(1 << 31), .integer(.max), .string("8"), .number(1e300),
            ] {
                var config = try Self.config(name)
                if let value {
                    config[key] = value
                } else {
                    config = JSON.Object(config.entries.filter { $0.key != key }.map { ($0.key, $0.value) })
                }
                #expect("\(key) = \(value.map { "\($0)" } ?? "absent")") {
                    try Self.read(config)
                } throws: { error in
                    error is ModelError && "\(error)".contains(key)
                }
            }
        }
    }

    @Test("An unknown model_type is refused with those that are known")
    func unknownType() throws {
        var config = try Self.config("llama")
        config["model_type"] = "mamba"
        #expect {
            try Self.read(config)
        } throws: { error in
            says(error, ["'mamba'", "llama", "mistral", "mixtral", "qwen2", "qwen3", "phi3", "gemma", "gpt2", "bloom"])
        }
    }

    @Test("Heads that do not divide are refused", arguments: ["gpt2", "bloom"])
    func heads(name: String) throws {
        var config = try Self.config(name)
        config["n_head"] = 7
        #expect { try Self.read(config) } throws: { "\($0)".contains("n_head") }
    }

    @Test("Key/value heads that do not divide are refused", arguments: ["llama", "mistral", "qwen3", "gemma2", "phi3"])
    func keyValueHeads(name: String) throws {
        var config = try Self.config(name)
        config["num_key_value_heads"] = 3
        #expect { try Self.read(config) } throws: { "\($0)".contains("key/value heads") }
    }

    static let ropes: [(rope: JSON, words: [String])] = [
        (["rope_type": "spiral"], ["rope scaling", "spiral"]),
        (["type": "spiral", "factor": 2.0], ["spiral"]),
        (["rope_type": 7], ["rope_type"]),
        (["rope_type": "linear"], ["factor", "missing"]),
        (["rope_type": "linear", "factor": 0], ["factor"]),
        (["rope_type": "linear", "factor": "2"], ["factor"]),
        (["rope_type": "dynamic"], ["factor", "missing"]),
        (["rope_type": "llama3", "factor": 8.0], ["low_freq_factor"]),
        (["rope_type": "yarn", "factor": -1], ["factor"]),
        (
            ["rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 0],
            ["original_max_position_embeddings"]
        ),
        (["rope_type": "yarn", "factor": 4.0, "mscale": "x"], ["mscale"]),
        (["rope_type": "yarn", "factor": 4.0, "truncate": 3], ["truncate"]),
        (["rope_type": "longrope", "factor": 4.0], ["short_factor", "missing"]),
        (
            ["rope_type": "longrope", "short_factor": [1.0, 1.0, 1.0, 1.0], "long_factor": [1.0]],
            ["long_factor", "list of 4"]
        ),
        (
            ["rope_type": "longrope", "short_factor": [1.0], "long_factor": [1.0, 1.0, 1.0, 1.0]],
            ["short_factor", "list of 4"]
        ),
        (["rope_type": "longrope", "short_factor": [1.0, 1.0, 1.0, 0], "long_factor": [1.0]], ["short_factor"]),
        (["rope_type": "longrope", "short_factor": "all", "long_factor": []], ["short_factor"]),
        (
            [
                "rope_type": "longrope", "factor": 2.0, "short_factor": [1.0, 1.0, 1.0, 1.0],
                "long_factor": [1.0, 1.0, 1.0, 1.0], "original_max_position_embeddings": 1,
            ], ["rope scaling"]
        ),
        ([1.0], ["rope_parameters", "an object"]),
    ]

    @Test("Rope scaling that is unknown, incomplete or impossible is refused", arguments: ropes)
    func rope(rope: JSON, words: [String]) throws {
        var config = try Self.config("llama")
        config["rope_parameters"] = rope
        #expect {
            let c = try Self.read(config)
            Issue.record("\(rope) was read as \(String(describing: c.rope))")
        } throws: { error in
            error is ModelError && says(error, words)
        }
    }

    static let indices: [(map: String, words: [String])] = [
        (#"{"weight_map": {"model.norm.weight": "../outside.safetensors"}}"#, ["model.norm.weight", "../outside"]),
        (#"{"weight_map": {"model.norm.weight": "/etc/passwd"}}"#, ["model.norm.weight", "/etc/passwd"]),
        (#"{"weight_map": {"model.norm.weight": ""}}"#, ["model.norm.weight"]),
        (#"{"weight_map": {"model.norm.weight": "absent.safetensors"}}"#, ["absent.safetensors", "model.norm.weight"]),
        (#"{"weight_map": {"model.norm.weight": 7}}"#, ["index.json", "column 38"]),
        (#"{"weight_map": []}"#, ["index.json", "column 16"]),
        (#"{}"#, ["weight_map"]),
        (#"{"weight_map": "#, ["index.json"]),
    ]

    @Test("An index that points outside its folder or nowhere is refused by name", arguments: indices)
    func index(map: String, words: [String]) throws {
        try withFolder { folder in
            try write(JSON.object(Self.config("llama")).serialized(), to: folder + "/config.json")
            try write(map, to: folder + "/model.safetensors.index.json")
            #expect {
                try LoadedDecoder(path: folder)
            } throws: { error in
                let holds = says(error, words)
                if !holds { Issue.record("\(error)") }
                return holds
            }
        }
    }

    @Test("A folder without weights, or with weights that are no safetensors, is refused")
    func weights() throws {
        try withFolder { folder in
            try write(JSON.object(Self.config("llama")).serialized(), to: folder + "/config.json")
            #expect { try LoadedDecoder(path: folder) } throws: { "\($0)".contains(folder) }
            try write("not weights", to: folder + "/model.safetensors")
            #expect { try LoadedDecoder(path: folder) } throws: { "\($0)".contains("model.safetensors") }
        }
    }

    @Test("A vocabulary larger than the embedding has no rows is named with its tensor")
    func vocabulary() throws {
        try withFolder { folder in
            var config = try Self.config("llama")
            config["vocab_size"] = 1000
            try write(JSON.object(config).serialized(), to: folder + "/config.json")
            let source = try FileMapping(path: Golden.fixtures + "/llama/model.safetensors")
            let copy = try OutputFile(path: folder + "/model.safetensors")
            try source.withBytes { try copy.write($0) }
            try copy.finish()
            #expect {
                try LoadedDecoder(path: folder)
            } throws: { error in
                "\(error)".contains("token_embd.weight") && "\(error)".contains("1000")
            }
        }
    }
}
