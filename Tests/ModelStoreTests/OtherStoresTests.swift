import Testing

@testable import ApusModelStore

@Suite("Models that other programs have fetched")
struct OtherStoresTests {
    static let commit = "0123456789abcdef0123456789abcdef01234567"
    static let other = "fedcba9876543210fedcba9876543210fedcba98"
    static let gguf = Array("GGUF and more".utf8)

    static func store(_ scratch: Scratch) -> ModelStore {
        ModelStore(
            root: scratch.path + "/models", huggingFaceCaches: [scratch.path + "/hub"],
            ollamaFolders: [scratch.path + "/ollama", scratch.path + "/nowhere"])
    }

    /// A file of a snapshot as the Hugging Face tools lay it: a link to a blob.
    static func cache(_ repository: String, _ file: String, _ bytes: [UInt8], commit: String, in scratch: Scratch)
        throws
    {
        let folder = "hub/models--" + repository.replacing("/", with: "--")
        let blob = FakeHub.sha256(Array(file.utf8) + bytes)
        try scratch.write(folder + "/blobs/" + blob, bytes)
        let depth = file.split(separator: "/").count + 1
        try scratch.link(
            folder + "/snapshots/\(commit)/\(file)", to: String(repeating: "../", count: depth) + "blobs/" + blob)
    }

