import ApusModelFiles
import ApusModels
import ApusTensors

/// What a model is, from the heads of its files.
struct ModelSummary: Sendable {
    struct TensorFacts: Sendable {
        var name: String
        var type: String
        var shape: [Int]
        var bytes: Int
        var elements: Int
    }

    /// Tensors that do the same in every block, with the types they have.
    struct Group: Sendable {
        var name: String
        var tensors = 0
        var elements = 0
        var bytes = 0
        /// Tensors of each type, in the order of their first appearance.
        var types: [(type: String, count: Int)] = []
    }

    var path: String
    var format: String
    var name: String?
    var architecture: String
    /// Why the architecture can't be run; nil where it can.
    var problem: String?
    var parameters = 0
    var weightBytes = 0
    var configuration: DecoderConfiguration?
    /// Positions that the cache's memory is computed for, and that memory in bytes.
    var context: Int?
    var cacheBytes: Int?
    /// The type of keys and values there, and the memory that 8-bit ones take.
    var cacheType: DType?
    var smallCacheBytes: Int?
    var tensors: [TensorFacts] = []
    var groups: [Group] = []
    var files: [String] = []
    var fileBytes = 0
    var tokenizer: String?
    var template: String?
    var licence: String?
    var metadata: [(key: String, value: JSON)] = []

    /// - Parameter context: positions to compute the cache's memory for; the model's own context if nil.
    init(path: String, context: Int?) throws {
        self.path = path
        if FileMapping.isFolder(path) {
            let folder = try HuggingFaceFolder(path: path)
            format = "Hugging Face"
            architecture = folder.config.modelType ?? folder.config.architectures.first ?? "unknown"
            try read(folder)
        } else {
            let file = try GGUFFile(path: path)
            format = "GGUF v\(file.version)"
            architecture = try file.metadata.string("general.architecture") ?? "unknown"
            try read(file)
        }
        parameters = tensors.reduce(0) { $0 + $1.elements }
        weightBytes = tensors.reduce(0) { $0 + $1.bytes }
        fileBytes = files.reduce(0) { $0 + FileSums.size(of: $1) }
        groups = Self.grouped(tensors)
        do {
            let loaded = try LoadedDecoder(path: path)
            configuration = loaded.configuration
            let positions = context ?? loaded.configuration.context
            self.context = positions
            cacheBytes = Self.cacheBytes(loaded, loaded.usualCacheType, positions: positions)
            cacheType = loaded.usualCacheType
            smallCacheBytes = Self.cacheBytes(loaded, .q8_0, positions: positions)
        } catch {
            problem = "\(error)"
        }
    }

    /// Whole blocks of keys and values of a type.
    private static func cacheBytes(_ model: LoadedDecoder, _ dtype: DType, positions: Int) -> Int? {
        let layout = model.decoder.cacheLayout(dtype)
        let blocks = (positions + KVLayout.blockPositions - 1) / KVLayout.blockPositions
        let (bytes, overflow) = blocks.multipliedReportingOverflow(by: layout.blockBytes)
        return overflow ? nil : bytes
    }

    private mutating func read(_ file: GGUFFile) throws {
        files = file.files
        let values = file.metadata
        name = try? values.string("general.name")
        licence = (try? values.string("general.license.name")) ?? (try? values.string("general.license"))
        template = try? values.string("tokenizer.chat_template")
        if let model = try? values.string("tokenizer.ggml.model") {
            let kind = try? values.string("tokenizer.ggml.pre")
            tokenizer = kind.map { "\(model), \($0)" } ?? model
        }
        tensors = file.tensors.map {
            TensorFacts(
                name: $0.name, type: $0.type.name, shape: $0.shape, bytes: $0.byteCount,
                elements: $0.shape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue })
        }
        metadata = values.entries.map { ($0.key, JSON(gguf: $0.value)) }
    }

    private mutating func read(_ folder: HuggingFaceFolder) throws {
        let weights = try folder.weights
        files = weights.files
        name = path.split(separator: "/").last.map(String.init)
        template = folder.chatTemplate()
        tokenizer = folder.tokenizerConfig["tokenizer_class"]?.stringValue
        licence = folder.card["license_name"] ?? folder.card["license"] ?? folder.config["license"]?.stringValue
        tensors = try weights.tensorNames.map { name in
            let tensor = try weights.tensor(named: name)
            return TensorFacts(
                name: name, type: "\(tensor.dtype)".uppercased(), shape: tensor.shape, bytes: tensor.bytes.count,
                elements: tensor.count)
        }
        metadata = folder.config.whole.entries.map { ($0.key, $0.value) }
    }

    private static func grouped(_ tensors: [TensorFacts]) -> [Group] {
        var groups: [Group] = []
        for tensor in tensors {
            let name = TensorGroup.name(of: tensor.name)
            let index = groups.firstIndex { $0.name == name } ?? groups.count
            if index == groups.count { groups.append(Group(name: name)) }
            groups[index].tensors += 1
            groups[index].elements += tensor.elements
            groups[index].bytes += tensor.bytes
            if let type = groups[index].types.firstIndex(where: { $0.type == tensor.type }) {
                groups[index].types[type].count += 1
            } else {
                groups[index].types.append((tensor.type, 1))
            }
        }
        return groups.sorted { TensorGroup.order(of: $0.name) < TensorGroup.order(of: $1.name) }
    }
}

/// What a tensor is for, from its name in GGUF or in a Hugging Face folder.
enum TensorGroup {
    static let names = ["embedding", "attention", "feed-forward", "experts", "norms", "output", "other"]

    static func order(of name: String) -> Int { names.firstIndex(of: name) ?? names.count }

    static func name(of tensor: String) -> String {
        let has = { (parts: [String]) in parts.contains { tensor.contains($0) } }
        if has(["norm", "ln_", "layernorm"]) { return "norms" }
        if has(["exps", "experts", "gate_inp", "block_sparse_moe"]) { return "experts" }
        if has(["attn", "attention", "self_attn"]) { return "attention" }
        if has(["ffn", "mlp", "dense_h_to_4h", "dense_4h_to_h"]) { return "feed-forward" }
        if has(["token_embd", "embed_tokens", "wte", "wpe", "position_embd", "word_embeddings"]) { return "embedding" }
        if tensor.hasPrefix("output") || has(["lm_head"]) { return "output" }
        return "other"
    }
}

extension LoadedDecoder {
    /// The type of cached keys and values where nobody asks for another, as `LocalModel` chooses it.
    var usualCacheType: DType {
        (try? weights.tensor(named: "token_embd.weight"))?.dtype == .f32 ? .f32 : .f16
    }
}
