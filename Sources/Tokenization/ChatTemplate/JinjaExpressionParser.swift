/// The grammar of expressions, with jinja2's precedence.
extension JinjaParser {
    /// Runs one level of nesting.
    private mutating func nested<Result>(_ body: (inout JinjaParser) throws(JinjaFault) -> Result) throws(JinjaFault)
        -> Result
    {
        nesting += 1
        defer { nesting -= 1 }
        if nesting > JinjaLimits.expressionNesting {
            throw JinjaFault(.limit, "an expression nests deeper than the allowed \(JinjaLimits.expressionNesting)")
        }
        return try body(&self)
    }

    private func checked<Node: JinjaExpression>(_ node: Node) throws(JinjaFault) -> Node {
        if node.height > JinjaLimits.expressionHeight {
            throw JinjaFault(.limit, "an expression has more than the allowed \(JinjaLimits.expressionHeight) levels")
        }
        return node
    }

    mutating func parseExpression(withConditional: Bool = true) throws(JinjaFault) -> JinjaExpression {
        try nested { (parser) throws(JinjaFault) in
            withConditional ? try parser.parseConditional() : try parser.parseOr()
        }
    }

    private mutating func parseConditional() throws(JinjaFault) -> JinjaExpression {
        var line = current.line
        var result = try parseOr()
        while try skip(name: "if") {
            let test = try parseOr()
            var otherwise: JinjaExpression?
            if try skip(name: "else") {
                otherwise = try nested { (parser) throws(JinjaFault) in try parser.parseConditional() }
            }
            result = try checked(JinjaConditional(test: test, then: result, otherwise: otherwise, line: line))
            line = current.line
        }
        return result
    }

    private mutating func parseOr() throws(JinjaFault) -> JinjaExpression {
        var line = current.line
        var left = try parseAnd()
        while try skip(name: "or") {
            left = try checked(JinjaLogical(isAnd: false, left, try parseAnd(), line: line))
            line = current.line
        }
        return left
    }

    private mutating func parseAnd() throws(JinjaFault) -> JinjaExpression {
        var line = current.line
        var left = try parseNot()
        while try skip(name: "and") {
            left = try checked(JinjaLogical(isAnd: true, left, try parseNot(), line: line))
            line = current.line
        }
        return left
    }

    private mutating func parseNot() throws(JinjaFault) -> JinjaExpression {
        var lines: [Int] = []
        while isName("not") {
            lines.append(current.line)
            try advance()
        }
        var node = try parseComparison()
        for line in lines.reversed() { node = try checked(JinjaUnary(.not, node, line: line)) }
        return node
    }

    private mutating func parseComparison() throws(JinjaFault) -> JinjaExpression {
        let line = current.line
        let first = try parseSum()
        var rest: [(kind: JinjaComparison.Operator, operand: JinjaExpression)] = []
        while true {
            let kind: JinjaComparison.Operator
            switch current.kind {
            case .eq: kind = .eq
            case .ne: kind = .ne
            case .lt: kind = .lt
            case .lteq: kind = .lteq
            case .gt: kind = .gt
            case .gteq: kind = .gteq
            case .name where current.name == "in": kind = .isIn
            case .name where current.name == "not":
                let following = try look()
                guard following.kind == .name, following.name == "in" else {
                    return rest.isEmpty ? first : try checked(JinjaComparison(first, rest, line: line))
                }
                try advance()
                kind = .notIn
            default: return rest.isEmpty ? first : try checked(JinjaComparison(first, rest, line: line))
            }
            try advance()
            rest.append((kind, try parseSum()))
        }
    }

    private mutating func parseSum() throws(JinjaFault) -> JinjaExpression {
        var line = current.line
        var left = try parseConcatenation()
        while current.kind == .add || current.kind == .sub {
            let kind = current.kind
            try advance()
            left = try checked(JinjaBinary(kind, left, try parseConcatenation(), line: line))
            line = current.line
        }
        return left
    }

    private mutating func parseConcatenation() throws(JinjaFault) -> JinjaExpression {
        let line = current.line
        var parts = [try parseProduct()]
        while current.kind == .tilde {
            try advance()
            parts.append(try parseProduct())
        }
        return parts.count == 1 ? parts[0] : try checked(JinjaConcatenation(parts, line: line))
    }

    private mutating func parseProduct() throws(JinjaFault) -> JinjaExpression {
        var line = current.line
        var left = try parsePower()
        while [.mul, .div, .floordiv, .mod].contains(current.kind) {
            let kind = current.kind
            try advance()
            left = try checked(JinjaBinary(kind, left, try parsePower(), line: line))
            line = current.line
        }
        return left
    }

    private mutating func parsePower() throws(JinjaFault) -> JinjaExpression {
        var line = current.line
        var left = try parseUnary()
        while current.kind == .pow {
            try advance()
            left = try checked(JinjaBinary(.pow, left, try parseUnary(), line: line))
            line = current.line
        }
        return left
    }

