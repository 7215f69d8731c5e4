import ApusModelFiles

/// A chat template: Jinja as Hugging Face transformers renders it.
///
/// The semantics are those of jinja2 3.1.6 in an immutable sandbox with `trim_blocks`, `lstrip_blocks`, loop controls,
/// the `generation` blocks and the `tojson`, `raise_exception` and `strftime_now` of transformers 5. Output is the same
/// bytes; where jinja2 would raise, rendering throws. Templates of strangers cannot run away: steps, memory and depth
/// are bounded (`ChatTemplateError.limit`).
///
/// ```swift
/// let template = try ChatTemplate("{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}", name: "mine")
/// let prompt = try template.render(messages: [ChatMessage(role: "user", content: "Hello")], addGenerationPrompt: true)
/// ```
public struct ChatTemplate: Sendable {
    /// The name used in errors: a file or a model.
    public let name: String
    /// The text of the template.
    public let source: String
    private let body: JinjaBody
    private let symbols: [String: Int]
    private let blocks: [String: JinjaBlock]

    /// Parses a template.
    /// - Throws: `ChatTemplateError.syntax` with line and reason, `.limit` for nesting or length without measure,
    ///   `.unsupported` for the few things of jinja2 that are not here.
    public init(_ source: String, name: String) throws(ChatTemplateError) {
        self.name = name
        self.source = source
        if source.utf8.count > JinjaLimits.sourceBytes {
            throw JinjaFault(.limit, "the template is longer than the allowed \(JinjaLimits.sourceBytes) bytes")
                .located(name, 1)
        }
        var parser = JinjaParser(source)
        do throws(JinjaFault) {
            body = try parser.parse()
        } catch {
            throw error.located(name, parser.line)
        }
        JinjaScopeAnalysis.run(body)
        symbols = parser.symbols
        blocks = parser.blocks
        do throws(JinjaChecks.Problem) {
            try JinjaChecks.run(body)
        } catch {
            throw error.fault.located(name, error.line)
        }
    }

    /// A rendered template with the stretches that the assistant wrote.
    public struct Rendering: Sendable, Equatable {
        public let text: String
        /// Ranges of bytes of `text` that came out of `{% generation %}` blocks, in order.
        public let generations: [Range<Int>]
    }

    /// Renders with the given variables.
    /// - Parameters:
    ///   - variables: the names that the template sees: `messages`, `tools`, `add_generation_prompt`, …
    ///   - clock: the time for `strftime_now`.
    public func render(_ variables: JSON.Object, clock: ChatClock = .system) throws(ChatTemplateError) -> String {
        try rendering(variables, clock, notingGenerations: false).text
    }

    /// Renders and says which bytes are the assistant's, to train on those only.
    /// - Throws: also `ChatTemplateError.unsupported` where a generation block stands in a macro, `set`, `filter` or
    ///   `call` block, whose output may end up anywhere.
    public func renderNotingGenerations(_ variables: JSON.Object, clock: ChatClock = .system) throws(ChatTemplateError)
        -> Rendering
    {
        try rendering(variables, clock, notingGenerations: true)
    }

    private func rendering(_ variables: JSON.Object, _ clock: ChatClock, notingGenerations: Bool)
        throws(ChatTemplateError) -> Rendering
    {
        let renderer = JinjaRenderer(clock: clock, inputBytes: Self.size(.object(variables), depth: 0))
        defer { renderer.dispose() }
        do throws(JinjaFault) {
            for (key, value) in variables {
                guard let symbol = symbols[key] else { continue }
                renderer.root.set(symbol, try renderer.value(value))
            }
            if let symbol = symbols["self"] { renderer.root.set(symbol, .object(JinjaSelf(blocks))) }
            // Names that the template sets before it reads them are not the given ones.
            for symbol in body.hidden { renderer.root.set(symbol, .missing) }
            _ = try renderer.entering(body.height) { () throws(JinjaFault) in try body.execute(renderer, renderer.root)
            }
            if notingGenerations, let line = renderer.nestedGenerationLine {
                renderer.line = line
                throw JinjaFault(.unsupported, "spans of generation blocks within macros and other blocks")
            }
            return Rendering(text: try Self.text(renderer.output), generations: renderer.generations)
        } catch {
            throw error.located(name, renderer.line)
        }
    }

    /// Renders a conversation with the variables that transformers gives templates.
    /// - Parameters:
    ///   - tools: an array of JSON schemas of functions; nil for none.
    ///   - documents: an array of objects with `title` and `text`; nil for none.
    ///   - addGenerationPrompt: whether the beginning of the assistant's next turn follows.
    ///   - bosToken: the text of the token that begins a sequence, where the model has one.
    ///   - eosToken: the text of the token that ends a sequence, where the model has one.
    ///   - extra: further variables, such as `enable_thinking`.
    public func render(
        messages: [ChatMessage], tools: JSON? = nil, documents: JSON? = nil, addGenerationPrompt: Bool = false,
        bosToken: String? = nil, eosToken: String? = nil, extra: JSON.Object = JSON.Object(), clock: ChatClock = .system
    ) throws(ChatTemplateError) -> String {
        try render(
            Self.variables(
                messages: messages, tools: tools, documents: documents, addGenerationPrompt: addGenerationPrompt,
                bosToken: bosToken, eosToken: eosToken, extra: extra),
            clock: clock)
    }

    /// The variables of a conversation, as `render(messages:…)` gives them.
    public static func variables(
        messages: [ChatMessage], tools: JSON? = nil, documents: JSON? = nil, addGenerationPrompt: Bool = false,
        bosToken: String? = nil, eosToken: String? = nil, extra: JSON.Object = JSON.Object()
    ) -> JSON.Object {
        var variables: JSON.Object = [:]
        if let bosToken { variables["bos_token"] = .string(bosToken) }
        if let eosToken { variables["eos_token"] = .string(eosToken) }
        for (key, value) in extra { variables[key] = value }
        variables["messages"] = .array(messages.map(\.json))
        variables["tools"] = tools ?? .null
        variables["documents"] = documents ?? .null
        variables["add_generation_prompt"] = .bool(addGenerationPrompt)
        return variables
    }

    private static func text(_ bytes: [UInt8]) throws(JinjaFault) -> String {
        for (position, byte) in bytes.enumerated() where byte == 0xED && position + 1 < bytes.count {
            if bytes[position + 1] >= 0xA0 {
                throw JinjaFault(.value, "the result has a lone surrogate, which UTF-8 cannot hold")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Bytes of the variables, roughly; limits grow with them.
    private static func size(_ json: JSON, depth: Int) -> Int {
        if depth > JinjaLimits.valueDepth { return 0 }
        switch json {
        case .string(let text): return text.utf8.count + 64
        case .array(let elements): return elements.reduce(64) { $0 + size($1, depth: depth + 1) }
        case .object(let object):
            return object.entries.reduce(64) { $0 + $1.key.utf8.count + 64 + size($1.value, depth: depth + 1) }
        default: return 16
        }
    }
}
