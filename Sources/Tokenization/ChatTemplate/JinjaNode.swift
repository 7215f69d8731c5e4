/// A part of a parsed template. Nodes never change after parsing, so that one template can render on many threads.
class JinjaNode: @unchecked Sendable {
    let line: Int
    /// How many nodes nest below this one, itself included: what evaluating it costs in stack.
    let height: Int

    init(line: Int, _ children: [JinjaNode?]) {
        self.line = line
        height = 1 + (children.lazy.map { $0?.height ?? 0 }.max() ?? 0)
    }

    /// The nodes within, in the order of jinja2's own tree.
    var children: [JinjaNode] { [] }
}

/// A node with a value.
class JinjaExpression: JinjaNode, @unchecked Sendable {
    func evaluate(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaValue { .none }
}

/// How a statement ended.
enum JinjaFlow {
    case normal, breakLoop, continueLoop
}

/// A node that writes output or sets variables.
class JinjaStatement: JinjaNode, @unchecked Sendable {
    func execute(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaFlow { .normal }
}

/// What an assignment or a loop sets.
indirect enum JinjaTarget: Sendable {
    case name(JinjaName)
    case namespace(JinjaName, attribute: String)
    case tuple([JinjaTarget])

    /// The names in it. The name of a namespace is read, not set, but is no reference in jinja2's analysis.
    var names: [JinjaName] {
        switch self {
        case .name(let name): [name]
        case .namespace: []
        case .tuple(let targets): targets.flatMap(\.names)
        }
    }

    var namespaces: [JinjaName] {
        switch self {
        case .name: []
        case .namespace(let name, _): [name]
        case .tuple(let targets): targets.flatMap(\.namespaces)
        }
    }

    func assign(_ value: JinjaValue, _ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) {
        switch self {
        case .name(let name): scope.set(name.symbol, value)
        case .namespace(let name, let attribute):
            let holder = try name.evaluate(r, scope)
            let key = JinjaKey(.string(JinjaText(Array(attribute.utf8))))
            switch holder {
            case .object(let object):
                guard let namespace = object as? JinjaNamespace else { break }
                try JinjaNamespace.check(attribute)
                return try namespace.attributes.set(key, value)
            case .dict(let dict):
                return try dict.set(key, value)
            default: break
            }
            throw JinjaFault(.failed, "cannot assign attribute on non-namespace object")
        case .tuple(let targets):
            guard let iterator = try r.iterator(value) else {
                throw JinjaFault(.type, "cannot unpack non-iterable \(value.typeName) object")
            }
            var values: [JinjaValue] = []
            while values.count <= targets.count, let item = try iterator.next(r) { values.append(item) }
            if values.count > targets.count {
                throw JinjaFault(.value, "too many values to unpack (expected \(targets.count))")
            }
            if values.count < targets.count {
                throw JinjaFault(
                    .value, "not enough values to unpack (expected \(targets.count), got \(values.count))")
            }
            for (target, value) in zip(targets, values) { try target.assign(value, r, scope) }
        }
    }
}

/// The variables of a stretch of template with its own names: the whole, a loop's body, a macro's body.
final class JinjaScope {
    let parent: JinjaScope?
    private var variables: [(symbol: Int, value: JinjaValue)] = []
    /// Positions by symbol, once there are more than a few.
    private var index: [Int: Int] = [:]
    private static let fewVariables = 24

    init(_ parent: JinjaScope?, hiding hidden: [Int] = []) {
        self.parent = parent
        for symbol in hidden { set(symbol, .missing) }
    }

    private func position(_ symbol: Int) -> Int? {
        if variables.count > Self.fewVariables { return index[symbol] }
        for position in variables.indices where variables[position].symbol == symbol { return position }
        return nil
    }

    func set(_ symbol: Int, _ value: JinjaValue) {
        if let position = position(symbol) {
            variables[position].value = value
            return
        }
        variables.append((symbol, value))
        if variables.count == Self.fewVariables + 1 {
            for (position, variable) in variables.enumerated() { index[variable.symbol] = position }
        } else if variables.count > Self.fewVariables {
            index[symbol] = variables.count - 1
        }
    }

    func find(_ symbol: Int) -> JinjaValue? {
        var scope: JinjaScope? = self
        while let current = scope {
            if let position = current.position(symbol) { return current.variables[position].value }
            scope = current.parent
        }
        return nil
    }

    /// Begins anew, for the next turn of a loop.
    func reset(hiding hidden: [Int]) {
        variables.removeAll(keepingCapacity: true)
        if !index.isEmpty { index = [:] }
        for symbol in hidden { set(symbol, .missing) }
    }

    /// Forgets all variables: breaks the circle between a scope and the macros that it holds.
    func clear() {
        variables = []
        index = [:]
    }
}
