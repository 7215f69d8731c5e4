@testable import ApusCommandLine

/// What a command line wrote, and the code it ended with.
struct CommandResult {
    var code: Int32
    var output: String
    var messages: String
}

/// Runs a command line in this process, with its output caught.
func apus(_ arguments: String..., language: Language = .english, environment: [String: String] = [:]) async
    -> CommandResult
{
    await apus(arguments, language: language, environment: environment)
}

func apus(_ arguments: [String], language: Language = .english, environment: [String: String] = [:]) async
    -> CommandResult
{
    let output = MemorySink()
    let messages = MemorySink()
    let console = Console(
        results: output,
        messages: MessageChannel(
            sink: messages, terminal: Terminal(descriptor: -1, isTerminal: false, usesColour: false)),
        language: language, environment: Environment(environment))
    let code = await Console.$current.withValue(console) { await Program.run(arguments) }
    return CommandResult(code: code, output: output.text, messages: messages.text)
}
