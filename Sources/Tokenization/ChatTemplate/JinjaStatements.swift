/// A list of statements.
final class JinjaBody: JinjaNode, @unchecked Sendable {
    let statements: [JinjaStatement]
    /// The variables that are undefined when this body begins, in a scope of its own; set once, after parsing.
    var hidden: [Int] = []

    init(_ statements: [JinjaStatement], line: Int) {
        self.statements = statements
        super.init(line: line, statements)
    }

    override var children: [JinjaNode] { statements }

    func execute(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaFlow {
        for statement in statements {
            try r.step()
            let flow = try statement.execute(r, scope)
            if flow != .normal { return flow }
        }
        return .normal
    }

    /// The output of the statements as a text. A `break` or `continue` within drops it.
    func capture(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> (flow: JinjaFlow, text: JinjaValue) {
        let outer = r.beginCapture()
        let flow = try execute(r, scope)
        return (flow, .string(try r.endCapture(outer)))
    }
}

/// Text outside of tags.
final class JinjaData: JinjaStatement, @unchecked Sendable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8], line: Int) {
        self.bytes = bytes
        super.init(line: line, [])
    }

    override func execute(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaFlow {
        try r.emit(bytes)
        return .normal
    }
}

/// `{{ … }}` and `{% print … %}`.
final class JinjaOutput: JinjaStatement, @unchecked Sendable {
    let expressions: [JinjaExpression]

    init(_ expressions: [JinjaExpression], line: Int) {
        self.expressions = expressions
        super.init(line: line, expressions)
    }

    override var children: [JinjaNode] { expressions }

    override func execute(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaFlow {
        for expression in expressions {
            r.line = expression.line
            try r.emit(try expression.evaluate(r, scope))
        }
        return .normal
    }
}

/// `{% if %}` with its `elif` and `else`.
final class JinjaIf: JinjaStatement, @unchecked Sendable {
    let branches: [(test: JinjaExpression, body: JinjaBody)]
    let otherwise: JinjaBody?

    init(_ branches: [(test: JinjaExpression, body: JinjaBody)], otherwise: JinjaBody?, line: Int) {
        self.branches = branches
        self.otherwise = otherwise
        super.init(line: line, branches.flatMap { [$0.test, $0.body] } + [otherwise])
    }

    override var children: [JinjaNode] {
        branches.flatMap { [$0.test, $0.body] } + (otherwise.map { [$0] } ?? [])
    }

    override func execute(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaFlow {
        for (test, body) in branches {
            r.line = test.line
            if try r.truth(try test.evaluate(r, scope)) { return try body.execute(r, scope) }
        }
        return try otherwise?.execute(r, scope) ?? .normal
    }
}

/// `{% set target = value %}`.
final class JinjaAssign: JinjaStatement, @unchecked Sendable {
    let target: JinjaTarget
    let value: JinjaExpression

    init(_ target: JinjaTarget, _ value: JinjaExpression, line: Int) {
        self.target = target
        self.value = value
        super.init(line: line, [value])
    }

    override var children: [JinjaNode] { target.names + [value] }

    override func execute(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaFlow {
        r.line = line
        for name in target.namespaces {
            if case .object(let object) = try name.evaluate(r, scope), object is JinjaNamespace { continue }
            throw JinjaFault(.failed, "cannot assign attribute on non-namespace object")
        }
        let value = try value.evaluate(r, scope)
        r.line = line
        try target.assign(value, r, scope)
        return .normal
    }
}

/// `{% set target %}…{% endset %}`.
final class JinjaAssignBlock: JinjaStatement, @unchecked Sendable {
    let target: JinjaTarget
    let filter: JinjaFilter?
    let body: JinjaBody

    init(_ target: JinjaTarget, _ filter: JinjaFilter?, _ body: JinjaBody, line: Int) {
        self.target = target
        self.filter = filter
        self.body = body
        super.init(line: line, [filter, body])
    }

    override var children: [JinjaNode] { target.names + (filter.map { [$0] } ?? []) + [body] }

    override func execute(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaFlow {
        let inner = JinjaScope(scope, hiding: body.hidden)
        var (flow, text) = try body.capture(r, inner)
        if flow != .normal { return flow }
        r.line = line
        if let filter { text = try filter.evaluate(r, inner, block: text) }
        try target.assign(text, r, scope)
        return .normal
    }
}

/// `{% filter name %}…{% endfilter %}`.
final class JinjaFilterBlock: JinjaStatement, @unchecked Sendable {
    let filter: JinjaFilter
    let body: JinjaBody

