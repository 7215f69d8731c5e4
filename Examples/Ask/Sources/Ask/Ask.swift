import Apus

/// Answers a question with the model that comes with Apus, or the one named first on the command line:
///
///     swift run -c release Ask
///     swift run -c release Ask model.gguf "What is a context window?"
@main
struct Ask {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let model = try await Apus.load(arguments.first)

        var options = GenerationOptions()
        options.maxTokens = 200
        options.sampling.temperature = 0

        let question = arguments.dropFirst().first ?? "What is a token?"
        let answer = try model.chat([ChatMessage(role: "user", content: question)], options)
        for try await piece in answer {
            print(piece, terminator: "")
        }
        print()
        if let rate = answer.statistics.decodeTokensPerSecond {
            print("(\(Int(rate)) tokens per second)")
        }
    }
}
