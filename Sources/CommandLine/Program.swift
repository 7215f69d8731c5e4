import ApusTensors
import ArgumentParser
import Glibc

/// The program `apus`.
@main
enum Program {
    static func main() async {
        let status = await run(Array(CommandLine.arguments.dropFirst()))
        Console.current.flush()
        exit(status)
    }

    /// Runs one command line.
    /// - Returns: the exit code: 0 done, 1 failed, 2 wrong usage.
    static func run(_ arguments: [String]) async -> Int32 {
        var found: (any ParsableCommand.Type)?
        do {
            try InstructionSets.check(Console.current.environment["APUS_ISA"])
            var command = try RootCommand.parseAsRoot(arguments)
            found = type(of: command)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch {
            return report(error, command: found, arguments: arguments)
        }
    }

    private static func report(
        _ error: any Error, command: (any ParsableCommand.Type)?, arguments: [String]
    ) -> Int32 {
        let console = Console.current
        console.flush()
        let code = RootCommand.exitCode(for: error)
        if code == .success {
            // Help, the version, a completion script: asked for, so a result.
            console.print(RootCommand.fullMessage(for: error))
            return 0
        }
        if error is CancellationError || Interrupt.wasPressed { Interrupt.endProgram() }
        if code == .validationFailure {
            console.note(
                UsageMessage.text(for: error, command: command, arguments: arguments, words: console.words))
            return 2
        }
        if let exit = error as? ExitCode { return exit.rawValue }
        console.note("apus: \(console.words.failure(error))")
        return error is InstructionSetError ? 2 : 1
    }
}
