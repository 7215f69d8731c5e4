import ApusModelFiles
import ApusTensors
import Testing

@testable import ApusModels

/// A change of the small model's metadata and what the error must name.
struct BadParameter: Sendable, CustomTestStringConvertible {
    let key: String
    /// Nil removes the key.
    let value: GGUFValue?
    let words: [String]

    init(_ key: String, _ value: GGUFValue?, _ words: String...) {
        self.key = key
        self.value = value
        self.words = words
    }

    var testDescription: String { "\(key) = \(value.map { "\($0)" } ?? "absent")" }
}

@Suite("A GGUF model with something wrong ends in an error that names file and place")
struct BadGGUFModelTests {
    @Test("The small model itself opens and predicts")
    func good() throws {
        try SmallModel().withDecoder { loaded in
            let cache = KVCache(layout: loaded.decoder.cacheLayout(.f32), context: 32)
            let logits = try loaded.decoder.run([.init(cache.makeSequence(), [0, 11, 5])])
            #expect(logits.shape == [1, 12])
            #expect(logits.toArray().allSatisfy { $0.isFinite })
            #expect(loaded.decoder.damage() == nil)
        }
    }

    static let parameters: [BadParameter] =
        [
            "embedding_length", "block_count", "attention.head_count", "attention.layer_norm_rms_epsilon",
            "context_length",
        ].map { BadParameter("llama." + $0, nil, "llama." + $0, "missing") }
        + [
            "embedding_length", "block_count", "attention.head_count", "attention.head_count_kv", "feed_forward_length",
            "context_length", "attention.key_length", "rope.dimension_count",
        ].flatMap { key in
            [
                .string("8"), .float32(.nan), .float64(8.5), .bool(true), .uint32(0), .int32(-1), .uint64(1 << 63),
                .uint64(.max), .int64(.min), .array(GGUFArray(["8"])),
            ].map { BadParameter("llama." + key, $0, "llama." + key) }
        } + [
            BadParameter("llama.block_count", .uint64(1 << 31), "llama.block_count", "4096"),
            BadParameter("llama.block_count", .uint32(4096), "blk.1.attn_norm.weight", "missing"),
            BadParameter("llama.block_count", .uint32(2), "blk.1.attn_norm.weight", "missing"),
            BadParameter("llama.attention.head_count", .uint32(3), "llama.attention.head_count", "divisor of 8"),
            BadParameter("llama.attention.head_count", .uint32(16), "llama.attention.head_count", "divisor of 8"),
            BadParameter("llama.attention.head_count", .uint64(1 << 31), "llama.attention.head_count"),
            BadParameter("llama.attention.head_count_kv", .uint32(3), "key/value heads", "divisor"),
            BadParameter("llama.attention.head_count_kv", .uint32(4), "key/value heads", "divisor"),
            BadParameter("llama.attention.key_length", .uint32(1 << 20), "head size"),
            BadParameter("llama.attention.key_length", .uint64(1 << 31), "llama.attention.key_length"),
            BadParameter("llama.attention.value_length", .uint32(8), "value size"),
            BadParameter("llama.attention.layer_norm_rms_epsilon", .float32(0), "epsilon"),
            BadParameter("llama.attention.layer_norm_rms_epsilon", .float32(-1), "epsilon"),
            BadParameter("llama.attention.layer_norm_rms_epsilon", .float32(.infinity), "epsilon"),
            BadParameter("llama.attention.layer_norm_rms_epsilon", .string("tiny"), "epsilon"),
            BadParameter("llama.embedding_length", .uint32(16), "token_embd.weight", "[12, 8]"),
            BadParameter("llama.embedding_length", .uint32(1 << 31), "llama.embedding_length"),
            BadParameter("llama.feed_forward_length", .uint32(17), "blk.0.ffn_gate.weight", "[17, 8]"),
            BadParameter("llama.feed_forward_length", .uint32(1 << 23), "feed-forward width"),
            BadParameter("llama.rope.dimension_count", .uint32(3), "rotated dimensions", "even"),
            BadParameter("llama.rope.dimension_count", .uint32(6), "rotated dimensions", "head size 4"),
            BadParameter("llama.rope.freq_base", .float32(0), "llama.rope.freq_base"),
            BadParameter("llama.rope.freq_base", .string("x"), "llama.rope.freq_base"),
            BadParameter("llama.rope.scaling.type", .string("spiral"), "rope scaling", "spiral"),
            BadParameter("llama.rope.scaling.type", .uint32(1), "llama.rope.scaling.type"),
            BadParameter("llama.rope.scaling.factor", .float32(0), "llama.rope.scaling.factor"),
            BadParameter("llama.rope.scaling.factor", .float32(.nan), "llama.rope.scaling.factor"),
            BadParameter("llama.expert_count", .uint32(2), "llama.expert_used_count", "missing"),
            BadParameter("llama.expert_count", .uint64(1 << 31), "llama.expert_count"),
            BadParameter("llama.expert_count", .float64(1e300), "llama.expert_count"),
            BadParameter("llama.attention.sliding_window", .string("all"), "llama.attention.sliding_window"),
            BadParameter("llama.attention.sliding_window", .uint64(1 << 62), "llama.attention.sliding_window"),
            BadParameter("general.architecture", nil, "general.architecture"),
            BadParameter("general.architecture", .uint32(7), "general.architecture"),
            BadParameter("general.architecture", .string(GGUFString([0xFF, 0xFE])), "general.architecture"),
            BadParameter(
                "general.architecture", .string("mamba"), "'mamba'", "llama", "qwen3", "gemma3", "gpt2", "bloom"),
            BadParameter("general.architecture", .string("qwen2"), "qwen2.embedding_length", "missing"),
            BadParameter("general.architecture", .string("gpt2"), "gpt2.embedding_length", "missing"),
        ]

