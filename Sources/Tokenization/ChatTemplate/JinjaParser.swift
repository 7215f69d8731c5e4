/// Builds the tree of a template. Statements are here, expressions in JinjaExpressionParser.swift.
struct JinjaParser {
    private var lexer: JinjaLexer
    private(set) var current = JinjaToken(kind: .end, line: 1)
    private var lookahead: JinjaToken?
    private(set) var symbols: [String: Int] = [:]
    var nesting = 0
    private var statementNesting = 0
    /// The tags that are open, with their lines, for messages.
    private var openTags: [String] = []
    private(set) var blocks: [String: JinjaBlock] = [:]

    init(_ source: String) { lexer = JinjaLexer(source) }

    /// The line that was being read, for errors.
    var line: Int { max(current.line, lookahead == nil ? lexer.line : current.line) }

    mutating func parse() throws(JinjaFault) -> JinjaBody {
        try advance()
        return try parseBody(until: [])
    }

    mutating func symbol(_ name: String) -> Int {
        if let symbol = symbols[name] { return symbol }
        let symbol = symbols.count
        symbols[name] = symbol
        return symbol
    }

    mutating func name(_ name: String, _ use: JinjaName.Use, line: Int) -> JinjaName {
        JinjaName(name, symbol: symbol(name), use, line: line)
    }

    // MARK: Tokens

    mutating func advance() throws(JinjaFault) {
        if let token = lookahead {
            lookahead = nil
            current = token
        } else if current.kind != .end || current.line == 1 {
            current = try lexer.next()
        }
    }

    mutating func look() throws(JinjaFault) -> JinjaToken {
        if let lookahead { return lookahead }
        let token = try lexer.next()
        lookahead = token
        return token
    }

    func isName(_ name: String) -> Bool { current.kind == .name && current.name == name }

    mutating func skip(name: String) throws(JinjaFault) -> Bool {
        guard isName(name) else { return false }
        try advance()
        return true
    }

    mutating func expect(_ kind: JinjaToken.Kind) throws(JinjaFault) {
        if current.kind != kind {
            if current.kind == .end {
                throw JinjaFault(.syntax, "unexpected end of template, expected '\(kind.spelling)'.")
            }
            throw JinjaFault(.syntax, "expected token '\(kind.spelling)', got '\(current.description)'")
        }
        try advance()
    }

    private mutating func expectName() throws(JinjaFault) -> (name: String, line: Int) {
        let token = current
        try expect(.name)
        return (token.name, token.line)
    }

    private mutating func expect(name: String) throws(JinjaFault) {
        if !isName(name) { throw JinjaFault(.syntax, "expected token '\(name)', got '\(current.description)'") }
        try advance()
    }

    // MARK: Bodies

    /// Statements and text up to one of the tags, which stays the current token; or to the end of the template.
    private mutating func parseBody(until ends: [String]) throws(JinjaFault) -> JinjaBody {
        let line = current.line
        var statements: [JinjaStatement] = []
        while true {
            switch current.kind {
            case .end:
                if !ends.isEmpty {
                    let open = openTags.last.map { " The innermost block that needs to be closed is '\($0)'." } ?? ""
                    throw JinjaFault(
                        .syntax,
                        "Unexpected end of template. Jinja was looking for the following tags: "
                            + ends.map { "'\($0)'" }.joined(separator: " or ") + "." + open)
                }
                return JinjaBody(statements, line: line)
            case .data:
                statements.append(JinjaData(current.bytes, line: current.line))
                try advance()
            case .variableBegin:
                let line = current.line
                try advance()
                statements.append(JinjaOutput([try parseTuple()], line: line))
                try expect(.variableEnd)
            case .blockBegin:
                try advance()
                if current.kind == .name, ends.contains(current.name) { return JinjaBody(statements, line: line) }
                statements.append(try parseStatement())
                try expect(.blockEnd)
            default: throw JinjaFault(.syntax, "unexpected '\(current.description)'")
            }
        }
    }

    private mutating func parseStatements(_ ends: String..., drop: Bool = false) throws(JinjaFault) -> JinjaBody {
        if current.kind == .colon { try advance() }
        try expect(.blockEnd)
        let body = try parseBody(until: ends)
        if drop { try advance() }
        return body
    }

