/// A value that is neither data nor text: functions, loops, namespaces, generators.
///
/// Objects that hold other values say how deep they nest, so that no chain of them can exhaust the stack when it is
/// walked or released.
class JinjaObject {
    let depth: Int

    init(depth: Int) { self.depth = depth }

    var typeName: String { "object" }

    func isEqual(to other: JinjaObject) -> Bool { self === other }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }

    /// `object.name`; nil where Python raises AttributeError.
    func attribute(_ name: String, _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue? { nil }

    /// The value of a call; the default is no function.
    func call(_ arguments: JinjaArguments, _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue {
        throw JinjaFault(.type, "'\(typeName)' object is not callable")
    }

    var isCallable: Bool { false }

    /// Python's repr.
    func describe(_ r: JinjaRenderer, depth: Int) throws(JinjaFault) -> [UInt8] { Array("<\(typeName) object>".utf8) }

    /// Python's bool().
    var isTrue: Bool { true }

    /// Python's len(), where there is one.
    var length: Int? { nil }

    /// The iteration; nil where Python cannot iterate.
    func makeIterator(_ r: JinjaRenderer) throws(JinjaFault) -> JinjaIterator? { nil }
}

/// The values of a loop, one by one.
class JinjaIterator {
    func next(_ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue? { nil }
}

/// Goes through values that are all there.
final class JinjaArrayIterator: JinjaIterator {
    private let items: [JinjaValue]
    private var position = 0

    init(_ items: [JinjaValue]) { self.items = items }

    override func next(_ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue? {
        guard position < items.count else { return nil }
        defer { position += 1 }
        return items[position]
    }
}

/// Goes through the characters of a string.
final class JinjaTextIterator: JinjaIterator {
    private let text: JinjaText
    private var offset = 0

    init(_ text: JinjaText) { self.text = text }

    override func next(_ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue? {
        guard offset < text.bytes.count else { return nil }
        let end = offset + JinjaText.length(text.bytes[offset])
        defer { offset = end }
        return .string(try r.text(Array(text.bytes[offset..<end])))
    }
}

/// Arguments of a call.
struct JinjaArguments {
    var positional: [JinjaValue] = []
    var keyword: [(name: String, value: JinjaValue)] = []
}

/// What the lazy filters (`map`, `select`, …) return: values are made when they are asked for, and only once.
final class JinjaGenerator: JinjaObject {
    private let name: String
    private let function: String
    private let source: JinjaIterator

    init(_ name: String, function: String = "", over depth: Int, _ source: JinjaIterator) throws(JinjaFault) {
        if depth >= JinjaLimits.generatorDepth {
            throw JinjaFault(.limit, "filters nest deeper than the allowed \(JinjaLimits.generatorDepth)")
        }
        self.name = name
        self.function = function.isEmpty ? "" : " " + function
        self.source = source
        super.init(depth: depth + 1)
    }

    override var typeName: String { name }
    override func makeIterator(_ r: JinjaRenderer) throws(JinjaFault) -> JinjaIterator? { source }
    override func describe(_ r: JinjaRenderer, depth: Int) throws(JinjaFault) -> [UInt8] {
        Array("<\(name) object\(function) at 0x0>".utf8)
    }
}

/// `range(…)`.
final class JinjaRange: JinjaObject {
    let start: Int
    let stop: Int
    let step: Int
    let count: Int

    init(start: Int, stop: Int, step: Int, count: Int) {
        self.start = start
        self.stop = stop
        self.step = step
        self.count = count
        super.init(depth: 0)
    }

    override var typeName: String { "range" }
    override var isTrue: Bool { count > 0 }
    override var length: Int? { count }

    subscript(position: Int) -> Int { start &+ position &* step }

    override func isEqual(to other: JinjaObject) -> Bool {
        guard let other = other as? JinjaRange, other.count == count else { return false }
        return count == 0 || other.start == start && (count == 1 || other.step == step)
    }

    override func hash(into hasher: inout Hasher) { hasher.combine(count) }

    func position(of value: JinjaValue) -> Int? {
        guard let number = value.number, let target = value.index ?? Int(exactly: number) else { return nil }
        let (distance, overflow) = target.subtractingReportingOverflow(start)
        guard !overflow, distance % step == 0, (0..<count).contains(distance / step) else { return nil }
        return distance / step
    }

    override func attribute(_ name: String, _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue? {
        switch name {
        case "start": .int(start)
        case "stop": .int(stop)
        case "step": .int(step)
        case "count", "index": .object(JinjaMethod(.object(self), name))
        default: nil
        }
    }

    override func describe(_ r: JinjaRenderer, depth: Int) throws(JinjaFault) -> [UInt8] {
        Array((step == 1 ? "range(\(start), \(stop))" : "range(\(start), \(stop), \(step))").utf8)
    }

    override func makeIterator(_ r: JinjaRenderer) throws(JinjaFault) -> JinjaIterator? {
        Iterator(self, backwards: false)
    }

    final class Iterator: JinjaIterator {
        private let range: JinjaRange
        private let backwards: Bool
        private var position = 0

        init(_ range: JinjaRange, backwards: Bool) {
            self.range = range
            self.backwards = backwards
        }

        override func next(_ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue? {
            guard position < range.count else { return nil }
            defer { position += 1 }
            return .int(range[backwards ? range.count - 1 - position : position])
        }
    }
}

/// `dict.keys()`, `.values()`, `.items()`.
final class JinjaDictView: JinjaObject {
    enum Part: String { case keys, values, items }
    let dict: JinjaDict
    let part: Part

    init(_ dict: JinjaDict, _ part: Part) {
        self.dict = dict
        self.part = part
        super.init(depth: dict.depth)
    }

    override var typeName: String { "dict_\(part.rawValue)" }
    override var isTrue: Bool { dict.count > 0 }
    override var length: Int? { dict.count }

    override func isEqual(to other: JinjaObject) -> Bool {
        guard let other = other as? JinjaDictView else { return false }
        return self === other || other.dict === dict && other.part == part && part != .values
    }

    func items(_ r: JinjaRenderer) throws(JinjaFault) -> [JinjaValue] {
        var result: [JinjaValue] = []
        result.reserveCapacity(dict.count)
        for entry in dict.entries {
            switch part {
            case .keys: result.append(entry.key)
            case .values: result.append(entry.value)
            case .items: result.append(try r.tuple([entry.key, entry.value]))
            }
        }
        return result
    }

    override func makeIterator(_ r: JinjaRenderer) throws(JinjaFault) -> JinjaIterator? {
        JinjaArrayIterator(try items(r))
    }

    override func attribute(_ name: String, _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue? {
        switch name {
        case "mapping": .dict(dict)
        case "isdisjoint" where part != .values: .object(JinjaMethod(.object(self), name))
        default: nil
        }
    }

    override func describe(_ r: JinjaRenderer, depth: Int) throws(JinjaFault) -> [UInt8] {
        Array("\(typeName)(".utf8) + (try r.repr(try r.list(try items(r)), depth: depth + 1)) + Array(")".utf8)
    }
}

/// A method together with its value: `"a".upper`, `loop.cycle`, `d.items`.
final class JinjaMethod: JinjaObject {
    let receiver: JinjaValue
    let name: String

    init(_ receiver: JinjaValue, _ name: String) {
        self.receiver = receiver
        self.name = name
        super.init(depth: receiver.depth)
    }

    override var typeName: String { "builtin_function_or_method" }
    override var isCallable: Bool { true }

    override func call(_ arguments: JinjaArguments, _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue {
        try r.callMethod(receiver, name, arguments)
    }

    override func isEqual(to other: JinjaObject) -> Bool {
        guard let other = other as? JinjaMethod, other.name == name else { return false }
        return switch (receiver, other.receiver) {
        case (.string(let a), .string(let b)): a === b
        case (.list(let a), .list(let b)): a === b
        case (.dict(let a), .dict(let b)): a === b
        case (.object(let a), .object(let b)): a === b
        default: false
        }
    }

    override func hash(into hasher: inout Hasher) { hasher.combine(name) }

    override func describe(_ r: JinjaRenderer, depth: Int) throws(JinjaFault) -> [UInt8] {
        Array("<built-in method \(name) of \(receiver.typeName) object at 0x0>".utf8)
    }
}

/// `namespace(…)`: the only thing whose attributes a template can set.
final class JinjaNamespace: JinjaObject {
    var attributes: JinjaDict

    init(_ attributes: JinjaDict) {
        self.attributes = attributes
        super.init(depth: 0)
    }

    override var typeName: String { "TemplateNamespace" }

    override func attribute(_ name: String, _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue? {
        attributes.find(JinjaKey(.string(JinjaText(Array(name.utf8)))))
    }

    static func check(_ name: String) throws(JinjaFault) {
        if name.utf8.first == UInt8(ascii: "_") {
            throw JinjaFault(
                .security, "a namespace cannot hold attributes that start with an underscore, but got '\(name)'")
        }
    }

    override func describe(_ r: JinjaRenderer, depth: Int) throws(JinjaFault) -> [UInt8] {
        Array("<Namespace ".utf8) + (try r.repr(.dict(attributes), depth: depth + 1)) + Array(">".utf8)
    }
}

/// `cycler(…)`.
final class JinjaCycler: JinjaObject {
    let items: JinjaList
    var position = 0

    init(_ items: JinjaList) {
        self.items = items
        super.init(depth: items.depth)
    }

    override var typeName: String { "Cycler" }

    override func attribute(_ name: String, _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue? {
        switch name {
        case "items": .tuple(items)
        case "pos": .int(position)
        case "current": items.items[position]
        case "next", "reset": .object(JinjaMethod(.object(self), name))
        default: nil
        }
    }

    func next() -> JinjaValue {
        defer { position = (position + 1) % items.items.count }
        return items.items[position]
    }
}

/// `joiner(…)`: empty the first time, the separator afterwards.
final class JinjaJoiner: JinjaObject {
    private let separator: JinjaValue
    private var used = false

    init(_ separator: JinjaValue) throws(JinjaFault) {
        self.separator = separator
        if separator.depth >= JinjaLimits.valueDepth { throw .tooDeepValue }
        super.init(depth: separator.depth + 1)
    }

    override var typeName: String { "Joiner" }
    override var isCallable: Bool { true }

    override func attribute(_ name: String, _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue? {
        switch name {
        case "sep": separator
        case "used": .bool(used)
        default: nil
        }
    }

    override func call(_ arguments: JinjaArguments, _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue {
        _ = try arguments.bind("joiner", [], required: 0)
        if used { return separator }
        used = true
        return .string(try r.text([]))
    }
}