    @Test("Hyperparameters that are missing, of another type, zero, absurd or at odds are named", arguments: parameters)
    func parameter(bad: BadParameter) throws {
        var model = SmallModel()
        model.metadata[bad.key] = bad.value
        let message = try model.openingError()
        for word in bad.words + ["small.gguf"] { #expect(message.contains(word), "\(message)") }
    }

    @Test("A window that starts at a layer beyond all numbers is no trap")
    func windowLayer() throws {
        var model = SmallModel()
        model.metadata["llama.attention.sliding_window"] = .uint32(4)
        for value: GGUFValue in [
            .float64(1e300), .float64(-1), .uint64(.max), .string("last"), .string(GGUFString([0xFF])),
        ] {
            model.metadata["llama.attention.sliding_window_first_layer"] = value
            #expect(try model.openingError().contains("llama.attention.sliding_window_first_layer"))
        }
    }

    @Test("Each expert per token must exist")
    func experts() throws {
        var model = SmallModel()
        model.metadata["llama.expert_count"] = .uint32(2)
        model.metadata["llama.expert_used_count"] = .uint32(3)
        #expect(try model.openingError().contains("experts per token"))
        model.metadata["llama.expert_used_count"] = .uint32(1)
        #expect(try model.openingError().contains("blk.0.ffn_gate_inp.weight"))
    }

    @Test("Every missing tensor is named", arguments: SmallModel().shapes.keys.sorted())
    func missing(tensor: String) throws {
        var model = SmallModel()
        model.shapes[tensor] = nil
        let message = try model.openingError()
        // The gate is looked for first in a matrix with `ffn_up`, as Phi-3 has it.
        let named = tensor == "blk.0.ffn_gate.weight" ? "blk.0.ffn_up.weight" : tensor
        #expect(message.contains("'\(named)'"), "\(message)")
        #expect(message.contains("small.gguf"), "\(message)")
    }

    @Test("Every tensor of a wrong shape is named", arguments: SmallModel().shapes.keys.sorted())
    func shape(tensor: String) throws {
        for change: ([Int]) -> [Int] in [
            { $0.dropLast() + [$0[$0.count - 1] + 1] }, { [1] + $0 }, { _ in [1] }, { $0 + [2] },
            { $0.count == 2 ? [$0[0] + 1, $0[1]] : [$0[0] - 1] },
        ] {
            var model = SmallModel()
            let shape = try #require(model.shapes[tensor])
            model.shapes[tensor] = change(shape)
            // More rows of the embedding are a larger vocabulary.
            if tensor == "token_embd.weight", change(shape).count == 2, change(shape)[1] == 8 { continue }
            let message = try model.openingError()
            #expect(message.contains(tensor), "\(message)")
            #expect(message.contains("small.gguf"), "\(message)")
        }
    }

    @Test("Rope divisors and factors of a wrong length are named")
    func ropeTensors() throws {
        var model = SmallModel()
        model.shapes["rope_freqs.weight"] = [3]
        #expect(try model.openingError().contains("rope_freqs.weight"))
        model = SmallModel()
        model.shapes["rope_factors_long.weight"] = [2]
        model.shapes["rope_factors_short.weight"] = [1]
        #expect(try model.openingError().contains("rope_factors_short.weight"))
    }

    @Test("Rope divisors of zero or NaN are refused", arguments: [0, Float.nan])
    func ropeDivisors(value: Float) throws {
        var model = SmallModel()
        model.shapes["rope_freqs.weight"] = [2]
        model.firstElements["rope_freqs.weight"] = value
        #expect(try model.openingError().contains("rope scaling"))
    }

    @Test("A matrix of whole numbers is no weight")
    func integers() throws {
        let i32 = try #require(GGUFTensorType(number: 26))
        for tensor in ["token_embd.weight", "output_norm.weight", "blk.0.attn_q.weight"] {
            var model = SmallModel()
            model.types[tensor] = i32
            let message = try model.openingError()
            #expect(message.contains(tensor) && message.contains("I32"), "\(message)")
        }
    }
}

@Suite("What is wrong at run time ends in an error")
struct BadRunTests {
    @Test(
        "Tokens outside the vocabulary are refused, and the sequence stays", arguments: [-1, 12, Int32.max, Int32.min])
    func token(id: Int32) throws {
        try SmallModel().withDecoder { loaded in
            let sequence = KVCache(layout: loaded.decoder.cacheLayout(.f32), context: 32).makeSequence()
            #expect(throws: ModelError.unknownToken(id, vocabulary: 12)) {
                try loaded.decoder.run([.init(sequence, [1, id])])
            }
            #expect(sequence.length == 0)
            #expect(throws: (any Error).self) { try Perplexity(loaded.decoder, tokens: [1, 2, id], context: 32) }
            #expect(throws: (any Error).self) { try Perplexity(loaded.decoder, tokens: [id, 2, 1], context: 32) }
        }
    }

