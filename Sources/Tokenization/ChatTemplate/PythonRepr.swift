/// Python's str() and repr().
extension JinjaRenderer {
    /// Appends what `str(value)` gives.
    func appendString(of value: JinjaValue, to bytes: inout [UInt8]) throws(JinjaFault) {
        switch value {
        case .undefined: break
        case .string(let text): bytes += text.bytes
        default: try appendRepr(of: value, to: &bytes, depth: 0)
        }
    }

    /// `str(value)`; a string stays the same object.
    func stringValue(_ value: JinjaValue) throws(JinjaFault) -> JinjaText {
        if case .string(let text) = value { return text }
        var bytes: [UInt8] = []
        try appendString(of: value, to: &bytes)
        return try text(bytes)
    }

    func repr(_ value: JinjaValue, depth: Int = 0) throws(JinjaFault) -> [UInt8] {
        var bytes: [UInt8] = []
        try appendRepr(of: value, to: &bytes, depth: depth)
        return bytes
    }

    func appendRepr(of value: JinjaValue, to bytes: inout [UInt8], depth: Int) throws(JinjaFault) {
        try step()
        try checkStringLength(bytes.count)
        if depth > JinjaLimits.valueDepth { throw .tooDeepValue }
        switch value {
        case .undefined: bytes += Array("Undefined".utf8)
        case .none, .missing: bytes += Array("None".utf8)
        case .bool(let value): bytes += Array((value ? "True" : "False").utf8)
        case .int(let value): bytes += Array(String(value).utf8)
        case .float(let value): bytes += Array(PythonFloat.repr(value).utf8)
        case .string(let text):
            if text.isMarkup { bytes += Array("Markup(".utf8) }
            PythonQuote.append(text, to: &bytes)
            if text.isMarkup { bytes.append(UInt8(ascii: ")")) }
        case .list(let list):
            bytes.append(UInt8(ascii: "["))
            try appendItems(list.items, to: &bytes, depth: depth)
            bytes.append(UInt8(ascii: "]"))
        case .tuple(let list):
            bytes.append(UInt8(ascii: "("))
            try appendItems(list.items, to: &bytes, depth: depth)
            if list.items.count == 1 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(UInt8(ascii: ")"))
        case .dict(let dict):
            bytes.append(UInt8(ascii: "{"))
            for (position, entry) in dict.entries.enumerated() {
                if position > 0 { bytes += [UInt8(ascii: ","), UInt8(ascii: " ")] }
                try appendRepr(of: entry.key, to: &bytes, depth: depth + 1)
                bytes += [UInt8(ascii: ":"), UInt8(ascii: " ")]
                try appendRepr(of: entry.value, to: &bytes, depth: depth + 1)
            }
            bytes.append(UInt8(ascii: "}"))
        case .object(let object): bytes += try object.describe(self, depth: depth)
        }
    }

    private func appendItems(_ items: [JinjaValue], to bytes: inout [UInt8], depth: Int) throws(JinjaFault) {
        for (position, item) in items.enumerated() {
            if position > 0 { bytes += [UInt8(ascii: ","), UInt8(ascii: " ")] }
            try appendRepr(of: item, to: &bytes, depth: depth + 1)
        }
    }
}

/// The quoting of strings in repr().
enum PythonQuote {
    static func append(_ text: JinjaText, to bytes: inout [UInt8], asciiOnly: Bool = false) {
        let hasSingle = text.bytes.contains(UInt8(ascii: "'"))
        let hasDouble = text.bytes.contains(UInt8(ascii: "\""))
        let quote = hasSingle && !hasDouble ? UInt8(ascii: "\"") : UInt8(ascii: "'")
        bytes.append(quote)
        var offset = 0
        while offset < text.bytes.count {
            let c = JinjaText.next(text.bytes, &offset)
            switch c {
            case UInt32(quote), 0x5C: bytes += [0x5C, UInt8(truncatingIfNeeded: c)]
            case 0x09: bytes += Array("\\t".utf8)
            case 0x0A: bytes += Array("\\n".utf8)
            case 0x0D: bytes += Array("\\r".utf8)
            case 0x20..<0x7F: bytes.append(UInt8(truncatingIfNeeded: c))
            default:
                if !asciiOnly, PythonUnicode.isPrintable(c) {
                    JinjaText.append(c, to: &bytes)
                } else if c < 0x100 {
                    bytes += Array("\\x".utf8) + PythonEscapes.padded(c, 2)
                } else if c < 0x10000 {
                    bytes += Array("\\u".utf8) + PythonEscapes.padded(c, 4)
                } else {
                    bytes += Array("\\U".utf8) + PythonEscapes.padded(c, 8)
                }
            }
        }
        bytes.append(quote)
    }
}

/// Floats as Python writes them.
enum PythonFloat {
    /// The shortest text that reads back as the same number.
    static func repr(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        let (digits, exponent) = shortest(value.magnitude)
        let sign = value.sign == .minus ? "-" : ""
        if exponent > -4, exponent <= 16 { return sign + positional(digits, exponent) }
        let mantissa = digits.count > 1 ? "\(digits.prefix(1)).\(digits.dropFirst())" : digits
        let power = exponent - 1
        let magnitude = abs(power) < 10 ? "0\(abs(power))" : "\(abs(power))"
        return "\(sign)\(mantissa)e\(power < 0 ? "-" : "+")\(magnitude)"
    }

    private static func positional(_ digits: String, _ exponent: Int) -> String {
        if exponent <= 0 { return "0." + String(repeating: "0", count: -exponent) + digits }
        if digits.count <= exponent { return digits + String(repeating: "0", count: exponent - digits.count) + ".0" }
        return "\(digits.prefix(exponent)).\(digits.dropFirst(exponent))"
    }

    /// Decimal digits d₁d₂… and exponent e with value = 0.d₁d₂… × 10^e.
    static func shortest(_ value: Double) -> (digits: String, exponent: Int) {
        if value == 0 { return ("0", 1) }
        var text = value.description
        var exponent = 0
        if let e = text.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            exponent = Int(text[text.index(after: e)...]) ?? 0
            text = String(text[..<e])
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let whole = String(parts[0])
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        var digits = whole + fraction
        exponent += whole.count
        while digits.count > 1, digits.first == "0" {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.count > 1, digits.last == "0" { digits.removeLast() }
        return (digits, exponent)
    }
}
