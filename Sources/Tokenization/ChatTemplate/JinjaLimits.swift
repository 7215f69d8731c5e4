/// What a template may use. Python's own jinja2 has some of these through the interpreter (recursion limit, nested
/// blocks); the others bound time and memory for templates of strangers.
enum JinjaLimits {
    /// Nested brackets and operators in one expression; CPython refuses more than 200 as well.
    static let expressionHeight = 200
    /// Brackets within brackets while parsing; jinja2 reaches Python's recursion limit at 70.
    static let expressionNesting = 100
    /// Statements within statements; CPython refuses 100.
    static let statementNesting = 100
    /// Loops within loops in one function; CPython refuses more than 20.
    static let loopNesting = 20
    /// Macros, callers and recursive loops that call each other; jinja2 reaches Python's recursion limit at about 197.
    static let callDepth = 220
    /// Containers within containers.
    static let valueDepth = 200
    /// Generators over generators (`x|map(…)|select(…)`).
    static let generatorDepth = 100
    /// Elements of one `range`, the sandbox's own limit.
    static let rangeLength = 100_000
    /// Expressions and statements executed, and bytes handled in units of 256.
    static let steps = 3_000_000
    /// Bytes of values that are alive at a time, on top of 8 times the size of the variables.
    static let liveBytes = 40 << 20
    /// Bytes of one string, on top of 4 times the size of the variables.
    static let stringBytes = 8 << 20
    /// Elements of a tuple used as a key, those within it included.
    static let keyParts = 10_000
    /// Bytes of a template's source.
    static let sourceBytes = 1 << 20
}

/// Counts the bytes of a rendering's values that are alive. Its references stay on the thread of that rendering.
final class JinjaMeter {
    /// Bytes that a value costs beyond its contents.
    static let overhead = 112

    private(set) var live = 0
    let limit: Int

    init(limit: Int) { self.limit = limit }

    func charge(_ bytes: Int) throws(JinjaFault) {
        live &+= bytes
        if live > limit {
            live &-= bytes
            throw JinjaFault(.limit, "the template holds more than the allowed \(limit) bytes of values at a time")
        }
    }

    func release(_ bytes: Int) { live &-= bytes }
}
