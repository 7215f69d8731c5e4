#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The filters about numbers.
extension JinjaRenderer {
    func absolute(_ value: JinjaValue) throws(JinjaFault) -> JinjaValue {
        if case .float(let number) = value { return .float(number.magnitude) }
        guard let integer = value.index else {
            throw JinjaFault(.type, "bad operand type for abs(): '\(value.typeName)'")
        }
        return integer < 0 ? try negated(value) : .int(integer)
    }

    func intFilter(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        let values = try arguments.bind("int", ["default", "base"], required: 0)
        let fallback = values[0] ?? .int(0)
        switch value {
        case .string(let text):
            let base = try values[1].map(requiredInt) ?? 10
            switch PythonNumber.integer(text, base: base) {
            case .value(let integer): return .int(integer)
            case .tooLarge: throw Self.overflow
            case .none: break
            }
            guard let number = PythonNumber.float(text), number.isFinite else { return fallback }
            return try integer(number)
        case .undefined(let undefined): throw undefined.fault
        case .float(let number):
            if number.isNaN { return fallback }
            return try integer(number)
        default: return value.index.map { .int($0) } ?? fallback
        }
    }

    private func integer(_ number: Double) throws(JinjaFault) -> JinjaValue {
        if number.isInfinite { throw JinjaFault(.failed, "cannot convert float infinity to integer") }
        guard let integer = Int(exactly: number.rounded(.towardZero)) else { throw Self.overflow }
        return .int(integer)
    }

    func floatFilter(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        let fallback = try arguments.bind("float", ["default"], required: 0)[0] ?? .float(0)
        switch value {
        case .string(let text): return PythonNumber.float(text).map { .float($0) } ?? fallback
        case .undefined(let undefined): throw undefined.fault
        default: return value.number.map { .float($0) } ?? fallback
        }
    }

    func round(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        let values = try arguments.bind("round", ["precision", "method"], required: 0)
        var method = "common"
        if let given = values[1] {
            guard case .string(let text) = given else {
                throw JinjaFault(.failed, "method must be common, ceil or floor")
            }
            method = text.string
        }
        let precision = values[0] ?? .int(0)
        switch method {
        case "common": return try rounded(value, precision)
        case "ceil", "floor":
            let scale = try binary(.pow, .int(10), precision)
            let scaled = try binary(.mul, value, scale)
            guard let number = scaled.number else {
                throw JinjaFault(.type, "must be real number, not \(scaled.typeName)")
            }
            if let whole = scaled.index { return try binary(.div, .int(whole), scale) }
            return try binary(.div, try integer(number.rounded(method == "ceil" ? .up : .down)), scale)
        default: throw JinjaFault(.failed, "method must be common, ceil or floor")
        }
    }

    private func rounded(_ value: JinjaValue, _ precision: JinjaValue) throws(JinjaFault) -> JinjaValue {
        if let integer = value.index {
            if precision.isNone { return .int(integer) }
            let digits = try requiredInt(precision)
            if digits >= 0 { return .int(integer) }
            if digits < -18 { return .int(0) }
            guard case .int(let unit) = try binary(.pow, .int(10), .int(-digits)) else { return .int(integer) }
            let remainder = modulo(integer, unit)
            var base = integer - remainder
            if remainder * 2 > unit || remainder * 2 == unit && base / unit % 2 != 0 { base += unit }
            return .int(base)
        }
        guard case .float(let number) = value else {
            throw JinjaFault(.type, "type \(value.typeName) doesn't define __round__ method")
        }
        if precision.isNone {
            if number.isNaN { throw JinjaFault(.value, "cannot convert float NaN to integer") }
            return try integer(number.rounded(.toNearestOrEven))
        }
        return .float(PythonFloat.rounded(number, try requiredInt(precision)))
    }

    func fileSize(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        let binary = try arguments.bind("filesizeformat", ["binary"], required: 0)[0].map(truth) ?? false
        let number: Double
        switch value {
        case .string(let text):
            guard let parsed = PythonNumber.float(text) else {
                throw JinjaFault(.value, "could not convert string to float")
            }
            number = parsed
        case .undefined(let undefined): throw undefined.fault
        default:
            guard let given = value.number else {
                throw JinjaFault(.type, "float() argument must be a string or a real number, not '\(value.typeName)'")
            }
            number = given
        }
        let base: Double = binary ? 1024 : 1000
        if number == 1 { return try string("1 Byte") }
        if number < base {
            guard case .int(let whole) = try integer(number) else { return .none }
            return try string("\(whole) Bytes")
        }
        let names =
            binary
            ? ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"]
            : ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"]
        var unit = base
        for (position, name) in names.enumerated() {
            unit *= base
            if number < unit || position == names.count - 1 {
                return try string(PythonFloat.fixed(base * number / unit, 1, alternate: false) + " " + name)
            }
        }
        return .none
    }
}

