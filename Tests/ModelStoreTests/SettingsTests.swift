import Testing

@testable import ApusModelStore

@Suite("Names and settings")
struct SettingsTests {
    @Test(
        "A reference is taken apart",
        arguments: [
            ("hf:org/repo", "org/repo", nil, nil), ("org/repo", "org/repo", nil, nil), ("hf:gpt2", "gpt2", nil, nil),
            ("hf:org/repo:Q4_K_M", "org/repo", nil, "Q4_K_M"), ("hf:o/r@v1:a/b.gguf", "o/r", "v1", "a/b.gguf"),
            ("hf:o/r:a.gguf@v1", "o/r", "v1", "a.gguf"), ("hf:o/r@refs/pr/1", "o/r", "refs/pr/1", nil),
        ] as [(String, String, String?, String?)])
    func reference(text: String, repository: String, revision: String?, file: String?) throws {
        let reference = try HubReference(text)
        #expect(reference.repository == repository && reference.revision == revision && reference.file == file)
        #expect(try HubReference(reference.description) == reference)
    }

    @Test(
        "What is no reference is refused",
        arguments: [
            "", "hf:", "hf:/", "hf:a/b/c", "hf:../b", "hf:a/..", "hf:.a/b", "hf:a/-b", "hf:a--b/c", "hf:a b/c",
            "hf:a/b@", "hf:a/b@../x", "hf:a/b@v 1", "hf:a/b:", "hf:a/b:../x", "hf:a/b:/x", "hf:a/b\n", "hf:a/b?x",
            "hf:a/b@-x/../y", "hf:" + String(repeating: "a", count: 97),
        ])
    func badReference(text: String) {
        #expect(throws: HubError.self) { try HubReference(text) }
    }

    @Test("A quantisation is found in a name only as a whole word")
    func quantisation() {
        #expect(Quantisation.isNamed("Q4_K_M", in: "model-Q4_K_M.gguf"))
        #expect(Quantisation.isNamed("q8_0", in: "dir/model.Q8_0-00001-of-00002.gguf"))
        #expect(!Quantisation.isNamed("Q4_K", in: "model-Q4_K_M.gguf"))
        #expect(!Quantisation.isNamed("Q4_0", in: "model-IQ4_0.gguf"))
        #expect(!Quantisation.isNamed("Q4_0", in: "model-Q4_0_4_8.gguf"))
        #expect(!Quantisation.isNamed("", in: "model.gguf"))
    }

    @Test("Folders come from the variables, with the defaults of each program")
    func folders() {
        let plain = StoreEnvironment(["HOME": "/home/me"])
        #expect(plain.storeFolder == "/home/me/.local/share/apus/models")
        #expect(plain.huggingFaceCache == "/home/me/.cache/huggingface/hub")
        #expect(plain.ollamaFolders.first == "/home/me/.ollama/models")
        let set = StoreEnvironment([
            "HOME": "/home/me", "XDG_DATA_HOME": "/data", "HF_HOME": "~/hf", "OLLAMA_MODELS": "/o",
        ])
        #expect(set.storeFolder == "/data/apus/models")
        #expect(set.huggingFaceCache == "/home/me/hf/hub")
        #expect(set.ollamaFolders == ["/o"])
        let direct = StoreEnvironment([
            "HOME": "/h", "HF_HOME": "/x", "HF_HUB_CACHE": "/c", "XDG_DATA_HOME": "relative",
        ])
        #expect(direct.huggingFaceCache == "/c" && direct.storeFolder == "/h/.local/share/apus/models")
    }

    @Test("The token comes from HF_TOKEN, or from the file that the tools keep")
    func token() async throws {
        try await Scratch.with { scratch in
            try scratch.write("hf/token", " hf_file\n")
            let file = StoreEnvironment(["HF_HOME": scratch.path + "/hf", "HF_ENDPOINT": "http://127.0.0.1:1"])
            #expect(try HubConfiguration(environment: file).token == "hf_file")
            #expect(try HubConfiguration(environment: file).endpoint == "http://127.0.0.1:1")
            let both = StoreEnvironment(["HF_HOME": scratch.path + "/hf", "HF_TOKEN": "hf_variable"])
            #expect(try HubConfiguration(environment: both).token == "hf_variable")
            let none = StoreEnvironment(["HF_HOME": scratch.path])
            #expect(try HubConfiguration(environment: none).token == nil)
            #expect(try HubConfiguration(environment: none).endpoint == "https://huggingface.co")
        }
    }

