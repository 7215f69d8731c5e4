/// The name of an attribute with what is known about it before any value is seen.
struct JinjaAttributeName: Sendable {
    let name: String
    let key: JinjaText
    let isStringMethod: Bool
    let isDictMethod: Bool
    /// Python's own attributes of every object, which the sandbox hides.
    let isInternal: Bool

    init(_ name: String, key: JinjaText? = nil) {
        self.name = name
        self.key = key ?? JinjaText(Array(name.utf8))
        isStringMethod = JinjaMethods.string.contains(name)
        isDictMethod = JinjaMethods.dict.contains(name) || JinjaMethods.dictChanging.contains(name)
        isInternal = name.hasPrefix("__") && name.hasSuffix("__") && name.utf8.count > 4
    }
}

/// The methods of Python's types that templates can reach.
enum JinjaMethods {
    static let string: Set<String> = [
        "capitalize", "casefold", "center", "count", "encode", "endswith", "expandtabs", "find", "format", "format_map",
        "index", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric",
        "isprintable", "isspace", "istitle", "isupper", "join", "ljust", "lower", "lstrip", "maketrans", "partition",
        "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip",
        "split", "splitlines", "startswith", "strip", "swapcase", "title", "translate", "upper", "zfill",
    ]
    static let markup: Set<String> = ["striptags", "unescape", "escape"]
    static let dict: Set<String> = ["copy", "fromkeys", "get", "items", "keys", "values"]
    static let dictChanging: Set<String> = ["clear", "pop", "popitem", "setdefault", "update"]
    static let list: Set<String> = ["copy", "count", "index"]
    static let listChanging: Set<String> = [
        "append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove",
    ]
    static let tuple: Set<String> = ["count", "index"]
    static let int: Set<String> = [
        "bit_length", "bit_count", "conjugate", "as_integer_ratio", "to_bytes", "from_bytes",
    ]
    static let float: Set<String> = ["is_integer", "conjugate", "as_integer_ratio", "hex", "fromhex"]
}

/// `value.name`, `value[key]` and slices with the rules of jinja2's sandbox.
extension JinjaRenderer {
    /// `value.name`: the attribute, else the item, else undefined.
    func attribute(of value: JinjaValue, _ name: JinjaAttributeName) throws(JinjaFault) -> JinjaValue {
        if case .undefined(let undefined) = value {
            if Self.attributesOfUndefined.contains(name.name) { return unsafe(value, name.name) }
            throw undefined.fault
        }
        if let found = try pythonAttribute(value, name) { return found }
        if case .dict(let dict) = value, let found = dict.find(JinjaKey(.string(name.key))) { return found }
        if case .object(let object) = value, let reference = object as? JinjaSelf {
            if let block = reference.block(name.name, self) { return block }
        }
        return .undefined(JinjaUndefined(.attribute(of: value.typeName, name: name.name)))
    }

    /// What Python finds even on an undefined value, only for the sandbox to hide it.
    private static let attributesOfUndefined: Set<String> = [
        "__class__", "__init__", "__doc__", "__module__", "__str__", "__repr__", "__eq__", "__hash__", "__len__",
        "__iter__", "__bool__", "__call__", "__getattr__", "__getitem__", "__dir__", "__new__", "__reduce__",
    ]

    /// `value[key]`: the item, else the attribute, else undefined.
    func item(of value: JinjaValue, _ key: JinjaValue) throws(JinjaFault) -> JinjaValue {
        switch value {
        case .undefined(let undefined): throw undefined.fault
        case .dict(let dict):
            var parts = 0
            if try unhashablePart(key, &parts) == nil, let found = dict.find(JinjaKey(key)) { return found }
        case .list(let list), .tuple(let list):
            if let index = key.index, let position = position(index, list.items.count) { return list.items[position] }
        case .string(let text):
            if let index = key.index, let position = position(index, text.count) {
                try step(text.isASCII ? 0 : text.bytes.count >> 7)
                let start = text.offset(of: position)
                let end = start + JinjaText.length(text.bytes[start])
                return .string(try self.text(Array(text.bytes[start..<end]), isMarkup: text.isMarkup))
            }
        case .object(let object):
            if let range = object as? JinjaRange, let index = key.index, let position = position(index, range.count) {
                return .int(range[position])
            }
            if let reference = object as? JinjaSelf, case .string(let name) = key {
                if let block = reference.block(name.string, self) { return block }
            }
        default: break
        }
        if case .string(let text) = key {
            let name = JinjaAttributeName(text.string, key: text)
            if let found = try pythonAttribute(value, name) { return found }
            return .undefined(JinjaUndefined(.attribute(of: value.typeName, name: name.name)))
        }
        return .undefined(
            JinjaUndefined(
                .element(of: value.typeName, key: String(decoding: try repr(key), as: UTF8.self))))
    }

    private func position(_ index: Int, _ count: Int) -> Int? {
        let position = index < 0 ? index &+ count : index
        return position >= 0 && position < count ? position : nil
    }