    private mutating func parseUnary(withFilter: Bool = true) throws(JinjaFault) -> JinjaExpression {
        let line = current.line
        var node: JinjaExpression
        switch current.kind {
        case .sub, .add:
            let kind: JinjaUnary.Operator = current.kind == .sub ? .negative : .positive
            try advance()
            let operand = try nested { (parser) throws(JinjaFault) in try parser.parseUnary(withFilter: false) }
            node = try checked(JinjaUnary(kind, operand, line: line))
        default: node = try parsePrimary()
        }
        node = try parsePostfix(node)
        return withFilter ? try parseFilters(node) : node
    }

    mutating func parsePrimary() throws(JinjaFault) -> JinjaExpression {
        let token = current
        switch token.kind {
        case .name:
            try advance()
            switch token.name {
            case "true", "True": return JinjaConstant(.bool(true), line: token.line)
            case "false", "False": return JinjaConstant(.bool(false), line: token.line)
            case "none", "None": return JinjaConstant(.none, line: token.line)
            default: return name(token.name, .load, line: token.line)
            }
        case .string:
            var bytes: [UInt8] = []
            while current.kind == .string {
                bytes += current.bytes
                try advance()
            }
            return JinjaConstant(.string(JinjaText(bytes)), line: token.line)
        case .integer:
            try advance()
            return JinjaConstant(.int(token.integer), line: token.line)
        case .float:
            try advance()
            return JinjaConstant(.float(token.float), line: token.line)
        case .leftParen:
            try advance()
            let node = try parseTuple(explicitParentheses: true)
            try expect(.rightParen)
            return node
        case .leftBracket: return try parseList()
        case .leftBrace: return try parseDictionary()
        default: throw JinjaFault(.syntax, "unexpected '\(token.description)'")
        }
    }

    /// An expression, or a tuple of several with commas between them.
    mutating func parseTuple(
        withConditional: Bool = true, explicitParentheses: Bool = false
    ) throws(JinjaFault) -> JinjaExpression {
        var line = current.line
        var items: [JinjaExpression] = []
        var isTuple = false
        while true {
            if !items.isEmpty { try expect(.comma) }
            if isTupleEnd { break }
            items.append(try parseExpression(withConditional: withConditional))
            guard current.kind == .comma else { break }
            isTuple = true
            line = current.line
        }
        if !isTuple {
            if let only = items.first { return only }
            if !explicitParentheses {
                throw JinjaFault(.syntax, "Expected an expression, got '\(current.description)'")
            }
        }
        return try checked(JinjaSequence(items, isTuple: true, line: line))
    }

    /// A comma may be the last thing before these.
    var isTupleEnd: Bool { [.variableEnd, .blockEnd, .rightParen].contains(current.kind) }

    private mutating func parseList() throws(JinjaFault) -> JinjaExpression {
        let line = current.line
        try expect(.leftBracket)
        var items: [JinjaExpression] = []
        while current.kind != .rightBracket {
            if !items.isEmpty { try expect(.comma) }
            if current.kind == .rightBracket { break }
            items.append(try parseExpression())
        }
        try expect(.rightBracket)
        return try checked(JinjaSequence(items, isTuple: false, line: line))
    }

    private mutating func parseDictionary() throws(JinjaFault) -> JinjaExpression {
        let line = current.line
        try expect(.leftBrace)
        var items: [(key: JinjaExpression, value: JinjaExpression)] = []
        while current.kind != .rightBrace {
            if !items.isEmpty { try expect(.comma) }
            if current.kind == .rightBrace { break }
            let key = try parseExpression()
            try expect(.colon)
            items.append((key, try parseExpression()))
        }
        try expect(.rightBrace)
        return try checked(JinjaDictionary(items, line: line))
    }

    mutating func parsePostfix(_ start: JinjaExpression) throws(JinjaFault) -> JinjaExpression {
        var node = start
        while true {
            switch current.kind {
            case .dot, .leftBracket: node = try parseSubscript(node)
            case .leftParen: node = try parseCall(node)
            default: return node
            }
        }
    }

    private mutating func parseCall(_ function: JinjaExpression) throws(JinjaFault) -> JinjaExpression {
        let line = current.line
        return try checked(JinjaCall(function, try parseArguments(), line: line))
    }

    private mutating func parseSubscript(_ object: JinjaExpression) throws(JinjaFault) -> JinjaExpression {
        let line = current.line
        if current.kind == .dot {
            try advance()
            let token = current
            try advance()
            switch token.kind {
            case .name: return try checked(JinjaAttribute(object, token.name, line: line))
            case .integer:
                return try checked(
                    JinjaSubscript(object, JinjaConstant(.int(token.integer), line: token.line), line: line))
            default: throw JinjaFault(.syntax, "expected name or number")
            }
        }
        try advance()
        var keys: [JinjaExpression] = []
        var slice: [JinjaExpression?]?
        var count = 0
        while current.kind != .rightBracket {
            if count > 0 { try expect(.comma) }
            switch try parseSubscribed() {
            case .key(let key): keys.append(key)
            case .slice(let bounds): slice = bounds
            }
            count += 1
        }
        try expect(.rightBracket)
        if let slice {
            if count > 1 { throw JinjaFault(.syntax, "a slice cannot stand among several keys") }
            return try checked(JinjaSlice(object, slice, line: line))
        }
        let key = count == 1 ? keys[0] : try checked(JinjaSequence(keys, isTuple: true, line: line))
        return try checked(JinjaSubscript(object, key, line: line))
    }