extension PythonFloat {
    /// Python's round(value, digits): correctly rounded in decimal, ties to even.
    static func rounded(_ value: Double, _ digits: Int) -> Double {
        if !value.isFinite || value == 0 || digits > 323 { return value }
        if digits < -308 { return copysign(0, value) }
        if digits >= 0 { return copysign(Double(fixed(value.magnitude, digits, alternate: false)) ?? value, value) }
        let unit = pow(10, Double(-digits))
        return (value / unit).rounded(.toNearestOrEven) * unit
    }
}

/// Numbers read from text as Python's int() and float() do.
enum PythonNumber {
    enum Integer {
        case value(Int)
        case tooLarge, none
    }

    /// The text without surrounding space, with digits of all scripts as ASCII; nil where other characters are in it.
    private static func normalized(_ text: JinjaText) -> [UInt8]? {
        var points = text.codePoints[...]
        while let first = points.first, PythonUnicode.isSpace(first) { points = points.dropFirst() }
        while let last = points.last, PythonUnicode.isSpace(last) { points = points.dropLast() }
        var bytes: [UInt8] = []
        for c in points {
            if c < 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: c))
            } else if let digit = PythonUnicode.digitValue(c) {
                bytes.append(0x30 + UInt8(digit))
            } else {
                return nil
            }
        }
        return bytes
    }

    static func integer(_ text: JinjaText, base: Int) -> Integer {
        guard base == 0 || (2...36).contains(base), var bytes = normalized(text)?[...] else { return .none }
        var negative = false
        if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            negative = sign == UInt8(ascii: "-")
            bytes = bytes.dropFirst()
        }
        var base = base
        var afterPrefix = false
        if bytes.count >= 2, bytes.first == 0x30 {
            let letter = bytes[bytes.startIndex + 1] | 0x20
            let implied =
                letter == UInt8(ascii: "x") ? 16 : letter == UInt8(ascii: "o") ? 8 : letter == UInt8(ascii: "b") ? 2 : 0
            if implied != 0, base == 0 || base == implied {
                base = implied
                bytes = bytes.dropFirst(2)
                afterPrefix = true
            }
        }
        if base == 0 {
            base = 10
            if bytes.first == 0x30, bytes.contains(where: { $0 != 0x30 && $0 != UInt8(ascii: "_") }) { return .none }
        }
        var value = 0
        var overflowed = false
        var previousWasDigit = afterPrefix
        var any = false
        for byte in bytes {
            if byte == UInt8(ascii: "_") {
                if !previousWasDigit { return .none }
                previousWasDigit = false
                continue
            }
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue ?? letterValue(byte), digit < base else {
                return .none
            }
            previousWasDigit = true
            any = true
            let (product, first) = value.multipliedReportingOverflow(by: base)
            let (sum, second) =
                negative
                ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            overflowed = overflowed || first || second
            value = sum
        }
        if !any || !previousWasDigit { return .none }
        return overflowed ? .tooLarge : .value(value)
    }

    private static func letterValue(_ byte: UInt8) -> Int? {
        let lower = byte | 0x20
        return lower >= 0x61 && lower <= 0x7A ? Int(lower) - 0x61 + 10 : nil
    }

    static func float(_ text: JinjaText) -> Double? {
        guard let bytes = normalized(text), !bytes.isEmpty else { return nil }
        var plain: [UInt8] = []
        for (position, byte) in bytes.enumerated() {
            guard byte == UInt8(ascii: "_") else {
                plain.append(byte)
                continue
            }
            func isDigit(_ index: Int) -> Bool {
                bytes.indices.contains(index) && bytes[index] >= 0x30 && bytes[index] <= 0x39
            }
            if !isDigit(position - 1) || !isDigit(position + 1) { return nil }
        }
        let unsigned =
            plain.first == UInt8(ascii: "-") || plain.first == UInt8(ascii: "+") ? plain.dropFirst() : plain[...]
        let word = String(decoding: unsigned, as: UTF8.self).lowercased()
        let sign: Double = plain.first == UInt8(ascii: "-") ? -1 : 1
        if word == "inf" || word == "infinity" { return sign * .infinity }
        if word == "nan" { return .nan }
        guard let first = unsigned.first, first == UInt8(ascii: ".") || first >= 0x30 && first <= 0x39,
            unsigned.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 || [0x2E, 0x2B, 0x2D, 0x65, 0x45].contains($0) }),
            unsigned.contains(where: { $0 >= 0x30 && $0 <= 0x39 })
        else { return nil }
        // The standard library reads ".5" and "5." too, once they have digits on both sides.
        var spelled: [UInt8] = []
        for (index, byte) in unsigned.enumerated() {
            let items = Array(unsigned)
            if byte == 0x2E {
                if index == 0 { spelled.append(0x30) }
                spelled.append(byte)
                if index + 1 == items.count || items[index + 1] | 0x20 == 0x65 { spelled.append(0x30) }
            } else {
                spelled.append(byte)
            }
        }
        return Double(String(decoding: spelled, as: UTF8.self)).map { sign * $0 }
    }
}
