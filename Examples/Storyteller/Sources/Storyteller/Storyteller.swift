import Apus

/// Continues a text with the model that comes with Apus, or the one named first on the command line:
///
///     swift run -c release Storyteller
///     swift run -c release Storyteller model.gguf "It was a dark night"
@main
struct Storyteller {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let model = try await Apus.load(arguments.first)

        var options = GenerationOptions()
        options.maxTokens = 120
        options.sampling.temperature = 0.8
        options.sampling.topP = 0.95
        options.sampling.seed = 1

        let prompt = arguments.dropFirst().first ?? "Once upon a time there was a little"
        print(prompt, terminator: "")
        let story = try model.generate(prompt, options)
        for try await piece in story {
            print(piece, terminator: "")
        }
        print()
        if let rate = story.statistics.decodeTokensPerSecond {
            print("(\(Int(rate)) tokens per second)")
        }
    }
}
