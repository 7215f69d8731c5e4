import Testing

@testable import ApusModelStore

@Suite("Redirects and the token")
struct RedirectTests {
    typealias Reply = LoopbackPeer.Reply

    static let hub = FakeHub([FakeHub.large("model.gguf", bytes: 5000)])
    static var content: [UInt8] { hub.bytes("model.gguf") }

    /// A hub whose file lies elsewhere.
    static func redirecting(
        to location: @escaping @Sendable (LoopbackPeer.Request) -> String?
    ) -> @Sendable (LoopbackPeer.Request) -> Reply {
        { request in
            if request.path.contains("/resolve/"), let location = location(request) {
                return Reply(
                    302,
                    [
                        ("Location", location), ("X-Repo-Commit", hub.commit),
                        ("X-Linked-Etag", "\"\(FakeHub.sha256(content))\""), ("X-Linked-Size", "5000"),
                    ])
            }
            return hub.reply(to: request)
        }
    }

    @Test("The token goes to the hub, and not along to another port")
    func otherPort() async throws {
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ Self.hub.file(Self.content, $0) }) { store in
                let address = store.address
                try await LoopbackPeer.serving(Self.redirecting { _ in address + "/blob?sig=1" }) { peer in
                    let model = try await scratch.client(peer.address, token: "hf_secret").pull("hf:org/model")
                    #expect(try FileSystem.read(model.path) == Self.content)
                    #expect(peer.requests.allSatisfy { $0.header("Authorization") == "Bearer hf_secret" })
                    #expect(store.requests.map(\.target) == ["/blob?sig=1"])
                    #expect(store.requests.allSatisfy { $0.header("Authorization") == nil })
                    #expect(store.requests.allSatisfy { !$0.headers.values.contains { $0.contains("secret") } })
                }
            }
        }
    }

    @Test("The token does not go along to another name of the same machine")
    func otherHost() async throws {
        let ports = Ports()
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ request in
                if request.header("Host")?.hasPrefix("localhost") == true {
                    return Self.hub.file(Self.content, request)
                }
                return Self.redirecting { _ in "http://localhost:\(ports.port)/blob" }(request)
            }) { peer in
                ports.set(peer.port)
                let model = try await scratch.client(peer.address, token: "hf_secret").pull("hf:org/model")
                #expect(try FileSystem.read(model.path) == Self.content)
                for request in peer.requests {
                    let isHub = request.header("Host")?.hasPrefix("127.0.0.1") == true
                    #expect(request.header("Authorization") == (isHub ? "Bearer hf_secret" : nil))
                }
                #expect(peer.requests.last?.path == "/blob")
            }
        }
    }

    @Test("A redirect on the hub itself keeps the token, as for a repository that was renamed")
    func sameHost() async throws {
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ request in
                if request.path.contains("old") {
                    let target = request.target.replacing("org/old", with: "org/model")
                    return Reply(307, [("Location", target)])
                }
                return Self.hub.reply(to: request)
            }) { peer in
                let model = try await scratch.client(peer.address, token: "hf_secret").pull("hf:org/old")
                #expect(try FileSystem.read(model.path) == Self.content)
                #expect(peer.requests.allSatisfy { $0.header("Authorization") == "Bearer hf_secret" })
            }
        }
    }

    @Test("A way that left the hub and came back has no token any more")
    func thereAndBack() async throws {
        let ports = Ports()
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ _ in
                Reply(302, [("Location", "http://127.0.0.1:\(ports.port)/org/back")])
            }) { other in
                let address = other.address
                try await LoopbackPeer.serving({ request in
                    if request.path == "/org/back" { return Self.hub.file(Self.content, request) }
                    return Self.redirecting { _ in address + "/x" }(request)
                }) { peer in
                    ports.set(peer.port)
                    let model = try await scratch.client(peer.address, token: "hf_secret").pull("hf:org/model")
                    #expect(try FileSystem.read(model.path) == Self.content)
                    #expect(peer.requests.last?.path == "/org/back")
                    #expect(peer.requests.last?.header("Authorization") == nil)
                }
            }
        }
    }

    @Test("Redirects without end are cut off")
    func endless() async throws {
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ Reply(302, [("Location", $0.path + "x")]) }) { peer in
                let error = try await hubError { try await scratch.client(peer.address).pull("hf:org/model") }
                guard case .tooManyRedirects(_, 10) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(peer.requests.count == 11)
            }
        }
    }

    @Test(
        "A redirect to what is no web address is refused",
        arguments: ["", "file:///etc/passwd", "ftp://host/x", "http://user@127.0.0.1/", "http://", "http://a:99999/"])
    func noAddress(location: String) async throws {
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ _ in Reply(302, [("Location", location)]) }) { peer in
                let error = try await hubError { try await scratch.client(peer.address).pull("hf:org/model") }
                guard case .badRedirect(_, location) = error else {
                    Issue.record("\(error)")
                    return
                }
            }
        }
    }

    @Test("From https there is no way to http")
    func downgrade() throws {
        let hub = try #require(HubURL("https://hub.example/api"))
        let plain = try #require(HubURL("http://127.0.0.1:8080/"))
        #expect(throws: HubError.insecureRedirect(from: "https://hub.example/api", to: "http://hub.example/api")) {
            try HubTransport.redirect(from: hub, to: "http://hub.example/api?sig=secret", endpoint: hub)
        }
        #expect(throws: HubError.self) {
            try HubTransport.redirect(from: hub, to: "http://a.example/", endpoint: plain)
        }
        #expect(try HubTransport.redirect(from: plain, to: "http://a.example/", endpoint: plain).host == "a.example")
        #expect(try HubTransport.redirect(from: plain, to: "https://a.example/", endpoint: plain).scheme == "https")
        #expect(try HubTransport.redirect(from: hub, to: "//cdn.example/x", endpoint: hub).scheme == "https")
    }

    @Test(
        "An address is taken apart and put together again",
        arguments: [
            ("https://Hub.Example:443/a?b#c", "https://hub.example/a?b"), ("http://[::1]:8080", "http://[::1]:8080/"),
            ("http://h/a b\u{e9}\"", "http://h/a%20b%C3%A9%22"), ("https://h?x=1", "https://h/?x=1"),
            ("https://user:pw@h/", nil), ("https:///x", nil), ("https://h:0/", nil), ("https://h:x/", nil),
            ("https://h\\x/", nil), ("gopher://h/", nil), ("h/x", nil), ("https://a\r\nb/", nil),
        ] as [(String, String?)])
    func addresses(text: String, expected: String?) {
        #expect(HubURL(text)?.description == expected)
    }

    @Test("A token with characters that could end a header is refused", arguments: ["a b", "a\r\nX: y", "\u{e9}"])
    func badToken(token: String) async throws {
        try await Scratch.with { scratch in
            let error = try await hubError {
                try await scratch.client("http://127.0.0.1:1", token: token).pull("hf:org/model")
            }
            #expect(error == .badToken)
            #expect(!error.description.contains(token))
        }
    }
}
