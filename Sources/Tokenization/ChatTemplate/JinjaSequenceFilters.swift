/// An iteration whose values come from a function.
final class JinjaFunctionIterator: JinjaIterator {
    private let function: (JinjaRenderer) throws(JinjaFault) -> JinjaValue?

    init(_ function: @escaping (JinjaRenderer) throws(JinjaFault) -> JinjaValue?) { self.function = function }

    override func next(_ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue? { try function(r) }
}

/// A path of attributes such as `"address.city"` or `0`.
struct JinjaPath {
    private let parts: [JinjaValue]
    private let fallback: JinjaValue?
    private let ignoresCase: Bool

    init(
        _ attribute: JinjaValue?, fallback: JinjaValue? = nil, ignoresCase: Bool = false, _ r: JinjaRenderer
    ) throws(JinjaFault) {
        self.fallback = fallback.flatMap { $0.isNone ? nil : $0 }
        self.ignoresCase = ignoresCase
        guard let attribute, !attribute.isNone else {
            parts = []
            return
        }
        guard case .string(let text) = attribute else {
            parts = [attribute]
            return
        }
        var parts: [JinjaValue] = []
        for part in text.bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            if !part.isEmpty, part.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
                guard let number = Int(String(decoding: part, as: UTF8.self)) else { throw JinjaRenderer.overflow }
                parts.append(.int(number))
            } else {
                parts.append(.string(try r.text(Array(part))))
            }
        }
        self.parts = parts
    }

    func value(of item: JinjaValue, _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue {
        var item = item
        for part in parts {
            try r.step()
            item = try r.item(of: item, part)
            if item.isUndefined, let fallback { item = fallback }
        }
        if ignoresCase, case .string(let text) = item { return .string(try r.text(r.changedCase(text, "lower"))) }
        return item
    }
}

/// The filters over sequences.
extension JinjaRenderer {
    func filterLength(_ value: JinjaValue) throws(JinjaFault) -> JinjaValue {
        guard let length = length(value) else {
            throw JinjaFault(.type, "object of type '\(value.typeName)' has no len()")
        }
        return .int(length)
    }

    private func generator(
        _ name: String, over value: JinjaValue,
        _ next: @escaping (JinjaRenderer) throws(JinjaFault) -> JinjaValue?
    ) throws(JinjaFault) -> JinjaValue {
        try meter.charge(4 * JinjaMeter.overhead)
        meter.release(4 * JinjaMeter.overhead)
        return .object(try JinjaGenerator("generator", function: name, over: value.depth, JinjaFunctionIterator(next)))
    }

    /// The values that Python's reversed() goes through, in their order; nil where it fails.
    func reversible(_ value: JinjaValue) throws(JinjaFault) -> [JinjaValue]? {
        switch value {
        case .undefined: []
        case .list, .tuple, .string, .dict: try items(value)
        case .object(let object) where object is JinjaRange || object is JinjaDictView: try items(value)
        default: nil
        }
    }

    func reverse(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        _ = try arguments.bind("reverse", [], required: 0)
        if case .string = value { return try slice(value, .none, .none, .int(-1)) }
        if case .object(let object) = value, let range = object as? JinjaRange {
            return .object(try JinjaGenerator("range_iterator", over: 0, JinjaRange.Iterator(range, backwards: true)))
        }
        if let items = try reversible(value) {
            let iterator = JinjaArrayIterator(items.reversed())
            return .object(try JinjaGenerator("list_reverseiterator", over: value.depth, iterator))
        }
        guard try iterator(value) != nil else { throw JinjaFault(.failed, "argument must be iterable") }
        return try list(try items(value).reversed())
    }

    func join(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        let values = try arguments.bind("join", ["d", "attribute"], required: 0)
        let separator = try values[0].map(stringValue)?.bytes ?? []
        let path = try JinjaPath(values[1], self)
        var bytes: [UInt8] = []
        var isFirst = true
        let iterator = try requiredIterator(value)
        while let item = try iterator.next(self) {
            try step()
            if !isFirst { bytes += separator }
            isFirst = false
            try appendString(of: try path.value(of: item, self), to: &bytes)
            try checkStringLength(bytes.count)
        }
        return .string(try text(bytes))
    }

    func map(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        var prepared: ((JinjaRenderer, JinjaValue) throws(JinjaFault) -> JinjaValue)?
        var source: JinjaIterator?
        return try generator("sync_do_map", over: value) { (r) throws(JinjaFault) in
            if prepared == nil {
                if !(try r.truth(value)) { return nil }
                prepared = try r.mapping(arguments)
                source = try r.requiredIterator(value)
            }
            guard let item = try source?.next(r), let prepared else { return nil }
            try r.step()
            return try prepared(r, item)
        }
    }

    private func mapping(_ arguments: JinjaArguments) throws(JinjaFault)
        -> (JinjaRenderer, JinjaValue) throws(JinjaFault) -> JinjaValue
    {
        if arguments.positional.isEmpty, let attribute = arguments.keyword.first(where: { $0.name == "attribute" }) {
            let fallback = arguments.keyword.first { $0.name == "default" }?.value
            if let other = arguments.keyword.first(where: { $0.name != "attribute" && $0.name != "default" }) {
                throw JinjaFault(.failed, "Unexpected keyword argument '\(other.name)'")
            }
            let path = try JinjaPath(attribute.value, fallback: fallback, self)
            return { (r, item) throws(JinjaFault) in try path.value(of: item, r) }
        }
        guard let name = arguments.positional.first else {
            throw JinjaFault(.failed, "map requires a filter argument")
        }
        guard case .string(let text) = name, let filter = JinjaFilters.find(text.string) else {
            throw JinjaFault(.failed, "No filter named '\(try stringValue(name).string)'.")
        }
        var rest = arguments
        rest.positional.removeFirst()
        return { (r, item) throws(JinjaFault) in try filter(r, item, rest) }
    }

