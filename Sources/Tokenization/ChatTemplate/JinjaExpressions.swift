/// A literal.
final class JinjaConstant: JinjaExpression, @unchecked Sendable {
    enum Literal {
        case none
        case bool(Bool)
        case int(Int)
        case float(Double)
        case string(JinjaText)
    }

    let literal: Literal

    init(_ literal: Literal, line: Int) {
        self.literal = literal
        super.init(line: line, [])
    }

    override func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaValue {
        switch literal {
        case .none: .none
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .float(let value): .float(value)
        case .string(let text): .string(text)
        }
    }
}

/// A variable: read, set, or declared as a parameter.
final class JinjaName: JinjaExpression, @unchecked Sendable {
    enum Use { case load, store, parameter }

    let name: String
    let symbol: Int
    let use: Use

    init(_ name: String, symbol: Int, _ use: Use, line: Int) {
        self.name = name
        self.symbol = symbol
        self.use = use
        super.init(line: line, [])
    }

    override func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaValue {
        r.line = line
        try r.step()
        switch scope.find(symbol) {
        case .some(.missing): return .undefined(JinjaUndefined(.name(name)))
        case .some(let value): return value
        case nil: return JinjaGlobal(name: name).map { .object($0) } ?? .undefined(JinjaUndefined(.name(name)))
        }
    }
}

/// `(a, b)` and `[a, b]`.
final class JinjaSequence: JinjaExpression, @unchecked Sendable {
    let items: [JinjaExpression]
    let isTuple: Bool

    init(_ items: [JinjaExpression], isTuple: Bool, line: Int) {
        self.items = items
        self.isTuple = isTuple
        super.init(line: line, items)
    }

    override var children: [JinjaNode] { items }

    override func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaValue {
        var values: [JinjaValue] = []
        values.reserveCapacity(items.count)
        for item in items { values.append(try item.evaluate(r, scope)) }
        try r.step()
        return isTuple ? try r.tuple(values) : try r.list(values)
    }
}

/// `{key: value}`.
final class JinjaDictionary: JinjaExpression, @unchecked Sendable {
    let items: [(key: JinjaExpression, value: JinjaExpression)]

    init(_ items: [(key: JinjaExpression, value: JinjaExpression)], line: Int) {
        self.items = items
        super.init(line: line, items.flatMap { [$0.key, $0.value] })
    }

    override var children: [JinjaNode] { items.flatMap { [$0.key, $0.value] } }

    override func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaValue {
        let dict = JinjaDict(meter: r.meter)
        for item in items {
            let key = try item.key.evaluate(r, scope)
            let value = try item.value.evaluate(r, scope)
            r.line = line
            try r.step()
            try dict.set(try r.key(key), value)
        }
        return .dict(dict)
    }
}

/// `a if test else b`.
final class JinjaConditional: JinjaExpression, @unchecked Sendable {
    let test: JinjaExpression
    let then: JinjaExpression
    let otherwise: JinjaExpression?

    init(test: JinjaExpression, then: JinjaExpression, otherwise: JinjaExpression?, line: Int) {
        self.test = test
        self.then = then
        self.otherwise = otherwise
        super.init(line: line, [test, then, otherwise])
    }

    override var children: [JinjaNode] { [test, then] + (otherwise.map { [$0] } ?? []) }

    override func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaValue {
        if try r.truth(try test.evaluate(r, scope)) { return try then.evaluate(r, scope) }
        if let otherwise { return try otherwise.evaluate(r, scope) }
        return .undefined(
            JinjaUndefined(
                .hint("the inline if-expression on line \(line) evaluated to false and no else section was defined.")))
    }
}

/// `a and b`, `a or b`.
final class JinjaLogical: JinjaExpression, @unchecked Sendable {
    let isAnd: Bool
    let left: JinjaExpression
    let right: JinjaExpression

    init(isAnd: Bool, _ left: JinjaExpression, _ right: JinjaExpression, line: Int) {
        self.isAnd = isAnd
        self.left = left
        self.right = right
        super.init(line: line, [left, right])
    }

    override var children: [JinjaNode] { [left, right] }

    override func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaValue {
        let value = try left.evaluate(r, scope)
        return try r.truth(value) == isAnd ? try right.evaluate(r, scope) : value
    }
}

/// `not a`, `-a`, `+a`.
final class JinjaUnary: JinjaExpression, @unchecked Sendable {
    enum Operator { case not, negative, positive }

    let kind: Operator
    let operand: JinjaExpression

    init(_ kind: Operator, _ operand: JinjaExpression, line: Int) {
        self.kind = kind
        self.operand = operand
        super.init(line: line, [operand])
    }

