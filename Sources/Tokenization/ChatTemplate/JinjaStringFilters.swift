/// The filters about text.
extension JinjaRenderer {
    func toJSON(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        let values = try arguments.bind("tojson", ["ensure_ascii", "indent", "separators", "sort_keys"], required: 0)
        var writer = JinjaJSONWriter()
        writer.ensureASCII = try values[0].map(truth) ?? false
        writer.sortsKeys = try values[3].map(truth) ?? false
        if let indent = values[1], !indent.isNone {
            if case .string(let text) = indent {
                writer.indent = text.bytes
            } else {
                writer.indent = try repeated([UInt8(ascii: " ")], try requiredInt(indent))
            }
            writer.itemSeparator = [UInt8(ascii: ",")]
        }
        if let separators = values[2], !separators.isNone {
            let parts = try items(separators)
            if parts.count != 2 { throw JinjaFault(.value, "separators must be a pair of strings") }
            writer.itemSeparator = try requiredText(parts[0], "separators").bytes
            writer.keySeparator = try requiredText(parts[1], "separators").bytes
        }
        var bytes: [UInt8] = []
        try writer.write(value, self, to: &bytes)
        return .string(try text(bytes))
    }

    func formatFilter(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        if !arguments.positional.isEmpty, !arguments.keyword.isEmpty {
            throw JinjaFault(.failed, "can't handle positional and keyword arguments at the same time")
        }
        let text = try stringValue(value)
        if arguments.keyword.isEmpty { return try percentFormat(text, try tuple(arguments.positional)) }
        return try percentFormat(text, .dict(try makeDict("format", arguments)))
    }

    func replaceFilter(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        let values = try arguments.bind("replace", ["old", "new", "count"], required: 2)
        let count = try values[2].flatMap { $0.isNone ? nil : $0 }.map(requiredInt) ?? -1
        let source = try stringValue(value)
        try step(source.bytes.count >> 6)
        let bytes = try replaced(
            source, try stringValue(values[0] ?? .none), try stringValue(values[1] ?? .none), count)
        return .string(try text(bytes))
    }

    /// Words begin after white space, hyphens and opening brackets; the rest of each is lower case.
    func titled(_ text: JinjaText) -> [UInt8] {
        var bytes: [UInt8] = []
        var word: [UInt32] = []
        func flush() {
            guard let first = word.first else { return }
            PythonUnicode.upper(first, into: &bytes)
            let rest = Array(word.dropFirst())
            for position in rest.indices { PythonUnicode.lower(rest, at: position, into: &bytes) }
            word = []
        }
        for c in text.codePoints {
            if PythonUnicode.isSpace(c) || [0x2D, 0x28, 0x7B, 0x5B, 0x3C].contains(c) {
                flush()
                JinjaText.append(c, to: &bytes)
            } else {
                word.append(c)
            }
        }
        flush()
        return bytes
    }

    func indent(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        let values = try arguments.bind("indent", ["width", "first", "blank"], required: 0)
        var indentation = [UInt8](repeating: UInt8(ascii: " "), count: 4)
        if let width = values[0] {
            if case .string(let text) = width {
                indentation = text.bytes
            } else {
                indentation = try repeated([UInt8(ascii: " ")], try requiredInt(width))
            }
        }
        guard case .string(let source) = value else {
            if case .undefined(let undefined) = value { throw undefined.fault }
            throw JinjaFault(.type, "unsupported operand type(s) for +=: '\(value.typeName)' and 'str'")
        }
        let first = try values[1].map(truth) ?? false
        let blank = try values[2].map(truth) ?? false
        var bytes: [UInt8] = first ? indentation : []
        for (position, line) in splitLines(source.bytes + [UInt8(ascii: "\n")], keepEnds: false).enumerated() {
            if position > 0 {
                bytes.append(UInt8(ascii: "\n"))
                if blank || !line.isEmpty { bytes += indentation }
            }
            bytes += line
            try checkStringLength(bytes.count)
        }
        return .string(try text(bytes, isMarkup: source.isMarkup))
    }

    func truncate(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        let values = try arguments.bind("truncate", ["length", "killwords", "end", "leeway"], required: 0)
        let length = try values[0].map(requiredInt) ?? 255
        let end =
            try values[2].map { (end) throws(JinjaFault) in try requiredText(end, "truncate") }
            ?? JinjaText(Array("...".utf8))
        let leeway = try values[3].flatMap { $0.isNone ? nil : $0 }.map(requiredInt) ?? 5
        if length < end.count { throw JinjaFault(.failed, "expected length >= \(end.count), got \(length)") }
        if leeway < 0 { throw JinjaFault(.failed, "expected leeway >= 0, got \(leeway)") }
        guard let count = self.length(value) else {
            throw JinjaFault(.type, "object of type '\(value.typeName)' has no len()")
        }
        if count <= length + leeway { return value }
        guard case .string(let source) = value else {
            throw JinjaFault(.type, "truncate needs a string, not \(value.typeName)")
        }
        var head = Array(source.bytes[..<source.offset(of: length - end.count)])
        if !(try values[1].map(truth) ?? false),
            let space = ByteSearch.last([UInt8(ascii: " ")], in: head, from: 0, to: head.count)
        {
            head = Array(head[..<space])
        }
        return try concatenate(try text(head, isMarkup: source.isMarkup), end)
    }