    private enum Subscribed {
        case key(JinjaExpression)
        case slice([JinjaExpression?])
    }

    private mutating func parseSubscribed() throws(JinjaFault) -> Subscribed {
        var bounds: [JinjaExpression?] = []
        if current.kind == .colon {
            bounds.append(nil)
        } else {
            let key = try parseExpression()
            if current.kind != .colon { return .key(key) }
            bounds.append(key)
        }
        try advance()
        func ends(_ kind: JinjaToken.Kind) -> Bool { kind == .rightBracket || kind == .comma }
        if current.kind == .colon || ends(current.kind) {
            bounds.append(nil)
        } else {
            bounds.append(try parseExpression())
        }
        if current.kind == .colon {
            try advance()
            bounds.append(ends(current.kind) ? nil : try parseExpression())
        } else {
            bounds.append(nil)
        }
        return .slice(bounds)
    }

    mutating func parseArguments() throws(JinjaFault) -> JinjaArgumentList {
        try expect(.leftParen)
        var arguments = JinjaArgumentList()
        var needsComma = false
        func ensure(_ condition: Bool) throws(JinjaFault) {
            if !condition { throw JinjaFault(.syntax, "invalid syntax for function call expression") }
        }
        while current.kind != .rightParen {
            if needsComma {
                try expect(.comma)
                if current.kind == .rightParen { break }
            }
            switch current.kind {
            case .mul:
                try ensure(arguments.star == nil && arguments.doubleStar == nil)
                try advance()
                arguments.star = try parseExpression()
            case .pow:
                try ensure(arguments.doubleStar == nil)
                try advance()
                arguments.doubleStar = try parseExpression()
            default:
                if current.kind == .name, try look().kind == .assign {
                    try ensure(arguments.doubleStar == nil)
                    let name = current.name
                    try advance()
                    try advance()
                    let value = try parseExpression()
                    if arguments.keyword.contains(where: { $0.name == name }) {
                        throw JinjaFault(.syntax, "keyword argument repeated: \(name)")
                    }
                    arguments.keyword.append((name, value))
                } else {
                    try ensure(
                        arguments.star == nil && arguments.doubleStar == nil && arguments.keyword.isEmpty)
                    arguments.positional.append(try parseExpression())
                }
            }
            needsComma = true
        }
        try expect(.rightParen)
        return arguments
    }

    private mutating func parseFilters(_ start: JinjaExpression) throws(JinjaFault) -> JinjaExpression {
        var node = start
        while true {
            switch current.kind {
            case .pipe: node = try parseFilter(node) ?? node
            case .name where current.name == "is": node = try parseTest(node)
            case .leftParen: node = try parseCall(node)
            default: return node
            }
        }
    }

    /// A chain of filters. `inline` is set in `{% filter name %}`, where the first has no bar before it.
    mutating func parseFilter(_ start: JinjaExpression?, inline: Bool = false) throws(JinjaFault) -> JinjaExpression? {
        var node = start
        var inline = inline
        while current.kind == .pipe || inline {
            if !inline { try advance() }
            inline = false
            let token = current
            try expect(.name)
            let name = try dottedName(token.name)
            let arguments = current.kind == .leftParen ? try parseArguments() : JinjaArgumentList()
            node = try checked(JinjaFilter(node, name, arguments, line: token.line))
        }
        return node
    }

    private mutating func dottedName(_ start: String) throws(JinjaFault) -> String {
        var name = start
        while current.kind == .dot {
            try advance()
            let part = current.name
            try expect(.name)
            name += "." + part
        }
        return name
    }

    private mutating func parseTest(_ value: JinjaExpression) throws(JinjaFault) -> JinjaExpression {
        let line = current.line
        try advance()
        let isNegated = try skip(name: "not")
        let token = current
        try expect(.name)
        let name = try dottedName(token.name)
        var arguments = JinjaArgumentList()
        switch current.kind {
        case .leftParen: arguments = try parseArguments()
        case .name where ["else", "or", "and"].contains(current.name): break
        case .name, .string, .integer, .float, .leftBracket, .leftBrace:
            if isName("is") { throw JinjaFault(.syntax, "You cannot chain multiple tests with is") }
            let argument = try nested { (parser) throws(JinjaFault) in
                try parser.parsePostfix(try parser.parsePrimary())
            }
            arguments.positional = [argument]
        default: break
        }
        let test = try checked(JinjaTest(value, name, arguments, line: line))
        return isNegated ? try checked(JinjaUnary(.not, test, line: line)) : test
    }
}
