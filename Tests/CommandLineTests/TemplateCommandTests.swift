import Testing

@testable import ApusCommandLine

@Suite("template")
struct TemplateCommandTests {
    @Test("Prints exactly the rendered bytes, from variables in place and in a file")
    func renders() async throws {
        let folder = try TemporaryFolder()
        let template = try folder.write(
            "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}", to: "t.jinja")
        let data = #"{"messages": [{"role": "user", "content": "héllo"}]}"#
        let inPlace = await apus("template", template, "--data", data)
        #expect(inPlace.code == 0)
        #expect(inPlace.output == "<user>héllo\n")
        let file = try folder.write(data, to: "data.json")
        #expect(await apus("template", template, "--data", file).output == "<user>héllo\n")
        let json = await apus("template", template, "--data", data, "--format", "json")
        #expect(json.output == "{\"text\":\"<user>héllo\\n\"}\n")
    }

    @Test("Where jinja2 would raise, the error has the name and the line")
    func raises() async throws {
        let folder = try TemporaryFolder()
        let template = try folder.write("one\n{{ raise_exception('no system role') }}", to: "t.jinja")
        let result = await apus("template", template)
        #expect(result.code == 1)
        #expect(result.output == "")
        #expect(result.messages.contains("t.jinja"))
        #expect(result.messages.contains("2"))
        #expect(result.messages.contains("no system role"))
    }

    @Test("Variables that are no object are refused", arguments: ["[1]", "{", "nothere.json"])
    func variables(data: String) async throws {
        let folder = try TemporaryFolder()
        let template = try folder.write("x", to: "t.jinja")
        let path = data == "[1]" ? try folder.write(data, to: "list.json") : data
        let result = await apus("template", template, "--data", path)
        #expect(result.code == 1)
        #expect(result.output == "")
    }
}
