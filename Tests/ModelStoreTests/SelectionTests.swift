import Testing

@testable import ApusModelStore

@Suite("Which files of a repository are taken")
struct SelectionTests {
    static func select(_ paths: [String], file: String? = nil) throws -> [String] {
        let files = paths.map { path in
            HubFile(path: path, bytes: 10, checksum: .sha256(FakeHub.sha256(Array(path.utf8))))
        }
        let reference = try HubReference(repository: "org/model", file: file)
        return try HubSelection(files, reference: reference, commit: "abc").files.map(\.path).sorted()
    }

    @Test(
        "Without a name the usual choice is made",
        arguments: [
            (["m-F16.gguf", "m-Q8_0.gguf", "m-Q6_K.gguf"], ["m-Q6_K.gguf"]),
            (["m-Q2_K.gguf", "m-Q4_0.gguf", "m-Q4_K_S.gguf"], ["m-Q4_K_S.gguf"]),
            (["odd.gguf", "imatrix.gguf", "mmproj-Q4_K_M.gguf"], ["odd.gguf"]),
            (["m-Q4_K_M-00001-of-00002.gguf", "m-Q8_0.gguf"], ["m-Q8_0.gguf"]),
            (["config.json", "model.safetensors", "m-F32.gguf"], ["config.json", "model.safetensors"]),
            (["config.json", "model.safetensors", "m-Q4_0.gguf"], ["m-Q4_0.gguf"]),
            (["config.json", "pytorch_model.bin", "tf_model.h5"], ["config.json", "pytorch_model.bin"]),
            (
                ["config.json", "model.safetensors", "pytorch_model.bin", "model.fp16.safetensors"],
                ["config.json", "model.safetensors"]
            ),
            (
                ["config.json", "consolidated.safetensors", "model-00001-of-00001.safetensors"],
                ["config.json", "model-00001-of-00001.safetensors"]
            ),
            (
                [
                    "config.json", "model.safetensors", "1_Pooling/config.json", "modules.json", "onnx/model.onnx",
                    "openvino/config.json", "trainer_state.json", "spiece.model", "chat_template.jinja", "image.png",
                ],
                [
                    "1_Pooling/config.json", "chat_template.jinja", "config.json", "model.safetensors", "modules.json",
                    "spiece.model",
                ]
            ),
        ])
    func usual(paths: [String], expected: [String]) throws {
        #expect(try Self.select(paths) == expected)
    }

    @Test(
        "A repository without a model is refused",
        arguments: [
            [], ["README.md"], ["config.json"], ["model.safetensors"], ["mmproj.gguf"], ["m-00001-of-00002.gguf"],
            ["adapter_config.json", "adapter_model.safetensors"], ["config.json", "model-00001-of-00002.safetensors"],
        ])
    func nothing(paths: [String]) {
        #expect(throws: HubError.self) { try Self.select(paths) }
    }

    @Test("A name that stands for several files, for none, or for no model is refused")
    func named() throws {
        let paths = ["a/m-Q4_0.gguf", "b/m-Q4_0.gguf", "tokenizer.json"]
        #expect(
            throws: HubError.ambiguousFile(
                repository: "org/model", file: "Q4_0", candidates: ["a/m-Q4_0.gguf", "b/m-Q4_0.gguf"])
        ) { try Self.select(paths, file: "Q4_0") }
        #expect(try Self.select(paths, file: "b/m-Q4_0.gguf") == ["b/m-Q4_0.gguf"])
        for file in ["Q8_0", "tokenizer.json", "c/m-Q4_0.gguf"] {
            #expect(throws: HubError.self) { try Self.select(paths, file: file) }
        }
    }
}
