import ApusConversion
import ApusModelFiles
import ApusModels
import ApusTensors
import Glibc
import Testing

// One after another: only one observer at a time can watch what is multiplied.
@Suite("Converting and quantising", .serialized)
struct ConversionTests {
    static let fixtures =
        #filePath.split(separator: "/").dropLast(2).reduce("") { $0 + "/" + $1 } + "/ModelsTests/Fixtures"

    /// One of each family, each rotary scaling, and every arrangement of tensors.
    static let names = [
        "bloom", "bloom-six-heads", "bloom-post-norm-residual", "gemma", "gemma2", "gemma3", "gemma3-linear", "gpt2",
        "gpt2-inverse-layer", "gpt2-pickle", "gpt2-unscaled", "llama", "llama-bfloat16", "llama-biases",
        "llama-dynamic",
        "llama-head-dim", "llama-linear", "llama-llama3", "llama-longrope", "llama-tied", "llama-yarn",
        "llama-yarn-attention-factor", "llama-yarn-mscale", "mistral", "mistral-no-window", "mixtral", "phi3",
        "phi3-longrope",
        "phi3-longrope-partial", "phi3-window", "qwen2", "qwen2-window", "qwen3", "qwen3-untied-bias",
    ]

    private static let folder: String = {
        var template = Array("/tmp/apus-conversion-XXXXXX".utf8CString)
        return mkdtemp(&template).map { String(cString: $0) } ?? "."
    }()

    /// Stands for a tokenizer: the vocabulary's size is all that these tests need.
    private func tokenizer(_ count: Int) -> [(key: String, value: GGUFValue)] {
        [
            ("tokenizer.ggml.model", .string("gpt2")), ("tokenizer.ggml.pre", .string("gpt-2")),
            ("tokenizer.ggml.tokens", .array(GGUFArray((0..<count).map { "<\($0)>" }))),
            ("tokenizer.ggml.merges", .array(GGUFArray([String]()))),
        ]
    }

    private func converted(_ name: String, as type: DType? = nil) throws -> String {
        let path = "\(Self.folder)/\(name)-\(UInt64.random(in: 0 ... .max)).gguf"
        let source = "\(Self.fixtures)/\(name)"
        let model = try LoadedDecoder(path: source)
        try GGUFConverter(
            model, HuggingFaceFolder(path: source), type: type, tokenizer: tokenizer(model.configuration.vocabulary)
        ).write(to: path, name: name)
        return path
    }

    private func logits(_ path: String) throws -> [Float] {
        let decoder = try LoadedDecoder(path: path).decoder
        let cache = KVCache(layout: decoder.cacheLayout(.f32), context: max(40, decoder.configuration.context))
        let tokens = (0..<40).map { Int32(($0 * 37 + 11) % min(90, decoder.configuration.vocabulary)) }
        return try decoder.run([.init(cache.makeSequence(), tokens, outputs: tokens.count)]).toArray()
    }

    private func difference(_ a: [Float], _ b: [Float]) -> Float {
        let largest = a.map(\.magnitude).max() ?? 0
        return a.count == b.count ? (zip(a, b).map { ($0 - $1).magnitude }.max() ?? 0) / largest : .infinity
    }

    @Test("A folder's GGUF file gives the folder's logits", arguments: names)
    func toGGUF(name: String) throws {
        let expected = try logits("\(Self.fixtures)/\(name)")
        #expect(difference(expected, try logits(converted(name))) < 1e-5)
    }

    @Test("A tensor comes back from GGUF as the folder has it", arguments: names)
    func back(name: String) throws {
        let original = try HuggingFaceFolder(path: "\(Self.fixtures)/\(name)").weights
        let file = try LoadedDecoder(path: converted(name))
        // Published GPT-2 and BLOOM files leave the outer name out, and have masks beside the weights.
        let prefix = "transformer."
        let isBare = !original.tensorNames.contains { $0.hasPrefix(prefix) || $0.hasPrefix("model.") }
        let weights = original.tensorNames.filter { name in
            ![".attn.bias", ".attn.masked_bias"].contains { name.hasSuffix($0) }
                && (name != "lm_head.weight" || !file.configuration.tied)
        }
        var seen = 0
        for ggufName in file.weights.tensorNames {
            for tensor in try file.huggingFaceTensors(ggufName) {
                let stored = try original.tensor(
                    named: isBare ? String(tensor.name.dropFirst(prefix.count)) : tensor.name)
                #expect(stored.shape == tensor.shape)
                let made = try tensor.load()
                #expect(made.shape == tensor.shape)
                if name.hasPrefix("gemma"), stored.shape.count == 1 {
                    // 1 was added and taken off again, each with its rounding.
                    let pairs = zip(try values(made), try values(stored))
                    #expect(pairs.allSatisfy { ($0 - $1).magnitude < 3e-7 }, "\(tensor.name)")
                } else if made.dtype != stored.dtype {
                    // Vectors are float32 in GGUF, whatever they were.
                    #expect(try values(made) == values(stored), "\(tensor.name)")
                } else {
                    #expect(made.withBytes { Array($0) } == stored.withBytes { Array($0) }, "\(tensor.name)")
                }
                seen += 1
            }
        }
        #expect(seen == weights.count)
    }

