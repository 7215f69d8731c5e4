import ApusModelFiles

/// Makes a grammar of a JSON Schema (2020-12). What it doesn't enforce it refuses by name; where a schema leaves open
/// what a value may be besides, it takes a part: `docs/structured-output.md` lists which.
struct SchemaCompiler {
    typealias StateID = Grammar.StateID

    static let mostBytes = 1 << 20
    /// Of a schema's own arrays and objects.
    static let mostLevels = 200
    /// Schemas within schemas.
    private static let mostDepth = 200
    /// Alternatives that one schema comes to where several lists of alternatives apply at once.
    static let mostAlternatives = 256
    /// Steps of putting schemas together.
    private static let mostSteps = 200_000

    var json: JSONGrammar
    private let root: JSON
    /// The states of schemas that are referred to, by reference, and of schemas that were put together, by their text.
    private var known: [String: StateID] = [:]
    private var knownBytes = 0
    private var depth = 0
    private var steps = 0

    static func grammar(of schema: JSON) throws(ConstraintError) -> Grammar {
        var compiler = SchemaCompiler(root: schema, json: try JSONGrammar.make())
        let start = try compiler.value(schema, at: "")
        let grammar = compiler.json.grammar(start: start)
        guard grammar.levels[Int(start)] <= Grammar.mostLevels else { throw .unsatisfiable }
        var stacks = GrammarStacks(grammar)
        _ = stacks.start()
        guard !stacks.isTooAmbiguous else { throw GrammarStacks.tooAmbiguous }
        return grammar
    }

    private init(root: JSON, json: JSONGrammar) {
        self.root = root
        self.json = json
    }

    /// Counts work, about a microsecond each.
    mutating func step(_ count: Int = 1) throws(ConstraintError) {
        steps = min(steps + count, Self.mostSteps + 1)
        guard steps <= Self.mostSteps else { throw .tooLarge("putting its parts together takes too many steps") }
    }

    /// The state at which a value of a schema begins.
    mutating func value(_ schema: JSON, at pointer: String) throws(ConstraintError) -> StateID {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.mostDepth else { throw .tooLarge("more than \(Self.mostDepth) schemas within each other") }
        switch schema {
        case .bool(true): return json.value
        case .bool(false): return try json.builder.state()
        case .object(let object):
            try Self.checkKeywords(object, at: pointer)
            return try value(object, at: pointer)
        default: throw .malformed(at: pointer, reason: "a schema is an object, true or false, not \(schema.kind)")
        }
    }

    private mutating func value(_ object: JSON.Object, at pointer: String) throws(ConstraintError) -> StateID {
        let assertions = object.entries.filter { !Self.annotations.contains($0.key) }
        // The plain cases keep the grammar small: what is referred to from many places is there once.
        if assertions.count == 1, let (key, content) = assertions.first.map({ ($0.key, $0.value) }) {
            switch key {
            case "$ref": return try referred(content, at: "\(pointer)/$ref")
            case "anyOf", "oneOf":
                let branches = try Self.schemas(content, at: "\(pointer)/\(key)")
                var starts: [StateID] = []
                for (index, branch) in branches.enumerated() {
                    starts.append(try value(branch, at: "\(pointer)/\(key)/\(index)"))
                }
                return try json.builder.either(starts)
            default: break
            }
        }
        if ["$ref", "allOf", "anyOf", "oneOf"].contains(where: object.has) || Self.reworded.contains(where: object.has)
        {
            return try once(JSON.object(object).serialized()) { (compiler) throws(ConstraintError) in
                try compiler.alternatives(object, at: pointer)
            }
        }
        return try plain(object, at: pointer)
    }

    private mutating func alternatives(_ object: JSON.Object, at pointer: String) throws(ConstraintError) -> StateID {
        var starts: [StateID] = []
        for alternative in try flattened(.object(object), at: pointer) {
            starts.append(try plain(alternative, at: pointer))
        }
        return try starts.isEmpty ? json.builder.state() : json.builder.either(starts)
    }

    // MARK: - References

    private mutating func referred(_ reference: JSON, at pointer: String) throws(ConstraintError) -> StateID {
        let (target, place) = try resolve(reference, at: pointer)
        return try once("#" + place) { (compiler) throws(ConstraintError) in
            try compiler.value(target, at: place)
        }
    }

