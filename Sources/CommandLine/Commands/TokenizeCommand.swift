import Apus
import ApusModelFiles
import ApusTokenization
import ArgumentParser

struct TokenizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Take a text apart into tokens.",
        usage:
            "apus tokenize [<model>] [<text>] [--file <file>] [--ids | --count | --html | --decode <ids>] [<options>]",
        discussion: """
            Prints the id, the piece and the byte offsets of each token. MODEL is a model or a file that holds a \
            tokenizer alone (tokenizer.json, a SentencePiece .model, a .tiktoken file, a vocabulary-only GGUF); without \
            one, the model that comes with Apus is taken. Without TEXT and --file the text is read from standard input. \
            No special tokens are added, and those that are written in the text are plain text, unless asked for.

            EXAMPLES:
              apus tokenize "Once upon a time"
              echo "Once upon a time" | apus tokenize --html > tokens.html
            """)

    @Argument(
        help: ArgumentHelp("A model, then a text; either may be left out.", valueName: "model> <text"),
        completion: ModelCompletion.any)
    var arguments: [String] = []

    @Option(help: "Read the text from a file, as raw bytes.", completion: .file())
    var file: String?

    @Flag(help: "Print one JSON array of ids.")
    var ids = false

    @Flag(help: "Print the number of tokens.")
    var count = false

    @Flag(help: "Write one page of HTML: the text with its tokens coloured.")
    var html = false

    @Option(help: ArgumentHelp("Print the text of these ids (\"1 2 3\", \"1,2,3\" or a JSON array).", valueName: "ids"))
    var decode: String?

    @Flag(help: "Add the special tokens that the model was trained with around a text.")
    var addSpecial = false

    @Flag(help: "Read control tokens that are written in the text as such.")
    var parseSpecial = false

    @Option(
        help: ArgumentHelp(
            "How a .tiktoken file cuts words: gpt2, r50k, p50k, cl100k, o200k or whisper.", valueName: "name"))
    var pattern: String?

    @Flag(help: .hidden)
    var serveLines = false

    /// Learns a vocabulary from the files that are given instead of model and text: for comparisons.
    @Option(help: .hidden)
    var learn: VocabularyRecipe?

    @Option(help: .hidden)
    var threads: Int?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        let views = [ids, count, html, decode != nil].count { $0 }
        if views > 1 { throw ValidationError("--ids, --count, --html and --decode exclude each other.") }
        if learn != nil {
            if arguments.isEmpty { throw ValidationError("--learn needs text files.") }
            return
        }
        if arguments.count > 2 {
            throw ValidationError("One model and one text are enough; put quotes around a text with spaces.")
        }
        if arguments.count == 2, file != nil { throw ValidationError("Give either a text or --file.") }
    }

    func run() async throws {
        let console = Console.current
        if let learn {
            console.print(json: try learn.tokenizerJSON(from: arguments, threads: threads ?? WorkerPool.shared.threads))
            return
        }
        let (model, text) = try split()
        let tokenizer = try await ModelLookup.tokenizer(model, pattern: pattern)
        if serveLines {
            let server = TokenServer(
                tokenizer: tokenizer, addSpecial: addSpecial, parseSpecial: parseSpecial, format: output.format)
            return try server.run()
        }
        if let decode { return try printText(of: decode, tokenizer) }
        let bytes = try text ?? (file.map { try InputFile.read($0) } ?? InputFile.readStandardInput())
        if ids || count, output.format == .text {
            let ids = try tokenizer.encode(bytes, addSpecial: addSpecial, parseSpecial: parseSpecial)
            console.print(count ? "\(ids.count)" : "[" + ids.map { String($0) }.joined(separator: ",") + "]")
            return
        }
        let pieces = try tokenizer.pieces(bytes, addSpecial: addSpecial, parseSpecial: parseSpecial)
        if output.format == .json {
            console.print(json: json(pieces, tokenizer))
            return
        }
        let shown = TokenizedText(bytes: bytes, pieces: pieces, tokenizer: tokenizer)
        if html {
            console.write(TokenPage(text: shown, tokenizer: tokenizer, title: model ?? ShippedModel.name).html)
            return
        }
        let table = TokenTable(text: shown, tokenizer: tokenizer, style: console.style)
        if console.style.isOn { console.print(table.coloured + "\n") }
        for line in table.lines(aligned: console.style.isOn) { console.print(line) }
    }

    /// Which of the words on the command line is the model and which the text.
    private func split() throws -> (model: String?, text: [UInt8]?) {
        switch arguments.count {
        case 0: return (nil, nil)
        case 2: return (arguments[0], Array(arguments[1].utf8))
        default:
            let word = arguments[0]
            if file != nil || decode != nil || serveLines { return (word, nil) }
            // No model has a space in its name; a file may.
            let isText = word.contains { $0.isWhitespace } && !InputFile.exists(word)
            return isText || word.isEmpty ? (nil, Array(word.utf8)) : (word, nil)
        }
    }

    private func printText(of list: String, _ tokenizer: Tokenizer) throws {
        let console = Console.current
        let words = list.split { $0.isWhitespace || "[],".contains($0) }
        let ids = try words.map { word in
            guard let id = TokenID(word) else { throw ValidationError("--decode takes ids; \"\(word)\" is none.") }
            guard id >= 0, Int(id) < tokenizer.vocabularySize else {
                throw CommandError.unknownToken(id: Int(id), vocabulary: tokenizer.vocabularySize)
            }
            return id
        }
        let bytes = tokenizer.decode(ids)
        if output.format == .json {
            console.print(json: ["text": .string(String(decoding: bytes, as: UTF8.self)), "bytes": JSON(bytes: bytes)])
        } else {
            console.write(bytes: bytes)
            // The text alone, exactly, for programs; a prompt on a line of its own for people.
            if console.style.isOn { console.print() }
        }
    }

    private func json(_ pieces: [Piece], _ tokenizer: Tokenizer) -> JSON {
        if count { return ["count": .integer(pieces.count)] }
        let ids = JSON.array(pieces.map { .integer(Int($0.id)) })
        if self.ids { return ["tokens": ids] }
        let list = pieces.map { piece -> JSON in
            let bytes = tokenizer.piece(of: piece.id) ?? []
            return [
                "id": .integer(Int(piece.id)), "piece": .string(String(decoding: bytes, as: UTF8.self)),
                "bytes": JSON(bytes: bytes), "start": .integer(piece.range.lowerBound),
                "end": .integer(piece.range.upperBound),
            ]
        }
        return ["tokens": ids, "count": .integer(pieces.count), "pieces": .array(list)]
    }
}

extension JSON {
    /// Bytes as an array of numbers.
    init(bytes: [UInt8]) { self = .array(bytes.map { .integer(Int($0)) }) }
}
