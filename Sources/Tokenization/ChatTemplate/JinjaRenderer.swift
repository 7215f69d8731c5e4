import ApusModelFiles

/// One rendering: its limits, its output, and the making of values.
final class JinjaRenderer {
    /// The line that is being executed, for errors.
    var line = 1
    let meter: JinjaMeter
    let root: JinjaScope
    let clock: ChatClock
    private let stringLimit: Int
    private var steps = 0
    private let stepLimit: Int

    private(set) var output: [UInt8] = []
    /// How many captures are within each other.
    private var captures = 0
    private(set) var generations: [Range<Int>] = []
    /// Where a generation block ran within a macro or another block, so that its place in the output is not known.
    private(set) var nestedGenerationLine: Int?

    private var macros: [JinjaMacro] = []
    private var scopes: [JinjaScope] = []
    private var namespaces: [JinjaNamespace] = []

    private var callDepth = 0
    private var stack = JinjaStack()

    init(clock: ChatClock, inputBytes: Int) {
        let scale = min(inputBytes, 1 << 40)
        meter = JinjaMeter(limit: JinjaLimits.liveBytes + 8 * scale)
        stringLimit = JinjaLimits.stringBytes + 4 * scale
        stepLimit = JinjaLimits.steps + scale
        root = JinjaScope(nil)
        self.clock = clock
    }

    // MARK: Limits

    func step(_ count: Int = 1) throws(JinjaFault) {
        steps &+= count
        if steps > stepLimit {
            throw JinjaFault(.limit, "rendering takes more than the allowed \(stepLimit) steps")
        }
    }

    func checkStringLength(_ count: Int) throws(JinjaFault) {
        if count > stringLimit {
            throw JinjaFault(.limit, "a string would be longer than the allowed \(stringLimit) bytes")
        }
    }

    /// Runs a body that may lead back here: a macro's, a recursive loop's, a block's.
    func entering<Result>(_ height: Int, _ body: () throws(JinjaFault) -> Result) throws(JinjaFault) -> Result {
        if callDepth >= JinjaLimits.callDepth {
            throw JinjaFault(.limit, "macros call each other deeper than the allowed \(JinjaLimits.callDepth)")
        }
        callDepth += 1
        defer { callDepth -= 1 }
        return try stack.descend(height, body)
    }

    // MARK: Output

    func emit(_ bytes: [UInt8]) throws(JinjaFault) {
        try meter.charge(bytes.count)
        try step(bytes.count >> 8)
        output += bytes
    }

    func emit(_ value: JinjaValue) throws(JinjaFault) {
        if case .string(let text) = value { return try emit(text.bytes) }
        let start = output.count
        try appendString(of: value, to: &output)
        try meter.charge(output.count - start)
        try step((output.count - start) >> 8)
    }

    /// Writes what has to be a string: the result of a filter or call block.
    func emitText(_ value: JinjaValue) throws(JinjaFault) {
        guard case .string(let text) = value else {
            throw JinjaFault(.type, "expected str instance, \(value.typeName) found")
        }
        try emit(text.bytes)
    }

    func beginCapture() -> [UInt8] {
        captures += 1
        let outer = output
        output = []
        return outer
    }

    func endCapture(_ outer: [UInt8]) throws(JinjaFault) -> JinjaText {
        captures -= 1
        let captured = output
        output = outer
        meter.release(captured.count)
        return try text(captured)
    }

    /// Notes that `count` bytes about to be written were the assistant's.
    func noteGeneration(_ count: Int) {
        if captures == 0 {
            generations.append(output.count..<output.count + count)
        } else {
            nestedGenerationLine = line
        }
    }

    // MARK: Making values

    func text(_ bytes: [UInt8], isMarkup: Bool = false) throws(JinjaFault) -> JinjaText {
        try checkStringLength(bytes.count)
        try step(bytes.count >> 8)
        try meter.charge(bytes.count &+ JinjaMeter.overhead)
        return JinjaText(bytes, isMarkup: isMarkup, meter: meter)
    }

    func string(_ string: String) throws(JinjaFault) -> JinjaValue { .string(try text(Array(string.utf8))) }

    private func makeList(_ items: [JinjaValue], isGroup: Bool = false) throws(JinjaFault) -> JinjaList {
        var depth = 1
        for item in items { depth = max(depth, item.depth + 1) }
        if depth > JinjaLimits.valueDepth { throw .tooDeepValue }
        try step(items.count >> 2)
        try meter.charge(JinjaList.size(items.count))
        return JinjaList(items, depth: depth, isGroup: isGroup, meter: meter)
    }

    func list(_ items: [JinjaValue]) throws(JinjaFault) -> JinjaValue { .list(try makeList(items)) }

    func makeTuple(_ items: [JinjaValue]) throws(JinjaFault) -> JinjaList { try makeList(items) }

    func tuple(_ items: [JinjaValue], isGroup: Bool = false) throws(JinjaFault) -> JinjaValue {
        .tuple(try makeList(items, isGroup: isGroup))
    }

    func namespace(_ attributes: JinjaDict) throws(JinjaFault) -> JinjaValue {
        try meter.charge(4 * JinjaMeter.overhead)
        let namespace = JinjaNamespace(attributes)
        namespaces.append(namespace)
        return .object(namespace)
    }

    /// Keeps a macro and the scope that it closes over until the end, where they are taken apart one by one.
    func keep(_ macro: JinjaMacro, _ scope: JinjaScope) throws(JinjaFault) {
        try meter.charge(8 * JinjaMeter.overhead)
        macros.append(macro)
        scopes.append(scope)
    }

    /// Breaks the circles between macros, scopes and namespaces.
    func dispose() {
        for macro in macros { macro.dispose() }
        for scope in scopes { scope.clear() }
        for namespace in namespaces { namespace.attributes = JinjaDict(meter: nil) }
        root.clear()
    }

    /// A variable given by the caller.
    func value(_ json: JSON, depth: Int = 0) throws(JinjaFault) -> JinjaValue {
        if depth >= JinjaLimits.valueDepth { throw .tooDeepValue }
        switch json {
        case .null: return .none
        case .bool(let value): return .bool(value)
        case .integer(let value): return .int(value)
        case .number(let value): return .float(value)
        case .string(let value): return .string(try text(Array(value.utf8)))
        case .array(let elements):
            var values: [JinjaValue] = []
            values.reserveCapacity(elements.count)
            for element in elements { values.append(try value(element, depth: depth + 1)) }
            return try list(values)
        case .object(let object):
            let dict = JinjaDict(meter: meter)
            for (key, member) in object.entries {
                try dict.set(JinjaKey(.string(try text(Array(key.utf8)))), try value(member, depth: depth + 1))
            }
            return .dict(dict)
        }
    }
}