    private mutating func parseStatement() throws(JinjaFault) -> JinjaStatement {
        guard current.kind == .name else { throw JinjaFault(.syntax, "tag name expected") }
        let tag = current.name
        statementNesting += 1
        openTags.append(tag)
        defer {
            statementNesting -= 1
            openTags.removeLast()
        }
        if statementNesting > JinjaLimits.statementNesting {
            throw JinjaFault(.limit, "statements nest deeper than the allowed \(JinjaLimits.statementNesting)")
        }
        let line = current.line
        try advance()
        switch tag {
        case "for": return try parseFor(line)
        case "if": return try parseIf(line)
        case "set": return try parseSet(line)
        case "macro": return try parseMacro(line)
        case "call": return try parseCallBlock(line)
        case "filter": return try parseFilterBlock(line)
        case "with": return try parseWith(line)
        case "print": return try parsePrint(line)
        case "generation":
            return JinjaGeneration(try parseStatements("endgeneration", drop: true), line: line)
        case "break": return JinjaLoopControl(.breakLoop, line: line)
        case "continue": return JinjaLoopControl(.continueLoop, line: line)
        case "block": return try parseBlock(line)
        case "autoescape":
            let option = try parseExpression()
            return JinjaAutoescape(option, try parseStatements("endautoescape", drop: true), line: line)
        case "extends", "include", "import", "from": return try parseLoad(tag, line)
        default: throw JinjaFault(.syntax, "Encountered unknown tag '\(tag)'.")
        }
    }

    // MARK: Statements

    private mutating func parseFor(_ line: Int) throws(JinjaFault) -> JinjaStatement {
        let target = try parseTarget()
        try expect(name: "in")
        let values = try parseTuple(withConditional: false)
        let test = try skip(name: "if") ? try parseExpression() : nil
        let isRecursive = try skip(name: "recursive")
        let body = try parseStatements("endfor", "else")
        let hasElse = isName("else")
        try advance()
        let otherwise = hasElse ? try parseStatements("endfor", drop: true) : nil
        return JinjaFor(
            target, in: values, if: test, isRecursive: isRecursive, body, otherwise: otherwise,
            loopSymbol: symbol("loop"), line: line)
    }

    private mutating func parseIf(_ line: Int) throws(JinjaFault) -> JinjaStatement {
        var branches: [(test: JinjaExpression, body: JinjaBody)] = []
        while true {
            let test = try parseTuple(withConditional: false)
            branches.append((test, try parseStatements("elif", "else", "endif")))
            let end = current.name
            try advance()
            if end == "elif" { continue }
            let otherwise = end == "else" ? try parseStatements("endif", drop: true) : nil
            return JinjaIf(branches, otherwise: otherwise, line: line)
        }
    }

    private mutating func parseSet(_ line: Int) throws(JinjaFault) -> JinjaStatement {
        let target = try parseTarget(withNamespace: true)
        if current.kind == .assign {
            try advance()
            return JinjaAssign(target, try parseTuple(), line: line)
        }
        let filter = try parseFilter(nil) as? JinjaFilter
        return JinjaAssignBlock(target, filter, try parseStatements("endset", drop: true), line: line)
    }

    private mutating func parseSignature() throws(JinjaFault) -> (names: [JinjaName], defaults: [JinjaExpression]) {
        var names: [JinjaName] = []
        var defaults: [JinjaExpression] = []
        try expect(.leftParen)
        while current.kind != .rightParen {
            if !names.isEmpty { try expect(.comma) }
            let parameter = try parseTargetName()
            if current.kind == .assign {
                try advance()
                defaults.append(try parseExpression())
            } else if !defaults.isEmpty {
                throw JinjaFault(.syntax, "non-default argument follows default argument")
            }
            names.append(name(parameter.name, .parameter, line: parameter.line))
        }
        try expect(.rightParen)
        return (names, defaults)
    }

    private mutating func definition(
        _ name: String?, _ signature: (names: [JinjaName], defaults: [JinjaExpression]), _ body: JinjaBody, _ line: Int
    ) throws(JinjaFault) -> JinjaMacroDefinition {
        try JinjaMacroDefinition(
            name: name, signature.names, defaults: signature.defaults, body,
            symbols: (symbol("caller"), symbol("kwargs"), symbol("varargs")), line: line)
    }

    private mutating func parseMacro(_ line: Int) throws(JinjaFault) -> JinjaStatement {
        let macro = try parseTargetName()
        let signature = try parseSignature()
        let body = try parseStatements("endmacro", drop: true)
        let target = name(macro.name, .store, line: macro.line)
        return JinjaMacroStatement(target, try definition(macro.name, signature, body, line), line: line)
    }

    private mutating func parseCallBlock(_ line: Int) throws(JinjaFault) -> JinjaStatement {
        let signature = current.kind == .leftParen ? try parseSignature() : ([], [])
        guard let call = try parseExpression() as? JinjaCall else { throw JinjaFault(.syntax, "expected call") }
        let body = try parseStatements("endcall", drop: true)
        return JinjaCallBlock(call, try definition(nil, signature, body, line), line: line)
    }

    private mutating func parseFilterBlock(_ line: Int) throws(JinjaFault) -> JinjaStatement {
        guard let filter = try parseFilter(nil, inline: true) as? JinjaFilter else {
            throw JinjaFault(.syntax, "expected the name of a filter")
        }
        return JinjaFilterBlock(filter, try parseStatements("endfilter", drop: true), line: line)
    }

