/// The escapes of string literals as jinja2 decodes them: everything outside ASCII is first written as an escape,
/// then Python's `unicode-escape` codec runs over it.
enum PythonEscapes {
    static func decode(_ body: ArraySlice<UInt8>, _ names: inout CharacterNames) throws(JinjaFault) -> [UInt8] {
        if !body.contains(UInt8(ascii: "\\")) { return Array(body) }
        let source = backslashReplaced(Array(body))
        var result: [UInt8] = []
        result.reserveCapacity(source.count)
        var index = 0
        while index < source.count {
            guard source[index] == UInt8(ascii: "\\") else {
                result.append(source[index])
                index += 1
                continue
            }
            guard index + 1 < source.count else { throw JinjaFault(.syntax, "\\ at end of string") }
            let escape = source[index + 1]
            index += 2
            switch escape {
            case UInt8(ascii: "\n"): break
            case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): result.append(escape)
            case UInt8(ascii: "a"): result.append(0x07)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "v"): result.append(0x0B)
            case 0x30...0x37:
                var value = UInt32(escape - 0x30)
                var digits = 1
                while digits < 3, index < source.count, (0x30...0x37).contains(source[index]) {
                    value = value * 8 + UInt32(source[index] - 0x30)
                    index += 1
                    digits += 1
                }
                JinjaText.append(value, to: &result)
            case UInt8(ascii: "x"): try hex(source, &index, 2, "\\xXX", &result)
            case UInt8(ascii: "u"): try hex(source, &index, 4, "\\uXXXX", &result)
            case UInt8(ascii: "U"): try hex(source, &index, 8, "\\UXXXXXXXX", &result)
            case UInt8(ascii: "N"):
                guard index < source.count, source[index] == UInt8(ascii: "{"),
                    let end = source[index...].firstIndex(of: UInt8(ascii: "}")), end > index + 1
                else { throw JinjaFault(.syntax, "malformed \\N character escape") }
                JinjaText.append(try names.scalar(named: source[(index + 1)..<end]).value, to: &result)
                index = end + 1
            default: result += [UInt8(ascii: "\\"), escape]
            }
        }
        return result
    }

    private static func hex(
        _ source: [UInt8], _ index: inout Int, _ count: Int, _ shape: String, _ result: inout [UInt8]
    ) throws(JinjaFault) {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard index < source.count, let digit = Character(Unicode.Scalar(source[index])).hexDigitValue else {
                throw JinjaFault(.syntax, "truncated \(shape) escape")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        if value > 0x10FFFF { throw JinjaFault(.syntax, "illegal Unicode character") }
        JinjaText.append(value, to: &result)
    }

    private static func backslashReplaced(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.allSatisfy({ $0 < 0x80 }) { return bytes }
        var result: [UInt8] = []
        var offset = 0
        while offset < bytes.count {
            let c = JinjaText.next(bytes, &offset)
            switch c {
            case ..<0x80: result.append(UInt8(truncatingIfNeeded: c))
            case ..<0x100: result += Array("\\x".utf8) + padded(c, 2)
            case ..<0x10000: result += Array("\\u".utf8) + padded(c, 4)
            default: result += Array("\\U".utf8) + padded(c, 8)
            }
        }
        return result
    }

    static func padded(_ value: UInt32, _ width: Int) -> [UInt8] {
        let digits = Array(String(value, radix: 16).utf8)
        return [UInt8](repeating: 0x30, count: max(0, width - digits.count)) + digits
    }
}
