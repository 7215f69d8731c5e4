/// Equality, order and membership as in Python.
extension JinjaRenderer {
    func compare(_ kind: JinjaComparison.Operator, _ a: JinjaValue, _ b: JinjaValue) throws(JinjaFault) -> Bool {
        switch kind {
        case .eq: try areEqual(a, b)
        case .ne: !(try areEqual(a, b))
        case .lt: try isLess(a, b, "<")
        case .gt: try isLess(b, a, ">", swapped: true)
        case .lteq: try isLessOrEqual(a, b, "<=")
        case .gteq: try isLessOrEqual(b, a, ">=", swapped: true)
        case .isIn: try contains(b, a)
        case .notIn: !(try contains(b, a))
        }
    }

    func areEqual(_ a: JinjaValue, _ b: JinjaValue) throws(JinjaFault) -> Bool {
        switch (a, b) {
        case (.string(let x), .string(let y)):
            if x === y { return true }
            if x.bytes.count != y.bytes.count { return false }
            try step(x.bytes.count >> 7)
            return x.bytes == y.bytes
        case (.list(let x), .list(let y)), (.tuple(let x), .tuple(let y)):
            if x === y { return true }
            return try areEqual(x.items, y.items)
        case (.dict(let x), .dict(let y)):
            if x === y { return true }
            if x.count != y.count { return false }
            for entry in x.entries {
                try step()
                guard let other = y.find(JinjaKey(entry.key)), try areEqual(entry.value, other) else { return false }
            }
            return true
        case (.object(let x), .object(let y)):
            if let views = try viewsAreEqual(x, y) { return views }
            return x.isEqual(to: y)
        case (.none, .none), (.undefined, .undefined): return true
        case (.float(let x), _):
            if let y = b.index { return Int(exactly: x) == y }
            return b.number == x
        case (_, .float(let y)):
            return a.index.map { Int(exactly: y) == $0 } ?? false
        default:
            guard let x = a.index, let y = b.index else { return false }
            return x == y
        }
    }

    /// `keys()` and `items()` are sets.
    private func viewsAreEqual(_ a: JinjaObject, _ b: JinjaObject) throws(JinjaFault) -> Bool? {
        guard let x = a as? JinjaDictView, let y = b as? JinjaDictView, x !== y, x.part != .values, y.part != .values
        else { return nil }
        if x.dict.count != y.dict.count { return false }
        for item in try x.items(self) {
            try step()
            guard try contains(.object(y), item) else { return false }
        }
        return true
    }

    func areEqual(_ a: [JinjaValue], _ b: [JinjaValue]) throws(JinjaFault) -> Bool {
        guard a.count == b.count else { return false }
        for (x, y) in zip(a, b) {
            try step()
            if !(try areEqual(x, y)) { return false }
        }
        return true
    }

    private func orderFault(_ a: JinjaValue, _ b: JinjaValue, _ sign: String, _ swapped: Bool) -> JinjaFault {
        if case .undefined(let undefined) = a { return undefined.fault }
        if case .undefined(let undefined) = b { return undefined.fault }
        let (left, right) = swapped ? (b, a) : (a, b)
        return JinjaFault(
            .type, "'\(sign)' not supported between instances of '\(left.typeName)' and '\(right.typeName)'")
    }

    func isLess(_ a: JinjaValue, _ b: JinjaValue, _ sign: String = "<", swapped: Bool = false) throws(JinjaFault)
        -> Bool
    {
        if let x = a.index, let y = b.index { return x < y }
        if let x = a.number, let y = b.number { return x < y }
        switch (a, b) {
        case (.string(let x), .string(let y)):
            try step(min(x.bytes.count, y.bytes.count) >> 8)
            return isBefore(x.bytes, y.bytes)
        case (.list(let x), .list(let y)), (.tuple(let x), .tuple(let y)):
            for (left, right) in zip(x.items, y.items) {
                try step()
                if !(try areEqual(left, right)) { return try isLess(left, right, sign, swapped: swapped) }
            }
            return x.items.count < y.items.count
        default: throw orderFault(a, b, sign, swapped)
        }
    }

    private func isLessOrEqual(_ a: JinjaValue, _ b: JinjaValue, _ sign: String, swapped: Bool = false)
        throws(JinjaFault) -> Bool
    {
        if let x = a.index, let y = b.index { return x <= y }
        if let x = a.number, let y = b.number { return x <= y }
        switch (a, b) {
        case (.string(let x), .string(let y)):
            try step(min(x.bytes.count, y.bytes.count) >> 8)
            return !isBefore(y.bytes, x.bytes)
        case (.list(let x), .list(let y)), (.tuple(let x), .tuple(let y)):
            for (left, right) in zip(x.items, y.items) {
                try step()
                if !(try areEqual(left, right)) { return try isLessOrEqual(left, right, sign, swapped: swapped) }
            }
            return x.items.count <= y.items.count
        default: throw orderFault(a, b, sign, swapped)
        }
    }

