import ApusModelStore
import ArgumentParser

struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Remove models from the store.",
        discussion: """
            Only models of Apus's own store are removed; those of other programs are left to them.

            EXAMPLES:
              apus rm ORG/REPO
              apus rm ORG/REPO:Q4_K_M another-model
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
