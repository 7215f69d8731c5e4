import ArgumentParser

struct RootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apus",
        abstract: "Language models on this machine's processor.",
        discussion: """
            MODEL is a .gguf file, a folder with config.json and safetensors, a name of the store (apus list), or \
            hf:ORG/REPO[:FILE]. Without one, the small model that comes with Apus is taken.

            EXAMPLES:
              apus chat
              echo "What is a token?" | apus chat
            """,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(name: "Text", subcommands: [ChatCommand.self, GenerateCommand.self]),
            CommandGroup(
                name: "Inspection",
                subcommands: [TokenizeCommand.self, TemplateCommand.self, ShowCommand.self, PerplexityCommand.self]),
            CommandGroup(
                name: "Models",
                subcommands: [
                    ListCommand.self, PullCommand.self, RemoveCommand.self, ConvertCommand.self, QuantizeCommand.self,
                ]),
            CommandGroup(name: "Training", subcommands: [TrainCommand.self, FinetuneCommand.self]),
            CommandGroup(name: "Evaluation", subcommands: [EvalCommand.self]),
            CommandGroup(name: "Machine", subcommands: [BenchCommand.self, DoctorCommand.self]),
        ])
}
