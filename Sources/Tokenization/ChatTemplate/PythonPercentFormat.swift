/// Python's `format % values`.
extension JinjaRenderer {
    func percentFormat(_ text: JinjaText, _ values: JinjaValue) throws(JinjaFault) -> JinjaValue {
        var formatter = PercentFormatter(text, values, self)
        return .string(try self.text(try formatter.run(), isMarkup: text.isMarkup))
    }
}

private struct PercentFormatter {
    private let bytes: [UInt8]
    private let isMarkup: Bool
    private let r: JinjaRenderer
    private var values: [JinjaValue]
    private var used = 0
    /// The values by name, where the right side is a mapping.
    private let mapping: JinjaValue?
    private var index = 0

    init(_ text: JinjaText, _ values: JinjaValue, _ r: JinjaRenderer) {
        bytes = text.bytes
        isMarkup = text.isMarkup
        self.r = r
        switch values {
        case .tuple(let tuple):
            self.values = tuple.items
            mapping = nil
        case .dict, .list, .undefined:
            self.values = [values]
            mapping = values
        case .object(let object) where object is JinjaRange || object is JinjaNamespace:
            self.values = [values]
            mapping = object is JinjaRange ? values : nil
        default:
            self.values = [values]
            mapping = nil
        }
    }

    private struct Conversion {
        var left = false
        var plus = false
        var space = false
        var alternate = false
        var zero = false
        var width = 0
        var precision: Int?
    }

