#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Python's operators.
extension JinjaRenderer {
    func truth(_ value: JinjaValue) throws(JinjaFault) -> Bool {
        switch value {
        case .undefined, .none, .missing: false
        case .bool(let value): value
        case .int(let value): value != 0
        case .float(let value): value != 0
        case .string(let text): !text.bytes.isEmpty
        case .list(let list), .tuple(let list): !list.items.isEmpty
        case .dict(let dict): dict.count > 0
        case .object(let object): object.isTrue
        }
    }

    /// The truth of an argument that need not be given.
    func flag(_ value: JinjaValue?, default missing: Bool = false) throws(JinjaFault) -> Bool {
        guard let value else { return missing }
        return try truth(value)
    }

    // MARK: Arithmetic

    static let overflow = JinjaFault(.limit, "an integer does not fit 64 bits")

    func negated(_ value: JinjaValue) throws(JinjaFault) -> JinjaValue {
        if case .float(let number) = value { return .float(-number) }
        if let integer = value.index {
            let (result, overflow) = (0).subtractingReportingOverflow(integer)
            if overflow { throw Self.overflow }
            return .int(result)
        }
        throw unaryFault("-", value)
    }

    func positive(_ value: JinjaValue) throws(JinjaFault) -> JinjaValue {
        if case .float = value { return value }
        if let integer = value.index { return .int(integer) }
        throw unaryFault("+", value)
    }

    private func unaryFault(_ operation: String, _ value: JinjaValue) -> JinjaFault {
        if case .undefined(let undefined) = value { return undefined.fault }
        return JinjaFault(.type, "bad operand type for unary \(operation): '\(value.typeName)'")
    }

    func binary(_ kind: JinjaToken.Kind, _ a: JinjaValue, _ b: JinjaValue) throws(JinjaFault) -> JinjaValue {
        if kind == .mod, case .string(let format) = a { return try percentFormat(format, b) }
        if case .undefined(let undefined) = a { throw undefined.fault }
        if case .undefined(let undefined) = b { throw undefined.fault }
        if let x = a.index, let y = b.index { return try integers(kind, x, y) }
        if let x = a.number, let y = b.number { return try floats(kind, x, y) }
        switch (kind, a, b) {
        case (.add, .string(let x), .string(let y)): return try concatenate(x, y)
        case (.add, .list(let x), .list(let y)): return try list(x.items + y.items)
        case (.add, .tuple(let x), .tuple(let y)): return try tuple(x.items + y.items)
        case (.mul, .string(let text), _):
            if let count = b.index { return try repeated(text, count) }
        case (.mul, _, .string(let text)):
            if let count = a.index { return try repeated(text, count) }
        case (.mul, .list(let items), _):
            if let count = b.index { return try list(try repeated(items.items, count)) }
        case (.mul, _, .list(let items)):
            if let count = a.index { return try list(try repeated(items.items, count)) }
        case (.mul, .tuple(let items), _):
            if let count = b.index { return try tuple(try repeated(items.items, count)) }
        case (.mul, _, .tuple(let items)):
            if let count = a.index { return try tuple(try repeated(items.items, count)) }
        case (.sub, .object(let x), .object(let y)):
            if let view = x as? JinjaDictView, let other = y as? JinjaDictView { _ = (view, other) }
            throw JinjaFault(.unsupported, "sets, which '-' of dictionary views would give")
        default: break
        }
        throw JinjaFault(
            .type, "unsupported operand type(s) for \(kind.spelling): '\(a.typeName)' and '\(b.typeName)'")
    }

    private func integers(_ kind: JinjaToken.Kind, _ x: Int, _ y: Int) throws(JinjaFault) -> JinjaValue {
        func checked(_ result: (partialValue: Int, overflow: Bool)) throws(JinjaFault) -> JinjaValue {
            if result.overflow { throw Self.overflow }
            return .int(result.partialValue)
        }
        switch kind {
        case .add: return try checked(x.addingReportingOverflow(y))
        case .sub: return try checked(x.subtractingReportingOverflow(y))
        case .mul: return try checked(x.multipliedReportingOverflow(by: y))
        case .div:
            if y == 0 { throw JinjaFault(.failed, "division by zero") }
            return .float(Double(x) / Double(y))
        case .floordiv:
            if y == 0 { throw JinjaFault(.failed, "integer division or modulo by zero") }
            return try checked(floorDivided(x, y))
        case .mod:
            if y == 0 { throw JinjaFault(.failed, "integer modulo by zero") }
            return .int(modulo(x, y))
        default: return try power(x, y)
        }
    }