    @Test("config.json made from GGUF means the same model", arguments: names)
    func config(name: String) throws {
        let file = try LoadedDecoder(path: converted(name))
        let config = try file.huggingFaceConfig(dtype: "float32", bos: 1, eos: [2])
        let type = try #require(config["model_type"]?.stringValue)
        let parameters = Parameters(file: "config.json") { config[$0] }
        let family = try DecoderFamilies.named(huggingFace: type, file: "config.json")
        var made = try family.configuration(huggingFace: parameters, type: type)
        var expected = try LoadedDecoder(path: "\(Self.fixtures)/\(name)").configuration
        // Float32 in GGUF, decimal text in config.json: equal as frequencies rather than as numbers.
        let (a, b) = (made.rope?.frequencies(context: made.context), expected.rope?.frequencies(context: made.context))
        for (x, y) in zip(a?.frequencies ?? [], b?.frequencies ?? []) { #expect((x - y).magnitude <= 1e-6 * y) }
        #expect(((a?.amplitude ?? 0) - (b?.amplitude ?? 0)).magnitude < 1e-6)
        (made.rope, expected.rope) = (nil, nil)
        #expect((made.attentionScale - expected.attentionScale).magnitude < 1e-6)
        made.attentionScale = expected.attentionScale
        #expect(made == expected)
    }

    /// How far off a weight may be, relative to the root mean square: a grid of 2ᵇ steps over a block's range of some
    /// ±2.2 σ has a step of 4.4 σ / 2ᵇ and an error of step / √12; half as much again is allowed. Float types round by
    /// 2⁻¹² and 2⁻⁹ at most.
    static let recipeErrors: [(String, Float)] = [
        ("F16", 2.5e-4), ("BF16", 2e-3), ("Q8_0", 0.0075), ("Q6_K", 0.03), ("Q5_0", 0.06), ("Q5_1", 0.06),
        ("Q5_K", 0.06),
        ("Q4_0", 0.12), ("Q4_1", 0.12), ("Q4_K", 0.12), ("Q4_K_M", 0.12),
    ]

    @Test("Every recipe writes the types it says, with errors of the size of their steps", arguments: recipeErrors)
    func recipes(name: String, tolerance: Float) throws {
        let model = try LoadedDecoder(path: converted("llama-tied"))
        guard case .gguf(let file) = model.format else { return }
        let recipe = try QuantizationRecipe(named: name)
        #expect(recipe.name == name)
        let path = "\(Self.folder)/recipe-\(name).gguf"
        let result = try Quantizer(model, file, recipe).write(to: path)
        let written = try GGUFFile(path: path)
        for step in result.steps {
            #expect(written.info(named: step.name)?.type.dtype == step.to)
            let (before, after) = (try values(file, step.name), try values(written, step.name))
            let error = zip(before, after).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            let size = before.reduce(0) { $0 + $1 * $1 }
            #expect((error / size).squareRoot() <= tolerance, "\(step.name) as \(step.to)")
        }
        #expect(written.metadata["general.file_type"]?.intValue == Int(recipe.fileType))
        #expect(try LoadedDecoder(path: path).configuration == model.configuration)
    }

    private func values(_ source: some WeightSource, _ name: String) throws -> [Float] {
        try values(source.tensor(named: name))
    }

    private func values(_ stored: StoredTensor) throws -> [Float] {
        try Tensor(shape: stored.shape, dtype: stored.dtype, borrowing: stored.bytes, owner: stored.owner)
            .toArray()
    }

    @Test("Quantising what is quantised is refused unless it is asked for")
    func requantising() throws {
        let source = try converted("llama", as: .q8_0)
        let model = try LoadedDecoder(path: source)
        guard case .gguf(let file) = model.format else { return }
        let recipe = try QuantizationRecipe(named: "Q4_0")
        #expect(throws: ConversionError.self) { try Quantizer(model, file, recipe) }
        let path = "\(Self.folder)/requantised.gguf"
        _ = try Quantizer(model, file, recipe, allowsRequantizing: true).write(to: path)
        #expect(try LoadedDecoder(path: path).configuration == model.configuration)
    }

    @Test("A progress callback that throws leaves no file")
    func stopped() throws {
        struct Stop: Error {}
        let model = try LoadedDecoder(path: converted("llama"))
        guard case .gguf(let file) = model.format else { return }
        let path = "\(Self.folder)/stopped.gguf"
        #expect(throws: Stop.self) {
            try Quantizer(model, file, QuantizationRecipe(base: .q8_0)).write(
                to: path, progress: { step in if step.index == 3 { throw Stop() } })
        }
        #expect(!FileMapping.isFile(path))
    }

