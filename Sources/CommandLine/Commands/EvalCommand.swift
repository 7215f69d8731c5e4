import Apus
import ArgumentParser
import Glibc

struct EvalCommand: AsyncParsableCommand {
    enum Listing: String, ExpressibleByArgument, CaseIterable, Sendable {
        case all, failed, none

        func shows(_ result: TaskResult) -> Bool {
            switch self {
            case .all: true
            case .failed: !result.passed
            case .none: false
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measure how many tasks a model gets right.",
        usage: "apus eval [<model>] <tasks.jsonl>... [<options>]",
        discussion: """
            A row of a file of tasks is {"prompt": …, "checks": [{"contains": …}, …]}; checks are contains, contains_all, \
            regex, equals and choice, and all must pass (docs/evaluation.md). A prompt goes through the model's chat \
            template, where it has one. Answers are greedy unless --temperature is given, so that results are the same \
            each time.

            EXAMPLES:
              apus eval Examples/evaluation/questions.jsonl
              apus eval Examples/evaluation/questions.jsonl --format json
              apus eval Examples/evaluation/questions.jsonl --out answers.jsonl
            """)

    @Argument(
        help: ArgumentHelp(
            "A model, which may be left out, and files of tasks (.jsonl, or - for standard input).",
            valueName: "model> <tasks.jsonl"),
        completion: .file())
    var arguments: [String]

    @Option(help: ArgumentHelp("Only the first N tasks.", valueName: "N"))
    var limit: Int?

    @Option(help: ArgumentHelp("Divides the logits; 0 always takes the most probable token.", valueName: "T"))
    var temperature = 0.0

    @Option(help: ArgumentHelp("Makes a run repeatable at any temperature.", valueName: "S"))
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("What the model is told before each task.", valueName: "text"))
    var system: String?

    @Option(help: ArgumentHelp("New tokens at most, for tasks without max_tokens of their own.", valueName: "N"))
    var maxTokens = 256

    @Flag(help: "Continue prompts as they are, without the chat template.")
    var raw = false

    @Option(help: ArgumentHelp("Which answers are listed.", valueName: "all|failed|none"))
    var list = Listing.all

    @Option(
        help: ArgumentHelp("Write every answer to a file, a JSON object a line.", valueName: "file"),
        completion: .file())
    var out: String?

    @OptionGroup(title: "Engine") var engine: EngineArguments
    @OptionGroup var output: OutputOptions

    /// The model stands first; files of tasks are known by their ending.
    private var model: String? { arguments.first.flatMap { Self.isTasks($0) ? nil : $0 } }
    private var files: [String] { Array(arguments.dropFirst(model == nil ? 0 : 1)) }

    private static func isTasks(_ argument: String) -> Bool {
        argument == "-" || argument.hasSuffix(".jsonl") || argument.hasSuffix(".ndjson")
    }

    func validate() throws {
        if files.isEmpty { throw ValidationError("Give a file of tasks, which ends in .jsonl.") }
        if let other = files.first(where: { !Self.isTasks($0) }) {
            throw ValidationError("'\(other)' is no file of tasks, which ends in .jsonl; a model stands first.")
        }
        if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1 on.") }
        if maxTokens < 1 { throw ValidationError("--max-tokens takes a number from 1 on.") }
        var sampling = SamplingOptions()
        sampling.temperature = temperature
        do {
            try sampling.validate()
        } catch {
            throw ValidationError(error.description)
        }
    }

    func run() async throws {
        let console = Console.current
        let tasks = try tasks()
        let lines = try out.map { try outputFile($0) }
        let model = try await ModelLookup.model(self.model, engine: engine)
        let name = self.model.map(\.lastPathComponent) ?? ShippedModel.name
        let answers = LocalAnswers(model, name: name, raw: raw)
        if system != nil, !answers.usesTemplate { throw EvaluationError.systemWithoutTemplate(model: name) }
        let evaluation = Evaluation(tasks, options: options)
        let (list, format, settings) = (list, output.format, settings(answers))
        let file = lines.map(Lines.init)
        try await Interrupt.during {
            let view = EvaluationView(console: console)
            let bar = ProgressBar(console.words.evaluating, total: tasks.count, unit: .items, console: console)
            var summary = EvaluationSummary()
            var results: [JSON] = []
            var failure: (any Error)?
            do {
                _ = try await evaluation.run(with: answers) { result in
                    summary.add(result)
                    try file?.write(result.json)
                    if list.shows(result) {
                        if format == .json { results.append(result.json) } else { view.show(result) }
                    }
                    bar.update(summary.total.total)
                }
            } catch {
                // What was answered until then is kept.
                failure = error
            }
            bar.finish()
            if failure == nil || summary.total.total > 0 { try file?.finish() }
            if failure == nil, format == .json {
                console.print(json: Self.json(settings, summary, results))
            } else if format == .text, summary.total.total > 0 {
                if list != .none { console.print() }
                view.show(summary)
            }
            if let failure {
                if summary.total.total > 0 {
                    console.note(console.words.stoppedAfter(summary.total.total, tasks.count))
                }
                throw failure
            }
        }
    }

    private var options: Evaluation.Options {
        var options = Evaluation.Options()
        options.temperature = temperature
        options.seed = seed
        options.maxTokens = maxTokens
        options.system = system
        return options
    }

    private func tasks() throws -> [EvaluationTask] {
        var reader = TaskFile()
        for file in files {
            let name = file == "-" ? "standard input" : file
            try InputFile.read(file).withUnsafeBytes { try reader.read($0, file: name) }
        }
        let tasks = try reader.finish()
        return limit.map { Array(tasks.prefix($0)) } ?? tasks
    }

    /// - Throws: `CommandError.cannotWrite` for one of the files that tasks are read from.
    private func outputFile(_ path: String) throws -> OutputFile {
        let real = Self.realPath(path)
        if real != nil, files.contains(where: { Self.realPath($0) == real }) {
            throw CommandError.cannotWrite(path: path, reason: "the tasks are read from it")
        }
        return try OutputFile(path: path)
    }

    private static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    private func settings(_ answers: LocalAnswers) -> JSON.Object {
        [
            "model": .string(answers.name), "files": .array(files.map { .string($0) }),
            "settings": [
                "temperature": .number(temperature), "seed": JSON(exactly: seed), "max_tokens": .integer(maxTokens),
                "system": system.map { .string($0) } ?? .null, "chat_template": .bool(answers.usesTemplate),
            ],
        ]
    }

    private static func json(_ settings: JSON.Object, _ summary: EvaluationSummary, _ results: [JSON]) -> JSON {
        var object = settings
        for (key, value) in summary.json.objectValue ?? [:] { object[key] = value }
        object["results"] = .array(results)
        return .object(object)
    }
}

/// Rows of JSON lines on their way into a file.
private final class Lines: @unchecked Sendable {
    // Sendable: written by the one task that runs the evaluation.
    private let file: OutputFile

    init(_ file: OutputFile) { self.file = file }

    func write(_ row: JSON) throws { try file.write(Array((row.serialized() + "\n").utf8)) }
    func finish() throws { try file.finish() }
}

extension JSON {
    /// A number of 64 bits; one past `Int` in the nearest double.
    fileprivate init(exactly value: UInt64) {
        self = Int(exactly: value).map { .integer($0) } ?? .number(Double(value))
    }
}
