import Apus
import ApusModelFiles
import Testing

@testable import ApusCommandLine

@Suite("Guesses of the next tokens")
struct SpeculationTests {
    private static let prompt = "The cat sat on the mat. The cat sat on the mat. The cat"

    private func text(_ flags: [String]) async -> String {
        let result = await apus(["generate", "-p", Self.prompt, "-n", "40", "--seed", "3"] + flags)
        #expect(result.code == 0)
        return result.output
    }

    @Test("With them, without them, and with a draft model the text is the same", arguments: ["0", "0.8"])
    func sameText(temperature: String) async {
        let plain = await text(["--temperature", temperature, "--no-lookup"])
        #expect(await text(["--temperature", temperature]) == plain)
        #expect(await text(["--temperature", temperature, "--draft", ShippedModel.name]) == plain)
    }

    @Test("bench measures the writing of a text with and without them")
    func bench() async throws {
        let folder = try TemporaryFolder()
        let prompt = try folder.write(Self.prompt, to: "prompt")
        let answer = try folder.write("The cat sat on the mat, and the dog too.", to: "answer")
        let result = await apus(
            "bench", "--prompt-file", prompt, "--answer-file", answer, "--repeats", "1", "--format", "json")
        #expect(result.code == 0)
        let json = try JSON(parsing: Array(result.output.utf8), source: "output")
        for key in ["decode_tokens_per_s", "plain_decode_tokens_per_s", "speedup"] {
            #expect(json[key]?.doubleValue ?? 0 > 0)
        }
        #expect(json["accepted"]?.intValue ?? -1 >= 0)
    }

    @Test(
        "bench takes them with a text alone",
        arguments: [
            ["--draft", "x"], ["--no-lookup"], ["--answer-file", "a"], ["--prompt-file", "a", "--batch", "2"],
            ["--prompt-file", "a", "--prompt", "3"],
        ])
    func wrongUsage(flags: [String]) async {
        #expect(await apus(["bench"] + flags).code == 2)
    }
}
