/// The methods of Python's str. A `Markup` gives `Markup`s and escapes what is added to it.
extension JinjaRenderer {
    func stringMethod(_ text: JinjaText, _ name: String, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        try step(text.isASCII ? text.bytes.count >> 5 : text.bytes.count >> 1)
        func wrap(_ bytes: [UInt8]) throws(JinjaFault) -> JinjaValue {
            .string(try self.text(bytes, isMarkup: text.isMarkup))
        }
        switch name {
        case "upper", "lower", "title", "capitalize", "swapcase", "casefold":
            _ = try arguments.bindPositional(name, 0...0)
            return try wrap(changedCase(text, name))
        case "strip", "lstrip", "rstrip":
            let values = try arguments.bindPositional(name, 0...1)
            return try wrap(
                try stripped(text, values.first ?? .none, left: name != "rstrip", right: name != "lstrip"))
        case "split", "rsplit":
            let values = try arguments.bind(name, ["sep", "maxsplit"], required: 0)
            return try split(text, values[0] ?? .none, values[1], fromRight: name == "rsplit")
        case "splitlines":
            let keepEnds = try arguments.bind(name, ["keepends"], required: 0)[0]
            var lines: [JinjaValue] = []
            for line in splitLines(text.bytes, keepEnds: try keepEnds.map(requiredInt) ?? 0 != 0) {
                lines.append(try wrap(Array(line)))
            }
            return try list(lines)
        case "replace":
            let values = try arguments.bindPositional(name, 2...3)
            let old = try requiredText(values[0], "replace")
            var new = try requiredText(values[1], "replace")
            if text.isMarkup, !new.isMarkup { new = try self.text(JinjaHTML.escape(new.bytes)) }
            return try wrap(try replaced(text, old, new, try count(values, 2)))
        case "startswith", "endswith": return try affix(text, name, arguments)
        case "removeprefix", "removesuffix":
            let affix = try requiredText(try arguments.bindPositional(name, 1...1)[0], name).bytes
            let matches =
                name == "removeprefix"
                ? text.bytes.starts(with: affix) : text.bytes.reversed().starts(with: affix.reversed())
            guard matches, !affix.isEmpty else { return try wrap(text.bytes) }
            return try wrap(
                Array(
                    name == "removeprefix"
                        ? text.bytes.dropFirst(affix.count) : text.bytes.dropLast(affix.count)))
        case "find", "rfind", "index", "rindex", "count": return try search(text, name, arguments)
        case "partition", "rpartition":
            let separator = try requiredText(try arguments.bindPositional(name, 1...1)[0], name).bytes
            if separator.isEmpty { throw JinjaFault(.value, "empty separator") }
            let count = text.bytes.count
            let found =
                name == "partition"
                ? ByteSearch.first(separator, in: text.bytes, from: 0, to: count)
                : ByteSearch.last(separator, in: text.bytes, from: 0, to: count)
            guard let found else {
                let parts = name == "partition" ? [text.bytes, [], []] : [[], [], text.bytes]
                return try tuple([try wrap(parts[0]), try wrap(parts[1]), try wrap(parts[2])])
            }
            return try tuple([
                try wrap(Array(text.bytes[..<found])), try wrap(separator),
                try wrap(Array(text.bytes[(found + separator.count)...])),
            ])
        case "join":
            let values = try items(try arguments.bindPositional(name, 1...1)[0])
            var bytes: [UInt8] = []
            for (position, value) in values.enumerated() {
                if position > 0 { bytes += text.bytes }
                if text.isMarkup {
                    bytes += try escaped(value)
                } else {
                    guard case .string(let part) = value else {
                        throw JinjaFault(
                            .type, "sequence item \(position): expected str instance, \(value.typeName) found")
                    }
                    bytes += part.bytes
                }
                try checkStringLength(bytes.count)
            }
            return try wrap(bytes)
        case "center", "ljust", "rjust": return try wrap(try padded(text, name, arguments))
        case "zfill":
            let width = try requiredInt(try arguments.bindPositional(name, 1...1)[0])
            try checkStringLength(width)
            let fill = [UInt8](repeating: 0x30, count: max(0, width - text.count))
            let hasSign = text.bytes.first == UInt8(ascii: "+") || text.bytes.first == UInt8(ascii: "-")
            return try wrap(
                hasSign ? [text.bytes[0]] + fill + text.bytes.dropFirst() : fill + text.bytes)
        case "expandtabs":
            let size = try arguments.bind(name, ["tabsize"], required: 0)[0]
            return try wrap(try expandedTabs(text, try size.map(requiredInt) ?? 8))
        case "format":
            return try wrap(try formatted(text, arguments))
        case "format_map":
            let mapping = try arguments.bindPositional(name, 1...1)[0]
            return try wrap(try formatted(text, JinjaArguments(), mapping: mapping))
        case "striptags", "unescape", "escape":
            if name == "escape" {
                return .string(
                    try self.text(try escaped(try arguments.bindPositional(name, 1...1)[0]), isMarkup: true))
            }
            _ = try arguments.bindPositional(name, 0...0)
            return .string(
                try self.text(name == "unescape" ? JinjaHTML.unescape(text.bytes) : JinjaHTML.stripTags(text.bytes)))
        case "encode", "maketrans", "translate":
            throw JinjaFault(.unsupported, "the method \(name)() of strings")
        default:
            _ = try arguments.bindPositional(name, 0...0)
            return .bool(isClass(text, name))
        }
    }

