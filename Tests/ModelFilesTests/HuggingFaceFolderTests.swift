import ApusModelFiles
import Testing

@Suite("Hugging Face folders") struct HuggingFaceFolderTests {
    private func config(_ text: String) throws -> HuggingFaceConfig {
        try HuggingFaceConfig(JSON(parsing: text), file: "config.json")
    }

    @Test("Types and end tokens are found under old and new names")
    func names() throws {
        #expect(try config(#"{"dtype":"float32"}"#).dtype == "float32")
        #expect(try config(#"{"torch_dtype":"torch.bfloat16"}"#).dtype == "bfloat16")
        #expect(try config(#"{"eos_token_id":[1,106]}"#).endTokenIDs == [1, 106])
        #expect(try config(#"{"eos_token_id":2}"#).endTokenIDs == [2])
        #expect(try config(#"{"eos_token_id":null}"#).endTokenIDs == [])
    }

    @Test("The language model's part of a larger model is what is meant")
    func textConfig() throws {
        let text =
            #"{"model_type":"gemma3","eos_token_id":[1,106],"hidden_size":1,"#
            + #""text_config":{"model_type":"gemma3_text","eos_token_id":1,"hidden_size":2304}}"#
        let config = try config(text)
        #expect(config["hidden_size"] == 2304 && config.modelType == "gemma3" && config["model_type"] == "gemma3_text")
        #expect(config.endTokenIDs == [1, 106])
        #expect(throws: HuggingFaceError.self) { try self.config(#"{"text_config":1}"#) }
        #expect(throws: HuggingFaceError.self) { try self.config("[]") }
    }

    @Test("Templates are found in every place, files of their own first")
    func templates() throws {
        let folder = try TemporaryFolder()
        try folder.write("config.json", #"{"eos_token_id":2}"#)
        #expect(try HuggingFaceFolder(path: folder.path).chatTemplate() == nil)
        try folder.write("chat_template.json", #"{"chat_template":"old"}"#)
        #expect(try HuggingFaceFolder(path: folder.path).chatTemplate() == "old")
        try folder.write(
            "tokenizer_config.json",
            #"{"chat_template":[{"name":"default","template":"a"},{"name":"tool_use","template":"b"}],"#
                + #""bos_token":{"content":"<s>"}}"#)
        try folder.write("special_tokens_map.json", #"{"eos_token":"</s>","bos_token":"x"}"#)
        try folder.write("generation_config.json", #"{"eos_token_id":[7,2]}"#)
        let named = try HuggingFaceFolder(path: folder.path)
        #expect(named.chatTemplate() == "a" && named.chatTemplate(tools: true) == "b")
        #expect(named.specialToken("bos_token") == "<s>" && named.specialToken("eos_token") == "</s>")
        #expect(named.specialToken("pad_token") == nil)
        #expect(named.endTokenIDs == [7, 2])
        try folder.write("chat_template.jinja", "new\r\n")
        let own = try HuggingFaceFolder(path: folder.path)
        #expect(own.chatTemplate() == "new\n" && own.chatTemplate(tools: true) == "new\n")
        try folder.write("chat_template.jinja", [0xff])
        #expect(throws: HuggingFaceError.self) { try HuggingFaceFolder(path: folder.path) }
    }

    @Test("Weights are found in every form, and what is missing is said")
    func weights() throws {
        let folder = try TemporaryFolder()
        #expect(throws: HuggingFaceError.missingConfig(path: folder.path)) { try HuggingFaceFolder(path: folder.path) }
        #expect(throws: HuggingFaceError.notAFolder(path: "\(folder.path)/x")) {
            try HuggingFaceFolder(path: "\(folder.path)/x")
        }
        _ = try HuggingFaceFolder(path: folder.path, needsConfig: false)
        try folder.write("config.json", "{\"attention_dropout\": NaN}")
        try folder.write("tf_model.h5", "")
        let error = #expect(throws: HuggingFaceError.self) { try HuggingFaceFolder(path: folder.path).weights }
        #expect(error == .missingWeights(path: folder.path, found: ["tf_model.h5"]))
        try folder.write("shard.bin", try bytes(ofFixture: "torch-zip.bin"))
        try folder.write("pytorch_model.bin.index.json", #"{"weight_map":{"plain":"shard.bin"}}"#)
        #expect(try HuggingFaceFolder(path: folder.path).weights.tensorNames == ["plain"])
        try folder.write("pytorch_model.bin", try bytes(ofFixture: "torch-legacy.bin"))
        #expect(try HuggingFaceFolder(path: folder.path).weights.tensorNames.count == 16)
        try folder.write("model.safetensors", try bytes(ofFixture: "types.safetensors"))
        #expect(try HuggingFaceFolder(path: folder.path).weights.has("bf16"))
    }

    @Test("A damaged configuration is an error with file, line and column")
    func damaged() throws {
        let folder = try TemporaryFolder()
        try folder.write("config.json", "{\n\"a\": }")
        let error = #expect(throws: JSONError.self) { try HuggingFaceFolder(path: folder.path) }
        #expect(error?.description.hasPrefix("\(folder.path)/config.json: JSON, line 2, column 6") == true)
    }
}