    mutating func run() throws(JinjaFault) -> [UInt8] {
        var result: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte != UInt8(ascii: "%") {
                result.append(byte)
                continue
            }
            result += try conversion()
            try r.checkStringLength(result.count)
        }
        if mapping == nil, used < values.count {
            throw JinjaFault(.type, "not all arguments converted during string formatting")
        }
        return result
    }

    private func peek() throws(JinjaFault) -> UInt8 {
        guard index < bytes.count else { throw JinjaFault(.value, "incomplete format") }
        return bytes[index]
    }

    private mutating func next() throws(JinjaFault) -> JinjaValue {
        guard used < values.count else { throw JinjaFault(.type, "not enough arguments for format string") }
        used += 1
        return values[used - 1]
    }

    private mutating func conversion() throws(JinjaFault) -> [UInt8] {
        var named: JinjaValue?
        if try peek() == UInt8(ascii: "(") { named = try namedValue() }
        var c = Conversion()
        flags: while true {
            switch try peek() {
            case UInt8(ascii: "-"): c.left = true
            case UInt8(ascii: "+"): c.plus = true
            case UInt8(ascii: " "): c.space = true
            case UInt8(ascii: "#"): c.alternate = true
            case UInt8(ascii: "0"): c.zero = true
            default: break flags
            }
            index += 1
        }
        c.width = try number(allowsStar: true) ?? 0
        if c.width < 0 {
            c.left = true
            c.width = -c.width
        }
        if try peek() == UInt8(ascii: ".") {
            index += 1
            c.precision = max(0, try number(allowsStar: true) ?? 0)
        }
        while [UInt8(ascii: "h"), UInt8(ascii: "l"), UInt8(ascii: "L")].contains(try peek()) { index += 1 }
        let type = try peek()
        index += 1
        if type == UInt8(ascii: "%") { return [type] }
        if let named { return try formatted(named, type, c) }
        return try formatted(try next(), type, c)
    }

    private mutating func namedValue() throws(JinjaFault) -> JinjaValue {
        guard let mapping else { throw JinjaFault(.type, "format requires a mapping") }
        index += 1
        let start = index
        var nesting = 1
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "(") { nesting += 1 }
            if bytes[index] == UInt8(ascii: ")") {
                nesting -= 1
                if nesting == 0 { break }
            }
            index += 1
        }
        guard index < bytes.count else { throw JinjaFault(.value, "incomplete format key") }
        let key = Array(bytes[start..<index])
        index += 1
        switch mapping {
        case .dict(let dict):
            if let value = dict.find(JinjaKey(.string(JinjaText(key)))) { return value }
            throw JinjaFault(.failed, "'\(String(decoding: key, as: UTF8.self))' is not a key of the values")
        case .undefined(let undefined): throw undefined.fault
        default: throw JinjaFault(.type, "list indices must be integers or slices, not str")
        }
    }

    private mutating func number(allowsStar: Bool) throws(JinjaFault) -> Int? {
        if try peek() == UInt8(ascii: "*") {
            index += 1
            let value = try next()
            guard let number = value.index else { throw JinjaFault(.type, "* wants int") }
            try r.checkStringLength(number == .min ? .max : abs(number))
            return number
        }
        var value: Int?
        while try peek() >= 0x30, try peek() <= 0x39 {
            value = (value ?? 0) * 10 + Int(try peek() - 0x30)
            try r.checkStringLength(value ?? 0)
            index += 1
        }
        return value
    }

    private func formatted(_ value: JinjaValue, _ type: UInt8, _ c: Conversion) throws(JinjaFault) -> [UInt8] {
        switch type {
        case UInt8(ascii: "s"), UInt8(ascii: "r"), UInt8(ascii: "a"):
            var text: [UInt8] = []
            if type == UInt8(ascii: "s") {
                if isMarkup { text = try r.escaped(value) } else { try r.appendString(of: value, to: &text) }
            } else {
                text = try r.repr(value)
                if type == UInt8(ascii: "a") { text = r.ascii(text) }
                if isMarkup { text = JinjaHTML.escape(text) }
            }
            if let precision = c.precision {
                let whole = JinjaText(text)
                if precision < whole.count { text = Array(text[..<whole.offset(of: precision)]) }
            }
            return try padded([], text, zero: false, c)
        case UInt8(ascii: "c"): return try padded([], try character(value), zero: false, c)
        case UInt8(ascii: "d"), UInt8(ascii: "i"), UInt8(ascii: "u"), UInt8(ascii: "x"), UInt8(ascii: "X"),
            UInt8(ascii: "o"):
            return try integer(value, type, c)
        case UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "g"),
            UInt8(ascii: "G"):
            return try float(value, type, c)
        default:
            throw JinjaFault(.value, "unsupported format character '\(Character(Unicode.Scalar(type)))'")
        }
    }

    private func character(_ value: JinjaValue) throws(JinjaFault) -> [UInt8] {
        if case .string(let text) = value, text.count == 1 { return text.bytes }
        guard let code = value.index else { throw JinjaFault(.type, "%c requires int or char") }
        guard (0...0x10FFFF).contains(code) else { throw JinjaFault(.failed, "%c arg not in range(0x110000)") }
        var bytes: [UInt8] = []
        JinjaText.append(UInt32(code), to: &bytes)
        return bytes
    }

    private func integer(_ value: JinjaValue, _ type: UInt8, _ c: Conversion) throws(JinjaFault) -> [UInt8] {
        var number = value.index
        if number == nil, case .float(let float) = value,
            ![UInt8(ascii: "x"), UInt8(ascii: "X"), UInt8(ascii: "o")].contains(type)
        {
            guard let whole = Int(exactly: float.rounded(.towardZero)) else {
                throw float.isFinite
                    ? JinjaRenderer.overflow : JinjaFault(.failed, "cannot convert float infinity or NaN to integer")
            }
            number = whole
        }
        guard let number else {
            if case .undefined(let undefined) = value { throw undefined.fault }
            let name = Character(Unicode.Scalar(type))
            throw JinjaFault(.type, "%\(name) format: a real number is required, not \(value.typeName)")
        }
        let radix = type == UInt8(ascii: "o") ? 8 : type | 0x20 == UInt8(ascii: "x") ? 16 : 10
        var digits = Array(String(number.magnitude, radix: radix, uppercase: type == UInt8(ascii: "X")).utf8)
        if let precision = c.precision, precision > digits.count {
            digits = [UInt8](repeating: 0x30, count: precision - digits.count) + digits
        }
        var head = sign(number < 0, c)
        if c.alternate, radix != 10 { head += radix == 8 ? Array("0o".utf8) : [0x30, type] }
        return try padded(head, digits, zero: c.zero, c)
    }

    private func float(_ value: JinjaValue, _ type: UInt8, _ c: Conversion) throws(JinjaFault) -> [UInt8] {
        guard let number = value.number else {
            if case .undefined(let undefined) = value { throw undefined.fault }
            throw JinjaFault(.type, "must be real number, not \(value.typeName)")
        }
        let precision = c.precision ?? 6
        if precision > 10_000 { throw JinjaFault(.limit, "a precision in a format is larger than 10000") }
        let upper = type & 0x20 == 0
        var body: String
        switch type | 0x20 {
        case UInt8(ascii: "f"): body = PythonFloat.fixed(number.magnitude, precision, alternate: c.alternate)
        case UInt8(ascii: "e"):
            body = PythonFloat.scientific(number.magnitude, precision, alternate: c.alternate, upper: false)
        default: body = PythonFloat.general(number.magnitude, precision, alternate: c.alternate, upper: false)
        }
        if upper { body = body.uppercased() }
        return try padded(sign(number.sign == .minus && !number.isNaN, c), Array(body.utf8), zero: c.zero, c)
    }

    private func sign(_ negative: Bool, _ c: Conversion) -> [UInt8] {
        negative ? [UInt8(ascii: "-")] : c.plus ? [UInt8(ascii: "+")] : c.space ? [UInt8(ascii: " ")] : []
    }

    private func padded(_ head: [UInt8], _ body: [UInt8], zero: Bool, _ c: Conversion) throws(JinjaFault) -> [UInt8] {
        let missing = c.width - head.count - JinjaText.countCodePoints(body[...])
        if missing <= 0 { return head + body }
        if c.left { return head + body + (try r.repeated([UInt8(ascii: " ")], missing)) }
        if zero { return head + (try r.repeated([UInt8(ascii: "0")], missing)) + body }
        return try r.repeated([UInt8(ascii: " ")], missing) + head + body
    }
}
