/// Calls of functions and methods.
extension JinjaRenderer {
    func call(_ function: JinjaValue, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaValue {
        switch function {
        case .object(let object): return try object.call(arguments, self)
        case .undefined(let undefined): throw undefined.fault
        default: throw JinjaFault(.type, "'\(function.typeName)' object is not callable")
        }
    }

    /// A method of a value, found by `pythonAttribute`.
    func callMethod(_ receiver: JinjaValue, _ name: String, _ arguments: JinjaArguments) throws(JinjaFault)
        -> JinjaValue
    {
        switch receiver {
        case .string(let text): return try stringMethod(text, name, arguments)
        case .list(let list), .tuple(let list): return try listMethod(receiver, list, name, arguments)
        case .dict(let dict): return try dictMethod(dict, name, arguments)
        case .int, .bool, .float: return try numberMethod(receiver, name, arguments)
        case .object(let object):
            if let loop = object as? JinjaLoopState {
                if !arguments.keyword.isEmpty { throw JinjaFault(.type, "loop.\(name)() takes no keyword arguments") }
                return name == "cycle"
                    ? try loop.cycle(arguments.positional) : try loop.changed(arguments.positional, self)
            }
            if let cycler = object as? JinjaCycler {
                _ = try arguments.bind(name, [], required: 0)
                if name == "next" { return cycler.next() }
                cycler.position = 0
                return .none
            }
            if let range = object as? JinjaRange {
                let value = try arguments.bind(name, ["value"], required: 1)[0] ?? .none
                let position = range.position(of: value)
                if name == "count" { return .int(position == nil ? 0 : 1) }
                guard let position else { throw JinjaFault(.value, "the value is not in range") }
                return .int(position)
            }
            if let view = object as? JinjaDictView {
                let other = try arguments.bind(name, ["other"], required: 1)[0] ?? .none
                for item in try items(other) where try contains(.object(view), item) { return .bool(false) }
                return .bool(true)
            }
        default: break
        }
        throw JinjaFault(.type, "'\(receiver.typeName)' object has no method '\(name)'")
    }
}

extension JinjaArguments {
    /// The values of named parameters, as Python binds them; nil for those not given.
    func bind(_ function: String, _ parameters: [String], required: Int) throws(JinjaFault) -> [JinjaValue?] {
        if positional.count > parameters.count {
            throw JinjaFault(
                .type,
                "\(function)() takes \(parameters.count) positional arguments but \(positional.count) were given")
        }
        var values = [JinjaValue?](repeating: nil, count: parameters.count)
        for (position, value) in positional.enumerated() { values[position] = value }
        for (name, value) in keyword {
            guard let position = parameters.firstIndex(of: name) else {
                throw JinjaFault(.type, "\(function)() got an unexpected keyword argument '\(name)'")
            }
            if values[position] != nil {
                throw JinjaFault(.type, "\(function)() got multiple values for argument '\(name)'")
            }
            values[position] = value
        }
        for position in 0..<required where values[position] == nil {
            throw JinjaFault(.type, "\(function)() missing required argument '\(parameters[position])'")
        }
        return values
    }

    /// The values of parameters that can only be given by position.
    func bindPositional(_ function: String, _ range: ClosedRange<Int>) throws(JinjaFault) -> [JinjaValue] {
        if !keyword.isEmpty { throw JinjaFault(.type, "\(function)() takes no keyword arguments") }
        if !range.contains(positional.count) {
            let expected =
                range.lowerBound == range.upperBound
                ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
            throw JinjaFault(.type, "\(function)() takes \(expected) arguments (\(positional.count) given)")
        }
        return positional
    }
}

/// A function of the environment: `range`, `namespace`, `raise_exception`, …
final class JinjaGlobal: JinjaObject {
    private enum Function: String {
        case range, dict, lipsum, cycler, joiner, namespace
        case raiseException = "raise_exception"
        case strftimeNow = "strftime_now"
    }

    private let function: Function

    init?(name: String) {
        guard let function = Function(rawValue: name) else { return nil }
        self.function = function
        super.init(depth: 0)
    }

    override var typeName: String { "function" }
    override var isCallable: Bool { true }
    override func isEqual(to other: JinjaObject) -> Bool { (other as? JinjaGlobal)?.function == function }
    override func hash(into hasher: inout Hasher) { hasher.combine(function) }