    private func floorDivided(_ x: Int, _ y: Int) -> (partialValue: Int, overflow: Bool) {
        let (quotient, overflow) = x.dividedReportingOverflow(by: y)
        if overflow { return (quotient, true) }
        return (x % y != 0 && (x < 0) != (y < 0) ? quotient - 1 : quotient, false)
    }

    func modulo(_ x: Int, _ y: Int) -> Int {
        let remainder = x.remainderReportingOverflow(dividingBy: y).partialValue
        return remainder != 0 && (remainder < 0) != (y < 0) ? remainder + y : remainder
    }

    private func power(_ x: Int, _ y: Int) throws(JinjaFault) -> JinjaValue {
        if y < 0 {
            if x == 0 { throw JinjaFault(.failed, "0.0 cannot be raised to a negative power") }
            return .float(pow(Double(x), Double(y)))
        }
        var result = 1
        var base = x
        var exponent = y
        while exponent > 0 {
            if exponent & 1 == 1 {
                let (product, overflow) = result.multipliedReportingOverflow(by: base)
                if overflow { throw Self.overflow }
                result = product
            }
            exponent >>= 1
            if exponent > 0 {
                let (square, overflow) = base.multipliedReportingOverflow(by: base)
                if overflow { throw Self.overflow }
                base = square
            }
        }
        return .int(result)
    }

    private func floats(_ kind: JinjaToken.Kind, _ x: Double, _ y: Double) throws(JinjaFault) -> JinjaValue {
        switch kind {
        case .add: return .float(x + y)
        case .sub: return .float(x - y)
        case .mul: return .float(x * y)
        case .div:
            if y == 0 { throw JinjaFault(.failed, "float division by zero") }
            return .float(x / y)
        case .floordiv, .mod:
            if y == 0 { throw JinjaFault(.failed, "float floor division or modulo by zero") }
            var remainder = fmod(x, y)
            var quotient = (x - remainder) / y
            if remainder != 0 {
                if (y < 0) != (remainder < 0) {
                    remainder += y
                    quotient -= 1
                }
            } else {
                remainder = copysign(0, y)
            }
            if kind == .mod { return .float(remainder) }
            if quotient == 0 { return .float(copysign(0, x / y)) }
            var floor = quotient.rounded(.down)
            if quotient - floor > 0.5 { floor += 1 }
            return .float(floor)
        default:
            if x == 0, y < 0 { throw JinjaFault(.failed, "0.0 cannot be raised to a negative power") }
            if x < 0, x.isFinite, y.isFinite, y != y.rounded() {
                throw JinjaFault(.unsupported, "complex numbers, which this power would give")
            }
            let result = pow(x, y)
            if result.isInfinite, x.isFinite, y.isFinite {
                throw JinjaFault(.failed, "the result of ** is too large for a float")
            }
            return .float(result)
        }
    }

    // MARK: Sequences

    func concatenate(_ a: JinjaText, _ b: JinjaText) throws(JinjaFault) -> JinjaValue {
        var (left, right) = (a.bytes, b.bytes)
        if a.isMarkup != b.isMarkup {
            if a.isMarkup { right = JinjaHTML.escape(right) } else { left = JinjaHTML.escape(left) }
        }
        try checkStringLength(left.count + right.count)
        return .string(try text(left + right, isMarkup: a.isMarkup || b.isMarkup))
    }

    func repeated(_ content: JinjaText, _ count: Int) throws(JinjaFault) -> JinjaValue {
        .string(try text(try repeated(content.bytes, count), isMarkup: content.isMarkup))
    }

    func repeated(_ bytes: [UInt8], _ count: Int) throws(JinjaFault) -> [UInt8] {
        if count <= 0 || bytes.isEmpty { return [] }
        let (total, overflow) = bytes.count.multipliedReportingOverflow(by: count)
        try checkStringLength(overflow ? .max : total)
        if bytes.count == 1 { return [UInt8](repeating: bytes[0], count: count) }
        var result: [UInt8] = []
        result.reserveCapacity(total)
        for _ in 0..<count { result += bytes }
        return result
    }

    private func repeated(_ items: [JinjaValue], _ count: Int) throws(JinjaFault) -> [JinjaValue] {
        if count <= 0 || items.isEmpty { return [] }
        let (total, overflow) = items.count.multipliedReportingOverflow(by: count)
        if overflow || total > JinjaLimits.rangeLength * 10 {
            throw JinjaFault(.limit, "a list would have more than \(JinjaLimits.rangeLength * 10) elements")
        }
        try step(total >> 3)
        var result: [JinjaValue] = []
        result.reserveCapacity(total)
        for _ in 0..<count { result += items }
        return result
    }
}

extension JinjaValue {
    /// The number as a float: ints, bools and floats.
    var number: Double? {
        if case .float(let value) = self { return value }
        return index.map(Double.init)
    }
}
