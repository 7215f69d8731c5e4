import ArgumentParser

struct RootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apus",
        abstract: "Language models on this machine's processor.",
        version: "0.1.0",
        subcommands: []
    )
}
