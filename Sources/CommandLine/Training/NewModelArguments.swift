import ApusModelFiles
import ApusTraining
import ArgumentParser
import Yams

/// The family, sizes and tokenizer of a new model, by flags or by a YAML file whose keys are the flags' names.
struct NewModelArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Go on from this model, in F32, F16 or BF16, instead of a new one.", valueName: "model"))
    var from: String?

    @Option(
        help: ArgumentHelp("A YAML file with the options below, by their names without dashes.", valueName: "file"),
        completion: .file())
    var config: String?

    @Option(
        help: ArgumentHelp(
            "The architecture: \(ModelSettings.families.joined(separator: ", ")). (default: llama)",
            valueName: "name"))
    var family: String?

    @Option(help: ArgumentHelp("Blocks. (default: 6)", valueName: "N"))
    var layers: Int?

    @Option(help: ArgumentHelp("Numbers per position. (default: 256)", valueName: "N"))
    var width: Int?

    @Option(help: ArgumentHelp("Query heads. (default: width / 32, at most 16)", valueName: "N"))
    var heads: Int?

    @Option(help: ArgumentHelp("Heads of keys and values. (default: as many)", valueName: "N"))
    var kvHeads: Int?

    @Option(help: ArgumentHelp("Width of the feed-forward network.", valueName: "N"))
    var feedForward: Int?

    @Option(help: ArgumentHelp("Tokens of a window. (default: 256, or the model's)", valueName: "N"))
    var context: Int?

    @Flag(help: "Give the output matrix numbers of its own instead of the embedding's.")
    var untied = false

    @Option(help: ArgumentHelp("Learn a tokenizer of so many tokens. (default: 4096)", valueName: "N"))
    var vocabulary: Int?

    @Flag(help: "Take the corpus' characters as tokens.")
    var characters = false

    @Option(help: ArgumentHelp("Take this model's tokenizer.", valueName: "model"), completion: ModelCompletion.any)
    var tokenizer: String?

    @Option(help: ArgumentHelp("What stands between documents of a text file.", valueName: "text"))
    var documentSeparator: String?

    /// Whether a size is named.
    var namesSizes: Bool {
        config != nil || from != nil || [layers, width, heads, kvHeads, feedForward].contains { $0 != nil }
    }

    func validate() throws {
        if [vocabulary != nil, characters, tokenizer != nil].count(where: { $0 }) > 1 {
            throw ValidationError("Give one of --vocabulary, --characters and --tokenizer.")
        }
        if from != nil {
            let sizes = [layers, width, heads, kvHeads, feedForward, vocabulary].contains { $0 != nil }
            guard !sizes, family == nil, config == nil, tokenizer == nil, !characters, !untied else {
                throw ValidationError(
                    "--from takes family, sizes and tokenizer from the model; leave those options out.")
            }
        }
        if let vocabulary, vocabulary < 257 {
            throw ValidationError("--vocabulary takes a number from 257 on: all bytes and the end token.")
        }
    }

    func settings() throws -> ModelSettings {
        let file = try config.map { try ModelFile(path: $0) }
        let width = self.width ?? file?["width"] ?? 256
        var settings = ModelSettings(
            family: family ?? file?.family ?? "llama", layers: layers ?? file?["layers"] ?? 6, width: width,
            heads: heads ?? file?["heads"] ?? max(1, min(16, width / 32)),
            context: context ?? file?["context"] ?? 256)
        settings.kvHeads = kvHeads ?? file?["kv-heads"]
        settings.feedForward = feedForward ?? file?["feed-forward"]
        settings.tied = !(untied || file?.untied == true)
        return settings
    }

    func tokenizerChoice() async throws -> Pretraining.TokenizerChoice {
        if let tokenizer { return .taken(path: try await ModelLookup.path(tokenizer)) }
        if characters { return .characters }
        let file = try config.map { try ModelFile(path: $0) }
        return .trained(vocabulary: vocabulary ?? file?["vocabulary"] ?? 4096)
    }
}

/// A small YAML file that describes a model: a mapping of names to numbers, `family` to a word, `untied` to true.
private struct ModelFile {
    private static let numbers: Set<String> = [
        "layers", "width", "heads", "kv-heads", "feed-forward", "context", "vocabulary",
    ]

    let family: String?
    let untied: Bool?
    private let values: [String: Int]

    init(path: String) throws {
        let text = String(decoding: try InputFile.read(path), as: UTF8.self)
        let parsed: Any?
        do {
            parsed = try Yams.load(yaml: text)
        } catch {
            throw CommandError.badSettings(path: path, reason: "\(error)")
        }
        guard let mapping = parsed as? [String: Any] else {
            throw CommandError.badSettings(path: path, reason: "it is no mapping of names to values")
        }
        var values: [String: Int] = [:]
        var family: String?
        var untied: Bool?
        for (key, value) in mapping {
            switch (key, value) {
            case ("family", let name as String): family = name
            case ("untied", let flag as Bool): untied = flag
            case (let key, let number as Int) where Self.numbers.contains(key): values[key] = number
            default:
                let known = (Self.numbers.sorted() + ["family", "untied"]).joined(separator: ", ")
                throw CommandError.badSettings(
                    path: path, reason: "'\(key): \(value)' is no setting; there are \(known)")
            }
        }
        self.values = values
        self.family = family
        self.untied = untied
    }

    subscript(key: String) -> Int? { values[key] }
}