    func select(_ value: JinjaValue, _ arguments: JinjaArguments, _ name: String, keep: Bool, byAttribute: Bool)
        throws(JinjaFault) -> JinjaValue
    {
        var prepared: ((JinjaRenderer, JinjaValue) throws(JinjaFault) -> Bool)?
        var source: JinjaIterator?
        return try generator("select_or_reject", over: value) { (r) throws(JinjaFault) in
            if prepared == nil {
                if !(try r.truth(value)) { return nil }
                prepared = try r.condition(arguments, byAttribute: byAttribute)
                source = try r.requiredIterator(value)
            }
            guard let prepared else { return nil }
            while let item = try source?.next(r) {
                try r.step()
                if try prepared(r, item) == keep { return item }
            }
            return nil
        }
    }

    private func condition(_ arguments: JinjaArguments, byAttribute: Bool) throws(JinjaFault)
        -> (JinjaRenderer, JinjaValue) throws(JinjaFault) -> Bool
    {
        var rest = arguments
        var path: JinjaPath?
        if byAttribute {
            guard !rest.positional.isEmpty else { throw JinjaFault(.failed, "Missing parameter for attribute name") }
            path = try JinjaPath(rest.positional.removeFirst(), self)
        }
        let fixedPath = path
        guard !rest.positional.isEmpty else {
            return { (r, item) throws(JinjaFault) in try r.truth(try fixedPath?.value(of: item, r) ?? item) }
        }
        let name = rest.positional.removeFirst()
        guard case .string(let text) = name, let test = JinjaTests.find(text.string) else {
            let shown = try stringValue(name).string
            return { (_, _) throws(JinjaFault) in throw JinjaFault(.failed, "No test named '\(shown)'.") }
        }
        let fixed = rest
        return { (r, item) throws(JinjaFault) in try test(r, try fixedPath?.value(of: item, r) ?? item, fixed) }
    }

    func itemsFilter(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        _ = try arguments.bind("items", [], required: 0)
        var source: JinjaIterator?
        return try generator("do_items", over: value) { (r) throws(JinjaFault) in
            if source == nil {
                if value.isUndefined { return nil }
                guard case .dict(let dict) = value else {
                    throw JinjaFault(.type, "Can only get item pairs from a mapping.")
                }
                source = try JinjaDictView(dict, .items).makeIterator(r)
            }
            return try source?.next(r)
        }
    }

    func batch(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        let values = try arguments.bind("batch", ["linecount", "fill_with"], required: 1)
        let count = values[0] ?? .none
        let fill = values[1] ?? .none
        var source: JinjaIterator?
        var rest: JinjaValue?
        var isDone = false
        return try generator("do_batch", over: value) { (r) throws(JinjaFault) in
            if isDone { return nil }
            if source == nil { source = try r.requiredIterator(value) }
            var row: [JinjaValue] = rest.map { [$0] } ?? []
            rest = nil
            while let item = try source?.next(r) {
                try r.step()
                if !row.isEmpty, try r.areEqual(.int(row.count), count) {
                    rest = item
                    return try r.list(row)
                }
                if row.isEmpty, try r.areEqual(.int(0), count) {
                    rest = item
                    return try r.list([])
                }
                row.append(item)
            }
            isDone = true
            if row.isEmpty { return nil }
            if !fill.isNone, try r.isLess(.int(row.count), count) {
                let missing = try r.requiredInt(count) - row.count
                try r.step(missing)
                row += [JinjaValue](repeating: fill, count: missing)
            }
            return try r.list(row)
        }
    }

    func sliceFilter(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        let values = try arguments.bind("slice", ["slices", "fill_with"], required: 1)
        let fill = values[1] ?? .none
        var items: [JinjaValue]?
        var number = 0
        var offset = 0
        return try generator("sync_do_slice", over: value) { (r) throws(JinjaFault) in
            if items == nil { items = try r.items(value) }
            let all = items ?? []
            let slices = try r.requiredInt(values[0] ?? .none)
            if slices == 0 { throw JinjaFault(.failed, "integer division or modulo by zero") }
            if number >= slices { return nil }
            let size = all.count / slices
            let withExtra = all.count % slices
            let start = offset + number * size
            if number < withExtra { offset += 1 }
            let end = offset + (number + 1) * size
            var part = Array(all[min(start, all.count)..<min(end, all.count)])
            if !fill.isNone, number >= withExtra { part.append(fill) }
            number += 1
            return try r.list(part)
        }
    }

    func unique(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        let values = try arguments.bind("unique", ["case_sensitive", "attribute"], required: 0)
        var path: JinjaPath?
        var source: JinjaIterator?
        var seen: Set<JinjaKey> = []
        return try generator("sync_do_unique", over: value) { (r) throws(JinjaFault) in
            if path == nil {
                path = try JinjaPath(values[1], ignoresCase: !(try r.flag(values[0])), r)
                source = try r.requiredIterator(value)
            }
            while let item = try source?.next(r) {
                try r.step()
                guard let path else { return nil }
                if seen.insert(try r.key(try path.value(of: item, r))).inserted { return item }
            }
            return nil
        }
    }

    func sum(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        let values = try arguments.bind("sum", ["attribute", "start"], required: 0)
        var total = values[1] ?? .int(0)
        if case .string = total { throw JinjaFault(.type, "sum() can't sum strings [use ''.join(seq) instead]") }
        let path = try JinjaPath(values[0], self)
        let iterator = try requiredIterator(value)
        while let item = try iterator.next(self) {
            try step()
            total = try binary(.add, total, try path.value(of: item, self))
        }
        return total
    }
}
