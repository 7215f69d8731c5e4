import ApusModelFiles
import ApusModels
import ApusTokenization

/// What is fuzzed: each opens the input as a file of one kind and uses what it got.
enum Target: String, CaseIterable {
    case gguf
    case safetensors
    case pytorch
    case tokenizer
    case sentencepiece
    case tiktoken
    case jinja
    case config
    case decoder

    func run(_ input: [UInt8]) {
        // Errors are what bad input should end in. Each is spelled out, as messages are made of the input too.
        do {
            switch self {
            case .gguf: try gguf(input)
            case .safetensors: try readAll(SafetensorsFile(bytes: input, name: "input.safetensors"))
            case .pytorch: try readAll(PyTorchFile(bytes: input, name: "input.bin"))
            case .tokenizer: try use(Tokenizer(tokenizerJSON: input))
            case .sentencepiece: try use(Tokenizer(sentencePiece: SentencePieceModel(parsing: input)))
            case .tiktoken: try tiktoken(input)
            case .jinja: try jinja(input)
            case .config: try config(input)
            case .decoder: try decoder(input)
            }
        } catch {
            if "\(error)".isEmpty { fail("an error without a description: \(type(of: error))") }
        }
    }

    private func gguf(_ input: [UInt8]) throws {
        let file = try GGUFFile(bytes: input, name: "input.gguf")
        for entry in file.metadata.entries { _ = "\(entry)" }
        try? readAll(file)
        try use(Tokenizer(gguf: file.metadata))
    }

    private func tiktoken(_ input: [UInt8]) throws {
        let encoding = TiktokenEncoding.allCases[Int(input.first ?? 0) % TiktokenEncoding.allCases.count]
        try input.dropFirst().withContiguousStorageIfAvailable {
            try use(Tokenizer(tiktoken: $0, file: "input.tiktoken", encoding: encoding))
        }
    }

    private func jinja(_ input: [UInt8]) throws {
        let template = try ChatTemplate(String(decoding: input, as: UTF8.self), name: "input.jinja")
        _ = try? template.render(Conversation.plain)
        _ = try template.render(Conversation.withTools)
    }

    /// `config.json` as each family reads it.
    private func config(_ input: [UInt8]) throws {
        let json = try JSON(parsing: input)
        let config = try HuggingFaceConfig(json, file: "config.json")
        let parameters = Parameters(file: "config.json") { config[$0] }
        let type = try parameters.text("model_type")
        let family = try DecoderFamilies.named(huggingFace: type, file: "config.json")
        let configuration = try family.configuration(huggingFace: parameters, type: type).validated("config.json")
        _ = family.tensorNames(configuration)
    }

    /// A whole model of a few kilobytes, which answers if it opens.
    private func decoder(_ input: [UInt8]) throws {
        let loaded = try LoadedDecoder(GGUFFile(bytes: input, name: "input.gguf"), path: "input.gguf")
        let decoder = loaded.decoder
        let cache = KVCache(layout: decoder.cacheLayout(.f32), context: min(8, loaded.configuration.context))
        let logits = try decoder.run([.init(cache.makeSequence(), [0, 1])])
        _ = logits.toArray()
    }

    /// Every tensor, to its last byte.
    private func readAll(_ source: some WeightSource) throws {
        var failure: (any Error)?
        for name in source.tensorNames {
            do {
                let tensor = try source.tensor(named: name)
                tensor.withBytes { bytes in
                    var sum: UInt8 = 0
                    for byte in bytes { sum ^= byte }
                    blackHole = sum
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    private func use(_ tokenizer: Tokenizer) throws {
        for text in Conversation.texts {
            for parses in [false, true] {
                // Where the vocabulary lacks a token for what it does not cover, an error is right.
                let ids = (try? tokenizer.encode(text, addSpecial: true, parseSpecial: parses)) ?? []
                _ = tokenizer.decode(ids)
                _ = tokenizer.text(ids, skipSpecial: true)
            }
            for piece in (try? tokenizer.pieces(text)) ?? []
            where piece.range.lowerBound < 0 || piece.range.upperBound > text.utf8.count {
                fail("a piece \(piece) of '\(text)' lies outside it")
            }
        }
        for id in [TokenID(-1), 0, 1, 2, 255, .max] {
            _ = tokenizer.piece(of: id)
            _ = tokenizer.spelling(of: id)
            _ = tokenizer.isSpecial(id)
            _ = tokenizer.decode([id, id])
        }
    }
}

/// Keeps a result from being optimised away.
nonisolated(unsafe) var blackHole: UInt8 = 0
