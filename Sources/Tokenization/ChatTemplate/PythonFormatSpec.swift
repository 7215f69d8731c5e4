#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Python's format mini-language: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.
struct PythonFormatSpec {
    var fill: UInt32 = 0x20
    var align: UInt8?
    var sign = UInt8(ascii: "-")
    var alternate = false
    var width = 0
    var grouping: UInt8?
    var precision: Int?
    var type: UInt8?

    init(_ bytes: [UInt8]) throws(JinjaFault) {
        let points = JinjaText.codePoints(bytes)
        var index = 0
        func isAlign(_ position: Int) -> Bool {
            position < points.count && [0x3C, 0x3E, 0x3D, 0x5E].contains(points[position])
        }
        var fillGiven = false
        if isAlign(1) {
            fill = points[0]
            align = UInt8(truncatingIfNeeded: points[1])
            fillGiven = true
            index = 2
        } else if isAlign(0) {
            align = UInt8(truncatingIfNeeded: points[0])
            index = 1
        }
        func peek() -> UInt8 {
            index < points.count && points[index] < 0x80 ? UInt8(truncatingIfNeeded: points[index]) : 0
        }
        if [UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: " ")].contains(peek()) {
            sign = peek()
            index += 1
        }
        if peek() == UInt8(ascii: "z") { throw JinjaFault(.unsupported, "the format option z") }
        if peek() == UInt8(ascii: "#") {
            alternate = true
            index += 1
        }
        if !fillGiven, peek() == UInt8(ascii: "0") {
            fill = 0x30
            if align == nil { align = UInt8(ascii: "=") }
            index += 1
        }
        func integer() throws(JinjaFault) -> Int? {
            var value: Int?
            while index < points.count, points[index] >= 0x30, points[index] <= 0x39 {
                value = (value ?? 0) * 10 + Int(points[index] - 0x30)
                if (value ?? 0) > JinjaLimits.stringBytes {
                    throw JinjaFault(.limit, "a width or precision in a format is too large")
                }
                index += 1
            }
            return value
        }
        width = try integer() ?? 0
        if peek() == UInt8(ascii: ",") || peek() == UInt8(ascii: "_") {
            grouping = peek()
            index += 1
        }
        if peek() == UInt8(ascii: ".") {
            index += 1
            guard let value = try integer() else { throw JinjaFault(.value, "Format specifier missing precision") }
            precision = value
        }
        if index < points.count {
            guard index + 1 == points.count, points[index] < 0x80 else {
                throw JinjaFault(.value, "Invalid format specifier")
            }
            type = peek()
        }
    }

    /// Pads what was formatted. `digitsStart` is where zeros of `=` go: after sign and prefix.
    func padded(_ bytes: [UInt8], default defaultAlign: UInt8, digitsStart: Int = 0, _ r: JinjaRenderer)
        throws(JinjaFault) -> [UInt8]
    {
        let missing = width - JinjaText.countCodePoints(bytes[...])
        if missing <= 0 { return bytes }
        var character: [UInt8] = []
        JinjaText.append(fill, to: &character)
        switch align ?? defaultAlign {
        case UInt8(ascii: "<"): return bytes + (try r.repeated(character, missing))
        case UInt8(ascii: ">"): return try r.repeated(character, missing) + bytes
        case UInt8(ascii: "^"):
            return try r.repeated(character, missing / 2) + bytes + (try r.repeated(character, missing - missing / 2))
        default:
            return bytes[..<digitsStart] + (try r.repeated(character, missing)) + bytes[digitsStart...]
        }
    }
}

extension JinjaRenderer {
    /// `format(value, spec)`.
    func format(_ value: JinjaValue, spec: [UInt8]) throws(JinjaFault) -> [UInt8] {
        switch value {
        case .string(let text):
            if spec.isEmpty { return text.bytes }
            return try formatString(text, try PythonFormatSpec(spec))
        case .int(let value): return try formatInteger(value, spec)
        case .bool(let flag):
            return spec.isEmpty ? Array((flag ? "True" : "False").utf8) : try formatInteger(flag ? 1 : 0, spec)
        case .float(let value):
            if spec.isEmpty { return Array(PythonFloat.repr(value).utf8) }
            return try formatFloat(value, try PythonFormatSpec(spec))
        default:
            if !spec.isEmpty {
                throw JinjaFault(.type, "unsupported format string passed to \(value.typeName).__format__")
            }
            var bytes: [UInt8] = []
            try appendString(of: value, to: &bytes)
            return bytes
        }
    }

