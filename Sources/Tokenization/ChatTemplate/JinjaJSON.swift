/// Python's `json.dumps`, which transformers gives templates as the filter `tojson`.
struct JinjaJSONWriter {
    var ensureASCII = false
    /// The text of one level of indentation; nil for everything on one line.
    var indent: [UInt8]?
    var itemSeparator: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: " ")]
    var keySeparator: [UInt8] = [UInt8(ascii: ":"), UInt8(ascii: " ")]
    var sortsKeys = false

    func write(_ value: JinjaValue, _ r: JinjaRenderer, to bytes: inout [UInt8], level: Int = 0) throws(JinjaFault) {
        try r.step()
        try r.checkStringLength(bytes.count)
        if level > JinjaLimits.valueDepth { throw .tooDeepValue }
        switch value {
        case .none: bytes += Array("null".utf8)
        case .bool(let value): bytes += Array((value ? "true" : "false").utf8)
        case .int(let value): bytes += Array(String(value).utf8)
        case .float(let value): bytes += Array(number(value).utf8)
        case .string(let text): quote(text, to: &bytes)
        case .list(let list), .tuple(let list):
            if list.items.isEmpty {
                bytes += Array("[]".utf8)
                return
            }
            bytes.append(UInt8(ascii: "["))
            for (position, item) in list.items.enumerated() {
                if position > 0 { bytes += itemSeparator }
                try newline(level + 1, r, to: &bytes)
                try write(item, r, to: &bytes, level: level + 1)
            }
            try newline(level, r, to: &bytes)
            bytes.append(UInt8(ascii: "]"))
        case .dict(let dict): try write(dict, r, to: &bytes, level: level)
        default: throw JinjaFault(.type, "Object of type \(value.typeName) is not JSON serializable")
        }
    }

    private func write(_ dict: JinjaDict, _ r: JinjaRenderer, to bytes: inout [UInt8], level: Int) throws(JinjaFault) {
        if dict.count == 0 {
            bytes += Array("{}".utf8)
            return
        }
        var entries = dict.entries
        if sortsKeys {
            let order = try r.sortedPositions(entries.map(\.key), reverse: false)
            entries = order.map { entries[$0] }
        }
        bytes.append(UInt8(ascii: "{"))
        for (position, entry) in entries.enumerated() {
            if position > 0 { bytes += itemSeparator }
            try newline(level + 1, r, to: &bytes)
            quote(try key(entry.key), to: &bytes)
            bytes += keySeparator
            try write(entry.value, r, to: &bytes, level: level + 1)
        }
        try newline(level, r, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    private func newline(_ level: Int, _ r: JinjaRenderer, to bytes: inout [UInt8]) throws(JinjaFault) {
        guard let indent else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes += try r.repeated(indent, level)
    }

    private func key(_ value: JinjaValue) throws(JinjaFault) -> JinjaText {
        switch value {
        case .string(let text): text
        case .none: JinjaText(Array("null".utf8))
        case .bool(let value): JinjaText(Array((value ? "true" : "false").utf8))
        case .int(let value): JinjaText(Array(String(value).utf8))
        case .float(let value): JinjaText(Array(number(value).utf8))
        default: throw JinjaFault(.type, "keys must be str, int, float, bool or None, not \(value.typeName)")
        }
    }

    private func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return PythonFloat.repr(value)
    }

    func quote(_ text: JinjaText, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        if ensureASCII {
            for c in text.codePoints { appendASCII(c, to: &bytes) }
        } else {
            for byte in text.bytes {
                if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                    bytes.append(byte)
                } else {
                    appendASCII(UInt32(byte), to: &bytes)
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private func appendASCII(_ c: UInt32, to bytes: inout [UInt8]) {
        switch c {
        case 0x22: bytes += Array("\\\"".utf8)
        case 0x5C: bytes += Array("\\\\".utf8)
        case 0x08: bytes += Array("\\b".utf8)
        case 0x09: bytes += Array("\\t".utf8)
        case 0x0A: bytes += Array("\\n".utf8)
        case 0x0C: bytes += Array("\\f".utf8)
        case 0x0D: bytes += Array("\\r".utf8)
        case 0x20..<0x7F: bytes.append(UInt8(truncatingIfNeeded: c))
        case ..<0x10000: bytes += Array("\\u".utf8) + PythonEscapes.padded(c, 4)
        default:
            let offset = c - 0x10000
            bytes += Array("\\u".utf8) + PythonEscapes.padded(0xD800 + offset >> 10, 4)
            bytes += Array("\\u".utf8) + PythonEscapes.padded(0xDC00 + offset & 0x3FF, 4)
        }
    }
}
