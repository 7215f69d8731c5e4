/// `str.format` with jinja2's sandboxed look-up of attributes and items.
extension JinjaRenderer {
    func formatted(_ text: JinjaText, _ arguments: JinjaArguments, mapping: JinjaValue? = nil) throws(JinjaFault)
        -> [UInt8]
    {
        var automatic: Int? = 0
        return try formatted(text.bytes, arguments, mapping, isMarkup: text.isMarkup, &automatic, depth: 2)
    }

    /// `automatic` is the number of the next `{}`, nil once fields were numbered by hand.
    private func formatted(
        _ bytes: [UInt8], _ arguments: JinjaArguments, _ mapping: JinjaValue?, isMarkup: Bool, _ automatic: inout Int?,
        depth: Int
    ) throws(JinjaFault) -> [UInt8] {
        if depth < 0 { throw JinjaFault(.value, "Max string recursion exceeded") }
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte != UInt8(ascii: "{"), byte != UInt8(ascii: "}") {
                result.append(byte)
                continue
            }
            if index < bytes.count, bytes[index] == byte {
                result.append(byte)
                index += 1
                continue
            }
            if byte == UInt8(ascii: "}") { throw JinjaFault(.value, "Single '}' encountered in format string") }
            let field = try replacementField(bytes, &index)
            let value = try fieldValue(field.name, arguments, mapping, &automatic)
            let spec = try formatted(
                field.spec, arguments, mapping, isMarkup: false, &automatic, depth: depth - 1)
            result += try formattedField(value, field.conversion, spec, isMarkup: isMarkup)
            try checkStringLength(result.count)
        }
        return result
    }

    private func formattedField(_ value: JinjaValue, _ conversion: UInt8?, _ spec: [UInt8], isMarkup: Bool)
        throws(JinjaFault) -> [UInt8]
    {
        var value = value
        switch conversion {
        case nil: break
        case UInt8(ascii: "s"):
            var bytes: [UInt8] = []
            try appendString(of: value, to: &bytes)
            value = .string(try text(bytes))
        case UInt8(ascii: "r"): value = .string(try text(try repr(value)))
        case UInt8(ascii: "a"): value = .string(try text(ascii(try repr(value))))
        default: throw JinjaFault(.value, "Unknown conversion specifier")
        }
        if isMarkup {
            if case .string(let inner) = value, inner.isMarkup {
                if !spec.isEmpty { throw JinjaFault(.value, "Unsupported format specification for Markup.") }
                return inner.bytes
            }
            return JinjaHTML.escape(try format(value, spec: spec))
        }
        return try format(value, spec: spec)
    }

    /// Python's ascii(): what repr gives with everything outside ASCII escaped.
    func ascii(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var offset = 0
        while offset < bytes.count {
            let c = JinjaText.next(bytes, &offset)
            switch c {
            case ..<0x80: result.append(UInt8(truncatingIfNeeded: c))
            case ..<0x100: result += Array("\\x".utf8) + PythonEscapes.padded(c, 2)
            case ..<0x10000: result += Array("\\u".utf8) + PythonEscapes.padded(c, 4)
            default: result += Array("\\U".utf8) + PythonEscapes.padded(c, 8)
            }
        }
        return result
    }

    private func replacementField(_ bytes: [UInt8], _ index: inout Int) throws(JinjaFault)
        -> (name: [UInt8], conversion: UInt8?, spec: [UInt8])
    {
        let start = index
        var nesting = 1
        var inBrackets = false
        var nameEnd: Int?
        while index < bytes.count {
            let byte = bytes[index]
            if nameEnd == nil {
                if byte == UInt8(ascii: "[") { inBrackets = true }
                if byte == UInt8(ascii: "]") { inBrackets = false }
                if byte == UInt8(ascii: "{"), !inBrackets { throw JinjaFault(.value, "unexpected '{' in field name") }
                if !inBrackets, byte == UInt8(ascii: "!") || byte == UInt8(ascii: ":") { nameEnd = index }
            }
            if !inBrackets || nameEnd != nil {
                if byte == UInt8(ascii: "{") { nesting += 1 }
                if byte == UInt8(ascii: "}") {
                    nesting -= 1
                    if nesting == 0 { break }
                }
            }
            index += 1
        }
        guard index < bytes.count, nesting == 0 else { throw JinjaFault(.value, "expected '}' before end of string") }
        let end = index
        index += 1
        let name = Array(bytes[start..<(nameEnd ?? end)])
        guard let nameEnd else { return (name, nil, []) }
        if bytes[nameEnd] == UInt8(ascii: ":") { return (name, nil, Array(bytes[(nameEnd + 1)..<end])) }
        guard nameEnd + 1 < end else {
            throw JinjaFault(.value, "end of string while looking for conversion specifier")
        }
        let conversion = bytes[nameEnd + 1]
        if nameEnd + 2 == end { return (name, conversion, []) }
        guard bytes[nameEnd + 2] == UInt8(ascii: ":") else {
            throw JinjaFault(.value, "expected ':' after conversion specifier")
        }
        return (name, conversion, Array(bytes[(nameEnd + 3)..<end]))
    }

    /// The value of `0.name[key]`.
    private func fieldValue(
        _ field: [UInt8], _ arguments: JinjaArguments, _ mapping: JinjaValue?, _ automatic: inout Int?
    ) throws(JinjaFault) -> JinjaValue {
        let firstEnd = field.firstIndex { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") } ?? field.count
        let first = Array(field[..<firstEnd])
        var value: JinjaValue
        if first.isEmpty || first.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
            let position: Int
            if first.isEmpty {
                guard let next = automatic else {
                    throw JinjaFault(
                        .value, "cannot switch from manual field specification to automatic field numbering")
                }
                position = next
                automatic = next + 1
            } else {
                if let next = automatic, next > 0 {
                    throw JinjaFault(
                        .value, "cannot switch from automatic field numbering to manual field specification")
                }
                automatic = nil
                position = Int(String(decoding: first, as: UTF8.self)) ?? .max
            }
            guard position < arguments.positional.count else {
                throw JinjaFault(.failed, "Replacement index \(position) out of range for positional args tuple")
            }
            value = arguments.positional[position]
        } else {
            let name = String(decoding: first, as: UTF8.self)
            if let mapping {
                guard case .dict(let dict) = mapping else {
                    if case .undefined(let undefined) = mapping { throw undefined.fault }
                    throw JinjaFault(.type, "format_map() needs a mapping, not \(mapping.typeName)")
                }
                guard let found = dict.find(JinjaKey(.string(JinjaText(first)))) else {
                    throw JinjaFault(.failed, "'\(name)' is not a key of the mapping")
                }
                value = found
            } else {
                guard let found = arguments.keyword.first(where: { $0.name == name }) else {
                    throw JinjaFault(.failed, "format() has no argument '\(name)'")
                }
                value = found.value
            }
        }
        var index = firstEnd
        while index < field.count {
            let isAttribute = field[index] == UInt8(ascii: ".")
            guard isAttribute || field[index] == UInt8(ascii: "[") else {
                throw JinjaFault(.value, "Only '.' or '[' may follow ']' in format field specifier")
            }
            index += 1
            let start = index
            if isAttribute {
                while index < field.count, field[index] != UInt8(ascii: "."), field[index] != UInt8(ascii: "[") {
                    index += 1
                }
            } else {
                while index < field.count, field[index] != UInt8(ascii: "]") { index += 1 }
                guard index < field.count else { throw JinjaFault(.value, "Missing ']' in format string") }
            }
            let part = Array(field[start..<index])
            if part.isEmpty { throw JinjaFault(.value, "Empty attribute in format string") }
            if isAttribute {
                value = try attribute(of: value, JinjaAttributeName(String(decoding: part, as: UTF8.self)))
            } else {
                index += 1
                if part.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
                    let number = Int(String(decoding: part, as: UTF8.self))
                {
                    value = try item(of: value, .int(number))
                } else {
                    value = try item(of: value, .string(try text(part)))
                }
            }
        }
        return value
    }
}
