import Synchronization

extension LoadedDecoder {
    /// A linear map of a model, which an adapter can change.
    public struct LinearMap: Sendable, Equatable {
        /// The GGUF name of its weight, such as `blk.0.attn_q.weight`.
        public let name: String
        /// Hugging Face's name of the module, such as `model.layers.0.self_attn.q_proj`; the GGUF name without
        /// `.weight` where it has none.
        public let module: String
        public let inputs: Int
        public let outputs: Int

        /// The last part of the module's name, by which PEFT calls all of its kind: `q_proj`.
        public var kind: Substring { module.split(separator: ".").last ?? module[...] }
        /// GGUF's name of its kind: `attn_q`.
        public var ggufKind: Substring { name.split(separator: ".").dropLast().last ?? name[...] }
        /// Whether it belongs to the attention or the feed-forward network of a block, whose maps are adapted usually.
        public var isInBlock: Bool { name.hasPrefix("blk.") && ggufKind != "ffn_gate_inp" }
    }

    /// The linear maps of the model in the order in which its layers are made.
    public func linearMaps() throws -> [LinearMap] {
        let recorder = Recorder()
        _ = try type(of: decoder).init(
            configuration, Weights(weights, adapters: recorder, file: decoder.weights.file))
        let names = type(of: decoder).tensorNames(configuration)
        return recorder.seen.withLock { $0 }.map { map in
            let module = TensorName.huggingFaceName(of: map.name, names)?.0 ?? map.name
            return LinearMap(
                name: map.name, module: String(module.dropLast(".weight".count)), inputs: map.inputs,
                outputs: map.outputs)
        }
    }

    private final class Recorder: AdapterSource {
        let seen = Mutex<[(name: String, inputs: Int, outputs: Int)]>([])

        func adapter(for name: String, inputs: Int, outputs: Int) throws -> LowRankAdapter? {
            seen.withLock { $0.append((name, inputs, outputs)) }
            return nil
        }
    }
}
