import Synchronization
import Testing

@testable import ApusModelStore

@Suite("Pulling from a server that fails or lies")
struct BrokenServerTests {
    typealias Reply = LoopbackPeer.Reply
    typealias Request = LoopbackPeer.Request

    static let hub = FakeHub([FakeHub.large("model.gguf", bytes: 100_000)])
    static let name = "org/model:model.gguf"
    static var content: [UInt8] { hub.bytes("model.gguf") }

    /// Answers as the hub does, but for the file, whose replies a test changes.
    static func serving<Value>(
        _ change: @escaping @Sendable (inout Reply, Request) -> Void, _ body: (LoopbackPeer) async throws -> Value
    ) async throws -> Value {
        try await LoopbackPeer.serving(
            { request in
                var reply = hub.reply(to: request)
                if request.path.contains("/resolve/") { change(&reply, request) }
                return reply
            }, body)
    }

    /// Nothing of a failed pull may look like a model.
    static func expectNothing(in scratch: Scratch, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(scratch.store.list().isEmpty, sourceLocation: sourceLocation)
        #expect(throws: ModelStoreError.self, sourceLocation: sourceLocation) { try scratch.store.find("org/model") }
    }

    @Test("A line that drops in the middle is taken up where it broke")
    func drops() async throws {
        let count = Counter()
        try await Scratch.with { scratch in
            try await Self.serving({ reply, _ in if count.next() == 1 { reply.dropAfter = 40_000 } }) { peer in
                let pauses = Pauses()
                let model = try await scratch.client(peer.address, pauses: pauses).pull("hf:org/model")
                #expect(try FileSystem.read(model.path) == Self.content)
                let requests = peer.requests.filter { $0.path.contains("/resolve/") }
                // What was still on its way inside the client when the line broke may be lost.
                #expect(requests.count == 2 && requests[0].header("Range") == nil)
                #expect((1...40_000).contains(Self.kept(requests)))
                #expect(model.bytesReceived == 100_000)
                #expect(requests[1].header("If-Range") == "\"\(FakeHub.sha256(Self.content))\"")
                #expect(pauses.all == [.seconds(1)])
            }
        }
    }

    /// The offset that the last request asks for.
    static func kept(_ requests: [Request]) -> Int {
        requests.last?.header("Range").flatMap { Int($0.dropFirst("bytes=".count).dropLast()) } ?? 0
    }

    @Test("A line that always drops ends in an error, keeps what it has, and the next pull goes on there")
    func alwaysDrops() async throws {
        let isGood = Counter()
        try await Scratch.with { scratch in
            try await Self.serving({ reply, _ in if isGood.value == 0 { reply.dropAfter = 10_000 } }) { peer in
                let client = scratch.client(peer.address)
                let error = try await hubError { try await client.pull("hf:org/model") }
                guard case .brokenLine(_, let received, 100_000, _) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect((1...30_000).contains(received) && scratch.partialBytes(of: Self.name) == received)
                Self.expectNothing(in: scratch)
                _ = isGood.next()
                let model = try await client.pull("hf:org/model")
                #expect(model.bytesReceived == 100_000 - received)
                #expect(try FileSystem.read(model.path) == Self.content)
            }
        }
    }

    @Test("A file that changed on the way is fetched from its beginning, not mixed")
    func changedTag() async throws {
        let count = Counter()
        try await Scratch.with { scratch in
            try await Self.serving({ reply, request in
                if count.next() == 1 {
                    reply = Reply(200, [("ETag", "\"older\"")], body: [UInt8](repeating: 7, count: 100_000))
                    reply.dropAfter = 40_000
                }
            }) { peer in
                let model = try await scratch.client(peer.address).pull("hf:org/model")
                #expect(peer.requests.last?.header("If-Range") == "\"older\"")
                #expect(try FileSystem.read(model.path) == Self.content)
            }
        }
    }

    @Test("A server that takes no ranges sends the whole file again")
    func noRanges() async throws {
        let count = Counter()
        try await Scratch.with { scratch in
            try await Self.serving({ reply, _ in
                reply = Reply(200, body: Self.content)
                if count.next() == 1 { reply.dropAfter = 40_000 }
            }) { peer in
                let model = try await scratch.client(peer.address).pull("hf:org/model")
                #expect(try FileSystem.read(model.path) == Self.content)
                #expect((100_001...140_000).contains(model.bytesReceived))
            }
        }
    }

