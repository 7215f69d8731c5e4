#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A folder as `save_pretrained` writes it: configuration, tokenizer, template and weights. Opening it reads the small
/// files only.
public struct HuggingFaceFolder: Sendable {
    public let path: String
    /// `config.json`.
    public let config: HuggingFaceConfig
    /// `generation_config.json`; an empty object where there is none. So for the following.
    public let generationConfig: JSON
    public let tokenizerConfig: JSON
    public let specialTokensMap: JSON
    /// The chat templates by their names; one that stands alone is `default`.
    public let chatTemplates: [(name: String, template: String)]

    /// These files are a few kilobytes; tokenizer configurations with thousands of tokens reach megabytes.
    private static let largestFile = 1 << 24
    private static let mostValues = 1 << 19

    /// - Parameter needsConfig: false where only the tokenizer is wanted: a missing `config.json` is an empty one.
    /// - Throws: `HuggingFaceError`, `FileError`, `JSONError`.
    public init(path: String, needsConfig: Bool = true) throws {
        guard FileMapping.isFolder(path) else { throw HuggingFaceError.notAFolder(path: path) }
        self.path = path
        let read = { (name: String) in try Self.readJSON("\(path)/\(name)") }
        let config = try read("config.json")
        if config == nil, needsConfig { throw HuggingFaceError.missingConfig(path: path) }
        self.config = try HuggingFaceConfig(config ?? .object([:]), file: "\(path)/config.json")
        generationConfig = try read("generation_config.json") ?? .object([:])
        tokenizerConfig = try read("tokenizer_config.json") ?? .object([:])
        specialTokensMap = try read("special_tokens_map.json") ?? .object([:])
        chatTemplates = try Self.readTemplates(path, tokenizerConfig)
    }

    // MARK: Files

    /// The path of a file of the folder; nil where it is not there.
    public func file(_ name: String) -> String? {
        let full = "\(path)/\(name)"
        return FileMapping.isFile(full) ? full : nil
    }

    /// The weights: safetensors where they are there, otherwise files of torch.save, single or sharded. Each call opens
    /// them anew.
    public var weights: any WeightSource {
        get throws {
            if let single = file("model.safetensors") { return try SafetensorsFile(path: single) }
            if let index = file("model.safetensors.index.json") {
                return try ShardedWeights(indexPath: index) { try SafetensorsFile(path: $0) }
            }
            if let single = file("pytorch_model.bin") { return try PyTorchFile(path: single) }
            if let index = file("pytorch_model.bin.index.json") {
                return try ShardedWeights(indexPath: index) { try PyTorchFile(path: $0) }
            }
            let others = Self.names(in: path).filter { name in
                [".safetensors", ".bin", ".gguf", ".h5", ".msgpack", ".pth", ".pt", ".ckpt", ".onnx"].contains {
                    name.hasSuffix($0)
                }
            }
            throw HuggingFaceError.missingWeights(path: path, found: others)
        }
    }

    /// The head of `README.md`; empty where there is none.
    public var card: ModelCard {
        guard let readme = file("README.md"), let mapping = try? FileMapping(path: readme) else { return ModelCard("") }
        return ModelCard(mapping.withBytes { String(decoding: $0.prefix(1 << 16), as: UTF8.self) })
    }

    // MARK: Tokens and templates

    /// The template for a conversation; nil where there is none.
    /// - Parameter tools: with tools the template `tool_use` is taken where there is one, as transformers does.
    public func chatTemplate(tools: Bool = false) -> String? {
        let named = { (name: String) in chatTemplates.first { $0.name == name }?.template }
        return tools ? named("tool_use") ?? named("default") : named("default")
    }

    /// The text of a special token such as `bos_token`, written as a string or as an object with `content`, in
    /// `tokenizer_config.json` or `special_tokens_map.json`.
    public func specialToken(_ role: String) -> String? {
        for source in [tokenizerConfig, specialTokensMap] {
            guard let value = source[role] else { continue }
            if let text = value.stringValue ?? value["content"]?.stringValue { return text }
        }
        return nil
    }

