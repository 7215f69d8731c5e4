typealias JinjaTestFunction = @Sendable (JinjaRenderer, JinjaValue, JinjaArguments) throws(JinjaFault) -> Bool

/// The tests after `is`, by name.
enum JinjaTests {
    static func find(_ name: String) -> JinjaTestFunction? { all[name] }

    private static func comparing(_ kind: JinjaComparison.Operator) -> JinjaTestFunction {
        { r, value, arguments throws(JinjaFault) in
            try r.compare(kind, value, try arguments.bindPositional("the test", 1...1)[0])
        }
    }

    private static func plain(
        _ test: @escaping @Sendable (JinjaRenderer, JinjaValue) throws(JinjaFault) -> Bool
    ) -> JinjaTestFunction {
        { r, value, arguments throws(JinjaFault) in
            _ = try arguments.bind("the test", [], required: 0)
            return try test(r, value)
        }
    }

    private static func remainder(_ r: JinjaRenderer, _ value: JinjaValue, _ divisor: JinjaValue, is expected: Int)
        throws(JinjaFault) -> Bool
    {
        try r.areEqual(try r.binary(.mod, value, divisor), .int(expected))
    }

    static let all: [String: JinjaTestFunction] = [
        "odd": plain { r, value throws(JinjaFault) in try remainder(r, value, .int(2), is: 1) },
        "even": plain { r, value throws(JinjaFault) in try remainder(r, value, .int(2), is: 0) },
        "divisibleby": { r, value, arguments throws(JinjaFault) in
            try remainder(r, value, try arguments.bind("divisibleby", ["num"], required: 1)[0] ?? .none, is: 0)
        },
        "defined": plain { _, value throws(JinjaFault) in !value.isUndefined },
        "undefined": plain { _, value throws(JinjaFault) in value.isUndefined },
        "filter": plain { r, value throws(JinjaFault) in
            if case .string(let text) = try r.key(value).value { return JinjaFilters.find(text.string) != nil }
            return false
        },
        "test": plain { r, value throws(JinjaFault) in
            if case .string(let text) = try r.key(value).value { return find(text.string) != nil }
            return false
        },
        "none": plain { _, value throws(JinjaFault) in value.isNone },
        "boolean": plain { _, value throws(JinjaFault) in
            if case .bool = value { true } else { false }
        },
        "false": plain { _, value throws(JinjaFault) in
            if case .bool(false) = value { true } else { false }
        },
        "true": plain { _, value throws(JinjaFault) in
            if case .bool(true) = value { true } else { false }
        },
        "integer": plain { _, value throws(JinjaFault) in
            if case .int = value { true } else { false }
        },
        "float": plain { _, value throws(JinjaFault) in
            if case .float = value { true } else { false }
        },
        "lower": plain { r, value throws(JinjaFault) in r.isClass(try r.stringValue(value), "islower") },
        "upper": plain { r, value throws(JinjaFault) in r.isClass(try r.stringValue(value), "isupper") },
        "string": plain { _, value throws(JinjaFault) in
            if case .string = value { true } else { false }
        },
        "mapping": plain { _, value throws(JinjaFault) in
            if case .dict = value { true } else { false }
        },
        "number": plain { _, value throws(JinjaFault) in value.number != nil },
        "sequence": plain { r, value throws(JinjaFault) in
            switch value {
            case .undefined, .string, .list, .tuple, .dict: true
            case .object(let object): object is JinjaRange
            default: false
            }
        },
        "iterable": plain { r, value throws(JinjaFault) in try r.iterator(value) != nil },
        "callable": plain { _, value throws(JinjaFault) in
            switch value {
            case .undefined: true
            case .object(let object): object.isCallable
            default: false
            }
        },
        "sameas": { r, value, arguments throws(JinjaFault) in
            isSame(value, try arguments.bind("sameas", ["other"], required: 1)[0] ?? .none)
        },
        "escaped": plain { _, value throws(JinjaFault) in
            if case .string(let text) = value { text.isMarkup } else { false }
        },
        "in": { r, value, arguments throws(JinjaFault) in
            try r.contains(try arguments.bind("in", ["seq"], required: 1)[0] ?? .none, value)
        },
        "==": comparing(.eq), "eq": comparing(.eq), "equalto": comparing(.eq),
        "!=": comparing(.ne), "ne": comparing(.ne),
        ">": comparing(.gt), "gt": comparing(.gt), "greaterthan": comparing(.gt),
        ">=": comparing(.gteq), "ge": comparing(.gteq),
        "<": comparing(.lt), "lt": comparing(.lt), "lessthan": comparing(.lt),
        "<=": comparing(.lteq), "le": comparing(.lteq),
    ]

    /// Python's `is`, as far as values here have an identity.
    private static func isSame(_ a: JinjaValue, _ b: JinjaValue) -> Bool {
        switch (a, b) {
        case (.none, .none): true
        case (.bool(let x), .bool(let y)): x == y
        case (.int(let x), .int(let y)): x == y && x >= -5 && x <= 256
        case (.string(let x), .string(let y)): x === y || x.bytes == y.bytes && x.count <= 1
        case (.list(let x), .list(let y)), (.tuple(let x), .tuple(let y)): x === y
        case (.dict(let x), .dict(let y)): x === y
        case (.object(let x), .object(let y)): x === y || x is JinjaGlobal && x.isEqual(to: y)
        default: false
        }
    }
}