    @Test(
        "An endpoint that is no address is refused",
        arguments: ["", "http://", "ftp://h", "https://u:p@h", "http://h?x"])
    func badEndpoint(text: String) async throws {
        try await Scratch.with { scratch in
            let error = try await hubError { try await scratch.client(text).pull("hf:org/model") }
            guard case .badEndpoint = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test("Proxies are read as curl and Python read them")
    func proxies() throws {
        let settings = try ProxySettings(
            environment: StoreEnvironment([
                "HTTPS_PROXY": "http://me:p%40ss@proxy.example:3128/", "ALL_PROXY": "socks5://socks.example",
                "NO_PROXY": "localhost, .internal.example,*.wild.example,10.0.0.1,port.example:8443",
            ]))
        #expect(settings.https == .init(kind: .http, host: "proxy.example", port: 3128, user: "me", password: "p@ss"))
        #expect(settings.http == .init(kind: .socks5, host: "socks.example", port: 1080))
        func isDirect(_ text: String) throws -> Bool { settings.proxy(for: try #require(HubURL(text))) == nil }
        #expect(try !isDirect("https://hub.example/"))
        #expect(try isDirect("https://localhost:8080/"))
        #expect(try isDirect("https://a.internal.example/"))
        #expect(try isDirect("https://internal.example/"))
        #expect(try !isDirect("https://notinternal.example/"))
        #expect(try isDirect("http://b.wild.example/"))
        #expect(try isDirect("http://10.0.0.1/"))
        #expect(try isDirect("https://port.example:8443/"))
        #expect(try !isDirect("https://port.example/"))
        #expect(throws: HubError.self) {
            try ProxySettings(environment: StoreEnvironment(["HTTPS_PROXY": "https://secure.example"]))
        }
        #expect(throws: HubError.self) { try ProxySettings(environment: StoreEnvironment(["HTTP_PROXY": "a b"])) }
        #expect(try ProxySettings(environment: StoreEnvironment([:])) == .none)
    }

    @Test("Requests go through the proxy, but for exceptions")
    func throughProxy() async throws {
        let hub = FakeHub([FakeHub.large("model.gguf", bytes: 5000)])
        try await Scratch.with { scratch in
            try await LoopbackPeer.serving({ hub.reply(to: $0) }) { proxy in
                let client = scratch.client("http://hub.invalid", token: "hf_secret") { configuration in
                    configuration.proxies.http = .init(
                        kind: .http, host: "127.0.0.1", port: proxy.port, user: "me", password: "pw")
                }
                let model = try await client.pull("hf:org/model")
                #expect(try FileSystem.read(model.path) == hub.bytes("model.gguf"))
                let tunnels = proxy.requests.filter { $0.method == "CONNECT" }
                #expect(tunnels.count == 2 || tunnels.count == 3)
                #expect(tunnels.allSatisfy { $0.target == "hub.invalid:80" })
                #expect(tunnels.allSatisfy { $0.header("Proxy-Authorization") == "Basic bWU6cHc=" })
                // The token is for the hub's eyes, at the other end of the tunnel.
                #expect(tunnels.allSatisfy { $0.header("Authorization") == nil })
                let count = proxy.requests.count
                try await LoopbackPeer.serving({ hub.reply(to: $0) }) { peer in
                    let direct = scratch.client(peer.address) { configuration in
                        configuration.proxies = ProxySettings(
                            http: .init(kind: .http, host: "127.0.0.1", port: proxy.port), exceptions: ["127.0.0.1"])
                    }
                    _ = try await direct.pull("hf:org/model")
                    #expect(peer.requests.count == 2 && proxy.requests.count == count)
                }
            }
        }
    }

    @Test("A full disk is said as what it is")
    func fullDisk() {
        let error = HubError.file(StoreFileError(operation: "write to", path: "/models/x", code: 28))
        #expect(error.description == "cannot write to /models/x: the disk is full; make room and try again")
    }
}