    init(_ filter: JinjaFilter, _ body: JinjaBody, line: Int) {
        self.filter = filter
        self.body = body
        super.init(line: line, [body, filter])
    }

    override var children: [JinjaNode] { [body, filter] }

    override func execute(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaFlow {
        let inner = JinjaScope(scope, hiding: body.hidden)
        let (flow, text) = try body.capture(r, inner)
        if flow != .normal { return flow }
        r.line = line
        try r.emitText(try filter.evaluate(r, inner, block: text))
        return .normal
    }
}

/// `{% with a=1 %}…{% endwith %}`.
final class JinjaWith: JinjaStatement, @unchecked Sendable {
    let targets: [JinjaTarget]
    let values: [JinjaExpression]
    let body: JinjaBody

    init(_ targets: [JinjaTarget], _ values: [JinjaExpression], _ body: JinjaBody, line: Int) {
        self.targets = targets
        self.values = values
        self.body = body
        super.init(line: line, values + [body])
    }

    override var children: [JinjaNode] { targets.flatMap(\.names) + values + [body] }

    override func execute(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaFlow {
        let inner = JinjaScope(scope, hiding: body.hidden)
        for (target, value) in zip(targets, values) {
            let value = try value.evaluate(r, scope)
            r.line = line
            try target.assign(value, r, inner)
        }
        return try body.execute(r, inner)
    }
}

/// `{% break %}` and `{% continue %}`.
final class JinjaLoopControl: JinjaStatement, @unchecked Sendable {
    let flow: JinjaFlow

    init(_ flow: JinjaFlow, line: Int) {
        self.flow = flow
        super.init(line: line, [])
    }

    override func execute(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaFlow { flow }
}

/// `{% generation %}…{% endgeneration %}`: what the assistant wrote, noted as a span of the output.
final class JinjaGeneration: JinjaStatement, @unchecked Sendable {
    let body: JinjaBody

    init(_ body: JinjaBody, line: Int) {
        self.body = body
        super.init(line: line, [body])
    }

    override var children: [JinjaNode] { [body] }

    override func execute(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaFlow {
        let (_, text) = try body.capture(r, JinjaScope(scope, hiding: body.hidden))
        if case .string(let text) = text { r.noteGeneration(text.bytes.count) }
        try r.emit(text)
        return .normal
    }
}

/// `{% block name %}…{% endblock %}`, which without inheritance renders where it stands.
final class JinjaBlock: JinjaStatement, @unchecked Sendable {
    let name: String
    let isScoped: Bool
    let isRequired: Bool
    let body: JinjaBody

    init(_ name: String, isScoped: Bool, isRequired: Bool, _ body: JinjaBody, line: Int) {
        self.name = name
        self.isScoped = isScoped
        self.isRequired = isRequired
        self.body = body
        super.init(line: line, [body])
    }

    override var children: [JinjaNode] { [body] }

    override func execute(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaFlow {
        r.line = line
        if isRequired { throw JinjaFault(.failed, "Required block '\(name)' not found") }
        return try r.entering(height) { () throws(JinjaFault) -> JinjaFlow in
            _ = try body.execute(r, JinjaScope(isScoped ? scope : r.root, hiding: body.hidden))
            return .normal
        }
    }
}

/// `include`, `import`, `from … import`, `extends`: there is nothing to load from, so running one is an error, as in
/// an environment without a loader.
final class JinjaLoad: JinjaStatement, @unchecked Sendable {
    let tag: String
    let template: JinjaExpression

    init(_ tag: String, _ template: JinjaExpression, line: Int) {
        self.tag = tag
        self.template = template
        super.init(line: line, [template])
    }

    override var children: [JinjaNode] { [template] }

    override func execute(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaFlow {
        _ = try template.evaluate(r, scope)
        r.line = line
        throw JinjaFault(.failed, "no loader for this environment specified: a chat template cannot \(tag) others")
    }
}

/// `{% autoescape %}`: off is how chat templates render anyway.
final class JinjaAutoescape: JinjaStatement, @unchecked Sendable {
    let option: JinjaExpression
    let body: JinjaBody

    init(_ option: JinjaExpression, _ body: JinjaBody, line: Int) {
        self.option = option
        self.body = body
        super.init(line: line, [option, body])
    }

    override var children: [JinjaNode] { [option, body] }

    override func execute(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaFlow {
        r.line = line
        if try r.truth(try option.evaluate(r, scope)) {
            throw JinjaFault(.unsupported, "escaping HTML automatically ({% autoescape true %})")
        }
        return try body.execute(r, JinjaScope(scope, hiding: body.hidden))
    }
}
