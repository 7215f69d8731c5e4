import ApusModelFiles
import ApusTensors
import Testing

@testable import ApusModels

/// What PEFT computed with one of the adapters in `Fixtures/adapters`.
struct AdapterGolden {
    static let names = ["bloom", "gemma2", "gpt2", "llama", "llama-patterns", "mixtral", "phi3", "qwen3"]

    /// The adapter's folder.
    let folder: String
    /// The model's folder.
    let base: String
    let tokens: [Int32]
    let positions: [Int]
    let logits: [Float]

    init(_ name: String) throws {
        folder = "\(Golden.fixtures)/adapters/\(name)"
        let config = try JSON(parsing: Self.read("\(folder)/adapter_config.json"))
        let golden = try Golden(try #require(config["base_model_name_or_path"]?.stringValue))
        base = golden.folder
        let prompt = try #require(golden.prompts.last)
        tokens = prompt.tokens
        positions = prompt.positions
        logits = try Self.read("\(folder)/logits.f32").withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }

    static func read(_ path: String) throws -> [UInt8] { try FileMapping(path: path).withBytes { Array($0) } }
}

/// The logits of all positions of a text.
func allLogits(_ decoder: any Decoder, _ tokens: [Int32], chunk: Int = 1000) throws -> [Float] {
    let context = max(decoder.configuration.context, tokens.count)
    let sequence = KVCache(layout: decoder.cacheLayout(.f32), context: context).makeSequence()
    return try stride(from: 0, to: tokens.count, by: chunk).flatMap { start in
        let part = Array(tokens[start..<min(start + chunk, tokens.count)])
        return try decoder.run([.init(sequence, part, outputs: part.count)]).toArray()
    }
}

@Suite("Adapters compute what PEFT computes")
struct AdapterGoldenTests {
    @Test("Logits are within 1e-4 of the largest", arguments: AdapterGolden.names)
    func logits(name: String) throws {
        let golden = try AdapterGolden(name)
        let model = try LoadedDecoder(path: golden.base, adapters: [AdapterReference(path: golden.folder)])
        let vocabulary = model.configuration.vocabulary
        let all = try allLogits(model.decoder, golden.tokens)
        let base = try allLogits(LoadedDecoder(path: golden.base).decoder, golden.tokens)
        for (row, position) in golden.positions.enumerated() {
            let place = position * vocabulary..<(position + 1) * vocabulary
            let expected = golden.logits[row * vocabulary..<(row + 1) * vocabulary]
            #expect(relativeError(all[place], expected) < 1e-4, "\(name), position \(position)")
            #expect(relativeError(base[place], expected) > 1e-3, "\(name): the adapter changes little")
        }
    }

