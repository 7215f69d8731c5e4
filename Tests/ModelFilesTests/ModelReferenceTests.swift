import ApusModelFiles
import Testing

@Suite("MODEL arguments") struct ModelReferenceTests {
    static let good: [(String?, ModelReference)] = [
        (nil, .shipped), ("", .shipped), ("/a/b", .path("/a/b")), ("./m", .path("./m")), ("../m", .path("../m")),
        ("~/m", .path("~/m")), (".", .path(".")), ("m.gguf", .path("m.gguf")),
        ("a/m-00001-of-00002.gguf", .path("a/m-00001-of-00002.gguf")), ("tokenizer.json", .path("tokenizer.json")),
        ("sp.model", .path("sp.model")), ("o200k.tiktoken", .path("o200k.tiktoken")), ("folder/", .path("folder/")),
        ("apus-primer", .name("apus-primer")), ("org/name", .name("org/name")), ("llama3:8b", .name("llama3:8b")),
        ("hf:org/repo", .hub("org/repo")), ("hf:org/repo:m.gguf", .hub("org/repo:m.gguf")),
        ("openai:gpt-4o", .remote(RemoteModel(service: .openai, endpoint: nil, name: "gpt-4o"))),
        ("azure:mine", .remote(RemoteModel(service: .azure, endpoint: nil, name: "mine"))),
        ("anthropic:c", .remote(RemoteModel(service: .anthropic, endpoint: nil, name: "c"))),
        ("google:g", .remote(RemoteModel(service: .google, endpoint: nil, name: "g"))),
        (
            "openai+http://localhost:8000/v1#m",
            .remote(RemoteModel(service: .openai, endpoint: "http://localhost:8000/v1", name: "m"))
        ),
        (
            "openai+https://h/v1#org/m:8b",
            .remote(RemoteModel(service: .openai, endpoint: "https://h/v1", name: "org/m:8b"))
        ),
    ]

    @Test("Every form is told apart", arguments: good)
    func reads(text: String?, reference: ModelReference) throws {
        #expect(try ModelReference(text) == reference)
    }

    @Test(
        "What can be no model is refused",
        arguments: [
            "hf:", "openai:", "azure:", "openai+http://h/v1", "openai+http://h/v1#", "openai+http:///v1#m",
            "openai+http:m#n", "openai+ftp://h#m", "http://h/m.gguf", "ftp://h", "a\0b",
        ])
    func refuses(text: String) {
        #expect(throws: ModelReferenceError.self) { try ModelReference(text) }
    }
}