    @Test("Importance is seen for every matrix that takes part, and shifts what quantising keeps")
    func importance() throws {
        let source = try converted("llama")
        let model = try LoadedDecoder(path: source)
        let tokens = (0..<200).map { Int32(($0 * 31 + 7) % 90) }
        let importance = try Importance(model, tokens: tokens)
        for name in model.weights.tensorNames where name.contains("attn_q.") || name.contains("ffn_down.") {
            let columns = try #require(importance.columns(of: name))
            #expect(columns.count == (try model.weights.tensor(named: name)).shape[1])
            #expect(columns.allSatisfy { $0 >= 0 && $0.isFinite } && columns.contains { $0 > 0 })
        }
    }

    @Test("Importance is kept in a file and read back; another model's is refused")
    func importanceFile() throws {
        let model = try LoadedDecoder(path: converted("mixtral"))
        guard case .gguf(let file) = model.format else { return }
        let tokens = (0..<200).map { Int32(($0 * 31 + 7) % 90) }
        var importance = try Importance(model, tokens: tokens)
        importance.sources = ["story.txt"]
        let path = "\(Self.folder)/importance.gguf"
        try importance.write(to: path)
        #expect(Importance.isFile(path) && !Importance.isFile(file.files[0]))
        let read = try Importance(file: path)
        #expect(read.entries == importance.entries && read.sources == ["story.txt"])
        #expect(read.windows == importance.windows && read.windowTokens == 64)
        // An expert's own columns, for each expert.
        let experts = try #require(read.entries["blk.0.ffn_down_exps.weight"])
        #expect(experts.rows.count == 4 && experts.sums.count == 4 * 24)
        // Two experts a token; the last token of each of four windows is predicted only.
        #expect(experts.rows.reduce(0, +) == 2 * (200 - 4))
        let other = try LoadedDecoder(path: converted("llama"))
        guard case .gguf(let otherFile) = other.format else { return }
        let recipe = try QuantizationRecipe(named: "Q4_0")
        #expect(throws: ConversionError.self) {
            var foreign = read
            foreign.entries["blk.0.ffn_down.weight"] = Importance.Entry(sums: [1, 2, 3], rows: [1])
            _ = try Quantizer(other, otherFile, recipe, importance: foreign)
        }
        #expect(throws: ConversionError.self) { try Importance(file: file.files[0]) }
        _ = try Quantizer(model, file, recipe, importance: read).write(to: "\(Self.folder)/weighed.gguf")
    }

    @Test("With importance the first eighth's feed-forward outputs get a minimum, as in llama.cpp")
    func importanceTypes() throws {
        var c = try LoadedDecoder(path: "\(Self.fixtures)/llama").configuration
        c.layers = 16
        for (base, better) in [(DType.q4_0, DType.q4_1), (.q5_0, .q5_1), (.q8_0, .q8_0)] {
            var recipe = QuantizationRecipe(base: base)
            func type(_ layer: Int) -> DType {
                recipe.choice("blk.\(layer).ffn_down.weight", shape: [32, 64], stored: .f32, c).type
            }
            #expect(type(0) == base)
            recipe.weighsColumns = true
            #expect(type(0) == better && type(1) == better && type(2) == base)
        }
    }

    @Test("A model in parts gives the logits of the whole, quantised or converted")
    func parts() throws {
        let source = "\(Self.fixtures)/llama"
        let model = try LoadedDecoder(path: source)
        let paths = try GGUFConverter(
            model, HuggingFaceFolder(path: source), tokenizer: tokenizer(model.configuration.vocabulary)
        ).write(to: "\(Self.folder)/parts.gguf", name: "parts", licence: "mit", partBytes: 20_000)
        #expect(paths.count > 2 && paths[0].hasSuffix("/parts-00001-of-0000\(paths.count).gguf"))
        #expect(difference(try logits(source), try logits(paths[1])) < 1e-5)
        let whole = try LoadedDecoder(path: paths[0])
        guard case .gguf(let file) = whole.format else { return }
        #expect(try file.metadata.string("general.license") == "mit")
        let result = try Quantizer(whole, file, QuantizationRecipe(base: .q8_0)).write(to: "\(Self.folder)/one.gguf")
        #expect(result.paths.count == 1)
        #expect(!(try GGUFFile(path: result.paths[0])).metadata.has("split.count"))
    }
}
