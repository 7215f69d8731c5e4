import ApusModelFiles
import ArgumentParser

/// How a result is written.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text
    /// One object, or an object a line.
    case json
}

struct OutputOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How results are written: text for people, json for programs.", valueName: "text|json"))
    var format = OutputFormat.text
}

extension Console {
    /// Writes a result as one line of JSON.
    func print(json: JSON) { print(json.serialized()) }
}