    override var children: [JinjaNode] { [operand] }

    override func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaValue {
        let value = try operand.evaluate(r, scope)
        r.line = line
        switch kind {
        case .not: return .bool(!(try r.truth(value)))
        case .negative: return try r.negated(value)
        case .positive: return try r.positive(value)
        }
    }
}

/// `a + b` and the other operators of arithmetic.
final class JinjaBinary: JinjaExpression, @unchecked Sendable {
    let kind: JinjaToken.Kind
    let left: JinjaExpression
    let right: JinjaExpression

    init(_ kind: JinjaToken.Kind, _ left: JinjaExpression, _ right: JinjaExpression, line: Int) {
        self.kind = kind
        self.left = left
        self.right = right
        super.init(line: line, [left, right])
    }

    override var children: [JinjaNode] { [left, right] }

    override func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaValue {
        let a = try left.evaluate(r, scope)
        let b = try right.evaluate(r, scope)
        r.line = line
        try r.step()
        return try r.binary(kind, a, b)
    }
}

/// `a ~ b ~ c`.
final class JinjaConcatenation: JinjaExpression, @unchecked Sendable {
    let parts: [JinjaExpression]

    init(_ parts: [JinjaExpression], line: Int) {
        self.parts = parts
        super.init(line: line, parts)
    }

    override var children: [JinjaNode] { parts }

    override func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaValue {
        var bytes: [UInt8] = []
        var values: [JinjaValue] = []
        for part in parts { values.append(try part.evaluate(r, scope)) }
        r.line = line
        for value in values {
            try r.appendString(of: value, to: &bytes)
            try r.checkStringLength(bytes.count)
        }
        return .string(try r.text(bytes))
    }
}

/// `a < b <= c`, `a in b`, `a not in b`.
final class JinjaComparison: JinjaExpression, @unchecked Sendable {
    enum Operator { case eq, ne, lt, lteq, gt, gteq, isIn, notIn }

    let first: JinjaExpression
    let rest: [(kind: Operator, operand: JinjaExpression)]

    init(_ first: JinjaExpression, _ rest: [(kind: Operator, operand: JinjaExpression)], line: Int) {
        self.first = first
        self.rest = rest
        super.init(line: line, [first] + rest.map(\.operand))
    }

    override var children: [JinjaNode] { [first] + rest.map(\.operand) }

    override func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaValue {
        var left = try first.evaluate(r, scope)
        for (kind, operand) in rest {
            let right = try operand.evaluate(r, scope)
            r.line = line
            try r.step()
            if !(try r.compare(kind, left, right)) { return .bool(false) }
            left = right
        }
        return .bool(true)
    }
}

/// `a.name`.
final class JinjaAttribute: JinjaExpression, @unchecked Sendable {
    let object: JinjaExpression
    let name: JinjaAttributeName

    init(_ object: JinjaExpression, _ name: String, line: Int) {
        self.object = object
        self.name = JinjaAttributeName(name)
        super.init(line: line, [object])
    }

    override var children: [JinjaNode] { [object] }

    override func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaValue {
        let value = try object.evaluate(r, scope)
        r.line = line
        try r.step()
        return try r.attribute(of: value, name)
    }
}

/// `a[key]`.
final class JinjaSubscript: JinjaExpression, @unchecked Sendable {
    let object: JinjaExpression
    let key: JinjaExpression

    init(_ object: JinjaExpression, _ key: JinjaExpression, line: Int) {
        self.object = object
        self.key = key
        super.init(line: line, [object, key])
    }

    override var children: [JinjaNode] { [object, key] }

    override func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaValue {
        let value = try object.evaluate(r, scope)
        let key = try key.evaluate(r, scope)
        r.line = line
        try r.step()
        return try r.item(of: value, key)
    }
}

/// `a[start:stop:step]`.
final class JinjaSlice: JinjaExpression, @unchecked Sendable {
    let object: JinjaExpression
    let bounds: [JinjaExpression?]

    init(_ object: JinjaExpression, _ bounds: [JinjaExpression?], line: Int) {
        self.object = object
        self.bounds = bounds
        super.init(line: line, [object] + bounds)
    }

    override var children: [JinjaNode] { [object] + bounds.compactMap { $0 } }

    override func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaValue {
        let value = try object.evaluate(r, scope)
        var values: [JinjaValue] = []
        for bound in bounds { values.append(try bound?.evaluate(r, scope) ?? .none) }
        r.line = line
        try r.step()
        return try r.slice(value, values[0], values[1], values[2])
    }
}

