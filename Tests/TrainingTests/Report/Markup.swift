/// Checks that a page is well-formed as XML is, as far as these pages go: tags are closed in their order, attributes are
/// quoted and occur once, and every reference is one of XML's own.
struct Markup {
    /// What is wrong first; nil for nothing.
    private(set) var fault: String?
    /// Elements by name, and the text outside of tags.
    private(set) var elements: [String: Int] = [:]
    private(set) var texts: [String] = []

    init(_ page: String) {
        // Browsers see code points; Swift would join a combining mark with the sign before it.
        let plain = String(String.UnicodeScalarView(page.unicodeScalars.map { $0.isASCII ? $0 : "x" }))
        var rest = plain[...]
        var open: [String] = []
        if rest.hasPrefix("<!DOCTYPE html>\n") { rest = rest.dropFirst(16) } else { fault = "no doctype" }
        while !rest.isEmpty, fault == nil {
            guard let start = rest.firstIndex(of: "<") else {
                take(text: rest)
                break
            }
            take(text: rest[..<start])
            guard let end = rest[start...].firstIndex(of: ">") else {
                fault = "a tag without end: \(rest[start...].prefix(40))"
                break
            }
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("/") {
                if open.popLast() != String(tag.dropFirst()) { fault = "<\(tag)> closes nothing" }
            } else {
                let isEmpty = tag.hasSuffix("/")
                let name = take(tag: isEmpty ? tag.dropLast() : tag)
                if !isEmpty { open.append(name) }
            }
        }
        if fault == nil, !open.isEmpty { fault = "not closed: \(open)" }
    }

    private mutating func take(text: Substring) {
        checkReferences(text)
        if text.contains(where: { !$0.isWhitespace }) { texts.append(String(text)) }
    }

    private mutating func take(tag: Substring) -> String {
        let name = String(tag.prefix { $0 != " " })
        if name.isEmpty || !name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) { fault = "tag <\(tag)>" }
        elements[name, default: 0] += 1
        var rest = tag.dropFirst(name.count)
        var seen: Set<String> = []
        while !rest.isEmpty {
            guard rest.first == " ", let equals = rest.firstIndex(of: "=") else {
                fault = "attributes of <\(tag)>"
                return name
            }
            let key = String(rest[rest.index(after: rest.startIndex)..<equals])
            rest = rest[rest.index(after: equals)...]
            guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\""), seen.insert(key).inserted else {
                fault = "attribute \(key) of <\(tag)>"
                return name
            }
            if key.hasPrefix("on") || key == "src" || key == "href" { fault = "attribute \(key) of <\(tag)>" }
            checkReferences(rest[..<end])
            rest = rest[rest.index(after: end)...]
        }
        return name
    }

    private mutating func checkReferences(_ text: Substring) {
        for part in text.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
            let name = part.prefix { $0 != ";" }
            if name.count == part.count || !["amp", "lt", "gt", "quot", "#39"].contains(String(name)) {
                fault = "reference &\(name)"
            }
        }
        for scalar in text.unicodeScalars where scalar.value < 0x20 && scalar != "\n" && scalar != "\t" {
            fault = "control character \(scalar.value)"
        }
    }
}
