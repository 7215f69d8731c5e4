import ApusModelStore
import ArgumentParser

struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Remove models from the store.",
        discussion: """
            Only models of Apus's own store are removed; those of other programs are left to them. The examples remove \
            what those of `apus help pull` have fetched.

            EXAMPLES:
              apus rm Qwen/Qwen2.5-0.5B-Instruct-GGUF:Q8_0
              apus rm TinyLlama/TinyLlama-1.1B-Chat-v1.0 --format json
            """)

    @Argument(
        help: ArgumentHelp("Models by their names in `apus list`.", valueName: "model"),
        completion: ModelCompletion.store)
    var models: [String]

    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = Console.current
        let store = ModelStore(environment: console.environment)
        for name in models {
            let removed = try store.remove(name)
            if output.format == .json {
                console.print(json: ListCommand.json(removed))
            } else {
                console.print(console.words.removed(removed.name, Quantity.bytes(removed.bytes)))
            }
        }
    }
}