    @Test("More tokens than the context are refused with both numbers")
    func context() throws {
        try SmallModel().withDecoder { loaded in
            let sequence = KVCache(layout: loaded.decoder.cacheLayout(.f32), context: 4).makeSequence()
            #expect(throws: ModelError.contextExceeded(needed: 5, context: 4)) {
                try loaded.decoder.run([.init(sequence, [1, 2, 3, 4, 5])])
            }
        }
    }

    @Test("Windows of no or one token measure nothing and are refused", arguments: [-1, 0, 1])
    func window(context: Int) throws {
        try SmallModel().withDecoder { loaded in
            #expect(throws: ModelError.self) {
                try Perplexity(loaded.decoder, tokens: [1, 2, 3], context: context)
            }
        }
    }

    @Test(
        "NaN in a weight is found and named when it reaches the logits", arguments: SmallModel().shapes.keys.sorted())
    func damaged(tensor: String) throws {
        var model = SmallModel()
        model.firstElements[tensor] = .nan
        try model.withDecoder { loaded in
            // Token 0 reads the damaged row of the embedding.
            #expect {
                try Perplexity(loaded.decoder, tokens: [0, 1, 2, 3], context: 32)
            } throws: { error in
                "\(error)".contains("'\(tensor)'") && "\(error)".contains("small.gguf")
            }
            #expect(loaded.decoder.damage() == .damagedTensor(tensor, file: loaded.path))
        }
    }
}
