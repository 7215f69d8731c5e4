/// What markupsafe does to text.
enum JinjaHTML {
    /// The length that escaping gives.
    static func escapedCount(_ bytes: [UInt8]) -> Int {
        var count = bytes.count
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "<"), UInt8(ascii: ">"): count += 3
            case UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "\""): count += 4
            default: break
            }
        }
        return count
    }

    static func escape(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "&"): result += Array("&amp;".utf8)
            case UInt8(ascii: "<"): result += Array("&lt;".utf8)
            case UInt8(ascii: ">"): result += Array("&gt;".utf8)
            case UInt8(ascii: "'"): result += Array("&#39;".utf8)
            case UInt8(ascii: "\""): result += Array("&#34;".utf8)
            default: result.append(byte)
            }
        }
        return result
    }

    /// Without tags and comments, white space collapsed, entities replaced.
    static func stripTags(_ bytes: [UInt8]) -> [UInt8] {
        var kept: [UInt8] = []
        var position = 0
        while let start = ByteSearch.first([UInt8(ascii: "<")], in: bytes, from: position, to: bytes.count) {
            let isComment = bytes[start...].starts(with: Array("<!--".utf8))
            let close = isComment ? Array("-->".utf8) : [UInt8(ascii: ">")]
            let from = min(isComment ? start + 4 : start, bytes.count)
            guard let end = ByteSearch.first(close, in: bytes, from: from, to: bytes.count) else { break }
            kept += bytes[position..<start]
            position = end + close.count
        }
        kept += bytes[position...]
        var result: [UInt8] = []
        var offset = 0
        var pendingSpace = false
        while offset < kept.count {
            let start = offset
            if PythonUnicode.isSpace(JinjaText.next(kept, &offset)) {
                pendingSpace = !result.isEmpty
            } else {
                if pendingSpace { result.append(UInt8(ascii: " ")) }
                pendingSpace = false
                result += kept[start..<offset]
            }
        }
        return unescape(result)
    }

    private static let names: [String: UInt32] = [
        "amp": 0x26, "lt": 0x3C, "gt": 0x3E, "quot": 0x22, "apos": 0x27, "nbsp": 0xA0, "copy": 0xA9, "reg": 0xAE,
        "laquo": 0xAB, "raquo": 0xBB, "hellip": 0x2026, "ndash": 0x2013, "mdash": 0x2014, "lsquo": 0x2018,
        "rsquo": 0x2019, "ldquo": 0x201C, "rdquo": 0x201D, "euro": 0x20AC, "trade": 0x2122, "middot": 0xB7,
    ]

    /// Numbered entities and the named ones in common use.
    static func unescape(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "&"),
                let end = bytes[index...].prefix(12).firstIndex(of: UInt8(ascii: ";")),
                let c = entity(String(decoding: bytes[(index + 1)..<end], as: UTF8.self))
            {
                JinjaText.append(c, to: &result)
                index = end + 1
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }

    private static func entity(_ name: String) -> UInt32? {
        guard name.first == "#" else { return names[name] }
        let digits = name.dropFirst()
        let value = digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return value.flatMap { Unicode.Scalar($0)?.value }
    }
}