/// The arguments written in a call, a filter or a test.
struct JinjaArgumentList: Sendable {
    var positional: [JinjaExpression] = []
    var keyword: [(name: String, value: JinjaExpression)] = []
    var star: JinjaExpression?
    var doubleStar: JinjaExpression?

    var children: [JinjaNode] {
        positional + keyword.map(\.value) + (star.map { [$0] } ?? []) + (doubleStar.map { [$0] } ?? [])
    }

    func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaArguments {
        var result = JinjaArguments()
        for argument in positional { result.positional.append(try argument.evaluate(r, scope)) }
        for (name, value) in keyword { result.keyword.append((name, try value.evaluate(r, scope))) }
        if let star {
            let value = try star.evaluate(r, scope)
            guard let iterator = try r.iterator(value) else {
                throw JinjaFault(.type, "argument after * must be an iterable, not \(value.typeName)")
            }
            while let item = try iterator.next(r) {
                try r.step()
                result.positional.append(item)
            }
        }
        if let doubleStar {
            let value = try doubleStar.evaluate(r, scope)
            guard case .dict(let dict) = value else {
                if case .undefined(let undefined) = value { throw undefined.fault }
                throw JinjaFault(.type, "argument after ** must be a mapping, not \(value.typeName)")
            }
            var names = Set(result.keyword.map(\.name))
            for entry in dict.entries {
                try r.step(6)
                guard case .string(let name) = entry.key else { throw JinjaFault(.type, "keywords must be strings") }
                let string = name.string
                if !names.insert(string).inserted {
                    throw JinjaFault(.type, "got multiple values for keyword argument '\(string)'")
                }
                result.keyword.append((string, entry.value))
            }
        }
        return result
    }
}

/// `f(…)`.
final class JinjaCall: JinjaExpression, @unchecked Sendable {
    let function: JinjaExpression
    let arguments: JinjaArgumentList

    init(_ function: JinjaExpression, _ arguments: JinjaArgumentList, line: Int) {
        self.function = function
        self.arguments = arguments
        super.init(line: line, [function] + arguments.children)
    }

    override var children: [JinjaNode] { [function] + arguments.children }

    override func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaValue {
        try evaluate(r, scope, caller: nil)
    }

    func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope, caller: JinjaMacro?) throws(JinjaFault) -> JinjaValue {
        let function = try function.evaluate(r, scope)
        var values = try arguments.evaluate(r, scope)
        if let caller { values.keyword.append(("caller", .object(caller))) }
        r.line = line
        try r.step()
        return try r.call(function, values)
    }
}

/// `value|name(…)`; without a value the filter of a block.
final class JinjaFilter: JinjaExpression, @unchecked Sendable {
    let value: JinjaExpression?
    let name: String
    let arguments: JinjaArgumentList
    let filter: JinjaFilterFunction?

    init(_ value: JinjaExpression?, _ name: String, _ arguments: JinjaArgumentList, line: Int) {
        self.value = value
        self.name = name
        self.arguments = arguments
        filter = JinjaFilters.find(name)
        super.init(line: line, [value] + arguments.children)
    }

    override var children: [JinjaNode] { (value.map { [$0] } ?? []) + arguments.children }

    override func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaValue {
        try evaluate(r, scope, block: nil)
    }

    /// Runs a chain of filters over the text of a block.
    func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope, block: JinjaValue?) throws(JinjaFault) -> JinjaValue {
        var input: JinjaValue
        if let inner = value as? JinjaFilter {
            input = try inner.evaluate(r, scope, block: block)
        } else if let value {
            input = try value.evaluate(r, scope)
        } else {
            input = block ?? .none
        }
        let values = try arguments.evaluate(r, scope)
        r.line = line
        try r.step()
        guard let filter else { throw JinjaFault(.failed, "No filter named '\(name)' found.") }
        input = try filter(r, input, values)
        return input
    }
}

/// `value is name(…)`.
final class JinjaTest: JinjaExpression, @unchecked Sendable {
    let value: JinjaExpression
    let name: String
    let arguments: JinjaArgumentList
    let test: JinjaTestFunction?

    init(_ value: JinjaExpression, _ name: String, _ arguments: JinjaArgumentList, line: Int) {
        self.value = value
        self.name = name
        self.arguments = arguments
        test = JinjaTests.find(name)
        super.init(line: line, [value] + arguments.children)
    }

    override var children: [JinjaNode] { [value] + arguments.children }

    override func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaValue {
        let input = try value.evaluate(r, scope)
        let values = try arguments.evaluate(r, scope)
        r.line = line
        try r.step()
        guard let test else { throw JinjaFault(.failed, "No test named '\(name)' found.") }
        return .bool(try test(r, input, values))
    }
}
