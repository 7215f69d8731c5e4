/// How a user writes several lines as one message: a backslash at a line's end, or three quotes before and after.
enum MultilineInput {
    enum State: Equatable, Sendable {
        case complete(String)
        case continues
    }

    /// Whether what stands written is a whole message, and which.
    static func state(of text: String) -> State {
        let quotes = "\"\"\""
        let trimmed = text.drop { $0.isWhitespace }
        if trimmed.hasPrefix(quotes) {
            let inside = trimmed.dropFirst(quotes.count)
            let end = inside.reversed().drop { $0.isWhitespace }
            guard end.count >= quotes.count, end.prefix(quotes.count).allSatisfy({ $0 == "\"" }) else {
                return .continues
            }
            let content = String(end.dropFirst(quotes.count).reversed())
            return .complete(content.trimmingNewlines())
        }
        if endsInBackslash(text[...]) { return .continues }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let joined = lines.enumerated().map { index, line in
            index < lines.count - 1 && endsInBackslash(line) ? line.dropLast() : line
        }
        return .complete(joined.joined(separator: "\n"))
    }

    /// A single backslash: two of them are a written backslash.
    private static func endsInBackslash(_ line: Substring) -> Bool {
        line.reversed().prefix { $0 == "\\" }.count % 2 == 1
    }
}

extension String {
    /// Without one newline at the beginning and one at the end.
    fileprivate func trimmingNewlines() -> String {
        var text = self[...]
        if text.first == "\n" { text.removeFirst() }
        if text.last == "\n" { text.removeLast() }
        return String(text)
    }
}