    @Test("A server that refuses the range is asked for the whole file")
    func refusedRange() async throws {
        let count = Counter()
        try await Scratch.with { scratch in
            try await Self.serving({ reply, _ in
                switch count.next() {
                case 1: reply.dropAfter = 40_000
                case 2: reply = Reply(416)
                default: break
                }
            }) { peer in
                let model = try await scratch.client(peer.address).pull("hf:org/model")
                #expect(try FileSystem.read(model.path) == Self.content)
                #expect(peer.requests.last?.header("Range") == nil)
            }
        }
    }

    @Test("A range that is not the one that was asked for is refused")
    func otherRange() async throws {
        let count = Counter()
        try await Scratch.with { scratch in
            try await Self.serving({ reply, _ in
                if count.next() == 1 {
                    reply.dropAfter = 40_000
                } else {
                    reply = Reply(206, [("Content-Range", "bytes 0-59999/100000")], body: Array(Self.content[..<60000]))
                }
            }) { peer in
                let error = try await hubError { try await scratch.client(peer.address).pull("hf:org/model") }
                guard case .badAnswer = error else {
                    Issue.record("\(error)")
                    return
                }
                Self.expectNothing(in: scratch)
            }
        }
    }

    @Test("A length that is not the listed one is refused", arguments: [99_999, 100_001, 0, Int.max])
    func announcedLength(length: Int) async throws {
        try await Scratch.with { scratch in
            try await Self.serving({ reply, _ in reply.announcedLength = .some(.some(length)) }) { peer in
                let error = try await hubError { try await scratch.client(peer.address).pull("hf:org/model") }
                #expect(error == .wrongLength(file: "model.gguf", expected: 100_000, got: length))
                Self.expectNothing(in: scratch)
                #expect(scratch.partialBytes(of: Self.name) == 0)
            }
        }
    }

    @Test("Fewer bytes than the length says, again and again, are a broken line")
    func tooFew() async throws {
        try await Scratch.with { scratch in
            try await Self.serving({ reply, _ in
                reply = Reply(200, body: Array(Self.content[..<50_000]))
                reply.announcedLength = .some(.some(100_000))
            }) { peer in
                let error = try await hubError { try await scratch.client(peer.address).pull("hf:org/model") }
                guard case .brokenLine = error else {
                    Issue.record("\(error)")
                    return
                }
                Self.expectNothing(in: scratch)
            }
        }
    }

    @Test("More bytes than were listed are not written, and all are thrown away")
    func tooMany() async throws {
        try await Scratch.with { scratch in
            try await Self.serving({ reply, _ in
                reply = Reply(200, body: Self.content + [UInt8](repeating: 0, count: 500_000))
                reply.announcedLength = .some(nil)
            }) { peer in
                let error = try await hubError { try await scratch.client(peer.address).pull("hf:org/model") }
                guard case .wrongLength("model.gguf", 100_000, _) = error else {
                    Issue.record("\(error)")
                    return
                }
                Self.expectNothing(in: scratch)
                #expect(scratch.partialBytes(of: Self.name) == 0)
            }
        }
    }

