import Testing

@testable import ApusModelStore

@Suite("Pulling a model")
struct PullTests {
    static let gguf = FakeHub([
        FakeHub.small("README.md", "# A model"), FakeHub.large("model-Q8_0.gguf", seed: 1),
        FakeHub.large("model-Q4_K_M.gguf", seed: 2), FakeHub.large("mmproj-Q4_K_M.gguf", seed: 3),
    ])

    @Test("The usual quantisation is taken, checked and put in its place")
    func usualQuantisation() async throws {
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ Self.gguf.reply(to: $0) }) { peer in
                let model = try await scratch.client(peer.address).pull("hf:org/model")
                #expect(model.name == "org/model:model-Q4_K_M.gguf")
                #expect(model.kind == .gguf)
                #expect(model.commit == Self.gguf.commit)
                #expect(try FileSystem.read(model.path) == Self.gguf.bytes("model-Q4_K_M.gguf"))
                let listed = scratch.store.list()
                #expect(listed.map(\.name) == [model.name])
                #expect(listed.first?.origin == "hf:org/model@\(Self.gguf.commit):model-Q4_K_M.gguf")
                #expect(try scratch.store.find("org/model").path == model.path)
                #expect(try scratch.store.find("hf:org/model:Q4_K_M").path == model.path)
                #expect(FileSystem.names(in: scratch.store.root + "/.partial").isEmpty)
            }
        }
    }

    @Test("A model that is here is not fetched again")
    func notTwice() async throws {
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ Self.gguf.reply(to: $0) }) { peer in
                let first = try await scratch.client(peer.address).pull("hf:org/model")
                let count = peer.requests.count
                let second = try await scratch.client(peer.address).pull("hf:org/model")
                #expect(!first.wasHere && second.wasHere)
                #expect(second.bytesReceived == 0 && second.path == first.path)
                #expect(peer.requests.dropFirst(count).allSatisfy { $0.path.hasPrefix("/api/") })
            }
        }
    }

    @Test("A named file or quantisation is taken", arguments: ["model-Q8_0.gguf", "Q8_0", "q8_0"])
    func named(file: String) async throws {
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ Self.gguf.reply(to: $0) }) { peer in
                let model = try await scratch.client(peer.address).pull("hf:org/model:\(file)")
                #expect(model.name == "org/model:model-Q8_0.gguf")
                #expect(try FileSystem.read(model.path) == Self.gguf.bytes("model-Q8_0.gguf"))
            }
        }
    }

    @Test("All parts of a split model come, whichever is named")
    func split() async throws {
        let hub = FakeHub([
            FakeHub.large("Q4_K_M/big-00001-of-00002.gguf", seed: 4),
            FakeHub.large("Q4_K_M/big-00002-of-00002.gguf", seed: 5),
        ])
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ hub.reply(to: $0) }) { peer in
                let model = try await scratch.client(peer.address).pull("hf:org/model:Q4_K_M/big-00002-of-00002.gguf")
                #expect(model.fileCount == 2)
                #expect(model.path.hasSuffix("/Q4_K_M/big-00001-of-00002.gguf"))
                let second = FileSystem.parent(of: model.path) + "/big-00002-of-00002.gguf"
                #expect(try FileSystem.read(second) == hub.bytes("Q4_K_M/big-00002-of-00002.gguf"))
                #expect(try scratch.store.find("org/model").bytes == 6000)
            }
        }
    }

    static let folder = FakeHub([
        FakeHub.small("config.json"), FakeHub.small("tokenizer.json", "{\"a\": 1}"), FakeHub.small("vocab.txt", "a"),
        FakeHub.small("README.md", "# A model"), FakeHub.small(".gitattributes", "x"),
        FakeHub.large("model-00001-of-00002.safetensors", seed: 1),
        FakeHub.large("model-00002-of-00002.safetensors", seed: 2),
        FakeHub.small("model.safetensors.index.json", "{\"weight_map\": {}}"),
        FakeHub.large("pytorch_model.bin"), FakeHub.large("tf_model.h5"), FakeHub.large("flax_model.msgpack"),
        FakeHub.large("onnx/model.onnx"), FakeHub.large("original/consolidated.00.pth"),
        FakeHub.small("pytorch_model.bin.index.json"),
    ])

    @Test("A folder's weights come once, with configuration and tokenizer")
    func huggingFaceFolder() async throws {
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ Self.folder.reply(to: $0) }) { peer in
                let model = try await scratch.client(peer.address).pull("hf:org/model")
                #expect(model.name == "org/model" && model.kind == .huggingFace)
                #expect(
                    FileSystem.files(below: model.path) == [
                        "README.md", "config.json", "model-00001-of-00002.safetensors",
                        "model-00002-of-00002.safetensors", "model.safetensors.index.json", "tokenizer.json",
                        "vocab.txt",
                    ])
                #expect(try scratch.store.find("org/model").isWhole)
            }
        }
    }

    @Test("Every request after the first names the commit, and pages are followed on the hub's own host")
    func pinned() async throws {
        var hub = Self.folder
        hub.pageSize = 4
        let pages = hub
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ pages.reply(to: $0) }) { peer in
                _ = try await scratch.client(peer.address, token: "hf_secret").pull("hf:org/model@v1.0")
                let requests = peer.requests
                #expect(requests[0].path == "/api/models/org/model/revision/v1.0")
                #expect(requests.dropFirst().allSatisfy { $0.path.contains(pages.commit) })
                #expect(requests.filter { $0.path.contains("/tree/") }.count == 4)
                #expect(requests.allSatisfy { $0.header("Authorization") == "Bearer hf_secret" })
                #expect(scratch.store.list().map(\.name) == ["org/model@v1.0"])
            }
        }
    }

    @Test("A new commit takes the place of the old one, and what did not change is not fetched again")
    func newCommit() async throws {
        let old = FakeHub([FakeHub.small("config.json", "{\"a\": 1}"), FakeHub.large("model.safetensors", bytes: 5000)])
        var new = old
        new.commit = "fedcba9876543210fedcba9876543210fedcba98"
        new.files[0] = FakeHub.small("config.json", "{\"a\": 2}")
        let (before, after, isNew) = (old, new, Counter())
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ isNew.value == 0 ? before.reply(to: $0) : after.reply(to: $0) }) { peer in
                let client = scratch.client(peer.address)
                _ = try await client.pull("hf:org/model")
                _ = isNew.next()
                let model = try await client.pull("hf:org/model")
                #expect(model.commit == after.commit && !model.wasHere)
                #expect(model.bytesReceived == 8)
                #expect(try FileSystem.read(model.path + "/config.json") == Array("{\"a\": 2}".utf8))
                #expect(try FileSystem.read(model.path + "/model.safetensors") == after.bytes("model.safetensors"))
                #expect(scratch.store.list().count == 1)
            }
        }
    }

    @Test("A mirror without a tree is asked for its siblings, and each file for its length and checksum")
    func siblings() async throws {
        let hub = FakeHub([FakeHub.small("config.json"), FakeHub.large("model.safetensors")])
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ request in
                if request.path.contains("/tree/") { return .init(404) }
                if request.path.contains("/revision/") {
                    let names = hub.files.map { "{\"rfilename\": \"\($0.path)\"}" }.joined(separator: ",")
                    return .init(json: "{\"sha\": \"\(hub.commit)\", \"siblings\": [\(names)]}")
                }
                var reply = hub.reply(to: request)
                if request.path.hasSuffix("config.json") {
                    reply.headers = [("ETag", "\"\(FakeHub.gitBlob(hub.bytes("config.json")))\"")]
                }
                return reply
            }) { peer in
                let model = try await scratch.client(peer.address).pull("hf:org/model")
                #expect(try FileSystem.read(model.path + "/model.safetensors") == hub.bytes("model.safetensors"))
                #expect(peer.requests.filter { $0.method == "HEAD" }.count == 2)
            }
        }
    }

    @Test("Progress counts up to the whole, file by file")
    func progress() async throws {
        let reports = Reports()
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ Self.folder.reply(to: $0) }) { peer in
                let model = try await scratch.client(peer.address).pull("hf:org/model") { reports.append($0) }
                let all = reports.all
                #expect(all.first?.phase == .listing)
                #expect(all.last?.phase == .done)
                #expect(all.last?.bytesDone == model.bytes && all.last?.bytesTotal == model.bytes)
                #expect(zip(all, all.dropFirst()).allSatisfy { $0.bytesDone <= $1.bytesDone })
                #expect(all.last?.fileNumber == 7 && all.last?.fileCount == 7)
            }
        }
    }

    @Test("Two pulls of one model at once take turns, and each byte comes once")
    func atOnce() async throws {
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ Self.folder.reply(to: $0) }) { peer in
                let client = scratch.client(peer.address)
                async let first = client.pull("hf:org/model")
                async let second = client.pull("hf:org/model")
                let models = try await [first, second]
                #expect(models[0].path == models[1].path)
                #expect(models.filter(\.wasHere).count == 1)
                #expect(peer.requests.filter { $0.path.hasSuffix("00002-of-00002.safetensors") }.count == 1)
                #expect(scratch.store.list().map(\.isWhole) == [true])
            }
        }
    }

    @Test("A pull that is cancelled keeps what it has, and the next one goes on there")
    func cancelled() async throws {
        let hub = FakeHub([FakeHub.large("model.gguf", bytes: 3 << 20)])
        let (hasBytes, isSecond) = (Signal(), Counter())
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ request in
                var reply = hub.reply(to: request)
                if request.path.contains("/resolve/"), isSecond.value == 0 { reply.hangAfter = 2 << 20 }
                return reply
            }) { peer in
                let client = scratch.client(peer.address) { $0.idleTimeout = .seconds(60) }
                let task = Task {
                    try await client.pull("hf:org/model") { if $0.bytesDone > 0 { hasBytes.send() } }
                }
                await hasBytes.wait()
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                let kept = scratch.partialBytes(of: "org/model:model.gguf")
                #expect(kept > 0 && scratch.store.list().isEmpty)
                _ = isSecond.next()
                let model = try await client.pull("hf:org/model")
                #expect(model.bytesReceived == model.bytes - kept)
                #expect(try FileSystem.read(model.path) == hub.bytes("model.gguf"))
            }
        }
    }
}
