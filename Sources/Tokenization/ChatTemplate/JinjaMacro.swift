/// `{% macro name(a, b=1) %}…{% endmacro %}`.
final class JinjaMacroStatement: JinjaStatement, @unchecked Sendable {
    let name: JinjaName
    let definition: JinjaMacroDefinition

    init(_ name: JinjaName, _ definition: JinjaMacroDefinition, line: Int) {
        self.name = name
        self.definition = definition
        super.init(line: line, [definition])
    }

    override var children: [JinjaNode] { definition.children }

    override func execute(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaFlow {
        scope.set(name.symbol, .object(try definition.make(r, scope)))
        return .normal
    }
}

/// `{% call(a) f() %}…{% endcall %}`.
final class JinjaCallBlock: JinjaStatement, @unchecked Sendable {
    let call: JinjaCall
    let definition: JinjaMacroDefinition

    init(_ call: JinjaCall, _ definition: JinjaMacroDefinition, line: Int) {
        self.call = call
        self.definition = definition
        super.init(line: line, [call, definition])
    }

    override var children: [JinjaNode] { [call] + definition.children }

    override func execute(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaFlow {
        r.line = line
        let caller = try definition.make(r, scope)
        try r.emitText(try call.evaluate(r, scope, caller: caller))
        return .normal
    }
}

/// The parameters and the body of a macro or a call block.
final class JinjaMacroDefinition: JinjaNode, @unchecked Sendable {
    let name: String?
    let parameters: [JinjaName]
    /// Values of the last parameters.
    let defaults: [JinjaExpression]
    let body: JinjaBody
    let takesCaller: Bool
    let takesKeywords: Bool
    let takesVarargs: Bool
    private let symbols: (caller: Int, kwargs: Int, varargs: Int)

    init(
        name: String?, _ parameters: [JinjaName], defaults: [JinjaExpression], _ body: JinjaBody,
        symbols: (caller: Int, kwargs: Int, varargs: Int), line: Int
    ) throws(JinjaFault) {
        self.name = name
        self.parameters = parameters
        self.defaults = defaults
        self.body = body
        self.symbols = symbols
        let undeclared = JinjaNameAnalysis.undeclared(["caller", "kwargs", "varargs"], in: body.children)
        let names = parameters.map(\.name)
        takesCaller = undeclared.contains("caller")
        takesKeywords = undeclared.contains("kwargs") && !names.contains("kwargs")
        takesVarargs = undeclared.contains("varargs") && !names.contains("varargs")
        super.init(line: line, defaults + [body])
        if takesCaller, let position = names.firstIndex(of: "caller"), position < names.count - defaults.count {
            throw JinjaFault(
                .syntax,
                "When defining macros or call blocks the special \"caller\" argument must be omitted or be given a"
                    + " default.")
        }
        if Set(names).count < names.count { throw JinjaFault(.syntax, "a parameter is named twice") }
    }

    override var children: [JinjaNode] { parameters + defaults + [body] }

    /// The symbols of `caller`, `kwargs` and `varargs`, where the body reads them.
    var specialParameters: [Int] {
        (takesCaller ? [symbols.caller] : []) + (takesKeywords ? [symbols.kwargs] : [])
            + (takesVarargs ? [symbols.varargs] : [])
    }

    func make(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaMacro {
        let macro = JinjaMacro(self, scope)
        try r.keep(macro, scope)
        return macro
    }

    func invoke(_ arguments: JinjaArguments, _ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaValue {
        let inner = JinjaScope(scope, hiding: body.hidden)
        var keyword = arguments.keyword
        func take(_ name: String) -> JinjaValue? {
            guard let position = keyword.firstIndex(where: { $0.name == name }) else { return nil }
            return keyword.remove(at: position).value
        }
        let given = min(arguments.positional.count, parameters.count)
        var explicitCaller = given == parameters.count && parameters.contains { $0.name == "caller" }
        for (position, parameter) in parameters.enumerated() {
            if position < given {
                inner.set(parameter.symbol, arguments.positional[position])
            } else {
                if parameter.name == "caller" { explicitCaller = true }
                inner.set(parameter.symbol, take(parameter.name) ?? .missing)
            }
        }
        if takesCaller, !explicitCaller {
            var caller = take("caller") ?? .none
            if caller.isNone { caller = .undefined(JinjaUndefined(.hint("No caller defined"))) }
            inner.set(symbols.caller, caller)
        }
        let shown = name.map { "'\($0)'" } ?? "None"
        if takesKeywords {
            let kwargs = JinjaDict(meter: r.meter)
            for (name, value) in keyword { try kwargs.set(try r.key(.string(try r.text(Array(name.utf8)))), value) }
            inner.set(symbols.kwargs, .dict(kwargs))
        } else if let first = keyword.first {
            throw JinjaFault(.type, "macro \(shown) takes no keyword argument '\(first.name)'")
        }
        if takesVarargs {
            inner.set(symbols.varargs, try r.tuple(Array(arguments.positional.dropFirst(parameters.count))))
        } else if arguments.positional.count > parameters.count {
            throw JinjaFault(.type, "macro \(shown) takes not more than \(parameters.count) argument(s)")
        }
        return try r.entering(height) { () throws(JinjaFault) -> JinjaValue in
            try fillDefaults(r, inner)
            return try body.capture(r, inner).text
        }
    }

    private func fillDefaults(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) {
        for (position, parameter) in parameters.enumerated() {
            guard case .missing? = scope.find(parameter.symbol) else { continue }
            let fromEnd = parameters.count - position
            if fromEnd <= defaults.count {
                scope.set(parameter.symbol, try defaults[defaults.count - fromEnd].evaluate(r, scope))
            } else {
                scope.set(
                    parameter.symbol,
                    .undefined(JinjaUndefined(.hint("parameter '\(parameter.name)' was not provided"))))
            }
        }
    }
}

/// A macro, or the caller of a call block, with the variables around it.
final class JinjaMacro: JinjaObject {
    let definition: JinjaMacroDefinition
    private var scope: JinjaScope

    init(_ definition: JinjaMacroDefinition, _ scope: JinjaScope) {
        self.definition = definition
        self.scope = scope
        super.init(depth: 0)
    }

    override var typeName: String { "Macro" }
    override var isCallable: Bool { true }

    override func call(_ arguments: JinjaArguments, _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue {
        try definition.invoke(arguments, r, scope)
    }

    func dispose() { scope = JinjaScope(nil) }

    override func attribute(_ name: String, _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue? {
        switch name {
        case "name":
            if let name = definition.name { return .string(try r.text(Array(name.utf8))) }
            return JinjaValue.none
        case "arguments":
            var names: [JinjaValue] = []
            for parameter in definition.parameters { names.append(.string(try r.text(Array(parameter.name.utf8)))) }
            return try r.tuple(names)
        case "catch_kwargs": return .bool(definition.takesKeywords)
        case "catch_varargs": return .bool(definition.takesVarargs)
        case "caller": return .bool(definition.takesCaller)
        case "explicit_caller": return .bool(definition.parameters.contains { $0.name == "caller" })
        default: return nil
        }
    }

    override func describe(_ r: JinjaRenderer, depth: Int) throws(JinjaFault) -> [UInt8] {
        Array("<Macro \(definition.name.map { "'\($0)'" } ?? "anonymous")>".utf8)
    }
}
