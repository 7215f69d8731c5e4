import ApusModelFiles
import ApusTensors

extension Adapter {
    /// Reads a GGUF adapter as llama.cpp's `convert_lora_to_gguf.py` writes it: `general.type` is `adapter`,
    /// `adapter.type` is `lora`, and for each weight NAME there are `NAME.lora_a` and `NAME.lora_b`. Its scale is
    /// `adapter.lora.alpha` / rank, or 1 where α is absent or 0.
    ///
    /// - Throws: ``AdapterError`` and the errors of the file format.
    init(gguf path: String, for model: LoadedDecoder) throws {
        let source = try GGUFFile(path: path)
        let metadata = source.metadata
        let file = metadata.file
        let kind = try metadata.string("general.type") ?? "model"
        guard kind == "adapter" else {
            throw AdapterError.notAnAdapter(path: file, reason: "its general.type is '\(kind)'")
        }
        let adapterKind = try metadata.string("adapter.type") ?? "(not said)"
        guard adapterKind == "lora" else {
            throw AdapterError.unsupported("it is an adapter of the kind '\(adapterKind)', not 'lora'", file: file)
        }
        if metadata.has("adapter.alora.invocation_tokens") {
            throw AdapterError.unsupported(
                "it is used from a token on only (adapter.alora.invocation_tokens)", file: file)
        }
        let architecture = try metadata.requireString("general.architecture")
        guard architecture == model.configuration.architecture else {
            throw AdapterError.otherModel(
                reason: "its architecture is '\(architecture)', the model's '\(model.configuration.architecture)'",
                file: file, model: model.path)
        }
        let alpha = try metadata.float("adapter.lora.alpha") ?? 0
        let names = type(of: model.decoder).tensorNames(model.configuration)
        let changes = try Halves(source, file: file, split: Self.splitGGUF).pairs.map { name, down, up in
            var rows = RowOrder.same
            if !model.holdsRotaryPairs,
                case .rotaryHalves(let heads)? = TensorName.huggingFaceName(of: name, names)?.1
            {
                rows = .toHalves(heads: heads)
            }
            let rank = max(1, down.shape.first ?? 1)
            return try Change(
                name: name, spelling: name, down: down, up: up, scale: alpha == 0 ? 1 : Float(alpha / Double(rank)),
                rows: rows, file: file)
        }
        guard !changes.isEmpty else { throw AdapterError.notAnAdapter(path: file, reason: "it holds no matrices") }
        self.init(path: path, changes: changes)
    }

    private static func splitGGUF(_ tensor: String, file: String) throws -> (module: String, isDown: Bool) {
        if tensor.hasSuffix(".lora_a") { return (String(tensor.dropLast(7)), true) }
        if tensor.hasSuffix(".lora_b") { return (String(tensor.dropLast(7)), false) }
        if tensor.hasSuffix("_norm.weight") {
            throw AdapterError.unsupported("it replaces whole tensors ('\(tensor)')", file: file)
        }
        throw AdapterError.unknownTensor(tensor, file: file)
    }
}
