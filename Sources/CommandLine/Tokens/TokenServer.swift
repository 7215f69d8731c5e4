import ApusTokenization

/// Tokenizes many texts in one run, for comparisons with other tokenizers: texts come on standard input, each after its
/// length in bytes (four bytes, little end first), and the ids of each go out as one line.
struct TokenServer {
    let tokenizer: Tokenizer
    let addSpecial: Bool
    let parseSpecial: Bool

    func run() throws {
        let console = Console.current
        var input = try InputFile.readStandardInput()[...]
        while !input.isEmpty {
            let length = input.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            guard input.count >= 4 + length else {
                throw CommandError.cannotRead(path: "standard input", reason: "it ends inside a text")
            }
            let ids = tokenizer.encode(
                input.dropFirst(4).prefix(length), addSpecial: addSpecial, parseSpecial: parseSpecial)
            console.print(ids.map { String($0) }.joined(separator: " "))
            input = input.dropFirst(4 + length)
        }
    }
}
