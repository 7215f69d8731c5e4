import ApusModelFiles
import ApusTokenization
import ArgumentParser

struct TemplateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template",
        abstract: "Render a chat template.",
        discussion: """
            FILE is a .jinja file, or a model with a template of its own. The variables are given as a JSON object, in \
            place or as the path of a file ("-" reads standard input). Prints exactly the rendered bytes; where jinja2 \
            would raise, the error has the name, the line and the reason.

            EXAMPLES:
              echo '{{ messages[0].content | upper }}' > shout.jinja
              apus template shout.jinja --data '{"messages": [{"content": "hello"}]}'
            """)

    @Argument(help: "A .jinja file or a model.", completion: ModelCompletion.any)
    var file: String

    @Option(
        help: ArgumentHelp("The variables: a JSON object, or the path of a file that holds one.", valueName: "json"),
        completion: .file())
    var data = "{}"

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = Console.current
        let template = try await ModelLookup.template(file)
        let (text, place) = try variablesText()
        guard case .object(let variables) = try JSON(parsing: Array(text), allowsNonFinite: true, source: place) else {
            throw CommandError.badJSON(path: place, reason: "the variables have to be one object")
        }
        let rendered = try template.render(variables)
        if output.format == .json {
            console.print(json: ["text": .string(rendered)])
        } else {
            console.write(rendered)
        }
    }

    private func variablesText() throws -> (text: [UInt8], place: String) {
        if data.first(where: { !$0.isWhitespace }) == "{" { return (Array(data.utf8), "--data") }
        if data == "-" { return (try InputFile.readStandardInput(), "standard input") }
        return (try InputFile.read(data), data)
    }
}
