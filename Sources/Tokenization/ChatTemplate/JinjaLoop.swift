/// `{% for target in values if test recursive %}…{% else %}…{% endfor %}`.
final class JinjaFor: JinjaStatement, @unchecked Sendable {
    let target: JinjaTarget
    let values: JinjaExpression
    let test: JinjaExpression?
    let isRecursive: Bool
    let body: JinjaBody
    let otherwise: JinjaBody?
    let loopSymbol: Int

    init(
        _ target: JinjaTarget, in values: JinjaExpression, if test: JinjaExpression?, isRecursive: Bool,
        _ body: JinjaBody, otherwise: JinjaBody?, loopSymbol: Int, line: Int
    ) {
        self.target = target
        self.values = values
        self.test = test
        self.isRecursive = isRecursive
        self.body = body
        self.otherwise = otherwise
        self.loopSymbol = loopSymbol
        super.init(line: line, [values, test, body, otherwise])
    }

    override var children: [JinjaNode] {
        target.names + [values, body] + (otherwise.map { [$0] } ?? []) + (test.map { [$0] } ?? [])
    }

    override func execute(_ r: JinjaRenderer, _ scope: JinjaScope) throws(JinjaFault) -> JinjaFlow {
        let values = try values.evaluate(r, scope)
        guard isRecursive else { return try run(values, r, scope, depth: 0) }
        try r.emit(try runRecursive(values, r, scope, depth: 0))
        return .normal
    }

    /// The output of the loop over `values`, called by itself through `loop(…)`.
    func runRecursive(_ values: JinjaValue, _ r: JinjaRenderer, _ scope: JinjaScope, depth: Int) throws(JinjaFault)
        -> JinjaValue
    {
        try r.entering(height) { () throws(JinjaFault) -> JinjaValue in
            let outer = r.beginCapture()
            _ = try run(values, r, scope, depth: depth)
            return .string(try r.endCapture(outer))
        }
    }

    private func run(_ values: JinjaValue, _ r: JinjaRenderer, _ scope: JinjaScope, depth: Int) throws(JinjaFault)
        -> JinjaFlow
    {
        r.line = line
        guard var iterator = try r.iterator(values) else {
            throw JinjaFault(.type, "'\(values.typeName)' object is not iterable")
        }
        if let test { iterator = JinjaConditionIterator(iterator, target, test, scope) }
        let length = test == nil ? r.length(values) : nil
        let loop = JinjaLoopState(
            iterator, length: length, depth0: depth, recursive: isRecursive ? (self, scope) : nil)
        defer { loop.dispose() }
        var isEmpty = true
        var inner = JinjaScope(scope)
        while let item = try loop.advance(r) {
            try r.step(4)
            if isKnownUniquelyReferenced(&inner) {
                inner.reset(hiding: body.hidden)
            } else {
                inner = JinjaScope(scope, hiding: body.hidden)
            }
            inner.set(loopSymbol, .object(loop))
            r.line = line
            try target.assign(item, r, inner)
            let flow = try body.execute(r, inner)
            if flow == .breakLoop {
                // Python clears the indication of an empty loop at the end of the body, which `break` skips.
                break
            }
            if flow == .normal { isEmpty = false }
        }
        if isEmpty, let otherwise { return try otherwise.execute(r, JinjaScope(scope, hiding: otherwise.hidden)) }
        return .normal
    }
}

/// The values of a loop that pass its condition, tested one at a time as they are asked for.
private final class JinjaConditionIterator: JinjaIterator {
    private let source: JinjaIterator
    private let target: JinjaTarget
    private let test: JinjaExpression
    private let scope: JinjaScope

    init(_ source: JinjaIterator, _ target: JinjaTarget, _ test: JinjaExpression, _ scope: JinjaScope) {
        self.source = source
        self.target = target
        self.test = test
        self.scope = scope
    }

