/// The filters that order values.
extension JinjaRenderer {
    /// The positions of `keys` in Python's stable order.
    func sortedPositions(_ keys: [JinjaValue], reverse: Bool) throws(JinjaFault) -> [Int] {
        try sortedPositions(keys.count) { (a, b) throws(JinjaFault) in
            reverse ? try isLess(keys[b], keys[a]) : try isLess(keys[a], keys[b])
        }
    }

    private func sortedPositions(_ count: Int, _ isBefore: (Int, Int) throws(JinjaFault) -> Bool) throws(JinjaFault)
        -> [Int]
    {
        var positions = Array(0..<count)
        var merged = positions
        var width = 1
        while width < count {
            var start = 0
            while start < count {
                let middle = min(start + width, count)
                let end = min(start + 2 * width, count)
                var (left, right) = (start, middle)
                for target in start..<end {
                    try step()
                    var takesLeft = left < middle
                    if takesLeft, right < end { takesLeft = !(try isBefore(positions[right], positions[left])) }
                    if takesLeft {
                        merged[target] = positions[left]
                        left += 1
                    } else {
                        merged[target] = positions[right]
                        right += 1
                    }
                }
                start = end
            }
            swap(&positions, &merged)
            width *= 2
        }
        return positions
    }

    func sort(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        let values = try arguments.bind("sort", ["reverse", "case_sensitive", "attribute"], required: 0)
        let ignoresCase = !(try values[1].map(truth) ?? false)
        var paths: [JinjaPath] = []
        if case .string(let attribute)? = values[2] {
            for part in attribute.bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
                paths.append(try JinjaPath(.string(try text(Array(part))), ignoresCase: ignoresCase, self))
            }
        } else {
            paths = [try JinjaPath(values[2], ignoresCase: ignoresCase, self)]
        }
        let items = try items(value)
        var keys: [[JinjaValue]] = []
        for item in items {
            var key: [JinjaValue] = []
            for path in paths { key.append(try path.value(of: item, self)) }
            keys.append(key)
        }
        func isBefore(_ a: Int, _ b: Int) throws(JinjaFault) -> Bool {
            for (x, y) in zip(keys[a], keys[b]) where !(try areEqual(x, y)) { return try isLess(x, y) }
            return false
        }
        let reverse = try values[0].map(reverseFlag) ?? false
        let order = try sortedPositions(items.count) { (a, b) throws(JinjaFault) in
            reverse ? try isBefore(b, a) : try isBefore(a, b)
        }
        return try list(order.map { items[$0] })
    }

    /// Python's sorted() takes integers and bools only.
    private func reverseFlag(_ value: JinjaValue) throws(JinjaFault) -> Bool { try requiredInt(value) != 0 }

    func dictSort(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        let values = try arguments.bind("dictsort", ["case_sensitive", "by", "reverse"], required: 0)
        var byKey = true
        if let by = values[1] {
            guard case .string(let name) = by, name.bytes == Array("key".utf8) || name.bytes == Array("value".utf8)
            else { throw JinjaFault(.failed, "You can only sort by either \"key\" or \"value\"") }
            byKey = name.bytes == Array("key".utf8)
        }
        guard case .dict(let dict) = value else {
            if case .undefined(let undefined) = value { throw undefined.fault }
            throw JinjaFault(.failed, "'\(value.typeName)' object has no attribute 'items'")
        }
        let path = try JinjaPath(nil, ignoresCase: !(try values[0].map(truth) ?? false), self)
        var keys: [JinjaValue] = []
        for entry in dict.entries { keys.append(try path.value(of: byKey ? entry.key : entry.value, self)) }
        var pairs: [JinjaValue] = []
        for position in try sortedPositions(keys, reverse: try values[2].map(reverseFlag) ?? false) {
            pairs.append(try tuple([dict.entries[position].key, dict.entries[position].value]))
        }
        return try list(pairs)
    }

    func extreme(_ value: JinjaValue, _ arguments: JinjaArguments, isMaximum: Bool) throws(JinjaFault) -> JinjaValue {
        let values = try arguments.bind(isMaximum ? "max" : "min", ["case_sensitive", "attribute"], required: 0)
        let iterator = try requiredIterator(value)
        guard var best = try iterator.next(self) else {
            return .undefined(JinjaUndefined(.hint("No aggregated item, sequence was empty.")))
        }
        let path = try JinjaPath(values[1], ignoresCase: !(try values[0].map(truth) ?? false), self)
        var bestKey = try path.value(of: best, self)
        while let item = try iterator.next(self) {
            try step()
            let key = try path.value(of: item, self)
            if isMaximum ? try isLess(bestKey, key) : try isLess(key, bestKey) { (best, bestKey) = (item, key) }
        }
        return best
    }

    func groupBy(_ value: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        let values = try arguments.bind("groupby", ["attribute", "default", "case_sensitive"], required: 1)
        let ignoresCase = !(try values[2].map(truth) ?? false)
        let path = try JinjaPath(values[0], fallback: values[1], ignoresCase: ignoresCase, self)
        let shown = try JinjaPath(values[0], fallback: values[1], self)
        let items = try items(value)
        var keys: [JinjaValue] = []
        for item in items { keys.append(try path.value(of: item, self)) }
        var groups: [JinjaValue] = []
        var members: [JinjaValue] = []
        var current: JinjaValue?
        func close() throws(JinjaFault) {
            guard let key = current, let first = members.first else { return }
            let name = ignoresCase ? try shown.value(of: first, self) : key
            groups.append(try tuple([name, try list(members)], isGroup: true))
            members = []
        }
        for position in try sortedPositions(keys, reverse: false) {
            if let key = current, try areEqual(key, keys[position]) {
                members.append(items[position])
            } else {
                try close()
                current = keys[position]
                members = [items[position]]
            }
        }
        try close()
        return try list(groups)
    }
}