    /// What Python's getattr finds, filtered by the sandbox; nil where there is no such attribute.
    func pythonAttribute(_ value: JinjaValue, _ name: JinjaAttributeName) throws(JinjaFault) -> JinjaValue? {
        if name.isInternal {
            if case .object(let object) = value, object is JinjaNamespace { return nil }
            return unsafe(value, name.name)
        }
        switch value {
        case .string(let text):
            if name.isStringMethod || text.isMarkup && JinjaMethods.markup.contains(name.name) {
                return .object(JinjaMethod(value, name.name))
            }
        case .dict:
            if name.isDictMethod {
                if JinjaMethods.dictChanging.contains(name.name) { return unsafe(value, name.name) }
                return .object(JinjaMethod(value, name.name))
            }
        case .list:
            if JinjaMethods.listChanging.contains(name.name) { return unsafe(value, name.name) }
            if JinjaMethods.list.contains(name.name) { return .object(JinjaMethod(value, name.name)) }
        case .tuple(let tuple):
            if tuple.isGroup, tuple.items.count == 2 {
                if name.name == "grouper" { return tuple.items[0] }
                if name.name == "list" { return tuple.items[1] }
            }
            if JinjaMethods.tuple.contains(name.name) { return .object(JinjaMethod(value, name.name)) }
        case .int, .bool:
            switch name.name {
            case "real", "numerator": return .int(value.index ?? 0)
            case "imag": return .int(0)
            case "denominator": return .int(1)
            default: if JinjaMethods.int.contains(name.name) { return .object(JinjaMethod(value, name.name)) }
            }
        case .float:
            switch name.name {
            case "real": return value
            case "imag": return .float(0)
            default: if JinjaMethods.float.contains(name.name) { return .object(JinjaMethod(value, name.name)) }
            }
        case .object(let object): return try object.attribute(name.name, self)
        case .undefined(let undefined): throw undefined.fault
        default: break
        }
        return nil
    }

    private func unsafe(_ value: JinjaValue, _ name: String) -> JinjaValue {
        .undefined(
            JinjaUndefined(.unsafe("access to attribute '\(name)' of '\(value.typeName)' object is unsafe.")))
    }

    // MARK: Slices

    func slice(_ value: JinjaValue, _ start: JinjaValue, _ stop: JinjaValue, _ step: JinjaValue) throws(JinjaFault)
        -> JinjaValue
    {
        switch value {
        case .string(let text):
            let range = try sliceRange(text.count, start, stop, step)
            if !text.isASCII { try self.step(text.bytes.count >> 6) }
            if range.step == 1 {
                let from = text.offset(of: range.start)
                let to =
                    range.count == text.count - range.start
                    ? text.bytes.count : text.offset(of: range.start + range.count)
                return .string(try self.text(Array(text.bytes[from..<max(from, to)]), isMarkup: text.isMarkup))
            }
            let codePoints = text.codePoints
            try self.step(codePoints.count >> 4)
            var bytes: [UInt8] = []
            for position in 0..<range.count {
                JinjaText.append(codePoints[range.start + position * range.step], to: &bytes)
            }
            return .string(try self.text(bytes, isMarkup: text.isMarkup))
        case .list(let list): return try self.list(try slice(list.items, start, stop, step))
        case .tuple(let list): return try tuple(try slice(list.items, start, stop, step))
        case .undefined(let undefined): throw undefined.fault
        case .object(let object):
            guard let range = object as? JinjaRange else { break }
            let part = try sliceRange(range.count, start, stop, step)
            let first = range[part.start]
            let by = range.step &* part.step
            return .object(
                JinjaRange(start: first, stop: range[part.stop], step: by, count: part.count))
        case .dict: throw JinjaFault(.type, "unhashable type: 'slice'")
        default: break
        }
        throw JinjaFault(.type, "'\(value.typeName)' object is not subscriptable")
    }

    private func slice(_ items: [JinjaValue], _ start: JinjaValue, _ stop: JinjaValue, _ step: JinjaValue)
        throws(JinjaFault) -> [JinjaValue]
    {
        let range = try sliceRange(items.count, start, stop, step)
        if range.step == 1 { return Array(items[range.start..<range.start + range.count]) }
        var result: [JinjaValue] = []
        result.reserveCapacity(range.count)
        for position in 0..<range.count { result.append(items[range.start + position * range.step]) }
        return result
    }

    /// The first position, the step and the number of positions of a slice of `count` elements.
    private func sliceRange(_ count: Int, _ start: JinjaValue, _ stop: JinjaValue, _ step: JinjaValue)
        throws(JinjaFault) -> (start: Int, stop: Int, step: Int, count: Int)
    {
        func bound(_ value: JinjaValue) throws(JinjaFault) -> Int? {
            if value.isNone { return nil }
            guard let index = value.index else {
                throw JinjaFault(.type, "slice indices must be integers or None or have an __index__ method")
            }
            return index
        }
        let by = try bound(step) ?? 1
        if by == 0 { throw JinjaFault(.value, "slice step cannot be zero") }
        let (low, high) = by > 0 ? (0, count) : (-1, count - 1)
        func clamp(_ index: Int) -> Int { min(max(index < 0 ? index &+ count : index, low), high) }
        let from = try bound(start).map(clamp) ?? (by > 0 ? low : high)
        let to = try bound(stop).map(clamp) ?? (by > 0 ? high : low)
        let distance = by > 0 ? to - from : from - to
        if distance <= 0 { return (max(0, min(from, count)), to, by, 0) }
        let stride = by.magnitude > UInt(Int.max) ? Int.max : abs(by)
        return (from, to, by, (distance - 1) / stride + 1)
    }
}
