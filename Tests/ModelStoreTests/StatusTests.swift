import Testing

@testable import ApusModelStore

@Suite("What a hub's refusals mean")
struct StatusTests {
    typealias Reply = LoopbackPeer.Reply

    static let hub = FakeHub([FakeHub.large("model.gguf", bytes: 5000)])

    /// The error of a pull whose every answer is `reply`, from the listing on or for the file alone.
    static func error(
        of reply: Reply, forFile: Bool = false, token: String? = nil, reference: String = "hf:org/model"
    ) async throws -> HubError {
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ request in
                forFile && !request.path.contains("/resolve/") ? hub.reply(to: request) : reply
            }) { peer in
                let error = try await hubError { try await scratch.client(peer.address, token: token).pull(reference) }
                #expect(scratch.store.list().isEmpty)
                return error
            }
        }
    }

    @Test("401 names HF_TOKEN", arguments: [false, true])
    func unauthorized(forFile: Bool) async throws {
        let error = try await Self.error(of: Reply(401), forFile: forFile)
        guard case .unauthorized("org/model", _, false) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(error.description.contains("HF_TOKEN"))
    }

    @Test("A gated repository says where its terms are", arguments: [401, 403])
    func gated(status: Int) async throws {
        let error = try await Self.error(of: Reply(status, [("X-Error-Code", "GatedRepo")]), forFile: true, token: "t")
        guard case .gated("org/model", let hub, true) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(error.description.contains(hub + "/org/model"))
    }

    @Test("403 passes on the hub's own message")
    func forbidden() async throws {
        let error = try await Self.error(of: Reply(403, [("X-Error-Message", "ask an administrator")]))
        guard case .forbidden(_, _, false, let message) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(message == "ask an administrator")
    }

    @Test("404 names what is missing: the repository, the revision or the file")
    func notFound() async throws {
        let repository = try await Self.error(of: Reply(404, [("X-Error-Code", "RepoNotFound")]))
        guard case .repositoryNotFound("org/model", _) = repository else {
            Issue.record("\(repository)")
            return
        }
        #expect(
            try await Self.error(of: Reply(404, [("X-Error-Code", "RevisionNotFound")]), reference: "hf:org/model@v9")
                == .revisionNotFound(repository: "org/model", revision: "v9"))
        let file = try await Self.error(of: Reply(404, [("X-Error-Code", "EntryNotFound")]), forFile: true)
        guard case .fileNotFound("org/model", "model.gguf", _, _) = file else {
            Issue.record("\(file)")
            return
        }
        let listed = try await Self.error(of: Reply(500), forFile: true, reference: "hf:org/model:Q2_K")
        #expect(
            listed
                == .fileNotFound(
                    repository: "org/model", file: "Q2_K", revision: Self.hub.commit, available: ["model.gguf"]))
    }

    @Test("Another status is named as it is")
    func other() async throws {
        let error = try await Self.error(of: Reply(418), forFile: true)
        guard case .unexpectedStatus(_, 418, _) = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test("Retry-After is honoured for 429 and 503", arguments: [429, 503])
    func retryAfter(status: Int) async throws {
        let (count, pauses) = (Counter(), Pauses())
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ request in
                if request.path.contains("/resolve/"), count.next() == 1 {
                    return Reply(status, [("Retry-After", "7")])
                }
                return Self.hub.reply(to: request)
            }) { peer in
                let model = try await scratch.client(peer.address, pauses: pauses).pull("hf:org/model")
                #expect(try FileSystem.read(model.path) == Self.hub.bytes("model.gguf"))
                #expect(pauses.all == [.seconds(7)])
            }
        }
    }

    @Test("A Retry-After that is too long is an error at once")
    func longRetryAfter() async throws {
        let pauses = Pauses()
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ _ in Reply(429, [("Retry-After", "86400")]) }) { peer in
                let client = scratch.client(peer.address, pauses: pauses)
                let error = try await hubError { try await client.pull("hf:org/model") }
                #expect(error == .rateLimited(host: peer.address, retryAfter: 86400, hasToken: false))
                #expect(pauses.all.isEmpty && peer.requests.count == 1)
            }
        }
    }

    @Test("A hub that never recovers is left after a bounded number of tries", arguments: [429, 500, 502, 503, 504])
    func bounded(status: Int) async throws {
        let pauses = Pauses()
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ _ in Reply(status) }) { peer in
                let client = scratch.client(peer.address, pauses: pauses)
                let error = try await hubError { try await client.pull("hf:org/model") }
                if status == 429 {
                    #expect(error == .rateLimited(host: peer.address, retryAfter: nil, hasToken: false))
                } else {
                    #expect(error == .unavailable(host: peer.address, status: status, retryAfter: nil))
                }
                #expect(peer.requests.count == 3)
                #expect(pauses.all == [.seconds(1), .seconds(2)])
            }
        }
    }

    @Test(
        "Retry-After is read as seconds or as a date",
        arguments: [
            ("120", 120), ("0", 0), ("-5", 0), ("Thu, 01 Jan 1970 00:20:00 GMT", 200),
            ("Wed, 21 Oct 2015 07:28:00 GMT", 1_445_412_480 - 1000), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("soon", nil), ("99999999999999", nil), ("", nil), ("Wed, 21 Foo 2015 07:28:00 GMT", nil),
        ] as [(String, Int?)])
    func retryAfterForms(text: String, seconds: Int?) {
        #expect(RetryAfter.seconds(text, now: 1000) == seconds)
    }
}
