import ApusModels
import ArgumentParser

/// Adapters over the model's weights: the flag of every command that runs a model.
struct AdapterArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            A low-rank adapter over the model: a PEFT folder or a GGUF adapter, with a scale after a colon if it is not to \
            be 1. May be repeated; adapters add up.
            """, valueName: "path[:scale]"),
        completion: .file())
    var adapter: [String] = []

    /// - Throws: `AdapterError.badScale(_:)`.
    var references: [AdapterReference] {
        get throws { try adapter.map { try AdapterReference(parsing: $0) } }
    }

    func validate() throws {
        do {
            _ = try references
        } catch {
            throw ValidationError("--adapter: \(error).")
        }
        if adapter.contains("") { throw ValidationError("--adapter takes a folder or a file.") }
    }
}
