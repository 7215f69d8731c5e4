import ApusConversion
import ApusModelFiles
import ApusModels
import ApusTensors
import ApusTokenization

/// Writes a trained model as a Hugging Face folder that transformers and Apus load: weights, `config.json`, tokenizer,
/// chat template, and `apus_training.json`, which says what it was made from.
public struct TrainedFolder {
    /// What the model was before.
    public enum Base {
        /// A model's files, whose tokenizer and template are taken over.
        case model(LoadedDecoder)
        /// Nothing; files of a tokenizer by name.
        case tokenizer(files: [(name: String, contents: String)], special: SpecialTokens)
    }

    private let decoder: any DecoderFamily
    private let weights: any WeightSource
    private let base: Base
    private let lineage: JSON.Object
    private let card: String
    private let chatTemplate: String?

    /// - Parameters:
    ///   - weights: all of the model, under their GGUF names.
    ///   - lineage: the contents of `apus_training.json`.
    ///   - card: the contents of README.md.
    ///   - chatTemplate: in place of the base's own; nil for that.
    public init(
        _ decoder: any DecoderFamily, weights: any WeightSource, base: Base, lineage: JSON.Object, card: String,
        chatTemplate: String? = nil
    ) {
        self.decoder = decoder
        self.weights = weights
        self.base = base
        self.lineage = lineage
        self.card = card
        self.chatTemplate = chatTemplate
    }

    /// Writes into a folder, which is made where it does not exist. `config.json` comes last: a folder without it is not
    /// taken for a model.
    public func write(to folder: String) throws {
        try Folder.make(folder)
        try Self.write(lineage, to: folder)
        switch base {
        case .model(let loaded):
            switch loaded.format {
            case .gguf(let file):
                try HuggingFaceExporter(loaded.with(weights), file, dtype: .f32).write(to: folder, replacing: true)
            case .huggingFace(let source):
                try writeWeights(to: folder)
                try copyFiles(of: source, to: folder)
            }
        case .tokenizer(let files, let special):
            try writeWeights(to: folder)
            for file in files { try Self.write(file.contents, file.name, folder) }
            let ends = [special.eos].compactMap { $0.map(Int.init) }
            let config = try decoder.wholeHuggingFaceConfig(
                dtype: "float32", bos: special.bos.map(Int.init), eos: ends, pad: special.pad.map(Int.init))
            try Self.write(JSON.object(config).serialized(pretty: true) + "\n", "config.json", folder)
        }
        if let chatTemplate { try Self.write(chatTemplate, "chat_template.jinja", folder) }
        try Self.write(card, "README.md", folder)
    }

    private func writeWeights(to folder: String) throws {
        let tensors = try weights.tensorNames.map {
            try decoder.huggingFaceTensor(weights.tensor(named: $0), rotatesPairs: false, file: folder)
        }
        let byName = Dictionary(tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        try SafetensorsWriter.write(
            folder: folder, tensors: tensors.map { .init(name: $0.name, type: .f32, shape: $0.shape) }
        ) { description, append in
            guard let tensor = byName[description.name] else { return }
            try tensor.load().viewed(file: folder).withFloats { try append(UnsafeRawBufferPointer($0)) }
        }
    }

    /// Tokenizer, template and generation settings stay as they are; in `config.json` the type of the weights changes.
    private func copyFiles(of source: HuggingFaceFolder, to folder: String) throws {
        let taken = { (name: String) in
            name.hasSuffix(".jinja") || name.hasPrefix("tokenizer") || name.hasPrefix("LICENSE")
                || [
                    "generation_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
                    "vocab.txt", "merges.txt", "spiece.model", "sentencepiece.bpe.model",
                ].contains(name)
        }
        for name in try Folder.names(source.path) where taken(name) {
            let contents = try FileMapping(path: "\(source.path)/\(name)")
            let output = try OutputFile(path: "\(folder)/\(name)")
            try contents.withBytes { try output.write($0) }
            try output.finish()
        }
        var config = source.config.whole
        for key in ["torch_dtype", "dtype"] where config.has(key) { config[key] = "float32" }
        try Self.write(JSON.object(config).serialized(pretty: true) + "\n", "config.json", folder)
    }

    /// Writes what a folder's contents were made from.
    static func write(_ lineage: JSON.Object, to folder: String) throws {
        try write(JSON.object(lineage).serialized(pretty: true) + "\n", "apus_training.json", folder)
    }

    private static func write(_ text: String, _ name: String, _ folder: String) throws {
        let output = try OutputFile(path: "\(folder)/\(name)")
        try output.write(Array(text.utf8))
        try output.finish()
    }
}
