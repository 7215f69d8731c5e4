/// The methods of lists, tuples, dictionaries and numbers that do not change them.
extension JinjaRenderer {
    func listMethod(_ receiver: JinjaValue, _ list: JinjaList, _ name: String, _ arguments: JinjaArguments)
        throws(JinjaFault) -> JinjaValue
    {
        switch name {
        case "copy":
            _ = try arguments.bindPositional(name, 0...0)
            return try self.list(list.items)
        case "count":
            let value = try arguments.bindPositional(name, 1...1)[0]
            var count = 0
            for item in list.items {
                try step()
                if try areEqual(item, value) { count += 1 }
            }
            return .int(count)
        default:
            let values = try arguments.bindPositional(name, 1...3)
            let range = try searchRange(values, list.items.count)
            for position in range {
                try step()
                if try areEqual(list.items[position], values[0]) { return .int(position) }
            }
            throw JinjaFault(.value, "the value is not in \(receiver.typeName)")
        }
    }

    /// The positions between optional start and end arguments, clamped as in Python.
    func searchRange(_ arguments: [JinjaValue], _ count: Int) throws(JinjaFault) -> Range<Int> {
        func bound(_ position: Int, _ missing: Int) throws(JinjaFault) -> Int {
            guard position < arguments.count, !arguments[position].isNone else { return missing }
            guard let index = arguments[position].index else {
                throw JinjaFault(.type, "slice indices must be integers or None or have an __index__ method")
            }
            return min(max(index < 0 ? index &+ count : index, 0), count)
        }
        let start = try bound(1, 0)
        return start..<max(start, try bound(2, count))
    }

    func dictMethod(_ dict: JinjaDict, _ name: String, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        switch name {
        case "items", "keys", "values":
            _ = try arguments.bindPositional(name, 0...0)
            return .object(JinjaDictView(dict, name == "items" ? .items : name == "keys" ? .keys : .values))
        case "get":
            let values = try arguments.bindPositional(name, 1...2)
            return dict.find(try key(values[0])) ?? (values.count > 1 ? values[1] : .none)
        case "copy":
            _ = try arguments.bindPositional(name, 0...0)
            let copy = JinjaDict(meter: meter)
            for entry in dict.entries {
                try step()
                try copy.set(JinjaKey(entry.key), entry.value)
            }
            return .dict(copy)
        default:
            let values = try arguments.bindPositional(name, 1...2)
            let result = JinjaDict(meter: meter)
            for item in try items(values[0]) { try result.set(try key(item), values.count > 1 ? values[1] : .none) }
            return .dict(result)
        }
    }

    func numberMethod(_ receiver: JinjaValue, _ name: String, _ arguments: JinjaArguments) throws(JinjaFault)
        -> JinjaValue
    {
        if JinjaMethods.float.contains(name) || JinjaMethods.int.contains(name), !name.hasPrefix("to_"),
            !name.hasPrefix("from"), name != "hex"
        {
            _ = try arguments.bindPositional(name, 0...0)
        }
        switch (name, receiver) {
        case ("conjugate", .float): return receiver
        case ("conjugate", _): return .int(receiver.index ?? 0)
        case ("bit_length", _):
            return .int(UInt.bitWidth - (receiver.index ?? 0).magnitude.leadingZeroBitCount)
        case ("bit_count", _): return .int((receiver.index ?? 0).magnitude.nonzeroBitCount)
        case ("is_integer", .float(let value)): return .bool(value.isFinite && value == value.rounded())
        case ("as_integer_ratio", .int), ("as_integer_ratio", .bool):
            return try tuple([.int(receiver.index ?? 0), .int(1)])
        default: throw JinjaFault(.unsupported, "the method \(name)() of numbers")
        }
    }
}
