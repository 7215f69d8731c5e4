import ApusModelFiles
import ApusModelStore
import ArgumentParser

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the models on this machine.",
        discussion: """
            Models of Apus's own store come first, then those that are found in the cache of the Hugging Face tools and \
            in Ollama's store, which are used where they lie.

            EXAMPLES:
              apus list
              apus list --format json
            """)

    @OptionGroup var output: OutputOptions

    func run() {
        let console = Console.current
        let models = ModelStore(environment: console.environment).list()
        if output.format == .json {
            for model in models { console.print(json: Self.json(model)) }
            return
        }
        if models.isEmpty {
            console.note(console.words.noModels)
            return
        }
        let rows = models.map { model in
            [
                model.name, model.problem.map { "✘ " + $0 } ?? Self.placeName(model.place, console.words),
                Quantity.bytes(model.bytes), model.dateText,
            ]
        }
        let words = console.words
        let table = TextTable(
            columns: [
                .init(words.headingName, .left), .init(words.headingPlace, .left, limit: 48),
                .init(words.headingSize, .right), .init(words.headingDate, .left),
            ], rows: rows)
        for line in table.lines(style: console.style) { console.print(line) }
    }

    private static func placeName(_ place: StoredModel.Place, _ words: Messages) -> String {
        switch place {
        case .store: "apus"
        case .huggingFaceCache: words.placeHuggingFace
        case .ollama: "Ollama"
        }
    }

    static func json(_ model: StoredModel) -> JSON {
        [
            "name": .string(model.name), "kind": .string(model.kind.rawValue), "path": .string(model.path),
            "bytes": .integer(model.bytes), "date": .integer(model.date), "place": .string(model.place.rawValue),
            "origin": model.origin.map { .string($0) } ?? .null, "problem": model.problem.map { .string($0) } ?? .null,
        ]
    }
}
