/// Text as it stands in a page: nothing in it is taken for markup, and every character is one that XML allows too.
enum HTMLText {
    /// For contents and for attributes in double or single quotes.
    static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count + text.utf8.count / 8)
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x26: result += "&amp;"
            case 0x3C: result += "&lt;"
            case 0x3E: result += "&gt;"
            case 0x22: result += "&quot;"
            case 0x27: result += "&#39;"
            case 0x09, 0x0A: result.unicodeScalars.append(scalar)
            // Pictures of control characters: U+2400 and those after it.
            case 0..<0x20: result.unicodeScalars.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
            case 0x7F: result += "\u{2421}"
            // Controls that no page may hold, and code points that are no characters.
            case 0x80..<0xA0, 0xFDD0..<0xFDF0: result += "\u{FFFD}"
            case let value where value & 0xFFFE == 0xFFFE: result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// An element around a text that anybody may have written: its direction is its own, and does not reach what
    /// stands beside it.
    static func foreign(_ text: String, element: String = "bdi", class name: String? = nil) -> String {
        let classes = name.map { " class=\"\($0)\"" } ?? ""
        return "<\(element)\(classes) dir=\"auto\">\(escaped(text))</\(element)>"
    }
}
