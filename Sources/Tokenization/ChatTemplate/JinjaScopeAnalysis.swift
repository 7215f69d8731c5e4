/// Finds the variables that a stretch of template hides from its beginning.
///
/// jinja2 compiles templates to functions whose variables are known in advance. A name that a stretch sets before it
/// reads it is a local variable there, and undefined until it is set, even where a variable of that name was given:
/// in `{% set tools %}{% for t in tools %}…{% endfor %}{% endset %}` the loop sees nothing. This walks the tree as
/// jinja2's identifier tracking does and notes those names in the bodies.
struct JinjaScopeAnalysis {
    private enum Load { case parameter, resolve, alias, undefined }

    private final class Symbols {
        let parent: Symbols?
        var loads: [Int: Load] = [:]
        var stores: Set<Int> = []

        init(_ parent: Symbols?) { self.parent = parent }

        func copy() -> Symbols {
            let copy = Symbols(parent)
            copy.loads = loads
            copy.stores = stores
            return copy
        }

        func knows(_ symbol: Int) -> Bool { loads[symbol] != nil || parent?.knows(symbol) ?? false }

        func load(_ symbol: Int) {
            if !knows(symbol) { loads[symbol] = .resolve }
        }

        func store(_ symbol: Int) {
            stores.insert(symbol)
            if loads[symbol] == nil { loads[symbol] = parent?.knows(symbol) ?? false ? .alias : .undefined }
        }

        func declare(_ symbol: Int) {
            stores.insert(symbol)
            loads[symbol] = .parameter
        }

        /// What only some branches set keeps its outer value until then.
        func merge(_ branches: [Symbols]) {
            var some: Set<Int> = []
            for branch in branches { some.formUnion(branch.stores) }
            some.subtract(stores)
            for branch in branches {
                loads.merge(branch.loads) { $1 }
                stores.formUnion(branch.stores)
            }
            for symbol in some { loads[symbol] = parent?.knows(symbol) ?? false ? .alias : .resolve }
        }
    }

    static func run(_ body: JinjaBody) { frame(body, Symbols(nil)) }

    /// Analyses the body of a frame and the frames within.
    private static func frame(_ body: JinjaBody, _ symbols: Symbols, before: [JinjaNode] = [], after: [JinjaNode] = [])
    {
        for node in before + [body] + after { visit(node, symbols) }
        body.hidden = symbols.loads.filter { $0.value == .undefined }.map(\.key)
        for statement in body.statements { frames(statement, symbols) }
    }

    private static func inner(_ parent: Symbols, _ parameters: [JinjaName] = []) -> Symbols {
        let symbols = Symbols(parent)
        for parameter in parameters { symbols.declare(parameter.symbol) }
        return symbols
    }

    /// Opens the frames that a statement contains.
    private static func frames(_ node: JinjaStatement, _ symbols: Symbols) {
        switch node {
        case let node as JinjaIf:
            for body in node.branches.map(\.body) + (node.otherwise.map { [$0] } ?? []) {
                for statement in body.statements { frames(statement, symbols) }
            }
        case let node as JinjaFor:
            let loop = inner(symbols, node.target.names)
            loop.declare(node.loopSymbol)
            frame(node.body, loop)
            if let otherwise = node.otherwise { frame(otherwise, inner(symbols)) }
        case let node as JinjaMacroStatement: macro(node.definition, symbols)
        case let node as JinjaCallBlock: macro(node.definition, symbols)
        case let node as JinjaGeneration: frame(node.body, inner(symbols))
        case let node as JinjaFilterBlock: frame(node.body, inner(symbols), after: [node.filter])
        case let node as JinjaAssignBlock: frame(node.body, inner(symbols))
        case let node as JinjaWith: frame(node.body, inner(symbols, node.targets.flatMap(\.names)))
        case let node as JinjaAutoescape: frame(node.body, inner(symbols), before: [node.option])
        case let node as JinjaBlock: frame(node.body, Symbols(nil))
        default: break
        }
    }

    private static func macro(_ definition: JinjaMacroDefinition, _ symbols: Symbols) {
        let inner = inner(symbols, definition.parameters)
        for symbol in definition.specialParameters { inner.declare(symbol) }
        frame(definition.body, inner, before: definition.defaults)
    }

    /// Notes what a node reads and sets in its own frame.
    private static func visit(_ node: JinjaNode, _ symbols: Symbols) {
        switch node {
        case let node as JinjaName:
            switch node.use {
            case .load: symbols.load(node.symbol)
            case .store: symbols.store(node.symbol)
            case .parameter: symbols.declare(node.symbol)
            }
        case let node as JinjaBody:
            for statement in node.statements { visit(statement, symbols) }
        case let node as JinjaIf: visitBranches(node, symbols)
        case let node as JinjaAssign:
            visit(node.value, symbols)
            visit(node.target, symbols)
        case let node as JinjaAssignBlock: visit(node.target, symbols)
        case let node as JinjaFor: visit(node.values, symbols)
        case let node as JinjaMacroStatement: symbols.store(node.name.symbol)
        case let node as JinjaCallBlock: visit(node.call, symbols)
        case let node as JinjaFilterBlock: visit(node.filter, symbols)
        case let node as JinjaWith:
            for value in node.values { visit(value, symbols) }
        case is JinjaGeneration, is JinjaBlock, is JinjaAutoescape: break
        default:
            for child in node.children { visit(child, symbols) }
        }
    }

    private static func visit(_ target: JinjaTarget, _ symbols: Symbols) {
        switch target {
        case .name(let name): visit(name, symbols)
        case .namespace(let name, _): symbols.load(name.symbol)
        case .tuple(let targets):
            for target in targets { visit(target, symbols) }
        }
    }

    private static func visitBranches(_ node: JinjaIf, _ symbols: Symbols) {
        guard let first = node.branches.first else { return }
        visit(first.test, symbols)
        let body = symbols.copy()
        visit(first.body, body)
        // All `elif` branches are one list to jinja2, each an `if` of its own without branches.
        let others = symbols.copy()
        for branch in node.branches.dropFirst() {
            visit(branch.test, others)
            let inner = others.copy()
            visit(branch.body, inner)
            others.merge([inner, others.copy(), others.copy()])
        }
        let otherwise = symbols.copy()
        if let last = node.otherwise { visit(last, otherwise) }
        symbols.merge([body, others, otherwise])
    }
}
