/// What jinja2 and Python refuse when they compile a parsed template.
struct JinjaChecks {
    private let isRoot: Bool
    /// Inside `if` unknown filters and tests are an error only when they run.
    private var isSoft = false
    private var isTopLevel = true
    /// Loops around, within the same function of jinja2's generated code.
    private var loops = 0

    static func run(_ body: JinjaBody) throws(JinjaChecks.Problem) {
        try JinjaChecks(isRoot: true).visit(body)
    }

    struct Problem: Error {
        let fault: JinjaFault
        let line: Int

        init(_ reason: String, _ node: JinjaNode, kind: JinjaFault.Kind = .syntax) {
            fault = JinjaFault(kind, reason)
            line = node.line
        }
    }

    private init(isRoot: Bool) { self.isRoot = isRoot }

    /// Names and loops of an inner stretch of template.
    private func inner(function: Bool = false, loop: Bool = false) -> JinjaChecks {
        var copy = self
        copy.isSoft = false
        copy.isTopLevel = false
        if function { copy.loops = 0 }
        if loop { copy.loops += 1 }
        return copy
    }

    private func soft() -> JinjaChecks {
        var copy = self
        copy.isSoft = true
        return copy
    }

    private func visit(_ nodes: [JinjaNode]) throws(Problem) {
        for node in nodes { try visit(node) }
    }

    private func visit(_ node: JinjaNode) throws(Problem) {
        switch node {
        case let node as JinjaFilter:
            if node.filter == nil, !isSoft { throw Problem("No filter named '\(node.name)'.", node) }
            try visit(node.children)
        case let node as JinjaTest:
            if node.test == nil, !isSoft { throw Problem("No test named '\(node.name)'.", node) }
            try visit(node.children)
        case let node as JinjaConditional: try soft().visit(node.children)
        case let node as JinjaIf: try soft().visit(node.children)
        case let node as JinjaFor: try visitLoop(node)
        case let node as JinjaLoopControl:
            if loops == 0 { throw Problem("'\(node.flow == .breakLoop ? "break" : "continue")' outside loop", node) }
        case let node as JinjaMacroStatement: try inner(function: true).visit(node.children)
        case let node as JinjaCallBlock:
            try visit(node.call)
            try inner(function: true).visit(node.definition.children)
        case let node as JinjaGeneration: try inner(function: true).visit(node.children)
        case let node as JinjaBlock: try inner(function: true).visit(node.children)
        case let node as JinjaFilterBlock: try inner().visit(node.children)
        case let node as JinjaAssignBlock: try inner().visit(node.children)
        case let node as JinjaWith:
            try visit(node.values)
            try inner().visit(node.body)
        case let node as JinjaAutoescape:
            try visit(node.option)
            try inner().visit(node.body)
        case let node as JinjaLoad:
            if node.tag == "extends", !isTopLevel {
                throw Problem("cannot use extend from a non top-level scope", node)
            }
            try visit(node.children)
        default: try visit(node.children)
        }
    }

    private func visitLoop(_ node: JinjaFor) throws(Problem) {
        if loops >= JinjaLimits.loopNesting {
            throw Problem("loops nest deeper than the allowed \(JinjaLimits.loopNesting)", node, kind: .limit)
        }
        if let name = Self.storedLoop(node) {
            throw Problem("Can't assign to special loop variable in for-loop target", name)
        }
        try visit(node.values)
        if let test = node.test { try inner().visit(test) }
        try inner(function: node.isRecursive, loop: true).visit(node.body)
        // A recursive loop is a function of its own, else branch included.
        if let otherwise = node.otherwise { try inner(function: node.isRecursive).visit(otherwise) }
    }

    private static func storedLoop(_ node: JinjaNode) -> JinjaName? {
        if let name = node as? JinjaName { return name.use == .store && name.name == "loop" ? name : nil }
        for child in node.children {
            if let found = storedLoop(child) { return found }
        }
        return nil
    }
}