    private func formatString(_ text: JinjaText, _ spec: PythonFormatSpec) throws(JinjaFault) -> [UInt8] {
        if let type = spec.type, type != UInt8(ascii: "s") { throw unknownCode(type, "str") }
        if spec.sign != UInt8(ascii: "-") { throw JinjaFault(.value, "Sign not allowed in string format specifier") }
        if spec.alternate { throw JinjaFault(.value, "Alternate form (#) not allowed in string format specifier") }
        if spec.grouping != nil { throw JinjaFault(.value, "Cannot specify ',' with 's'.") }
        var spec = spec
        // A zero before the width means padding with zeros, on the right for strings.
        if spec.align == UInt8(ascii: "=") {
            if spec.fill != 0x30 { throw JinjaFault(.value, "'=' alignment not allowed in string format specifier") }
            spec.align = UInt8(ascii: "<")
        }
        var bytes = text.bytes
        if let precision = spec.precision, precision < text.count {
            bytes = Array(bytes[..<text.offset(of: precision)])
        }
        return try spec.padded(bytes, default: UInt8(ascii: "<"), self)
    }

    private func unknownCode(_ type: UInt8, _ name: String) -> JinjaFault {
        JinjaFault(
            .value, "Unknown format code '\(Character(Unicode.Scalar(type)))' for object of type '\(name)'")
    }

    private func formatInteger(_ value: Int, _ spec: [UInt8]) throws(JinjaFault) -> [UInt8] {
        if spec.isEmpty { return Array(String(value).utf8) }
        let spec = try PythonFormatSpec(spec)
        let type = spec.type ?? UInt8(ascii: "d")
        switch type {
        case UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "g"),
            UInt8(ascii: "G"), UInt8(ascii: "%"):
            return try formatFloat(Double(value), spec)
        default: break
        }
        if spec.precision != nil { throw JinjaFault(.value, "Precision not allowed in integer format specifier") }
        if type == UInt8(ascii: "c") {
            if spec.sign != UInt8(ascii: "-") {
                throw JinjaFault(.value, "Sign not allowed with integer format specifier 'c'")
            }
            guard (0...0x10FFFF).contains(value) else { throw JinjaFault(.failed, "%c arg not in range(0x110000)") }
            var bytes: [UInt8] = []
            JinjaText.append(UInt32(value), to: &bytes)
            return try spec.padded(bytes, default: UInt8(ascii: "<"), self)
        }
        var radix = 10
        var prefix: [UInt8] = []
        switch type {
        case UInt8(ascii: "d"), UInt8(ascii: "n"): break
        case UInt8(ascii: "b"): (radix, prefix) = (2, Array("0b".utf8))
        case UInt8(ascii: "o"): (radix, prefix) = (8, Array("0o".utf8))
        case UInt8(ascii: "x"): (radix, prefix) = (16, Array("0x".utf8))
        case UInt8(ascii: "X"): (radix, prefix) = (16, Array("0X".utf8))
        default: throw unknownCode(type, "int")
        }
        if spec.grouping == UInt8(ascii: ","), radix != 10 {
            throw JinjaFault(.value, "Cannot specify ',' with this format code.")
        }
        let digits = Array(String(value.magnitude, radix: radix, uppercase: type == UInt8(ascii: "X")).utf8)
        let head = signBytes(value < 0, spec) + (spec.alternate ? prefix : [])
        return try assemble(head, digits, [], groupBy: radix == 10 ? 3 : 4, spec)
    }

    private func signBytes(_ negative: Bool, _ spec: PythonFormatSpec) -> [UInt8] {
        negative ? [UInt8(ascii: "-")] : spec.sign == UInt8(ascii: "-") ? [] : [spec.sign]
    }

    /// Sign, grouped digits and rest, padded.
    private func assemble(
        _ head: [UInt8], _ digits: [UInt8], _ tail: [UInt8], groupBy size: Int, _ spec: PythonFormatSpec
    ) throws(JinjaFault) -> [UInt8] {
        var digits = digits
        if let separator = spec.grouping {
            if spec.fill == 0x30, spec.align == UInt8(ascii: "=") {
                // Zeros count as digits: they are grouped too, and a separator never comes first.
                let room = spec.width - head.count - tail.count
                func grouped(_ count: Int) -> Int { count + (count - 1) / size }
                var count = digits.count
                while grouped(count) < room { count += 1 }
                digits = [UInt8](repeating: 0x30, count: count - digits.count) + digits
            }
            var result: [UInt8] = []
            for (position, digit) in digits.enumerated() {
                if position > 0, (digits.count - position) % size == 0 { result.append(separator) }
                result.append(digit)
            }
            digits = result
        }
        return try spec.padded(head + digits + tail, default: UInt8(ascii: ">"), digitsStart: head.count, self)
    }

    private func formatFloat(_ value: Double, _ spec: PythonFormatSpec) throws(JinjaFault) -> [UInt8] {
        let type = spec.type
        if let precision = spec.precision, precision > 10_000 {
            throw JinjaFault(.limit, "a precision in a format is larger than 10000")
        }
        var body: String
        switch type {
        case nil:
            if let precision = spec.precision {
                body = PythonFloat.general(value.magnitude, max(precision, 1), alternate: false, upper: false)
                // Without a type a float keeps a digit after the point unless it is written with an exponent.
                if value.isFinite, !body.contains("."), !body.contains("e") {
                    body = PythonFloat.withoutType(value.magnitude, max(precision, 1))
                }
            } else {
                body = PythonFloat.repr(value.magnitude)
            }
        case UInt8(ascii: "f"), UInt8(ascii: "F"):
            body = PythonFloat.fixed(value.magnitude, spec.precision ?? 6, alternate: spec.alternate)
            if type == UInt8(ascii: "F") { body = body.uppercased() }
        case UInt8(ascii: "e"), UInt8(ascii: "E"):
            body = PythonFloat.scientific(
                value.magnitude, spec.precision ?? 6, alternate: spec.alternate, upper: type == UInt8(ascii: "E"))
        case UInt8(ascii: "g"), UInt8(ascii: "G"), UInt8(ascii: "n"):
            body = PythonFloat.general(
                value.magnitude, spec.precision ?? 6, alternate: spec.alternate, upper: type == UInt8(ascii: "G"))
        case UInt8(ascii: "%"):
            body = PythonFloat.fixed(value.magnitude * 100, spec.precision ?? 6, alternate: spec.alternate) + "%"
        default: throw unknownCode(type ?? 0, "float")
        }
        let bytes = Array(body.utf8)
        let isNumber = value.isFinite
        let whole = isNumber ? bytes.prefix { $0 >= 0x30 && $0 <= 0x39 } : bytes[...]
        return try assemble(
            signBytes(value.sign == .minus && !value.isNaN, spec), Array(whole), Array(bytes[whole.count...]),
            groupBy: isNumber ? 3 : .max, spec)
    }
}