    override func attribute(_ name: String, _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue? {
        function == .dict && name == "fromkeys"
            ? .object(JinjaMethod(.dict(JinjaDict(meter: nil)), name)) : nil
    }

    override func call(_ arguments: JinjaArguments, _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue {
        switch function {
        case .range: return try range(arguments, r)
        case .dict: return .dict(try r.makeDict("dict", arguments))
        case .namespace:
            let attributes = try r.makeDict("namespace", arguments)
            for entry in attributes.entries {
                if case .string(let name) = entry.key { try JinjaNamespace.check(name.string) }
            }
            return try r.namespace(attributes)
        case .cycler:
            if !arguments.keyword.isEmpty { throw JinjaFault(.type, "cycler() takes no keyword arguments") }
            if arguments.positional.isEmpty { throw JinjaFault(.failed, "at least one item has to be provided") }
            return .object(JinjaCycler(try r.makeTuple(arguments.positional)))
        case .joiner:
            if let separator = try arguments.bind("joiner", ["sep"], required: 0)[0] {
                return .object(try JinjaJoiner(separator))
            }
            return .object(try JinjaJoiner(try r.string(", ")))
        case .raiseException:
            let message = try arguments.bind("raise_exception", ["message"], required: 1)[0] ?? .none
            var bytes: [UInt8] = []
            try r.appendString(of: message, to: &bytes)
            throw JinjaFault(.raised, String(decoding: bytes, as: UTF8.self))
        case .strftimeNow:
            let format = try arguments.bind("strftime_now", ["format"], required: 1)[0] ?? .none
            guard case .string(let text) = format else {
                throw JinjaFault(.type, "strftime() argument 1 must be str, not \(format.typeName)")
            }
            return .string(try r.text(try r.clock.format(text.bytes)))
        case .lipsum: throw JinjaFault(.unsupported, "lipsum(), which gives random text")
        }
    }

    private func range(_ arguments: JinjaArguments, _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue {
        let values = try arguments.bindPositional("range", 1...3)
        var bounds: [Int] = []
        for value in values {
            guard let bound = value.index else {
                throw JinjaFault(.type, "'\(value.typeName)' object cannot be interpreted as an integer")
            }
            bounds.append(bound)
        }
        let start = bounds.count == 1 ? 0 : bounds[0]
        let stop = bounds.count == 1 ? bounds[0] : bounds[1]
        let step = bounds.count == 3 ? bounds[2] : 1
        if step == 0 { throw JinjaFault(.value, "range() arg 3 must not be zero") }
        var count = 0
        if step > 0 ? stop > start : stop < start {
            let (distance, overflow) =
                step > 0
                ? stop.subtractingReportingOverflow(start) : start.subtractingReportingOverflow(stop)
            let stride = step.magnitude > UInt(Int.max) ? Int.max : abs(step)
            count = overflow ? .max : (distance - 1) / stride + 1
        }
        if count > JinjaLimits.rangeLength {
            throw JinjaFault(
                .limit, "a range has more than the allowed \(JinjaLimits.rangeLength) elements")
        }
        return .object(JinjaRange(start: start, stop: stop, step: step, count: count))
    }
}

extension JinjaRenderer {
    /// Python's `dict(…)`: from a mapping or pairs, and keywords.
    func makeDict(_ function: String, _ arguments: JinjaArguments) throws(JinjaFault) -> JinjaDict {
        if arguments.positional.count > 1 {
            throw JinjaFault(.type, "\(function) expected at most 1 argument, got \(arguments.positional.count)")
        }
        let dict = JinjaDict(meter: meter)
        if let source = arguments.positional.first {
            if case .dict(let other) = source {
                for entry in other.entries {
                    try step(4)
                    try dict.set(JinjaKey(entry.key), entry.value)
                }
            } else if case .undefined(let undefined) = source {
                // Python looks for `keys` first, which an undefined value refuses.
                throw undefined.fault
            } else {
                for pair in try items(source) {
                    try step()
                    let parts = try items(pair)
                    if parts.count != 2 {
                        throw JinjaFault(
                            .value, "dictionary update sequence element has length \(parts.count); 2 is required")
                    }
                    try dict.set(try key(parts[0]), parts[1])
                }
            }
        }
        for (name, value) in arguments.keyword {
            try step(6)
            try dict.set(JinjaKey(try string(name)), value)
        }
        return dict
    }
}

/// The variable `self`: the blocks of the template by name.
final class JinjaSelf: JinjaObject {
    private let blocks: [String: JinjaBlock]

    init(_ blocks: [String: JinjaBlock]) {
        self.blocks = blocks
        super.init(depth: 0)
    }

    override var typeName: String { "TemplateReference" }

    func block(_ name: String, _ r: JinjaRenderer) -> JinjaValue? {
        blocks[name].map { .object(Reference($0)) }
    }

    override func describe(_ r: JinjaRenderer, depth: Int) throws(JinjaFault) -> [UInt8] {
        Array("<TemplateReference None>".utf8)
    }

    private final class Reference: JinjaObject {
        private let block: JinjaBlock

        init(_ block: JinjaBlock) {
            self.block = block
            super.init(depth: 0)
        }

        override var typeName: String { "BlockReference" }
        override var isCallable: Bool { true }

        override func call(_ arguments: JinjaArguments, _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue {
            _ = try arguments.bind("block", [], required: 0)
            let block = block
            return try r.entering(block.height) { () throws(JinjaFault) -> JinjaValue in
                try block.body.capture(r, JinjaScope(r.root, hiding: block.body.hidden)).text
            }
        }
    }
}
