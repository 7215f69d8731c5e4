import ApusTokenization

/// Tokenizes many texts in one run, for comparisons with other tokenizers: texts come on standard input, each after its
/// length in bytes (four bytes, little end first), and the ids of each go out as one line; or, as JSON, a list of
/// `[id, first byte, byte after the last]`.
struct TokenServer {
    let tokenizer: Tokenizer
    let addSpecial: Bool
    let parseSpecial: Bool
    var format = OutputFormat.text

    func run() throws {
        var input = try InputFile.readStandardInput()[...]
        while !input.isEmpty {
            let length = input.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            guard input.count >= 4 + length else {
                throw CommandError.cannotRead(path: "standard input", reason: "it ends inside a text")
            }
            try Console.current.print(line(for: input.dropFirst(4).prefix(length)))
            input = input.dropFirst(4 + length)
        }
    }

    private func line(for text: ArraySlice<UInt8>) throws -> String {
        guard format == .json else {
            let ids = try tokenizer.encode(text, addSpecial: addSpecial, parseSpecial: parseSpecial)
            return ids.map { String($0) }.joined(separator: " ")
        }
        let pieces = try tokenizer.pieces(text, addSpecial: addSpecial, parseSpecial: parseSpecial)
        return "[" + pieces.map { "[\($0.id),\($0.range.lowerBound),\($0.range.upperBound)]" }.joined(separator: ",")
            + "]"
    }
}