    private mutating func parseWith(_ line: Int) throws(JinjaFault) -> JinjaStatement {
        var targets: [JinjaTarget] = []
        var values: [JinjaExpression] = []
        while current.kind != .blockEnd {
            if !targets.isEmpty { try expect(.comma) }
            targets.append(try parseTarget(use: .parameter))
            try expect(.assign)
            values.append(try parseExpression())
        }
        return JinjaWith(targets, values, try parseStatements("endwith", drop: true), line: line)
    }

    private mutating func parsePrint(_ line: Int) throws(JinjaFault) -> JinjaStatement {
        var expressions: [JinjaExpression] = []
        while current.kind != .blockEnd {
            if !expressions.isEmpty { try expect(.comma) }
            expressions.append(try parseExpression())
        }
        return JinjaOutput(expressions, line: line)
    }

    private mutating func parseBlock(_ line: Int) throws(JinjaFault) -> JinjaStatement {
        let name = try expectName().name
        let isScoped = try skip(name: "scoped")
        let isRequired = try skip(name: "required")
        if current.kind == .sub {
            throw JinjaFault(
                .syntax,
                "Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore"
                    + " instead.")
        }
        let body = try parseStatements("endblock", drop: true)
        if isRequired {
            for statement in body.statements {
                guard let data = statement as? JinjaData,
                    JinjaText.codePoints(data.bytes).allSatisfy(PythonUnicode.isSpace)
                else { throw JinjaFault(.syntax, "Required blocks can only contain comments or whitespace") }
            }
        }
        _ = try skip(name: name)
        if blocks[name] != nil { throw JinjaFault(.syntax, "block '\(name)' defined twice") }
        let block = JinjaBlock(name, isScoped: isScoped, isRequired: isRequired, body, line: line)
        blocks[name] = block
        return block
    }

    private mutating func parseLoad(_ tag: String, _ line: Int) throws(JinjaFault) -> JinjaStatement {
        let template = try parseExpression()
        switch tag {
        case "include":
            if isName("ignore"), try look().name == "missing" {
                try advance()
                try advance()
            }
            _ = try parseContextOption()
        case "import":
            try expect(name: "as")
            _ = try parseTargetName()
            _ = try parseContextOption()
        case "from":
            try expect(name: "import")
            var isFirst = true
            while true {
                if !isFirst { try expect(.comma) }
                if current.kind != .name { try expect(.name) }
                if try parseContextOption() { break }
                if try parseTargetName().name.hasPrefix("_") {
                    throw JinjaFault(.syntax, "names starting with an underline can not be imported")
                }
                if try skip(name: "as") { _ = try parseTargetName() }
                isFirst = false
                if try parseContextOption() || current.kind != .comma { break }
            }
        default: break
        }
        return JinjaLoad(tag, template, line: line)
    }

    private mutating func parseContextOption() throws(JinjaFault) -> Bool {
        guard isName("with") || isName("without"), try look().name == "context" else { return false }
        try advance()
        try advance()
        return true
    }

    // MARK: Targets

    private static let reserved: Set<String> = ["true", "false", "none", "True", "False", "None"]

    private mutating func parseTargetName() throws(JinjaFault) -> (name: String, line: Int) {
        let token = try expectName()
        if Self.reserved.contains(token.name) { throw JinjaFault(.syntax, "can't assign to 'name'") }
        return token
    }

    private mutating func parseTarget(
        withNamespace: Bool = false, use: JinjaName.Use = .store
    ) throws(JinjaFault) -> JinjaTarget {
        var targets: [JinjaTarget] = []
        var isTuple = false
        while true {
            if !targets.isEmpty { try expect(.comma) }
            if isTupleEnd { break }
            targets.append(try parseTargetItem(withNamespace: withNamespace, use: use))
            guard current.kind == .comma else { break }
            isTuple = true
        }
        if isTuple { return .tuple(targets) }
        guard let target = targets.first else {
            throw JinjaFault(.syntax, "Expected an expression, got '\(current.description)'")
        }
        return target
    }

    private mutating func parseTargetItem(withNamespace: Bool, use: JinjaName.Use) throws(JinjaFault) -> JinjaTarget {
        if withNamespace, current.kind == .name, !Self.reserved.contains(current.name), try look().kind == .dot {
            let holder = name(current.name, .load, line: current.line)
            try advance()
            try advance()
            return .namespace(holder, attribute: try expectName().name)
        }
        return try target(try parsePrimary(), use)
    }

    private mutating func target(_ node: JinjaExpression, _ use: JinjaName.Use) throws(JinjaFault) -> JinjaTarget {
        if let name = node as? JinjaName { return .name(self.name(name.name, use, line: name.line)) }
        guard let sequence = node as? JinjaSequence, sequence.isTuple else {
            throw JinjaFault(.syntax, "can't assign to this expression")
        }
        var targets: [JinjaTarget] = []
        for item in sequence.items { targets.append(try target(item, use)) }
        return .tuple(targets)
    }
}
