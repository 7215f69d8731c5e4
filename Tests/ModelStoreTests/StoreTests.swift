import Testing

@testable import ApusModelStore

@Suite("The local store")
struct StoreTests {
    static let gguf = Array("GGUF and more".utf8)

    /// An entry as a pull leaves it.
    static func put(_ name: String, in scratch: Scratch, file: String = "model.gguf", bytes: Int? = nil) throws {
        let folder = "models/" + ModelName.folder(of: name)
        try scratch.write(folder + "/" + file, gguf)
        let record = StoreRecord(
            name: name, kind: .gguf, main: file, files: [.init(path: file, bytes: bytes ?? gguf.count)], date: 86400)
        try record.write(in: scratch.path + "/" + folder)
    }

    static func putFolder(_ relative: String, in scratch: Scratch) throws {
        try scratch.write(relative + "/config.json")
        try scratch.write(relative + "/model.safetensors", "weights")
    }

    @Test("A store that does not exist is empty")
    func empty() async throws {
        try await Scratch.with { scratch in
            #expect(scratch.store.list().isEmpty)
            #expect(throws: ModelStoreError.notFound(name: "x", near: [])) { try scratch.store.find("x") }
            #expect(throws: ModelStoreError.notFound(name: "x", near: [])) { try scratch.store.remove("x") }
        }
    }

    @Test("Entries are listed by name with bytes, date and path")
    func list() async throws {
        try await Scratch.with { scratch in
            try Self.put("org/b:model.gguf", in: scratch)
            try Self.put("gpt2:model.gguf", in: scratch)
            let models = scratch.store.list()
            #expect(models.map(\.name) == ["gpt2:model.gguf", "org/b:model.gguf"])
            #expect(models[1].path == scratch.store.root + "/org/b:model.gguf/model.gguf")
            #expect(models[1].bytes == 13 && models[1].dateText == "1970-01-02 00:00" && models[1].place == .store)
        }
    }

    @Test("Models that were put there by hand are found, those in parts once")
    func byHand() async throws {
        try await Scratch.with { scratch in
            try scratch.write("models/mine.gguf", Self.gguf)
            try scratch.write("models/a/big-00001-of-00002.gguf", Self.gguf)
            try scratch.write("models/a/big-00002-of-00002.gguf", Self.gguf)
            try Self.putFolder("models/org/folder", in: scratch)
            let models = scratch.store.list()
            #expect(models.map(\.name) == ["a/big-00001-of-00002.gguf", "mine.gguf", "org/folder"])
            #expect(models.allSatisfy { $0.isWhole })
            #expect(models[0].bytes == 26)
            #expect(try scratch.store.find("mine").name == "mine.gguf")
            try scratch.store.remove("a/big-00001-of-00002.gguf")
            #expect(FileSystem.names(in: scratch.store.root + "/a").isEmpty)
        }
    }

    @Test("Half and damaged entries are broken with the reason, or not there")
    func broken() async throws {
        try await Scratch.with { scratch in
            try Self.put("org/short:model.gguf", in: scratch, bytes: 1000)
            try scratch.write("models/half-00001-of-00002.gguf", Self.gguf)
            try scratch.write("models/text.gguf", "no model")
            try scratch.write("models/org/unreadable/.apus.json", "{")
            try scratch.write("models/config-only/config.json")
            try scratch.write("models/sharded/config.json")
            try scratch.write("models/sharded/model-00001-of-00003.safetensors", "x")
            try scratch.write("models/.partial/x/model/model.gguf", Self.gguf)
            try scratch.link("models/gone.gguf", to: "/nowhere/at/all")
            let models = scratch.store.list()
            let problems = Dictionary(uniqueKeysWithValues: models.map { ($0.name, $0.problem ?? "whole") })
            #expect(problems["org/short:model.gguf"] == "model.gguf has 13 bytes instead of 1000")
            #expect(problems["half-00001-of-00002.gguf"] == "half-00002-of-00002.gguf is missing")
            #expect(problems["text.gguf"] == "text.gguf does not begin with GGUF")
            #expect(problems["sharded"] == "model-00002-of-00003.safetensors is missing")
            #expect(problems["org/unreadable"]?.hasPrefix(".apus.json can't be read") == true)
            #expect(problems["gone.gguf"] == "gone.gguf is missing")
            #expect(models.count == 6)
            #expect(throws: ModelStoreError.self) { try scratch.store.find("org/short") }
            try scratch.store.remove("org/short:model.gguf")
            #expect(scratch.store.list().count == 5)
        }
    }