    func urlEncode(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        _ = try arguments.bind("urlencode", [], required: 0)
        if case .string(let text) = value {
            try step(text.bytes.count >> 4)
            try checkStringLength(text.bytes.count * 2)
            return .string(try self.text(JinjaURL.quote(text.bytes, query: false)))
        }
        let pairs: [JinjaValue]
        if case .dict(let dict) = value {
            pairs = try JinjaDictView(dict, .items).items(self)
        } else if let iterator = try iterator(value) {
            pairs = try collect(iterator)
        } else {
            return .string(try text(JinjaURL.quote(try stringValue(value).bytes, query: false)))
        }
        var bytes: [UInt8] = []
        for (position, pair) in pairs.enumerated() {
            let parts = try items(pair)
            if parts.count != 2 { throw JinjaFault(.value, "expected pairs of names and values") }
            if position > 0 { bytes.append(UInt8(ascii: "&")) }
            bytes += JinjaURL.quote(try stringValue(parts[0]).bytes, query: true)
            bytes.append(UInt8(ascii: "="))
            bytes += JinjaURL.quote(try stringValue(parts[1]).bytes, query: true)
            try checkStringLength(bytes.count)
        }
        return .string(try text(bytes))
    }

    func xmlAttributes(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        let autospace = try arguments.bind("xmlattr", ["autospace"], required: 0)[0].map(truth) ?? true
        guard case .dict(let dict) = value else {
            if case .undefined(let undefined) = value { throw undefined.fault }
            throw JinjaFault(.failed, "'\(value.typeName)' object has no attribute 'items'")
        }
        var bytes: [UInt8] = []
        for entry in dict.entries where !entry.value.isNone && !entry.value.isUndefined {
            let name = try requiredText(entry.key, "xmlattr")
            let forbidden: [UInt8] = [0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x2F, 0x3E, 0x3D]
            if name.bytes.contains(where: forbidden.contains) {
                throw JinjaFault(.value, "Invalid character in attribute name: '\(name.string)'")
            }
            if !bytes.isEmpty || autospace { bytes.append(UInt8(ascii: " ")) }
            bytes += try escaped(entry.key)
            bytes += Array("=\"".utf8)
            bytes += try escaped(entry.value)
            bytes.append(UInt8(ascii: "\""))
            try checkStringLength(bytes.count)
        }
        return .string(try text(bytes))
    }

    /// `pprint.pformat` of what fits one line: keys in order.
    func prettyPrint(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        _ = try arguments.bind("pprint", [], required: 0)
        let bytes = try repr(try withSortedKeys(value))
        if bytes.count > 80 { throw JinjaFault(.unsupported, "pprint of values longer than a line") }
        return .string(try text(bytes))
    }

    private func withSortedKeys(_ value: JinjaValue) throws(JinjaFault) -> JinjaValue {
        switch value {
        case .dict(let dict):
            let sorted = JinjaDict(meter: meter)
            let order = try sortedPositions(dict.entries.map(\.key), reverse: false)
            for position in order {
                let entry = dict.entries[position]
                try sorted.set(JinjaKey(entry.key), try withSortedKeys(entry.value))
            }
            return .dict(sorted)
        case .list(let list), .tuple(let list):
            var values: [JinjaValue] = []
            for item in list.items { values.append(try withSortedKeys(item)) }
            if case .tuple = value { return try tuple(values) }
            return try self.list(values)
        default: return value
        }
    }

    func wordWrap(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        let values = try arguments.bind(
            "wordwrap", ["width", "break_long_words", "wrapstring", "break_on_hyphens"], required: 0)
        guard case .string(let source) = value else {
            if case .undefined(let undefined) = value { throw undefined.fault }
            throw JinjaFault(.failed, "'\(value.typeName)' object has no attribute 'splitlines'")
        }
        if source.bytes.count > 1 << 17 { throw JinjaFault(.limit, "wordwrap of more than \(1 << 17) bytes") }
        try step(source.bytes.count)
        let width = try values[0].map(requiredInt) ?? 79
        let breakLong = try values[1].map(truth) ?? true
        let onHyphens = try values[3].map(truth) ?? true
        var separator = [UInt8(ascii: "\n")]
        if let given = values[2], !given.isNone { separator = try requiredText(given, "wordwrap").bytes }
        var bytes: [UInt8] = []
        for (position, line) in splitLines(source.bytes, keepEnds: false).enumerated() {
            if position > 0 { bytes += separator }
            if width <= 0 { throw JinjaFault(.value, "invalid width \(width) (must be > 0)") }
            let wrapper = PythonTextWrap(width: width, breaksLongWords: breakLong, breaksOnHyphens: onHyphens)
            for (row, text) in wrapper.wrap(JinjaText.codePoints(Array(line))).enumerated() {
                if row > 0 { bytes += separator }
                for c in text { JinjaText.append(c, to: &bytes) }
                try step()
                try checkStringLength(bytes.count)
            }
        }
        return .string(try text(bytes))
    }
}

/// Quoting for addresses (RFC 3986), as urllib does it.
enum JinjaURL {
    static func quote(_ bytes: [UInt8], query: Bool) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "~"):
                result.append(byte)
            case UInt8(ascii: "/") where !query: result.append(byte)
            case UInt8(ascii: " ") where query: result.append(UInt8(ascii: "+"))
            default:
                result.append(UInt8(ascii: "%"))
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            }
        }
        return result
    }
}