    @Test("Wrong bytes are thrown away and said", arguments: [true, false])
    func wrongBytes(isLarge: Bool) async throws {
        var hub = FakeHub([FakeHub.small("config.json", "{\"a\": 1}"), FakeHub.large("model.safetensors")])
        hub.files[1].isLarge = isLarge
        let honest = hub
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ request in
                var reply = honest.reply(to: request)
                if request.path.hasSuffix("/model.safetensors") { reply.body[1234] ^= 1 }
                return reply
            }) { peer in
                let error = try await hubError { try await scratch.client(peer.address).pull("hf:org/model") }
                let good = honest.bytes("model.safetensors")
                var bad = good
                bad[1234] ^= 1
                #expect(
                    error
                        == .wrongChecksum(
                            file: "model.safetensors",
                            expected: isLarge ? .sha256(FakeHub.sha256(good)) : .gitBlob(FakeHub.gitBlob(good)),
                            got: isLarge ? .sha256(FakeHub.sha256(bad)) : .gitBlob(FakeHub.gitBlob(bad))))
                #expect(error.description.contains("thrown away"))
                Self.expectNothing(in: scratch)
                #expect(scratch.partialBytes(of: "org/model") == 0)
            }
        }
    }

    @Test("Bytes of an earlier time that went bad are found, and the file starts again")
    func badPartial() async throws {
        try await Scratch.with { scratch in
            try await Self.serving({ _, _ in }) { peer in
                let folder = "models/.partial/" + ModelName.key(of: Self.name)
                try scratch.write(
                    folder + "/" + FakeHub.sha256(Self.content) + ".partial", [UInt8](repeating: 1, count: 99_000))
                let model = try await scratch.client(peer.address).pull("hf:org/model")
                #expect(try FileSystem.read(model.path) == Self.content)
                #expect(model.bytesReceived == 101_000)
            }
        }
    }

    @Test("A file that is no GGUF does not come into the store as one")
    func noGGUF() async throws {
        let hub = FakeHub([FakeHub.File(path: "model.gguf", content: Array("<html>".utf8), isLarge: true)])
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ hub.reply(to: $0) }) { peer in
                let error = try await hubError { try await scratch.client(peer.address).pull("hf:org/model") }
                #expect(error == .noModel(repository: "org/model", reason: "model.gguf does not begin with GGUF"))
                Self.expectNothing(in: scratch)
            }
        }
    }

    @Test("A server that hangs ends in an error", arguments: [-1, 0, 20_000])
    func hangs(after bytes: Int) async throws {
        try await Scratch.with { scratch in
            try await Self.serving({ reply, _ in reply.hangAfter = bytes }) { peer in
                let client = scratch.client(peer.address) { configuration in
                    configuration.idleTimeout = .seconds(1)
                    configuration.maximumAttempts = 2
                }
                let error = try await hubError { try await client.pull("hf:org/model") }
                #expect(error == .idleTimeout(host: peer.address, seconds: 1))
                let tries = peer.requests.filter { $0.path.contains("/resolve/") }.count
                #expect(tries <= 2)
                Self.expectNothing(in: scratch)
                #expect(scratch.partialBytes(of: Self.name) <= max(0, bytes) * tries)
            }
        }
    }

    @Test("A hub that hangs before it lists anything ends in an error")
    func listingHangs() async throws {
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ _ in
                var reply = Reply(json: "{\"sha\": ")
                reply.announcedLength = .some(.some(1000))
                reply.hangAfter = 5
                return reply
            }) { peer in
                let client = scratch.client(peer.address) { $0.idleTimeout = .milliseconds(200) }
                let error = try await hubError { try await client.pull("hf:org/model") }
                #expect(error == .idleTimeout(host: peer.address, seconds: 0.2))
                #expect((1...3).contains(peer.requests.count))
            }
        }
    }

    @Test("Nobody at the address is an error that names it")
    func nobody() async throws {
        // The port of a server that is gone.
        let address = try await LoopbackPeer.serving(
            { _ in Reply() },
            { peer in peer.address })
        try await Scratch.with { scratch in
            let error = try await hubError { try await scratch.client(address).pull("hf:org/model") }
            guard case .connectionFailed(address, _) = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test("Bytes of another commit than the pinned one are refused")
    func otherCommit() async throws {
        try await Scratch.with { scratch in
            try await Self.serving({ reply, _ in reply.headers = [("X-Repo-Commit", "other")] }) { peer in
                let error = try await hubError { try await scratch.client(peer.address).pull("hf:org/model") }
                #expect(error == .wrongCommit(file: "model.gguf", expected: Self.hub.commit, got: "other"))
                Self.expectNothing(in: scratch)
            }
        }
    }

    @Test("Too little room is said before anything is fetched")
    func noRoom() async throws {
        try await Scratch.with { scratch in
            try await Self.serving({ _, _ in }) { peer in
                let client = scratch.client(peer.address) { $0.freeBytes = { _ in 5000 } }
                let error = try await hubError { try await client.pull("hf:org/model") }
                #expect(error == .notEnoughSpace(path: scratch.store.root, needed: 100_000, free: 5000))
                #expect(!peer.requests.contains { $0.path.contains("/resolve/") })
            }
        }
    }

    @Test("A store that can't be written is said with its path")
    func unwritable() async throws {
        try await Scratch.with { scratch in
            try scratch.write("models", "a file where the folder should be")
            try await Self.serving({ _, _ in }) { peer in
                let error = try await hubError { try await scratch.client(peer.address).pull("hf:org/model") }
                guard case .file(let cause) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(cause.path.hasPrefix(scratch.store.root))
            }
        }
    }
}
