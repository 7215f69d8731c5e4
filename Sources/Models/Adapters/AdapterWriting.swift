import ApusModelFiles
import ApusTensors

extension Adapter {
    /// An adapter that was trained: matrices by the GGUF names of weights, in the arrangement of the model.
    public init(path: String, maps: [(name: String, down: Tensor, up: Tensor, scale: Float)]) throws {
        self.init(
            path: path,
            changes: try maps.map { map in
                func stored(_ tensor: Tensor, _ name: String) throws -> StoredTensor {
                    try tensor.withFloats {
                        try StoredTensor(
                            name: name, dtype: .f32, shape: tensor.shape, copying: UnsafeRawBufferPointer($0))
                    }
                }
                return try Change(
                    name: map.name, spelling: map.name, down: stored(map.down, map.name + ".lora_a"),
                    up: stored(map.up, map.name + ".lora_b"), scale: map.scale, rows: .same, file: path)
            })
    }

    /// The matrices by the GGUF names of weights, in the arrangement of the model.
    public func maps() throws -> [(name: String, down: Tensor, up: Tensor, scale: Float)] {
        try changes.map { change in
            let (down, up) = try change.matrices()
            return (change.name, down, up, change.scale)
        }
    }

    /// What `adapter_config.json` says besides the matrices' sizes.
    public struct PEFTSettings: Sendable {
        /// What PEFT loads the base from: a repository's name or a folder.
        public var base: String
        /// Whether scales are α / √rank.
        public var isRankStabilised = false
        /// Share of inputs that training left out.
        public var dropout: Float = 0
        /// The contents of README.md; nil for none.
        public var card: String?

        public init(base: String) { self.base = base }
    }

    /// Writes a folder that PEFT loads: `adapter_model.safetensors` in float32 and `adapter_config.json`, which comes
    /// last.
    ///
    /// - Parameter model: the model that the adapter was read or trained for.
    /// - Throws: ``ModelError/badTensor(_:reason:file:)`` for a map that has no name in a Hugging Face folder.
    public func writePEFT(to folder: String, for model: LoadedDecoder, _ settings: PEFTSettings) throws {
        try Folder.make(folder)
        let names = type(of: model.decoder).tensorNames(model.configuration)
        var tensors: [(name: String, values: Tensor)] = []
        var modules: [(module: String, change: Change)] = []
        var isTransposed = false
        for change in changes {
            guard let (target, arrangement) = TensorName.huggingFaceName(of: change.name, names) else {
                throw ModelError.badTensor(change.name, reason: "it has no place in a Hugging Face folder", file: path)
            }
            let module = String(target.dropLast(".weight".count))
            if arrangement == .transposed { isTransposed = true }
            let up = try change.rows.applied(to: change.up).rowsForHuggingFace(
                arrangement, fromPairs: model.holdsRotaryPairs)
            tensors.append(("base_model.model.\(module).lora_A.weight", try change.down.viewed(file: path)))
            tensors.append(("base_model.model.\(module).lora_B.weight", try up.viewed(file: path)))
            modules.append((module, change))
        }
        let writer = try SafetensorsWriter(
            path: "\(folder)/adapter_model.safetensors",
            tensors: tensors.map { .init(name: $0.name, type: .f32, shape: $0.values.shape) })
        for tensor in tensors { try tensor.values.withFloats { try writer.append(UnsafeRawBufferPointer($0)) } }
        try writer.finish()
        if let card = settings.card { try Self.write(card, to: "\(folder)/README.md") }
        let config = try Self.configuration(modules, model.linearMaps(), settings, isTransposed: isTransposed)
        try Self.write(JSON.object(config).serialized(pretty: true) + "\n", to: "\(folder)/adapter_config.json")
    }

