import ApusGeneration
import ApusModelFiles
import ApusModels
import Glibc
import Testing

/// A random Llama of two layers with a vocabulary of the 256 bytes and a few control tokens, written as GGUF.
enum TinyModel {
    static let beginID: Int32 = 256
    static let endID: Int32 = 257

    /// Where the model lies: made once per run of the tests.
    static let path: String = {
        let path = "\(temporaryFolder)/tiny.gguf"
        do { try write(to: path) } catch { Issue.record("can't write \(path): \(error)") }
        return path
    }()

    static let temporaryFolder: String = {
        var template = Array("/tmp/apus-generation-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { return "." }
        return String(cString: made)
    }()

    static func load(context: Int? = nil, prefixBytes: Int = 512 << 20) throws -> LocalModel {
        try LocalModel(path: path, context: context, prefixBytes: prefixBytes)
    }

    /// - Parameters:
    ///   - controls: control tokens from id 256 on: the one that begins a text, the one that ends it, others.
    ///   - template: the chat template.
    ///   - window: positions that a query sees.
    ///   - extra: further metadata, or other values of what there is.
    static func write(
        to path: String, controls: [String] = ["<begin>", "<end>"], template: String? = nil, addsBegin: Bool = true,
        context: Int = 96, window: Int? = nil, extra: [(key: String, value: GGUFValue)] = [],
        damage: (String, inout [Float]) -> Void = { _, _ in }
    ) throws {
        let vocabulary = 256 + controls.count
        let width = 32
        let layers = 2
        let feedForward = 48
        var tensors: [(name: String, shape: [Int])] = [
            ("token_embd.weight", [vocabulary, width]), ("output_norm.weight", [width]),
            ("output.weight", [vocabulary, width]),
        ]
        for layer in 0..<layers {
            tensors += [
                ("blk.\(layer).attn_norm.weight", [width]), ("blk.\(layer).attn_q.weight", [width, width]),
                ("blk.\(layer).attn_k.weight", [width / 2, width]), ("blk.\(layer).attn_v.weight", [width / 2, width]),
                ("blk.\(layer).attn_output.weight", [width, width]), ("blk.\(layer).ffn_norm.weight", [width]),
                ("blk.\(layer).ffn_gate.weight", [feedForward, width]),
                ("blk.\(layer).ffn_up.weight", [feedForward, width]),
                ("blk.\(layer).ffn_down.weight", [width, feedForward]),
            ]
        }
        let tokens = (0..<256).map { byteToken(UInt8($0)) } + controls
        let types = [Int32](repeating: 1, count: 256) + [Int32](repeating: 3, count: controls.count)
        var metadata: [(key: String, value: GGUFValue)] = [
            ("general.architecture", .string("llama")), ("llama.context_length", .uint32(UInt32(context))),
            ("llama.embedding_length", .uint32(UInt32(width))), ("llama.block_count", .uint32(UInt32(layers))),
            ("llama.feed_forward_length", .uint32(UInt32(feedForward))), ("llama.attention.head_count", .uint32(4)),
            ("llama.attention.head_count_kv", .uint32(2)), ("llama.attention.layer_norm_rms_epsilon", .float32(1e-5)),
            ("tokenizer.ggml.model", .string("gpt2")), ("tokenizer.ggml.pre", .string("gpt-2")),
            ("tokenizer.ggml.tokens", .array(GGUFArray(tokens))),
            ("tokenizer.ggml.token_type", .array(GGUFArray(types))),
            ("tokenizer.ggml.merges", .array(GGUFArray([String]()))),
            ("tokenizer.ggml.bos_token_id", .uint32(UInt32(beginID))),
            ("tokenizer.ggml.eos_token_id", .uint32(UInt32(endID))),
            ("tokenizer.ggml.add_bos_token", .bool(addsBegin)),
        ]
        if let template { metadata.append(("tokenizer.chat_template", .string(template))) }
        metadata.removeAll { entry in extra.contains { $0.key == entry.key } }
        metadata += extra
        if let window { metadata.append(("llama.attention.sliding_window", .uint32(UInt32(window)))) }
        var state: UInt64 = 42
        func random() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int32(truncatingIfNeeded: state >> 33)) / Float(1 << 30) - 1
        }
        try GGUFWriter.write(
            path: path, metadata: metadata,
            tensors: tensors.compactMap { GGUFWriter.Description(name: $0.name, dtype: .f32, shape: $0.shape) }
        ) { description, append in
            let isNorm = description.name.hasSuffix("norm.weight")
            var values = (0..<description.shape.reduce(1, *)).map { _ in isNorm ? 1 + 0.2 * random() : 0.6 * random() }
            damage(description.name, &values)
            try values.withUnsafeBytes { try append($0) }
        }
    }

    /// GPT-2's printable stand-in for a byte.
    private static func byteToken(_ byte: UInt8) -> String {
        let printable = Array(33...126) + Array(161...172) + Array(174...255)
        if printable.contains(Int(byte)) { return String(UnicodeScalar(byte)) }
        let others = (0..<256).filter { !printable.contains($0) }
        let index = others.firstIndex(of: Int(byte)) ?? 0
        return UnicodeScalar(UInt32(256 + index)).map { String($0) } ?? ""
    }
}
