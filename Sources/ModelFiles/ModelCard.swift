/// The card of a model: `README.md`, whose head between two lines of dashes says in a few lines of YAML whose model it
/// is, under which licence, made from what.
///
/// Of YAML, what cards use is read: texts, lists, nothing nested. Lines of any other form are passed over.
public struct ModelCard: Sendable, Equatable {
    /// The values of each key in order; a text is a list of one.
    public private(set) var fields: [(key: String, values: [String])] = []

    /// A card of these keys.
    public init(fields: [(key: String, values: [String])]) { self.fields = fields.filter { !$0.values.isEmpty } }

    /// Reads the head of a text.
    public init(_ text: String) {
        // "\r\n" is one character to Swift.
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }[...]
        guard lines.first == "---" else { return }
        lines = lines.dropFirst()
        guard let end = lines.firstIndex(of: "---") else { return }
        for line in lines[..<end] {
            if let item = Self.item(line) {
                if !fields.isEmpty { fields[fields.count - 1].values.append(item) }
                continue
            }
            guard let colon = line.firstIndex(of: ":"), let first = line.first, first != " ", first != "#" else {
                continue
            }
            fields.append((String(line[..<colon]), Self.values(line[line.index(after: colon)...])))
        }
        fields.removeAll { $0.values.isEmpty }
    }

    /// The first value of a key.
    public subscript(key: String) -> String? { self[list: key].first }

    /// All values of a key.
    public subscript(list key: String) -> [String] { fields.first { $0.key == key }?.values ?? [] }

    /// `- en` in a list.
    private static func item(_ line: Substring) -> String? {
        let rest = line.drop { $0 == " " }
        guard rest.hasPrefix("- ") else { return nil }
        let values = values(rest.dropFirst(2))
        return values.count == 1 ? values[0] : nil
    }

    /// The texts after a key: one, or those between brackets; none for a key whose list follows.
    private static func values(_ text: Substring) -> [String] {
        var text = text.drop { $0 == " " }
        while text.last == " " { text = text.dropLast() }
        if text.first == "[", text.last == "]" {
            return text.dropFirst().dropLast().split(separator: ",").flatMap { values($0) }
        }
        for quote in ["\"", "'"] as [Character] where text.first == quote {
            let inner = text.dropFirst()
            guard let end = inner.lastIndex(of: quote) else { return [] }
            // Between double quotes YAML escapes as JSON does.
            let escaped = quote == "\"" ? try? JSON(parsing: Array(text[...end].utf8)).stringValue : nil
            return [escaped ?? String(inner[..<end])]
        }
        if let comment = text.firstRange(of: " #") { text = text[..<comment.lowerBound] }
        while text.last == " " { text = text.dropLast() }
        return text.isEmpty || text.first == "#" || text == "null" || text == "~" ? [] : [String(text)]
    }

    /// The head, as cards begin.
    public var head: String {
        let lines = fields.flatMap { key, values -> [String] in
            values.count == 1
                ? ["\(key): \(Self.quoted(values[0]))"] : ["\(key):"] + values.map { "- \(Self.quoted($0))" }
        }
        return (["---"] + lines + ["---", ""]).joined(separator: "\n")
    }

    /// In quotes where YAML would read something else than this text.
    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte & 0xDF) || [45, 46, 47, 95].contains(byte)
                || byte >= 0x80
        }
        let isWord = text.utf8.contains { (65...90).contains($0 & 0xDF) || $0 >= 0x80 }
        let meansElse = ["no", "yes", "on", "off", "true", "false", "null"].contains(text.lowercased())
        if isPlain, isWord, !meansElse, text.first != "-" { return text }
        return JSON.string(text).serialized()
    }

    public static func == (a: ModelCard, b: ModelCard) -> Bool {
        a.fields.elementsEqual(b.fields) { $0.key == $1.key && $0.values == $1.values }
    }
}
