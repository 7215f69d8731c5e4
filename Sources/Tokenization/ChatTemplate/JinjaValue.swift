/// A value of a running template, with Python's kinds and semantics.
enum JinjaValue {
    case undefined(JinjaUndefined)
    case none
    case bool(Bool)
    case int(Int)
    case float(Double)
    case string(JinjaText)
    case list(JinjaList)
    case tuple(JinjaList)
    case dict(JinjaDict)
    case object(JinjaObject)
    /// A parameter that has no value yet; never leaves the lookup of variables.
    case missing
}

extension JinjaValue {
    var isUndefined: Bool {
        if case .undefined = self { true } else { false }
    }

    var isNone: Bool {
        if case .none = self { true } else { false }
    }

    /// How deep containers nest within this value. Values that cannot contain others have 0.
    var depth: Int {
        switch self {
        case .list(let list), .tuple(let list): list.depth
        case .dict(let dict): dict.depth
        case .object(let object): object.depth
        default: 0
        }
    }

    /// The integer that Python's `__index__` gives: ints and bools.
    var index: Int? {
        switch self {
        case .int(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    /// Python's name of the value's type, for messages.
    var typeName: String {
        switch self {
        case .undefined: "Undefined"
        case .none, .missing: "NoneType"
        case .bool: "bool"
        case .int: "int"
        case .float: "float"
        case .string(let text): text.isMarkup ? "Markup" : "str"
        case .list: "list"
        case .tuple: "tuple"
        case .dict: "dict"
        case .object(let object): object.typeName
        }
    }
}

/// What is known about a value that is not there, for the message when it is used.
final class JinjaUndefined: Sendable {
    enum Origin: Sendable {
        case name(String)
        case attribute(of: String, name: String)
        case element(of: String, key: String)
        case hint(String)
        /// The sandbox forbids this attribute.
        case unsafe(String)
    }

    let origin: Origin

    init(_ origin: Origin) { self.origin = origin }

    var fault: JinjaFault {
        switch origin {
        case .name(let name): JinjaFault(.undefined, "'\(name)' is undefined")
        case .attribute(let type, let name): JinjaFault(.undefined, "'\(type) object' has no attribute '\(name)'")
        case .element(let type, let key): JinjaFault(.undefined, "\(type) object has no element \(key)")
        case .hint(let hint): JinjaFault(.undefined, hint)
        case .unsafe(let hint): JinjaFault(.security, hint)
        }
    }
}

/// A string as Python sees it: a sequence of code points, stored as UTF-8. Lone surrogates, which escapes like
/// `"\ud800"` make, are stored as their three generalised bytes and refused when the result is output.
///
/// Unchecked: all properties are constant; `meter` is set only for texts made while rendering, which stay on the
/// thread of that rendering.
final class JinjaText: @unchecked Sendable {
    let bytes: [UInt8]
    /// Number of code points.
    let count: Int
    /// Whether markupsafe's `Markup` wraps it (after `|safe`, `|escape`).
    let isMarkup: Bool
    private let meter: JinjaMeter?

    init(_ bytes: [UInt8], count: Int? = nil, isMarkup: Bool = false, meter: JinjaMeter? = nil) {
        self.bytes = bytes
        self.count = count ?? JinjaText.countCodePoints(bytes[...])
        self.isMarkup = isMarkup
        self.meter = meter
    }

    deinit { meter?.release(bytes.count &+ JinjaMeter.overhead) }

    var isASCII: Bool { count == bytes.count }

    var string: String { String(decoding: bytes, as: UTF8.self) }

    static func countCodePoints(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.withUnsafeBufferPointer { buffer in
            var count = 0
            for byte in buffer where byte & 0xC0 != 0x80 { count &+= 1 }
            return count
        }
    }

    /// The byte offset at which code point number `index` starts; `index` may equal `count`.
    func offset(of index: Int) -> Int {
        if isASCII { return index }
        var remaining = index
        var offset = 0
        while offset < bytes.count {
            if remaining == 0 { return offset }
            offset += JinjaText.length(bytes[offset])
            remaining -= 1
        }
        return bytes.count
    }

    /// The number of the code point that starts at a byte offset.
    func index(of offset: Int) -> Int {
        isASCII ? offset : JinjaText.countCodePoints(bytes[..<offset])
    }

    /// The length of a sequence by its first byte.
    static func length(_ lead: UInt8) -> Int {
        lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    }

    /// The code points (surrogates included).
    var codePoints: [UInt32] { JinjaText.codePoints(bytes) }

    static func codePoints(_ bytes: [UInt8]) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(bytes.count)
        var offset = 0
        while offset < bytes.count { result.append(next(bytes, &offset)) }
        return result
    }

    /// The code point at `offset`, which moves past it.
    static func next(_ bytes: [UInt8], _ offset: inout Int) -> UInt32 {
        let lead = bytes[offset]
        let length = length(lead)
        defer { offset += length }
        if length == 1 { return UInt32(lead) }
        var value = UInt32(lead) & (length == 2 ? 0x1F : length == 3 ? 0x0F : 0x07)
        for position in offset + 1..<min(offset + length, bytes.count) {
            value = value << 6 | UInt32(bytes[position] & 0x3F)
        }
        return value
    }

    static func append(_ codePoint: UInt32, to bytes: inout [UInt8]) {
        switch codePoint {
        case ..<0x80: bytes.append(UInt8(truncatingIfNeeded: codePoint))
        case ..<0x800:
            bytes.append(UInt8(truncatingIfNeeded: 0xC0 | codePoint >> 6))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | codePoint & 0x3F))
        case ..<0x10000:
            bytes.append(UInt8(truncatingIfNeeded: 0xE0 | codePoint >> 12))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | codePoint >> 6 & 0x3F))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | codePoint & 0x3F))
        default:
            bytes.append(UInt8(truncatingIfNeeded: 0xF0 | codePoint >> 18))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | codePoint >> 12 & 0x3F))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | codePoint >> 6 & 0x3F))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | codePoint & 0x3F))
        }
    }
}