    @Test("A sequence's logits are the same bits whole, in chunks and among others", arguments: AdapterGolden.names)
    func sameBits(name: String) throws {
        let golden = try AdapterGolden(name)
        let decoder = try LoadedDecoder(path: golden.base, adapters: [AdapterReference(path: golden.folder)]).decoder
        let whole = try allLogits(decoder, golden.tokens)
        for chunk in [1, 7] { #expect(try allLogits(decoder, golden.tokens, chunk: chunk) == whole) }
        let cache = KVCache(layout: decoder.cacheLayout(.f32), context: max(64, golden.tokens.count))
        let parts = [3, golden.tokens.count, 11].map {
            Batch.Part(cache.makeSequence(), Array(golden.tokens.prefix($0)), outputs: $0)
        }
        let batch = try decoder.run(parts).toArray()
        let vocabulary = decoder.configuration.vocabulary
        #expect(Array(batch[3 * vocabulary..<3 * vocabulary + whole.count]) == whole)
    }

    @Test("A scale of 0 leaves the model as it is, to the bit", arguments: AdapterGolden.names)
    func scaleZero(name: String) throws {
        let golden = try AdapterGolden(name)
        let none = try LoadedDecoder(path: golden.base, adapters: [AdapterReference(path: golden.folder, scale: 0)])
        let base = try LoadedDecoder(path: golden.base)
        #expect(try allLogits(none.decoder, golden.tokens) == allLogits(base.decoder, golden.tokens))
    }

    @Test("Several adapters add up", arguments: AdapterGolden.names)
    func several(name: String) throws {
        let golden = try AdapterGolden(name)
        func logits(_ scales: [Float]) throws -> [Float] {
            let adapters = scales.map { AdapterReference(path: golden.folder, scale: $0) }
            return try allLogits(LoadedDecoder(path: golden.base, adapters: adapters).decoder, golden.tokens)
        }
        let one = try logits([1])
        #expect(try relativeError(logits([0.25, 0.75]), one) < 1e-5)
        #expect(try relativeError(logits([1, -1, 1]), one) < 1e-5)
        #expect(try relativeError(logits([]), one) > 1e-3)
    }

    @Test("Two adapters of different maps and ranks add up as in merged weights")
    func different() throws {
        let golden = try AdapterGolden("llama")
        let references = ["llama", "llama-patterns"].enumerated().map {
            AdapterReference(path: "\(Golden.fixtures)/adapters/\($1)", scale: $0 == 0 ? 1 : 0.5)
        }
        let model = try LoadedDecoder(path: golden.base, adapters: references)
        try expectMerged(model, golden.tokens)
    }

    @Test("Merged into the weights, an adapter computes the same", arguments: AdapterGolden.names)
    func merged(name: String) throws {
        let golden = try AdapterGolden(name)
        try expectMerged(
            LoadedDecoder(path: golden.base, adapters: [AdapterReference(path: golden.folder, scale: 0.7)]),
            golden.tokens)
    }

    private func expectMerged(_ model: LoadedDecoder, _ tokens: [Int32]) throws {
        let merged = model.merged
        #expect(merged.weights.tensorNames == model.weights.tensorNames)
        let decoder = try type(of: model.decoder).init(
            model.configuration, Weights(merged.weights, file: model.decoder.weights.file))
        #expect(try relativeError(allLogits(decoder, tokens), allLogits(model.decoder, tokens)) < 1e-5)
    }

    @Test("An adapter that is read and written is the same to PEFT's reader", arguments: AdapterGolden.names)
    func written(name: String) throws {
        let golden = try AdapterGolden(name)
        let base = try LoadedDecoder(path: golden.base)
        let adapter = try Adapter(path: golden.folder, for: base)
        try withFolder { folder in
            var settings = Adapter.PEFTSettings(base: golden.base)
            settings.isRankStabilised = name == "llama-patterns"
            settings.card = "# An adapter\n"
            try adapter.writePEFT(to: folder, for: base, settings)
            try adapter.writeGGUF(to: "\(folder)/adapter.gguf", for: base, name: name)
            let first = try SafetensorsFile(path: "\(golden.folder)/adapter_model.safetensors")
            let second = try SafetensorsFile(path: "\(folder)/adapter_model.safetensors")
            #expect(first.tensorNames.sorted() == second.tensorNames.sorted())
            for tensor in first.tensorNames {
                let (a, b) = (try first.tensor(named: tensor), try second.tensor(named: tensor))
                #expect(a.shape == b.shape)
                #expect(a.withBytes { Array($0) } == b.withBytes { Array($0) }, "\(tensor)")
            }
            let expected = try allLogits(base.adapted(by: [.init(adapter)]).decoder, golden.tokens)
            let folderAgain = try LoadedDecoder(path: golden.base, adapters: [AdapterReference(path: folder)])
            #expect(try allLogits(folderAgain.decoder, golden.tokens) == expected)
            let fileAgain = try LoadedDecoder(
                path: golden.base, adapters: [AdapterReference(path: "\(folder)/adapter.gguf")])
            #expect(try relativeError(allLogits(fileAgain.decoder, golden.tokens), expected) < 1e-5)
        }
    }
}