    @Test("Hugging Face's cache is listed by repository, main branch first, and used where it lies")
    func huggingFace() async throws {
        try await Scratch.with { scratch in
            for commit in [Self.commit, Self.other] {
                try Self.cache("org/model", "config.json", Array("{}".utf8), commit: commit, in: scratch)
                try Self.cache("org/model", "model.safetensors", Array("weights".utf8), commit: commit, in: scratch)
            }
            try scratch.write("hub/models--org--model/refs/main", Self.commit + "\n")
            try Self.cache("gpt2", "config.json", Array("{}".utf8), commit: Self.commit, in: scratch)
            try Self.cache("gpt2", "pytorch_model.bin", Array("weights".utf8), commit: Self.commit, in: scratch)
            try Self.cache("org/q", "sub/m-Q4_0.gguf", Self.gguf, commit: Self.commit, in: scratch)
            try Self.cache("org/q", "mmproj-F16.gguf", Self.gguf, commit: Self.commit, in: scratch)
            try Self.cache("org/tokenizer", "tokenizer.json", Array("{}".utf8), commit: Self.commit, in: scratch)
            try scratch.write("hub/datasets--org--data/snapshots/\(Self.commit)/config.json")
            let store = Self.store(scratch)
            let models = store.list()
            #expect(
                Set(models.map(\.name)) == ["org/model", "org/model@\(Self.other)", "gpt2", "org/q:sub/m-Q4_0.gguf"])
            #expect(models.count == 4 && models.allSatisfy { $0.place == .huggingFaceCache && $0.isWhole })
            let model = try store.find("hf:org/model")
            #expect(model.path == scratch.path + "/hub/models--org--model/snapshots/\(Self.commit)")
            #expect(model.bytes == 9 && model.origin == "hf:org/model@\(Self.commit)")
            #expect(try store.find("org/model@fedcba98").path.hasSuffix(Self.other))
            #expect(try store.find("org/q:Q4_0").kind == .gguf)
        }
    }

    @Test("A half download in the cache is broken or not there")
    func halfCache() async throws {
        try await Scratch.with { scratch in
            try Self.cache("org/a", "config.json", Array("{}".utf8), commit: Self.commit, in: scratch)
            try Self.cache(
                "org/a", "model-00001-of-00002.safetensors", Array("x".utf8), commit: Self.commit, in: scratch)
            try Self.cache("org/b", "config.json", Array("{}".utf8), commit: Self.commit, in: scratch)
            try scratch.link("hub/models--org--b/snapshots/\(Self.commit)/model.safetensors", to: "../../blobs/gone")
            try scratch.link("hub/models--org--c/snapshots/\(Self.commit)/m.gguf", to: "../../blobs/gone")
            try Self.cache("org/d", "config.json", Array("{}".utf8), commit: Self.commit, in: scratch)
            let problems = Self.store(scratch).list().map { "\($0.name): \($0.problem ?? "whole")" }
            #expect(
                problems == [
                    "org/a: model-00002-of-00002.safetensors is missing", "org/b: model.safetensors leads nowhere",
                    "org/c:m.gguf: m.gguf is missing",
                ])
        }
    }

    static func ollama(
        _ path: String, digest: String? = nil, size: Int? = nil, more: String = "", bytes: [UInt8]? = gguf,
        in scratch: Scratch
    ) throws {
        let hash = FakeHub.sha256(Array(path.utf8))
        if let bytes { try scratch.write("ollama/blobs/sha256-\(hash)", bytes) }
        let layer =
            "{\"mediaType\": \"application/vnd.ollama.image.model\", \"digest\": \"\(digest ?? "sha256:" + hash)\", "
            + "\"size\": \(size ?? gguf.count)}"
        try scratch.write(
            "ollama/manifests/" + path,
            "{\"schemaVersion\": 2, \"config\": {}, \"layers\": [{\"mediaType\": \"text\"}, \(layer)\(more)]}")
    }

    @Test("Ollama's models have Ollama's names and the paths of their blobs")
    func ollama() async throws {
        try await Scratch.with { scratch in
            try Self.ollama("registry.ollama.ai/library/llama3/latest", in: scratch)
            try Self.ollama("registry.ollama.ai/library/llama3/8b", in: scratch)
            try Self.ollama("registry.ollama.ai/someone/mine/latest", in: scratch)
            try Self.ollama("hf.co/org/repo/Q4_K_M", in: scratch)
            let store = Self.store(scratch)
            #expect(
                Set(store.list().map(\.name)) == [
                    "llama3:latest", "llama3:8b", "someone/mine:latest", "hf.co/org/repo:Q4_K_M",
                ])
            let model = try store.find("llama3")
            #expect(model.name == "llama3:latest" && model.kind == .gguf && model.bytes == 13)
            #expect(try FileSystem.read(model.path) == Self.gguf)
            #expect(model.path.hasPrefix(scratch.path + "/ollama/blobs/sha256-"))
            #expect(try store.find("someone/mine").place == .ollama)
        }
    }

    @Test("Manifests that are broken, hostile or need more are broken or not there")
    func badManifests() async throws {
        try await Scratch.with { scratch in
            let host = "registry.ollama.ai/library/"
            try Self.ollama(host + "gone/latest", bytes: nil, in: scratch)
            try Self.ollama(host + "short/latest", size: 99, in: scratch)
            try Self.ollama(host + "text/latest", bytes: Array("no model at a".utf8), in: scratch)
            try Self.ollama(
                host + "adapted/latest", more: ", {\"mediaType\": \"application/vnd.ollama.image.adapter\"}",
                in: scratch)
            try Self.ollama(host + "escape/latest", digest: "sha256:../../precious", in: scratch)
            try Self.ollama(host + "md5/latest", digest: "md5:abc", in: scratch)
            try scratch.write("ollama/manifests/\(host)junk/latest", "{")
            try scratch.write("ollama/manifests/\(host)odd", "{}")
            let models = Self.store(scratch).list()
            #expect(models.map(\.name) == ["adapted:latest", "gone:latest", "short:latest", "text:latest"])
            #expect(models.allSatisfy { !$0.isWhole })
        }
    }

    @Test("What belongs to others is never removed, and the error says whose it is")
    func othersStay() async throws {
        try await Scratch.with { scratch in
            try Self.ollama("registry.ollama.ai/library/llama3/latest", in: scratch)
            try Self.cache("org/q", "m.gguf", Self.gguf, commit: Self.commit, in: scratch)
            let store = Self.store(scratch)
            for (name, words) in [("llama3", "ollama rm"), ("org/q", "Hugging Face")] {
                let error = #expect(throws: ModelStoreError.self) { try store.remove(name) }
                guard case .belongsToOther = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                #expect(error?.description.contains(words) == true)
            }
            #expect(store.list().count == 2 && store.list().allSatisfy { $0.isWhole })
            #expect(FileSystem.status(store.root) == nil || FileSystem.files(below: store.root).isEmpty)
        }
    }

    @Test("The own store comes first where several have a name")
    func ownFirst() async throws {
        try await Scratch.with { scratch in
            try Self.cache("org/q", "m.gguf", Self.gguf, commit: Self.commit, in: scratch)
            try StoreTests.put("org/q:m.gguf", in: scratch, file: "m.gguf")
            #expect(try Self.store(scratch).find("org/q").place == .store)
            #expect(Self.store(scratch).list().map(\.place) == [.store, .huggingFaceCache])
        }
    }
}
