extension JSON {
    /// This value as text.
    /// - Parameters:
    ///   - pretty: a member or element a line, two spaces a level, as transformers writes its files.
    ///   - sortedKeys: keys in the order of their Unicode scalars.
    ///   - asciiOnly: everything past ASCII as `\u` escapes, as Python's `json` does by default.
    ///   - allowsNonFinite: writes `NaN` and `Infinity` as Python does; otherwise they become `null`.
    public func serialized(
        pretty: Bool = false, sortedKeys: Bool = false, asciiOnly: Bool = false, allowsNonFinite: Bool = false
    ) -> String {
        var writer = JSONWriter(
            pretty: pretty, sortedKeys: sortedKeys, asciiOnly: asciiOnly, allowsNonFinite: allowsNonFinite)
        writer.write(self, level: 0)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// A number in the shortest form that reads back as the same value, spelled as Python's `repr` does: `1.0`,
    /// `1e-05`, `1e+16`, `inf`, `nan`.
    public static func spelling(of value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        if value == 0 { return value.sign == .minus ? "-0.0" : "0.0" }
        // Swift's own description has the shortest digits but moves to exponents at another size.
        let (digits, exponent) = decimalDigits(of: value.magnitude)
        let sign = value < 0 ? "-" : ""
        guard (-4..<16).contains(exponent) else {
            let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
            let size = exponent.magnitude
            return "\(sign)\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(size < 10 ? "0" : "")\(size)"
        }
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
        let whole = digits.prefix(exponent + 1)
        let padding = String(repeating: "0", count: exponent + 1 - whole.count)
        let fraction = digits.dropFirst(exponent + 1)
        return "\(sign)\(whole)\(padding).\(fraction.isEmpty ? "0" : String(fraction))"
    }

    /// The digits d₁d₂d₃… and the exponent e of d₁.d₂d₃… · 10^e.
    private static func decimalDigits(of value: Double) -> (digits: String, exponent: Int) {
        let parts = value.description.split(separator: "e", maxSplits: 1)
        var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let number = parts.first ?? "0"
        let point = number.firstIndex(of: ".") ?? number.endIndex
        exponent += number.distance(from: number.startIndex, to: point) - 1
        var digits = number.filter { $0 != "." }
        let leading = digits.prefix { $0 == "0" }.count
        digits.removeFirst(leading)
        exponent -= leading
        while digits.count > 1, digits.last == "0" { digits.removeLast() }
        return (digits, exponent)
    }
}

private struct JSONWriter {
    let pretty: Bool
    let sortedKeys: Bool
    let asciiOnly: Bool
    let allowsNonFinite: Bool
    var bytes: [UInt8] = []

    init(pretty: Bool, sortedKeys: Bool, asciiOnly: Bool, allowsNonFinite: Bool) {
        self.pretty = pretty
        self.sortedKeys = sortedKeys
        self.asciiOnly = asciiOnly
        self.allowsNonFinite = allowsNonFinite
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func newLine(_ level: Int) {
        guard pretty else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
    }

    mutating func write(_ value: JSON, level: Int) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): append(String(value))
        case .number(let value): write(value)
        case .string(let value): write(value)
        case .array(let elements):
            guard !elements.isEmpty else { return append("[]") }
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                newLine(level + 1)
                write(element, level: level + 1)
            }
            newLine(level)
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            guard !object.isEmpty else { return append("{}") }
            bytes.append(UInt8(ascii: "{"))
            let entries = sortedKeys ? object.entries.sorted { $0.key.precedesByBytes($1.key) } : object.entries
            for (index, entry) in entries.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                newLine(level + 1)
                write(entry.key)
                append(pretty ? ": " : ":")
                write(entry.value, level: level + 1)
            }
            newLine(level)
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private mutating func write(_ value: Double) {
        if value.isFinite { return append(JSON.spelling(of: value)) }
        guard allowsNonFinite else { return append("null") }
        append(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
    }

    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        if asciiOnly {
            for scalar in text.unicodeScalars {
                if scalar.value < 0x7f {
                    write(UInt8(truncatingIfNeeded: scalar.value))
                } else {
                    for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter { writeEscape(unit) }
                }
            }
        } else {
            var text = text
            text.withUTF8 { utf8 in
                for byte in utf8 { write(byte) }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// A byte of a string, as an escape where it needs one.
    private mutating func write(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x0a: append("\\n")
        case 0x0d: append("\\r")
        case 0x09: append("\\t")
        case 0x08: append("\\b")
        case 0x0c: append("\\f")
        case 0..<0x20: writeEscape(UInt16(byte))
        default: bytes.append(byte)
        }
    }

    private mutating func writeEscape(_ unit: UInt16) {
        append("\\u")
        let digits = String(unit, radix: 16)
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count))
        append(digits)
    }
}

extension String {
    /// The order of UTF-8 bytes, which is the order of Unicode scalars and that of Python's `sorted`.
    func precedesByBytes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