    func requiredText(_ value: JinjaValue, _ function: String) throws(JinjaFault) -> JinjaText {
        if case .string(let text) = value { return text }
        throw JinjaFault(.type, "\(function)() argument must be str, not \(value.typeName)")
    }

    func requiredInt(_ value: JinjaValue) throws(JinjaFault) -> Int {
        if let index = value.index { return index }
        if case .undefined(let undefined) = value { throw undefined.fault }
        throw JinjaFault(.type, "'\(value.typeName)' object cannot be interpreted as an integer")
    }

    private func count(_ values: [JinjaValue], _ position: Int) throws(JinjaFault) -> Int {
        position < values.count ? try requiredInt(values[position]) : -1
    }

    /// `markupsafe.escape`.
    func escaped(_ value: JinjaValue) throws(JinjaFault) -> [UInt8] {
        if case .string(let text) = value {
            if text.isMarkup { return text.bytes }
            try step(text.bytes.count >> 4)
            try checkStringLength(JinjaHTML.escapedCount(text.bytes))
            return JinjaHTML.escape(text.bytes)
        }
        var bytes: [UInt8] = []
        try appendString(of: value, to: &bytes)
        return JinjaHTML.escape(bytes)
    }

    // MARK: Case

    func changedCase(_ text: JinjaText, _ name: String) -> [UInt8] {
        let codePoints = text.codePoints
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.bytes.count)
        var previousCased = false
        for (position, c) in codePoints.enumerated() {
            switch name {
            case "upper": PythonUnicode.upper(c, into: &bytes)
            case "lower": PythonUnicode.lower(codePoints, at: position, into: &bytes)
            case "casefold": PythonUnicode.fold(c, into: &bytes)
            case "capitalize":
                if position == 0 {
                    PythonUnicode.title(c, into: &bytes)
                } else {
                    PythonUnicode.lower(codePoints, at: position, into: &bytes)
                }
            case "title":
                if previousCased {
                    PythonUnicode.lower(codePoints, at: position, into: &bytes)
                } else {
                    PythonUnicode.title(c, into: &bytes)
                }
                previousCased = PythonUnicode.isCased(c)
            default:
                if PythonUnicode.isUpper(c) {
                    PythonUnicode.lower(codePoints, at: position, into: &bytes)
                } else if PythonUnicode.isLower(c) {
                    PythonUnicode.upper(c, into: &bytes)
                } else {
                    JinjaText.append(c, to: &bytes)
                }
            }
        }
        return bytes
    }

    /// `isalpha` and its kin.
    func isClass(_ text: JinjaText, _ name: String) -> Bool {
        let codePoints = text.codePoints
        func all(_ test: (UInt32) -> Bool) -> Bool { !codePoints.isEmpty && codePoints.allSatisfy(test) }
        switch name {
        case "isalpha": return all(PythonUnicode.isAlpha)
        case "isalnum": return all(PythonUnicode.isAlnum)
        case "isdecimal": return all(PythonUnicode.isDecimal)
        case "isdigit": return all(PythonUnicode.isDigit)
        case "isnumeric": return all(PythonUnicode.isNumeric)
        case "isspace": return all(PythonUnicode.isSpace)
        case "isascii": return text.isASCII
        case "isprintable": return codePoints.allSatisfy(PythonUnicode.isPrintable)
        case "isidentifier": return PythonUnicode.isIdentifier(codePoints)
        case "islower":
            return codePoints.contains(where: PythonUnicode.isLower)
                && !codePoints.contains { PythonUnicode.isUpper($0) || PythonUnicode.isTitle($0) }
        case "isupper":
            return codePoints.contains(where: PythonUnicode.isUpper)
                && !codePoints.contains { PythonUnicode.isLower($0) || PythonUnicode.isTitle($0) }
        default:
            var cased = false
            var previousCased = false
            for c in codePoints {
                if PythonUnicode.isUpper(c) || PythonUnicode.isTitle(c) {
                    if previousCased { return false }
                    previousCased = true
                    cased = true
                } else if PythonUnicode.isLower(c) {
                    if !previousCased { return false }
                    cased = true
                } else {
                    previousCased = false
                }
            }
            return cased
        }
    }

    // MARK: Ends

    func stripped(_ text: JinjaText, _ characters: JinjaValue, left: Bool, right: Bool) throws(JinjaFault) -> [UInt8] {
        let isStripped: (UInt32) -> Bool
        if characters.isNone {
            isStripped = PythonUnicode.isSpace
        } else {
            guard case .string(let set) = characters else {
                if case .undefined = characters {
                    throw JinjaFault(.type, "strip arg must be None or str, not Undefined")
                }
                throw JinjaFault(.type, "strip arg must be None or str")
            }
            let points = Set(set.codePoints)
            isStripped = { points.contains($0) }
        }
        let bytes = text.bytes
        var start = 0
        var end = bytes.count
        while left, start < end {
            var after = start
            if !isStripped(JinjaText.next(bytes, &after)) { break }
            start = after
        }
        while right, end > start {
            var first = end - 1
            while first > start, bytes[first] & 0xC0 == 0x80 { first -= 1 }
            var after = first
            if !isStripped(JinjaText.next(bytes, &after)) { break }
            end = first
        }
        return Array(bytes[start..<end])
    }

    private func affix(_ text: JinjaText, _ name: String, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue
    {
        let values = try arguments.bindPositional(name, 1...3)
        var candidates: [JinjaValue] = [values[0]]
        if case .tuple(let tuple) = values[0] { candidates = tuple.items }
        let (start, end) = try byteRange(text, values)
        for candidate in candidates {
            guard case .string(let affix) = candidate else {
                throw JinjaFault(
                    .type, "\(name) first arg must be str or a tuple of str, not \(candidate.typeName)")
            }
            guard let start, let end, start <= end, affix.bytes.count <= end - start else { continue }
            let part =
                name == "startswith"
                ? text.bytes[start..<start + affix.bytes.count] : text.bytes[(end - affix.bytes.count)..<end]
            if part.elementsEqual(affix.bytes) { return .bool(true) }
        }
        return .bool(false)
    }

    /// The bytes between optional start and end arguments; nil for a start beyond the end of the text.
    private func byteRange(_ text: JinjaText, _ values: [JinjaValue]) throws(JinjaFault) -> (Int?, Int?) {
        func bound(_ position: Int, _ missing: Int) throws(JinjaFault) -> Int {
            guard position < values.count, !values[position].isNone else { return missing }
            guard let index = values[position].index else {
                throw JinjaFault(.type, "slice indices must be integers or None or have an __index__ method")
            }
            return max(index < 0 ? index &+ text.count : index, 0)
        }
        let start = try bound(1, 0)
        let end = min(try bound(2, text.count), text.count)
        if start > text.count || start > end { return (nil, nil) }
        return (text.offset(of: start), text.offset(of: end))
    }

    private func search(_ text: JinjaText, _ name: String, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue
    {
        let values = try arguments.bindPositional(name, 1...3)
        guard case .string(let needle) = values[0] else {
            throw JinjaFault(.type, "must be str, not \(values[0].typeName)")
        }
        try step(needle.bytes.count >> 5)
        let (start, end) = try byteRange(text, values)
        guard let start, let end else {
            if name.hasSuffix("index") { throw JinjaFault(.value, "substring not found") }
            return .int(name == "count" ? 0 : -1)
        }
        if name == "count" {
            if needle.bytes.isEmpty { return .int(JinjaText.countCodePoints(text.bytes[start..<end]) + 1) }
            var count = 0
            var position = start
            while let found = ByteSearch.first(needle.bytes, in: text.bytes, from: position, to: end) {
                count += 1
                position = found + needle.bytes.count
            }
            return .int(count)
        }
        let found =
            name.hasPrefix("r")
            ? ByteSearch.last(needle.bytes, in: text.bytes, from: start, to: end)
            : ByteSearch.first(needle.bytes, in: text.bytes, from: start, to: end)
        if let found { return .int(text.index(of: found)) }
        if name.hasSuffix("index") { throw JinjaFault(.value, "substring not found") }
        return .int(-1)
    }

    func replaced(_ text: JinjaText, _ old: JinjaText, _ new: JinjaText, _ limit: Int) throws(JinjaFault) -> [UInt8] {
        var remaining = limit < 0 ? Int.max : limit
        if remaining == 0 { return text.bytes }
        var result: [UInt8] = []
        var position = 0
        let bytes = text.bytes
        if old.bytes.isEmpty {
            while remaining > 0 {
                result += new.bytes
                try checkStringLength(result.count)
                remaining -= 1
                guard position < bytes.count else { break }
                let next = position + JinjaText.length(bytes[position])
                result += bytes[position..<next]
                position = next
            }
        } else {
            while remaining > 0, let found = ByteSearch.first(old.bytes, in: bytes, from: position, to: bytes.count) {
                result += bytes[position..<found]
                result += new.bytes
                try checkStringLength(result.count)
                position = found + old.bytes.count
                remaining -= 1
            }
        }
        result += bytes[position...]
        return result
    }

    // MARK: Splitting

    /// No more parts than would fit the allowed memory.
    private var partLimit: Int { meter.limit / JinjaMeter.overhead }

    func split(_ text: JinjaText, _ separator: JinjaValue, _ maximum: JinjaValue?, fromRight: Bool) throws(JinjaFault)
        -> JinjaValue
    {
        let limit = try maximum.map(requiredInt) ?? -1
        // One part more than allowed is enough to refuse the split.
        let count = limit < 0 ? partLimit : min(limit, partLimit)
        var parts: [Range<Int>]
        if separator.isNone {
            parts = fromRight ? splitSpaceFromRight(text.bytes, count) : splitSpace(text.bytes, count)
        } else {
            guard case .string(let separator) = separator else {
                throw JinjaFault(.type, "must be str or None, not \(separator.typeName)")
            }
            if separator.bytes.isEmpty { throw JinjaFault(.value, "empty separator") }
            parts =
                fromRight
                ? splitFromRight(text.bytes, separator.bytes, count) : split(text.bytes, separator.bytes, count)
        }
        if parts.count > partLimit {
            throw JinjaFault(.limit, "a string would be split into more than the allowed \(partLimit) parts")
        }
        try step(parts.count)
        var values: [JinjaValue] = []
        values.reserveCapacity(parts.count)
        for part in parts {
            values.append(.string(try self.text(Array(text.bytes[part]), isMarkup: text.isMarkup)))
        }
        return try list(values)
    }

    private func split(_ bytes: [UInt8], _ separator: [UInt8], _ limit: Int) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var position = 0
        while parts.count < limit,
            let found = ByteSearch.first(separator, in: bytes, from: position, to: bytes.count)
        {
            parts.append(position..<found)
            position = found + separator.count
        }
        parts.append(position..<bytes.count)
        return parts
    }

    private func splitFromRight(_ bytes: [UInt8], _ separator: [UInt8], _ limit: Int) -> [Range<Int>] {
        let mirrored = split(bytes.reversed(), separator.reversed(), limit)
        return mirrored.reversed().map { bytes.count - $0.upperBound..<bytes.count - $0.lowerBound }
    }

    private func splitSpace(_ bytes: [UInt8], _ limit: Int) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var offset = 0
        var start: Int?
        while offset < bytes.count {
            let at = offset
            let isSpace = PythonUnicode.isSpace(JinjaText.next(bytes, &offset))
            if isSpace {
                if let begin = start { parts.append(begin..<at) }
                start = nil
            } else if start == nil {
                if parts.count == limit {
                    // What is left stays whole, with the white space at its end.
                    return parts + [at..<bytes.count]
                }
                start = at
            }
        }
        if let start { parts.append(start..<bytes.count) }
        return parts
    }

    private func splitSpaceFromRight(_ bytes: [UInt8], _ limit: Int) -> [Range<Int>] {
        let words = splitSpace(bytes, partLimit)
        if words.count <= limit { return words }
        let rest = words.count - limit
        // What is left stays whole, with the white space at its beginning.
        return [0..<words[rest - 1].upperBound] + words.suffix(limit)
    }

    func splitLines(_ bytes: [UInt8], keepEnds: Bool) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        var offset = 0
        while offset < bytes.count {
            let at = offset
            let c = JinjaText.next(bytes, &offset)
            guard PythonUnicode.isLineBreak(c) else { continue }
            if c == 0x0D, offset < bytes.count, bytes[offset] == 0x0A { offset += 1 }
            lines.append(bytes[start..<(keepEnds ? offset : at)])
            start = offset
        }
        if start < bytes.count { lines.append(bytes[start...]) }
        return lines
    }

    // MARK: Width

    private func padded(_ text: JinjaText, _ name: String, _ arguments: JinjaArguments) throws(JinjaFault) -> [UInt8] {
        let values = try arguments.bindPositional(name, 1...2)
        let width = try requiredInt(values[0])
        var fill = [UInt8(ascii: " ")]
        if values.count > 1 {
            guard case .string(let character) = values[1] else {
                throw JinjaFault(.type, "The fill character must be a unicode character, not \(values[1].typeName)")
            }
            fill = text.isMarkup ? try escaped(values[1]) : character.bytes
            if JinjaText.countCodePoints(fill[...]) != 1 {
                throw JinjaFault(.type, "The fill character must be exactly one character long")
            }
        }
        return try padded(text, name, width, fill)
    }

    func padded(_ text: JinjaText, _ name: String, _ width: Int, _ fill: [UInt8]) throws(JinjaFault) -> [UInt8] {
        let (missing, overflow) = width.subtractingReportingOverflow(text.count)
        if overflow || missing <= 0 { return text.bytes }
        // Python puts the odd space of a centred text on the left when the width is odd.
        let left = name == "center" ? missing / 2 + (missing & width & 1) : name == "ljust" ? 0 : missing
        return try repeated(fill, left) + text.bytes + (try repeated(fill, missing - left))
    }

    private func expandedTabs(_ text: JinjaText, _ size: Int) throws(JinjaFault) -> [UInt8] {
        var bytes: [UInt8] = []
        var column = 0
        for byte in text.bytes {
            if byte == UInt8(ascii: "\t") {
                if size > 0 {
                    let spaces = size - column % size
                    bytes += try repeated([UInt8(ascii: " ")], spaces)
                    column += spaces
                    try checkStringLength(bytes.count)
                }
            } else {
                bytes.append(byte)
                if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                    column = 0
                } else if byte & 0xC0 != 0x80 {
                    column += 1
                }
            }
        }
        return bytes
    }
}