extension PythonFloat {
    private static func printed(_ format: String, _ precision: Int, _ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return "inf" }
        return withVaList([Int32(precision), value]) { arguments in
            var buffer = [CChar](repeating: 0, count: precision + 400)
            let count = vsnprintf(&buffer, buffer.count, format, arguments)
            return String(decoding: buffer.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    static func fixed(_ value: Double, _ precision: Int, alternate: Bool) -> String {
        printed(alternate ? "%#.*f" : "%.*f", precision, value)
    }

    static func scientific(_ value: Double, _ precision: Int, alternate: Bool, upper: Bool) -> String {
        let text = printed(alternate ? "%#.*e" : "%.*e", precision, value)
        return upper ? text.uppercased() : text
    }

    static func general(_ value: Double, _ precision: Int, alternate: Bool, upper: Bool) -> String {
        let text = printed(alternate ? "%#.*g" : "%.*g", precision, value)
        return upper ? text.uppercased() : text
    }

    /// Like general, but switching to exponents one digit earlier and always with a digit after the point.
    static func withoutType(_ value: Double, _ precision: Int) -> String {
        let text = printed("%.*e", precision - 1, value)
        guard let e = text.firstIndex(of: "e"), let power = Int(text[text.index(after: e)...]) else { return text }
        if power < precision - 1 { return general(value, precision, alternate: false, upper: false) + ".0" }
        var mantissa = String(text[..<e])
        if mantissa.contains(".") {
            while mantissa.hasSuffix("0") { mantissa.removeLast() }
            if mantissa.hasSuffix(".") { mantissa.removeLast() }
        }
        return mantissa + text[e...]
    }
}