    private static func configuration(
        _ modules: [(module: String, change: Change)], _ maps: [LoadedDecoder.LinearMap], _ settings: PEFTSettings,
        isTransposed: Bool
    ) throws -> JSON.Object {
        func alpha(_ change: Change) -> Double {
            let rank = Double(change.rank)
            let divisor = settings.isRankStabilised ? rank.squareRoot() : rank
            let exact = Double(change.scale) * divisor
            // 16, not 16.0000004768, where that gives the same scale.
            return Float(exact.rounded() / divisor) == change.scale ? exact.rounded() : exact
        }
        let rank = modules.first?.change.rank ?? 1
        let usual = modules.first.map { alpha($0.change) } ?? 1
        var ranks = JSON.Object()
        var alphas = JSON.Object()
        for (module, change) in modules {
            if change.rank != rank { ranks[module] = .integer(change.rank) }
            if alpha(change) != usual { alphas[module] = .number(alpha(change)) }
        }
        // A kind of module is named by its last part where all of the kind are adapted.
        let adapted = Set(modules.map(\.module))
        let whole = Set(maps.map(\.kind)).filter { kind in
            maps.allSatisfy { $0.kind != kind || adapted.contains($0.module) }
        }
        var targets: [String] = []
        for (module, _) in modules {
            let last = module.split(separator: ".").last ?? module[...]
            let target = whole.contains(last) ? String(last) : module
            if !targets.contains(target) { targets.append(target) }
        }
        return [
            "peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": .string(settings.base),
            "revision": .null, "inference_mode": true, "r": .integer(rank),
            "lora_alpha": usual == usual.rounded() && usual.magnitude < 1e9 ? .integer(Int(usual)) : .number(usual),
            "lora_dropout": .decimal(Double(settings.dropout)),
            "target_modules": .array(targets.map { .string($0) }), "rank_pattern": .object(ranks),
            "alpha_pattern": .object(alphas), "bias": "none", "fan_in_fan_out": .bool(isTransposed),
            "use_rslora": .bool(settings.isRankStabilised), "use_dora": false, "modules_to_save": .null,
            "init_lora_weights": true, "auto_mapping": .null,
        ]
    }

    /// Writes a GGUF adapter that llama.cpp loads, in float32. It has one α; where maps differ in α or in the way that
    /// scales are made, their B is multiplied by the difference.
    ///
    /// - Parameter model: the model that the adapter was read or trained for.
    public func writeGGUF(to file: String, for model: LoadedDecoder, name: String) throws {
        let names = type(of: model.decoder).tensorNames(model.configuration)
        let usual = changes.first.map { Float(Double($0.scale) * Double($0.rank)) } ?? 1
        let alpha =
            usual == 0
            ? 1
            : usual.rounded() / Float(changes.first?.rank ?? 1) == changes.first?.scale
                ? usual.rounded() : usual
        var tensors: [(description: GGUFWriter.Description, values: Tensor)] = []
        func add(_ name: String, _ values: Tensor) throws {
            guard let description = GGUFWriter.Description(name: name, dtype: .f32, shape: values.shape) else { return }
            tensors.append((description, values))
        }
        for change in changes {
            var up = try change.rows.applied(to: change.up)
            if !model.holdsRotaryPairs,
                let arrangement = TensorName.huggingFaceName(of: change.name, names)?.1
            {
                up = try up.arrangedForGGUF(arrangement)
            }
            let factor = change.scale / (alpha / Float(change.rank))
            let values = try up.viewed(file: path)
            try add("\(change.name).lora_a", change.down.viewed(file: path))
            try add("\(change.name).lora_b", factor == 1 ? values : values.dequantized().scaled(by: factor))
        }
        let writer = try GGUFWriter(
            path: file,
            metadata: [
                ("general.architecture", .string(model.configuration.architecture)),
                ("general.type", .string("adapter")),
                ("general.name", .string(name)), ("general.file_type", .uint32(0)), ("adapter.type", .string("lora")),
                ("adapter.lora.alpha", .float32(alpha)),
            ], tensors: tensors.map(\.description))
        for tensor in tensors { try tensor.values.withFloats { try writer.append(UnsafeRawBufferPointer($0)) } }
        try writer.finish()
    }

    private static func write(_ text: String, to path: String) throws {
        let output = try OutputFile(path: path)
        try output.write(Array(text.utf8))
        try output.finish()
    }
}

extension StoredTensor {
    /// The rows of B as those of the weight lie in a Hugging Face folder.
    fileprivate func rowsForHuggingFace(
        _ arrangement: TensorName.Arrangement, fromPairs: Bool
    ) throws -> StoredTensor {
        switch arrangement {
        case .fusedByHead: try arrangedForHuggingFace(arrangement, as: name)
        case .rotaryHalves: fromPairs ? try arrangedForHuggingFace(arrangement, as: name) : self
        case .same, .transposed, .lessOne: self
        }
    }
}