/// The elements of a list or tuple. Templates cannot change them (the sandbox is immutable).
final class JinjaList {
    let items: [JinjaValue]
    let depth: Int
    /// Whether this is a tuple that `groupby` made, whose parts are also found as `grouper` and `list`.
    let isGroup: Bool
    private let meter: JinjaMeter?

    init(_ items: [JinjaValue], depth: Int, isGroup: Bool = false, meter: JinjaMeter?) {
        self.items = items
        self.depth = depth
        self.isGroup = isGroup
        self.meter = meter
    }

    deinit { meter?.release(JinjaList.size(items.count)) }

    static func size(_ count: Int) -> Int { count &* MemoryLayout<JinjaValue>.stride &+ JinjaMeter.overhead }
}

/// A dictionary in the order of insertion.
final class JinjaDict {
    private(set) var entries: [(key: JinjaValue, value: JinjaValue)] = []
    private(set) var depth = 1
    private var index: [JinjaKey: Int] = [:]
    private let meter: JinjaMeter?
    private var charged = 0
    private static let fewEntries = 8

    init(meter: JinjaMeter?) { self.meter = meter }

    deinit { meter?.release(charged) }

    var count: Int { entries.count }

    func find(_ key: JinjaKey) -> JinjaValue? {
        if let position = position(key) { return entries[position].value }
        return nil
    }

    private func position(_ key: JinjaKey) -> Int? {
        if entries.count > Self.fewEntries { return index[key] }
        return entries.firstIndex { JinjaKey($0.key) == key }
    }

    /// Adds or replaces an entry; as in Python a replaced entry keeps its first key and place.
    func set(_ key: JinjaKey, _ value: JinjaValue) throws(JinjaFault) {
        depth = max(depth, value.depth + 1, key.value.depth + 1)
        if depth > JinjaLimits.valueDepth { throw .tooDeepValue }
        if let position = position(key) {
            entries[position].value = value
            return
        }
        if let meter {
            let size = 2 * MemoryLayout<JinjaValue>.stride + JinjaMeter.overhead
            try meter.charge(size)
            charged += size
        }
        entries.append((key.value, value))
        if entries.count == Self.fewEntries + 1 {
            for (position, entry) in entries.enumerated() { index[JinjaKey(entry.key)] = position }
        } else if entries.count > Self.fewEntries {
            index[key] = entries.count - 1
        }
    }
}

/// A value as a key: Python's equality and hash (`1`, `1.0` and `True` are one key). Made from hashable values only.
struct JinjaKey: Hashable {
    let value: JinjaValue

    /// The caller has checked that the value is hashable.
    init(_ value: JinjaValue) { self.value = value }

    static func == (a: JinjaKey, b: JinjaKey) -> Bool {
        switch (a.value, b.value) {
        case (.string(let x), .string(let y)): return x === y || x.bytes == y.bytes
        case (.none, .none), (.undefined, .undefined): return true
        case (.tuple(let x), .tuple(let y)):
            return x === y
                || x.items.count == y.items.count
                    && zip(x.items, y.items).allSatisfy { JinjaKey($0) == JinjaKey($1) }
        case (.object(let x), .object(let y)): return x.isEqual(to: y)
        default:
            if let x = a.value.index, let y = b.value.index { return x == y }
            guard let x = a.value.number, let y = b.value.number else { return false }
            return x == y
        }
    }

    func hash(into hasher: inout Hasher) {
        switch value {
        case .string(let text): hasher.combine(text.bytes)
        case .bool(let value): hasher.combine(value ? 1 : 0)
        case .int(let value): hasher.combine(value)
        case .float(let value):
            if let exact = Int(exactly: value) { hasher.combine(exact) } else { hasher.combine(value) }
        case .tuple(let list):
            for item in list.items { JinjaKey(item).hash(into: &hasher) }
        case .object(let object): object.hash(into: &hasher)
        default: hasher.combine(0)
        }
    }
}