    /// The order of code points, which is that of bytes in UTF-8.
    private func isBefore(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.withUnsafeBufferPointer { x in
            b.withUnsafeBufferPointer { y in
                for index in 0..<min(x.count, y.count) where x[index] != y[index] { return x[index] < y[index] }
                return x.count < y.count
            }
        }
    }

    /// `needle in container`.
    func contains(_ container: JinjaValue, _ needle: JinjaValue) throws(JinjaFault) -> Bool {
        switch container {
        case .string(let text):
            guard case .string(let part) = needle else {
                throw JinjaFault(
                    .type, "'in <string>' requires string as left operand, not \(needle.typeName)")
            }
            try step(text.bytes.count >> 8)
            return ByteSearch.first(part.bytes, in: text.bytes, from: 0, to: text.bytes.count) != nil
        case .list(let list), .tuple(let list):
            for item in list.items {
                try step()
                if try areEqual(item, needle) { return true }
            }
            return false
        case .dict(let dict): return dict.find(try key(needle)) != nil
        case .undefined: return false
        case .object(let object):
            if let range = object as? JinjaRange { return range.position(of: needle) != nil }
            if let view = object as? JinjaDictView {
                switch view.part {
                case .keys: return view.dict.find(try key(needle)) != nil
                case .items:
                    guard case .tuple(let pair) = needle, pair.items.count == 2,
                        let value = view.dict.find(try key(pair.items[0]))
                    else { return false }
                    return try areEqual(value, pair.items[1])
                case .values: break
                }
            }
            guard let iterator = try object.makeIterator(self) else { break }
            while let item = try iterator.next(self) {
                try step()
                if try areEqual(item, needle) { return true }
            }
            return false
        default: break
        }
        throw JinjaFault(.type, "argument of type '\(container.typeName)' is not iterable")
    }

    /// A value as a key of a dictionary.
    func key(_ value: JinjaValue) throws(JinjaFault) -> JinjaKey {
        var parts = 0
        if let unhashable = try unhashablePart(value, &parts) {
            throw JinjaFault(.type, "unhashable type: '\(unhashable.typeName)'")
        }
        return JinjaKey(value)
    }

    /// What in a value cannot be hashed. Tuples that share their parts could take for ever to hash, so that the parts
    /// of a key are counted.
    func unhashablePart(_ value: JinjaValue, _ parts: inout Int) throws(JinjaFault) -> JinjaValue? {
        parts += 1
        if parts > JinjaLimits.keyParts {
            throw JinjaFault(.limit, "a key has more than the allowed \(JinjaLimits.keyParts) parts")
        }
        switch value {
        case .list, .dict: return value
        case .object(let object):
            if let view = object as? JinjaDictView, view.part != .values { return value }
        case .tuple(let tuple):
            for item in tuple.items {
                if let part = try unhashablePart(item, &parts) { return part }
            }
        case .string(let text): try step(text.bytes.count >> 8)
        default: break
        }
        return nil
    }

    // MARK: Iteration

    /// The iteration over a value; nil where Python cannot iterate.
    func iterator(_ value: JinjaValue) throws(JinjaFault) -> JinjaIterator? {
        switch value {
        case .undefined: JinjaIterator()
        case .string(let text): JinjaTextIterator(text)
        case .list(let list), .tuple(let list): JinjaArrayIterator(list.items)
        case .dict(let dict): JinjaArrayIterator(dict.entries.map(\.key))
        case .object(let object): try object.makeIterator(self)
        default: nil
        }
    }

    func requiredIterator(_ value: JinjaValue) throws(JinjaFault) -> JinjaIterator {
        guard let iterator = try iterator(value) else {
            throw JinjaFault(.type, "'\(value.typeName)' object is not iterable")
        }
        return iterator
    }

    func collect(_ iterator: JinjaIterator) throws(JinjaFault) -> [JinjaValue] {
        var result: [JinjaValue] = []
        while let item = try iterator.next(self) {
            try step()
            result.append(item)
        }
        return result
    }

    func items(_ value: JinjaValue) throws(JinjaFault) -> [JinjaValue] {
        switch value {
        case .list(let list), .tuple(let list): list.items
        default: try collect(try requiredIterator(value))
        }
    }

    /// Python's len(); nil where there is none.
    func length(_ value: JinjaValue) -> Int? {
        switch value {
        case .undefined: 0
        case .string(let text): text.count
        case .list(let list), .tuple(let list): list.items.count
        case .dict(let dict): dict.count
        case .object(let object): object.length
        default: nil
        }
    }
}
