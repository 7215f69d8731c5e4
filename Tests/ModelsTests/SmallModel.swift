import ApusModelFiles
import ApusTensors
import Glibc
import Testing

@testable import ApusModels

/// A Llama of one block with width 8, for one fault to be added; the file exists while `body` runs.
struct SmallModel {
    var metadata: [String: GGUFValue] = [
        "general.architecture": .string("llama"), "llama.embedding_length": .uint32(8), "llama.block_count": .uint32(1),
        "llama.attention.head_count": .uint32(2), "llama.attention.head_count_kv": .uint32(1),
        "llama.attention.layer_norm_rms_epsilon": .float32(1e-5), "llama.feed_forward_length": .uint32(16),
        "llama.context_length": .uint32(32),
    ]
    var shapes: [String: [Int]] = [
        "token_embd.weight": [12, 8], "output_norm.weight": [8], "blk.0.attn_norm.weight": [8],
        "blk.0.attn_q.weight": [8, 8], "blk.0.attn_k.weight": [4, 8], "blk.0.attn_v.weight": [4, 8],
        "blk.0.attn_output.weight": [8, 8], "blk.0.ffn_norm.weight": [8], "blk.0.ffn_gate.weight": [16, 8],
        "blk.0.ffn_up.weight": [16, 8], "blk.0.ffn_down.weight": [8, 16],
    ]
    /// Elements that differ from the regular ones: the first of each tensor.
    var firstElements: [String: Float] = [:]
    /// Types other than float32.
    var types: [String: GGUFTensorType] = [:]

    /// Opens the model, lets `body` use it and removes the file.
    func withDecoder<Result>(_ body: (LoadedDecoder) throws -> Result) throws -> Result {
        try withFolder { folder in
            let path = folder + "/small.gguf"
            let float32 = try #require(GGUFTensorType(number: 0))
            let tensors = shapes.sorted { $0.key < $1.key }.map { name, shape in
                GGUFWriter.Description(name: name, type: types[name] ?? float32, shape: shape)
            }
            try GGUFWriter.write(
                path: path, metadata: metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, tensors: tensors
            ) { tensor, append in
                var values = (0..<tensor.shape.reduce(1, *)).map { Float($0 * 7 % 11 - 5) / 16 }
                values[0] = firstElements[tensor.name] ?? values[0]
                try values.withUnsafeBytes { try append($0) }
            }
            return try body(LoadedDecoder(path: path))
        }
    }

    /// The error that opening the model ends in.
    func openingError() throws -> String {
        do {
            try withDecoder { _ in }
        } catch {
            return "\(error)"
        }
        Issue.record("the model opened")
        return ""
    }
}

/// A temporary folder that is removed afterwards with the files in it.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let template = try #require(strdup("/tmp/apus-models-XXXXXX"))
    defer { free(template) }
    try #require(mkdtemp(template) != nil)
    let folder = String(cString: template)
    defer {
        if let stream = opendir(folder) {
            while let entry = readdir(stream) {
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                        _ = unlink(folder + "/" + String(cString: $0))
                    }
                }
            }
            closedir(stream)
        }
        rmdir(folder)
    }
    return try body(folder)
}

func write(_ text: String, to path: String) throws {
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
}

/// Whether an error's description has all of these words.
func says(_ error: any Error, _ words: [String]) -> Bool {
    let message = "\(error)"
    return words.allSatisfy { message.contains($0) }
}
