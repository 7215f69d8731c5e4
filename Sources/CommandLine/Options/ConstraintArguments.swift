import ApusGeneration
import ArgumentParser

/// What the text has to be: the flags of commands that write text for programs.
struct ConstraintArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write JSON that fits the JSON Schema in this file, and nothing else.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var jsonSchema: String?

    /// - Throws: `CommandError.cannotRead`, `JSONError`, `ConstraintError`.
    func constraint() throws -> Constraint? {
        try jsonSchema.map { try Constraint.jsonSchema(parsing: InputFile.read($0), source: $0) }
    }
}