    override func next(_ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue? {
        while let item = try source.next(r) {
            try r.step()
            let inner = JinjaScope(scope)
            r.line = test.line
            try target.assign(item, r, inner)
            if try r.truth(try test.evaluate(r, inner)) { return item }
        }
        return nil
    }
}

/// The variable `loop`.
final class JinjaLoopState: JinjaObject {
    private var iterator: JinjaIterator
    private var knownLength: Int?
    private let depth0: Int
    /// For `loop(…)` in a recursive loop.
    private var recursive: (statement: JinjaFor, scope: JinjaScope)?
    private var index0 = -1
    private var before: JinjaValue?
    private var current: JinjaValue?
    private var after: JinjaValue?
    private var lastChanged: [JinjaValue]?

    init(_ iterator: JinjaIterator, length: Int?, depth0: Int, recursive: (JinjaFor, JinjaScope)?) {
        self.iterator = iterator
        knownLength = length
        self.depth0 = depth0
        self.recursive = recursive
        super.init(depth: 0)
    }

    override var typeName: String { "LoopContext" }

    func advance(_ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue? {
        let item: JinjaValue
        if let after {
            item = after
            self.after = nil
        } else if let next = try iterator.next(r) {
            item = next
        } else {
            return nil
        }
        index0 += 1
        before = current
        current = item
        return item
    }

    /// Lets go of all values at the loop's end, so that loops kept in namespaces never form a chain.
    func dispose() {
        recursive = nil
        iterator = JinjaIterator()
        before = nil
        current = nil
        after = nil
        lastChanged = nil
    }

    private func peek(_ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue? {
        if after == nil { after = try iterator.next(r) }
        return after
    }

    private func length(_ r: JinjaRenderer) throws(JinjaFault) -> Int {
        if let knownLength { return knownLength }
        let rest = try r.collect(iterator)
        iterator = JinjaArrayIterator(rest)
        let length = rest.count + index0 + 1 + (after == nil ? 0 : 1)
        knownLength = length
        return length
    }

    override func attribute(_ name: String, _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue? {
        switch name {
        case "index": return .int(index0 + 1)
        case "index0": return .int(index0)
        case "revindex": return .int(try length(r) - index0)
        case "revindex0": return .int(try length(r) - index0 - 1)
        case "first": return .bool(index0 == 0)
        case "last": return .bool(try peek(r) == nil)
        case "length": return .int(try length(r))
        case "depth": return .int(depth0 + 1)
        case "depth0": return .int(depth0)
        case "previtem":
            if index0 == 0 { return .undefined(JinjaUndefined(.hint("there is no previous item"))) }
            return before ?? JinjaValue.none
        case "nextitem": return try peek(r) ?? .undefined(JinjaUndefined(.hint("there is no next item")))
        case "cycle", "changed": return .object(JinjaMethod(.object(self), name))
        default: return nil
        }
    }

    func cycle(_ values: [JinjaValue]) throws(JinjaFault) -> JinjaValue {
        if values.isEmpty { throw JinjaFault(.type, "no items for cycling given") }
        return values[max(index0, 0) % values.count]
    }

    func changed(_ values: [JinjaValue], _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue {
        if let lastChanged, try r.areEqual(lastChanged, values) { return .bool(false) }
        lastChanged = values
        return .bool(true)
    }

    override var isCallable: Bool { true }

    override func call(_ arguments: JinjaArguments, _ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue {
        let values = try arguments.bind("loop", ["iterable"], required: 1)
        guard let (statement, scope) = recursive else {
            throw JinjaFault(.type, "The loop must have the 'recursive' marker to be called recursively.")
        }
        return try statement.runRecursive(values[0] ?? .none, r, scope, depth: depth0 + 1)
    }

    override func describe(_ r: JinjaRenderer, depth: Int) throws(JinjaFault) -> [UInt8] {
        Array("<LoopContext \(index0 + 1)/\(try length(r))>".utf8)
    }

    override func makeIterator(_ r: JinjaRenderer) throws(JinjaFault) -> JinjaIterator? { Rest(self) }

    override var length: Int? { nil }

    /// Iterating over `loop` itself goes on with the loop, as pairs of item and loop.
    private final class Rest: JinjaIterator {
        private let loop: JinjaLoopState
        init(_ loop: JinjaLoopState) { self.loop = loop }
        override func next(_ r: JinjaRenderer) throws(JinjaFault) -> JinjaValue? {
            guard let item = try loop.advance(r) else { return nil }
            return .tuple(try r.makeTuple([item, .object(loop)]))
        }
    }
}