    @Test("A repository's name stands for its only model, and for nothing where there are several")
    func find() async throws {
        try await Scratch.with { scratch in
            try Self.put("org/b:m-Q8_0.gguf", in: scratch, file: "m-Q8_0.gguf")
            #expect(try scratch.store.find("org/b").name == "org/b:m-Q8_0.gguf")
            try Self.put("org/b:m-Q4_K_M.gguf", in: scratch, file: "m-Q4_K_M.gguf")
            #expect(
                throws: ModelStoreError.ambiguous(
                    name: "org/b", candidates: ["org/b:m-Q4_K_M.gguf", "org/b:m-Q8_0.gguf"])
            ) { try scratch.store.find("org/b") }
            #expect(try scratch.store.find("hf:org/b:q4_k_m").name == "org/b:m-Q4_K_M.gguf")
            #expect(throws: ModelStoreError.notFound(name: "org/b:Q4_K", near: [])) {
                try scratch.store.find("org/b:Q4_K")
            }
            #expect(throws: ModelStoreError.notFound(name: "q8_0", near: ["org/b:m-Q8_0.gguf"])) {
                try scratch.store.find("q8_0")
            }
        }
    }

    @Test("Removing takes an entry with its empty folders, and nothing beside it")
    func remove() async throws {
        try await Scratch.with { scratch in
            try Self.put("org/a:model.gguf", in: scratch)
            try Self.put("org/b:model.gguf", in: scratch)
            try scratch.store.remove("org/a")
            #expect(scratch.store.list().map(\.name) == ["org/b:model.gguf"])
            #expect(FileSystem.names(in: scratch.store.root + "/org") == ["b:model.gguf"])
            try scratch.store.remove("hf:org/b")
            #expect(FileSystem.names(in: scratch.store.root).filter { !$0.hasPrefix(".") }.isEmpty)
            #expect(FileSystem.names(in: scratch.store.root + "/.trash").isEmpty)
        }
    }

    @Test(
        "No name leads out of the store",
        arguments: ["..", ".", "", "/", "../precious", "org/../../precious", "/etc", "models", "a\0b", ".trash", "*"])
    func escape(name: String) async throws {
        try await Scratch.with { scratch in
            try Self.put("org/a:model.gguf", in: scratch)
            try Self.putFolder("precious", in: scratch)
            #expect(throws: ModelStoreError.self) { try scratch.store.remove(name) }
            #expect(scratch.store.list().count == 1)
            #expect(FileSystem.files(below: scratch.path + "/precious").count == 2)
        }
    }

    @Test("Of a link the link is removed, and what lies behind a linked folder is refused")
    func links() async throws {
        try await Scratch.with { scratch in
            try Self.putFolder("outside/model", in: scratch)
            try scratch.write("outside/file.gguf", Self.gguf)
            try scratch.link("models/linked", to: scratch.path + "/outside/model")
            try scratch.link("models/linked.gguf", to: scratch.path + "/outside/file.gguf")
            try scratch.link("models/org", to: scratch.path + "/outside")
            #expect(scratch.store.list().map(\.name) == ["linked", "linked.gguf", "org/file.gguf", "org/model"])
            try scratch.store.remove("linked")
            try scratch.store.remove("linked.gguf")
            for name in ["org/model", "org/file.gguf"] {
                let error = #expect(throws: ModelStoreError.self) { try scratch.store.remove(name) }
                guard case .outsideStore = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
            }
            #expect(FileSystem.files(below: scratch.path + "/outside").count == 3)
        }
    }

    @Test("A record can't point its files out of its folder")
    func hostileRecord() async throws {
        try await Scratch.with { scratch in
            let text = "{\"name\": \"x\", \"kind\": \"gguf\", \"main\": \"../../x\", \"files\": []}"
            try scratch.write("models/x/.apus.json", text)
            #expect(scratch.store.list().first?.problem == ".apus.json is not a record of the store")
        }
    }

    @Test("A model that is being pulled is not removed at the same time")
    func busy() async throws {
        try await Scratch.with { scratch in
            try Self.put("org/a:model.gguf", in: scratch)
            let lock = try #require(try FileLock.take(scratch.store.lockPath(of: "org/a:model.gguf")))
            #expect(throws: ModelStoreError.busy(name: "org/a:model.gguf")) { try scratch.store.remove("org/a") }
            lock.release()
            try scratch.store.remove("org/a")
        }
    }

    @Test("A model can be registered where it lies, copied or moved", arguments: [0, 1, 2])
    func register(mode: Int) async throws {
        let mode: ModelStore.RegistrationMode = [.reference, .copy, .move][mode]
        try await Scratch.with { scratch in
            try Self.putFolder("runs/tuned", in: scratch)
            try scratch.write("runs/tuned/1_Pooling/config.json")
            let model = try scratch.store.register(scratch.path + "/runs/tuned", as: "me/tuned", mode: mode)
            #expect(model.name == "me/tuned" && model.kind == .huggingFace && model.isWhole)
            let isThere = FileSystem.status(scratch.path + "/runs/tuned/config.json") != nil
            #expect(isThere == (mode != .move))
            #expect(
                model.path == (mode == .reference ? scratch.path + "/runs/tuned" : scratch.store.root + "/me/tuned"))
            if mode != .reference { #expect(FileSystem.files(below: model.path).contains("1_Pooling/config.json")) }
            #expect(throws: ModelStoreError.exists(name: "me/tuned", path: scratch.store.root + "/me/tuned")) {
                try scratch.store.register(model.path, as: "me/tuned")
            }
            try scratch.store.remove("me/tuned")
            #expect((FileSystem.status(scratch.path + "/runs/tuned/config.json") != nil) == (mode != .move))
        }
    }

    @Test("A registered path that went away is broken")
    func registeredAndGone() async throws {
        try await Scratch.with { scratch in
            try scratch.write("runs/m.gguf", Self.gguf)
            #expect(
                try scratch.store.register(scratch.path + "/runs/m.gguf", as: "m").path == scratch.path + "/runs/m.gguf"
            )
            try FileSystem.remove(scratch.path + "/runs")
            #expect(scratch.store.list().first?.problem == "m.gguf is missing")
            #expect(throws: ModelStoreError.self) { try scratch.store.find("m") }
            try scratch.store.remove("m")
        }
    }

    @Test(
        "Names that can't be an entry's are refused",
        arguments: [
            "", "/", "a/", "../a", ".a", "a/.b", "a b", "a:b", "a/b/c/d", "\u{e9}", String(repeating: "x", count: 129),
        ])
    func badNames(name: String) async throws {
        try await Scratch.with { scratch in
            try scratch.write("m.gguf", Self.gguf)
            let error = #expect(throws: ModelStoreError.self) {
                try scratch.store.register(scratch.path + "/m.gguf", as: name)
            }
            guard case .badName = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("A model can't lie inside another, and only models are registered")
    func refusedRegistrations() async throws {
        try await Scratch.with { scratch in
            try scratch.write("m.gguf", Self.gguf)
            try scratch.write("text", "text")
            try scratch.store.register(scratch.path + "/m.gguf", as: "a")
            #expect(throws: ModelStoreError.self) { try scratch.store.register(scratch.path + "/m.gguf", as: "a/b") }
            for path in ["text", "nothing", "models"] {
                #expect(throws: ModelStoreError.self) { try scratch.store.register(scratch.path + "/" + path, as: "c") }
            }
            #expect(scratch.store.list().map(\.name) == ["a"])
            #expect(FileSystem.files(below: scratch.store.root + "/.partial").isEmpty)
        }
    }
}