    /// All tokens that end a text by `generation_config.json` and `config.json`.
    public var endTokenIDs: [Int] {
        var ids = generationConfig["eos_token_id"]?.integerOrIntegers ?? []
        for id in config.endTokenIDs where !ids.contains(id) { ids.append(id) }
        return ids
    }

    // MARK: Reading

    private static func read(_ path: String) throws -> FileMapping? {
        let mapping: FileMapping
        do {
            mapping = try FileMapping(path: path)
        } catch FileError.missing {
            return nil
        }
        guard mapping.count <= largestFile else {
            throw FileError.tooLarge(path: path, bytes: mapping.count, limit: largestFile)
        }
        return mapping
    }

    private static func readJSON(_ path: String) throws -> JSON? {
        guard let mapping = try read(path) else { return nil }
        return try mapping.withBytes { bytes in
            try JSON(parsing: bytes, maximumValues: mostValues, allowsNonFinite: true, source: path)
        }
    }

    private static func readText(_ path: String) throws -> String? {
        guard let mapping = try read(path) else { return nil }
        guard let text = mapping.withBytes({ String(validating: $0, as: UTF8.self) }) else {
            throw HuggingFaceError.notUTF8(file: path)
        }
        return universalNewlines(text)
    }

    /// Python opens text files so that every line ends with a line feed.
    private static func universalNewlines(_ text: String) -> String {
        guard text.utf8.contains(0x0d) else { return text }
        var bytes: [UInt8] = []
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == 0x0a, previous == 0x0d {
                // The pair has already given its line feed.
            } else {
                bytes.append(byte == 0x0d ? 0x0a : byte)
            }
            previous = byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Templates in files of their own stand before those of the tokenizer's configuration, as in transformers; the
    /// processor's old `chat_template.json` comes last.
    private static func readTemplates(
        _ path: String, _ tokenizerConfig: JSON
    ) throws -> [(name: String, template: String)] {
        var templates: [(name: String, template: String)] = []
        if let text = try readText("\(path)/chat_template.jinja") { templates.append(("default", text)) }
        let folder = "\(path)/additional_chat_templates"
        for name in names(in: folder) where name.hasSuffix(".jinja") {
            if let text = try readText("\(folder)/\(name)") { templates.append((String(name.dropLast(6)), text)) }
        }
        if !templates.isEmpty { return templates }
        templates = try named(tokenizerConfig["chat_template"], file: "\(path)/tokenizer_config.json")
        if !templates.isEmpty { return templates }
        let old = "\(path)/chat_template.json"
        return try named(try readJSON(old)?["chat_template"], file: old)
    }

    /// A template, an array of objects with `name` and `template`, or an object of templates by name.
    private static func named(_ value: JSON?, file: String) throws -> [(name: String, template: String)] {
        func fail(_ value: JSON) -> HuggingFaceError {
            .wrongType(
                file: file, key: "chat_template", expected: "a text or a list of named texts", actual: value.kind)
        }
        switch value {
        case nil, .null?: return []
        case .string(let text)?: return [("default", text)]
        case .object(let object)?:
            return try object.entries.map { name, value in
                guard let text = value.stringValue else { throw fail(value) }
                return (name, text)
            }
        case .array(let elements)?:
            return try elements.map { element in
                guard let name = element["name"]?.stringValue, let text = element["template"]?.stringValue else {
                    throw fail(element)
                }
                return (name, text)
            }
        case let other?: throw fail(other)
        }
    }

    /// The names in a folder, sorted; none where it cannot be read.
    private static func names(in folder: String) -> [String] {
        // A folder with more files than this is no model's.
        ((try? Folder.names(folder)) ?? []).filter { !$0.hasPrefix(".") }.prefix(4096).map { $0 }
    }
}
