import Testing

@testable import ApusModelStore

@Suite("A hub that means harm")
struct HostileHubTests {
    typealias Reply = LoopbackPeer.Reply

    static let commit = "0123456789abcdef0123456789abcdef01234567"

    /// The error of a pull from a hub with this listing; `entries` is JSON.
    static func error(
        tree entries: String, information: String = "{\"sha\": \"\(commit)\"}",
        change: (inout HubConfiguration) -> Void = { _ in }
    ) async throws -> HubError {
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ request in
                if request.path.contains("/revision/") { return Reply(json: information) }
                if request.path.contains("/tree/") { return Reply(json: entries) }
                return Reply(500)
            }) { peer in
                let error = try await hubError {
                    try await scratch.client(peer.address, change: change).pull("hf:org/model")
                }
                #expect(!peer.requests.contains { $0.path.contains("/resolve/") })
                #expect(FileSystem.files(below: scratch.path).isEmpty)
                return error
            }
        }
    }

    static func entry(_ path: String, size: String = "10") -> String {
        let hash = String(repeating: "a", count: 64)
        return "{\"type\": \"file\", \"path\": \"\(path)\", \"size\": \(size), \"oid\": \"\(commit)\", "
            + "\"lfs\": {\"oid\": \"\(hash)\", \"size\": \(size)}}"
    }

    @Test(
        "A name that leaves its folder, or is no name, refuses the whole repository",
        arguments: [
            "../model.gguf", "a/../../model.gguf", "/etc/model.gguf", "", "a//model.gguf", "./model.gguf",
            "a/./model.gguf", "..", "a\\u0000.gguf", "a\\nb.gguf", "..\\\\model.gguf", ".apus.json", "a/", "\\u007f",
            String(repeating: "n", count: 300) + ".gguf", String(repeating: "n/", count: 200) + "model.gguf",
            String(repeating: "0123456789/", count: 100) + "model.gguf",
        ])
    func names(path: String) async throws {
        let error = try await Self.error(tree: "[\(Self.entry("model.gguf")), \(Self.entry(path))]")
        guard case .hostileName("org/model", _, _) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(error.description.utf8.allSatisfy { $0 >= 32 })
    }

    @Test("Absurd sizes are refused", arguments: ["9223372036854775807", "-1", "8796093022209"])
    func sizes(size: String) async throws {
        let error = try await Self.error(tree: "[\(Self.entry("model.gguf", size: size))]")
        switch error {
        case .tooLarge, .badAnswer: break
        default: Issue.record("\(error)")
        }
    }

    @Test("Sizes whose sum is absurd are refused")
    func sum() async throws {
        let parts = (1...3).map { Self.entry("m-0000\($0)-of-00003.gguf", size: "\(5 << 40)") }
        let error = try await Self.error(tree: "[" + parts.joined(separator: ",") + "]")
        #expect(error == .tooLarge(repository: "org/model", limit: 8 << 40))
    }

    @Test("A size that is no integer is asked for again, and refused if nobody knows it")
    func noSize() async throws {
        let error = try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ request in
                if request.path.contains("/revision/") { return Reply(json: "{\"sha\": \"abc\"}") }
                if request.path.contains("/tree/") { return Reply(json: "[\(Self.entry("m.gguf", size: "1e300"))]") }
                var reply = Reply(200)
                reply.announcedLength = .some(nil)
                return reply
            }) { peer in
                try await hubError { try await scratch.client(peer.address).pull("hf:org/model") }
            }
        }
        guard case .badAnswer = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test("Too many files are refused")
    func tooMany() async throws {
        let entries = (0..<101).map { Self.entry("file\($0)") }.joined(separator: ",")
        let error = try await Self.error(tree: "[\(entries)]") { $0.maximumFiles = 100 }
        #expect(error == .tooManyFiles(repository: "org/model", limit: 100))
    }

    @Test("A part count that no repository can have costs nothing")
    func manyParts() async throws {
        let error = try await Self.error(tree: "[\(Self.entry("m-00001-of-99999.gguf"))]")
        #expect(
            error == .noModel(repository: "org/model", reason: "its part m-00002-of-99999.gguf is missing"))
    }

    @Test(
        "What is no answer of the interface is refused",
        arguments: [
            ("[", "{\"sha\": \"abc\"}"), ("{}", "{\"sha\": \"abc\"}"), ("[1, null]", "{\"sha\": \"abc\"}"),
            ("[]", "<html>"), ("[]", "{}"), ("[]", "{\"sha\": 5}"), ("[]", "{\"sha\": \"../../x\"}"),
            ("[]", "{\"sha\": \"\"}"), (String(repeating: "[", count: 100_000), "{\"sha\": \"abc\"}"),
        ])
    func answers(tree: String, information: String) async throws {
        let error = try await Self.error(tree: tree, information: information)
        guard case .badAnswer = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test("Pages that run in a circle are refused")
    func circle() async throws {
        let error = try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ request in
                if request.path.contains("/revision/") { return Reply(json: "{\"sha\": \"abc\"}") }
                return Reply(json: "[]", [("Link", "<\(request.target)>; rel=\"next\"")])
            }) { peer in
                try await hubError { try await scratch.client(peer.address).pull("hf:org/model") }
            }
        }
        guard case .badAnswer(_, let reason) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(reason.contains("circle"))
    }

    @Test("A file without a checksum is refused")
    func noChecksum() async throws {
        let error = try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ request in
                if request.path.contains("/revision/") { return Reply(json: "{\"sha\": \"abc\"}") }
                if request.path.contains("/tree/") {
                    return Reply(json: "[{\"type\": \"file\", \"path\": \"m.gguf\", \"size\": 4}]")
                }
                return Reply(200, [("ETag", "W/\"1\"")], body: Array("GGUF".utf8))
            }) { peer in
                try await hubError { try await scratch.client(peer.address).pull("hf:org/model") }
            }
        }
        #expect(error == .noChecksum(repository: "org/model", file: "m.gguf"))
    }

    @Test("A link in place of an unfinished file is not written through")
    func linkedPartial() async throws {
        let hub = FakeHub([FakeHub.large("model.gguf")])
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ hub.reply(to: $0) }) { peer in
                try scratch.write("precious", "mine")
                let key = ModelName.key(of: "org/model:model.gguf")
                let digest = FakeHub.sha256(hub.bytes("model.gguf"))
                try scratch.link("models/.partial/\(key)/\(digest).partial", to: scratch.path + "/precious")
                let error = try await hubError { try await scratch.client(peer.address).pull("hf:org/model") }
                guard case .file = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(try FileSystem.read(scratch.path + "/precious") == Array("mine".utf8))
            }
        }
    }
}