    /// Compiles something once. What is met again while that is done is the same state, which makes a schema that
    /// refers to itself a grammar that calls itself.
    private mutating func once(
        _ key: String, _ compile: (inout SchemaCompiler) throws(ConstraintError) -> StateID
    ) throws(ConstraintError) -> StateID {
        if let state = known[key] { return state }
        knownBytes += key.utf8.count
        guard knownBytes <= 4 * Self.mostBytes else { throw .tooLarge("its parts, put together, take too much memory") }
        let state = try json.builder.state()
        known[key] = state
        let start = try compile(&self)
        json.builder.epsilon(state, start)
        return state
    }

    /// What a reference within the schema leads to, and where that is.
    func resolve(_ reference: JSON, at pointer: String) throws(ConstraintError) -> (JSON, String) {
        guard let text = reference.stringValue else {
            throw .malformed(at: pointer, reason: "a reference is a string, not \(reference.kind)")
        }
        guard text.hasPrefix("#") else {
            throw .reference(text, at: pointer, reason: "leads out of this schema; put what it names into «$defs»")
        }
        let path = text.dropFirst()
        guard path.isEmpty || path.hasPrefix("/") else {
            throw .reference(text, at: pointer, reason: "is by name; write it as a path, such as «#/$defs/NAME»")
        }
        var place = root
        for part in path.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let name = Self.unescaped(part)
            let next: JSON? =
                if case .array = place { Int(name).flatMap { place[$0] } } else { place[name] }
            guard let next else { throw .reference(text, at: pointer, reason: "leads nowhere") }
            place = next
        }
        return (place, String(path))
    }

    /// `%25`, `~1` and `~0` of a pointer in a reference (RFC 6901).
    private static func unescaped(_ part: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(part.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "~"), index + 1 < bytes.count, [0x30, 0x31].contains(bytes[index + 1]) {
                result.append(bytes[index + 1] == 0x30 ? UInt8(ascii: "~") : UInt8(ascii: "/"))
                index += 2
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    // MARK: - Keywords

    /// What says nothing about values.
    static let annotations: Set<String> = [
        "$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples",
        "deprecated",
        "readOnly", "writeOnly",
    ]

    static let supported: Set<String> = [
        "$ref", "allOf", "anyOf", "oneOf", "type", "enum", "const", "properties", "required", "additionalProperties",
        "items", "prefixItems", "minItems", "maxItems", "uniqueItems", "minLength", "maxLength", "pattern", "format",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minProperties", "maxProperties",
        "not", "if", "then", "else", "dependentRequired",
    ]

    private static let advice: [String: String] = [
        "patternProperties": "list the properties, or use «additionalProperties» with a schema",
        "nullable": "write «\"type\": [\"string\", \"null\"]» or the like",
        "$anchor": "refer to it by its path",
        "$dynamicRef": "use «$ref»",
        "$recursiveRef": "use «$ref»",
        "contains": "describe every element with «items»",
        "additionalItems": "use «prefixItems» and «items»",
    ]

    static func checkKeywords(_ object: JSON.Object, at pointer: String) throws(ConstraintError) {
        for (key, value) in object.entries where !annotations.contains(key) {
            guard supported.contains(key) else {
                throw .unsupported(
                    keyword: key, at: "\(pointer)/\(escaped(key))",
                    advice: advice[key] ?? "leave it out, and check the reply afterwards")
            }
            if key == "uniqueItems", value.boolValue != false {
                throw .unsupported(
                    keyword: key, at: "\(pointer)/uniqueItems", advice: "leave it out, and check the reply afterwards")
            }
        }
    }

    /// A key as a part of a JSON pointer.
    static func escaped(_ key: String) -> String {
        guard key.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return key }
        return key.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
            .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
    }

    static func schemas(_ value: JSON, at pointer: String) throws(ConstraintError) -> [JSON] {
        guard let list = value.arrayValue, !list.isEmpty else {
            throw .malformed(at: pointer, reason: "this is a list of at least one schema, not \(value.kind)")
        }
        return list
    }
}
