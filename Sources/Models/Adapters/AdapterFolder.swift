import ApusModelFiles
import ApusTensors

extension Adapter {
    /// Reads a folder as PEFT's `save_pretrained` writes it: `adapter_config.json` with `adapter_model.safetensors`, or
    /// `adapter_model.bin` of older versions.
    ///
    /// - Throws: ``AdapterError`` and the errors of the file formats.
    init(peft path: String, for model: LoadedDecoder) throws {
        let configFile = "\(path)/adapter_config.json"
        guard FileMapping.isFile(configFile) else {
            throw AdapterError.notAnAdapter(path: path, reason: "there is no adapter_config.json in it")
        }
        let configuration = try PEFTConfiguration(file: configFile)
        let source: any WeightSource
        if FileMapping.isFile("\(path)/adapter_model.safetensors") {
            source = try SafetensorsFile(path: "\(path)/adapter_model.safetensors")
        } else if FileMapping.isFile("\(path)/adapter_model.bin") {
            source = try PyTorchFile(path: "\(path)/adapter_model.bin")
        } else {
            throw AdapterError.notAnAdapter(path: path, reason: "there is no adapter_model.safetensors in it")
        }
        let file = source.files.first ?? path
        let names = type(of: model.decoder).tensorNames(model.configuration)
        let byStem = Dictionary(names.map { ($0.huggingFace, $0) }, uniquingKeysWith: { first, _ in first })
        let changes = try Halves(source, file: file, split: Self.splitPEFT).pairs.map { module, down, up in
            guard let (name, arrangement) = Self.weight(of: module, byStem) else {
                throw AdapterError.otherModel(
                    reason: "a model of the family \(model.configuration.architecture) has no '\(module)'", file: file,
                    model: model.path)
            }
            let (rank, scale) = try configuration.rankAndScale(of: module)
            let change = try Change(
                name: name, spelling: module, down: down, up: up, scale: scale,
                rows: .fromHuggingFace(arrangement, rotatesPairs: model.holdsRotaryPairs), file: file)
            guard change.rank == rank else {
                throw AdapterError.badMatrices(
                    module, reason: "its rank is \(change.rank), but adapter_config.json says \(rank)", file: file)
            }
            return change
        }
        guard !changes.isEmpty else { throw AdapterError.notAnAdapter(path: path, reason: "it holds no matrices") }
        self.init(path: path, changes: changes)
    }

    /// The module of a tensor's name, and which of its two matrices it is:
    /// `base_model.model.MODULE.lora_A.weight`, or `…lora_A.NAME.weight` with the name of an adapter.
    private static func splitPEFT(_ tensor: String, file: String) throws -> (module: String, isDown: Bool) {
        let parts = tensor.split(separator: ".", omittingEmptySubsequences: false)
        if tensor.contains("lora_embedding_") {
            throw AdapterError.unsupported("it adapts a table of embeddings ('\(tensor)')", file: file)
        }
        if tensor.contains("lora_magnitude_vector") {
            throw AdapterError.unsupported("it is a DoRA adapter ('\(tensor)')", file: file)
        }
        guard let place = parts.lastIndex(where: { $0 == "lora_A" || $0 == "lora_B" }) else {
            if tensor.hasPrefix("base_model.model.") {
                throw AdapterError.unsupported("it replaces whole tensors ('\(tensor)')", file: file)
            }
            throw AdapterError.unknownTensor(tensor, file: file)
        }
        let rest = parts[(place + 1)...]
        guard rest.last == "weight", rest.count <= 2 else {
            if rest.last == "bias" {
                throw AdapterError.unsupported("its matrices B have biases ('\(tensor)')", file: file)
            }
            throw AdapterError.unknownTensor(tensor, file: file)
        }
        var module = parts[..<place]
        if module.starts(with: ["base_model", "model"]) { module = module.dropFirst(2) }
        if module.last == "base_layer" || module.last == "experts" {
            throw AdapterError.unsupported("it adapts the experts of the model ('\(tensor)')", file: file)
        }
        guard !module.isEmpty else { throw AdapterError.unknownTensor(tensor, file: file) }
        return (module.joined(separator: "."), parts[place] == "lora_A")
    }

    private static func weight(
        of module: String, _ byStem: [String: TensorName]
    ) -> (name: String, arrangement: TensorName.Arrangement)? {
        if let found = HuggingFaceWeights.ggufName(of: module + ".weight", byStem) { return found }
        // Version 5 of transformers calls Mixtral's router otherwise than its files do.
        guard module.hasSuffix(".mlp.gate") else { return nil }
        return HuggingFaceWeights.ggufName(
            of: module.dropLast("mlp.gate".count) + "block_sparse_moe.gate.weight", byStem)
    }
}

/// The two matrices of each adapted map of a file.
struct Halves {
    let pairs: [(module: String, down: StoredTensor, up: StoredTensor)]

    /// - Parameter split: gives the map that a tensor's name belongs to, and whether it is A.
    /// - Throws: ``AdapterError/missingHalf(of:half:file:)``, ``AdapterError/badMatrices(_:reason:file:)``.
    init(
        _ source: any WeightSource, file: String, split: (_ name: String, _ file: String) throws -> (String, Bool)
    ) throws {
        var order: [String] = []
        var found: [String: (down: StoredTensor?, up: StoredTensor?)] = [:]
        for name in source.tensorNames {
            let (module, isDown) = try split(name, file)
            let tensor = try source.tensor(named: name)
            if found[module] == nil { order.append(module) }
            var pair = found[module] ?? (nil, nil)
            guard (isDown ? pair.down : pair.up) == nil else {
                throw AdapterError.badMatrices(module, reason: "there are several under different names", file: file)
            }
            if isDown { pair.down = tensor } else { pair.up = tensor }
            found[module] = pair
        }
        pairs = try order.map { module in
            guard let down = found[module]?.down else {
                throw AdapterError.missingHalf(of: module, half: "A", file: file)
            }
            guard let up = found[module]?.up else { throw AdapterError.missingHalf(of: module, half: "B", file: file) }
            return (module, down, up)
        }
    }
}
