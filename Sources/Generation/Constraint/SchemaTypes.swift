import ApusModelFiles

/// Schemas without references and alternatives.
extension SchemaCompiler {
    static let allTypes = ["object", "array", "string", "number", "integer", "boolean", "null"]

    static func types(_ value: JSON, at pointer: String) throws(ConstraintError) -> [String] {
        let list = value.arrayValue ?? [value]
        var result: [String] = []
        for item in list {
            guard let name = item.stringValue, allTypes.contains(name) else {
                throw .malformed(
                    at: "\(pointer)/type", reason: "a type is one of \(allTypes.joined(separator: ", "))")
            }
            if !result.contains(name) { result.append(name) }
        }
        guard !result.isEmpty else { throw .malformed(at: "\(pointer)/type", reason: "the list of types is empty") }
        return result
    }

    /// A schema that says nothing of types is of those that its keywords are about.
    private static let typeOfKeyword: [String: String] = [
        "properties": "object", "required": "object", "additionalProperties": "object", "items": "array",
        "prefixItems": "array", "minItems": "array", "maxItems": "array", "minLength": "string", "maxLength": "string",
        "pattern": "string", "format": "string", "minimum": "number", "maximum": "number", "exclusiveMinimum": "number",
        "exclusiveMaximum": "number", "multipleOf": "number", "minProperties": "object", "maxProperties": "object",
    ]

    mutating func plain(_ object: JSON.Object, at pointer: String) throws(ConstraintError) -> StateID {
        if object.has("enum") || object.has("const") { return try values(object, at: pointer) }
        var types: [String]
        if let listed = object["type"] {
            types = try Self.types(listed, at: pointer)
        } else {
            types = Self.allTypes.filter { type in object.keys.contains { Self.typeOfKeyword[$0] == type } }
            if types.isEmpty {
                guard object.has("not") else { return json.value }
                types = Self.allTypes
            }
        }
        if types.contains("number") { types.removeAll { $0 == "integer" } }
        var starts: [StateID] = []
        let excluded = Self.excluded(object)
        for type in types {
            starts.append(
                try excluded.isEmpty
                    ? start(type, object, at: pointer) : start(type, object, except: excluded, at: pointer))
        }
        return try json.builder.either(starts)
    }

    mutating func start(
        _ type: String, _ object: JSON.Object, at pointer: String
    ) throws(ConstraintError) -> StateID {
        switch type {
        case "object": return try self.object(object, at: pointer)
        case "array": return try array(object, at: pointer)
        case "string": return try string(object, at: pointer)
        case "number", "integer": return try number(object, isInteger: type == "integer", at: pointer)
        case "boolean": return try values([.bool(true), .bool(false)])
        default: return try values([.null])
        }
    }

    // MARK: - enum and const

    private mutating func values(_ object: JSON.Object, at pointer: String) throws(ConstraintError) -> StateID {
        var values: [JSON]
        if let listed = object["enum"] {
            guard let list = listed.arrayValue, !list.isEmpty else {
                throw .malformed(at: "\(pointer)/enum", reason: "this is a list of at least one value")
            }
            values = list
            if let only = object["const"] { values.removeAll { $0 != only } }
        } else {
            values = object["const"].map { [$0] } ?? []
        }
        if let listed = object["type"] {
            let types = try Self.types(listed, at: pointer)
            values.removeAll { value in !types.contains { Self.fits(value, $0) } }
        }
        let excluded = Self.excluded(object)
        values.removeAll { excluded.contains($0) }
        for key in object.keys
        where !Self.annotations.contains(key) && !["enum", "const", "type", "not"].contains(key) {
            throw .unsupported(
                keyword: key, at: "\(pointer)/\(key)",
                advice: "beside «enum» or «const» list only the values that fit it")
        }
        return try self.values(values)
    }

    static func fits(_ value: JSON, _ type: String) -> Bool {
        switch value {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .integer: type == "integer" || type == "number"
        case .number(let number): type == "number" || type == "integer" && number.rounded() == number
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }

    /// One of some values, in compact spelling. Values that begin alike share their states.
    mutating func values(_ values: [JSON]) throws(ConstraintError) -> StateID {
        try words(values.map { Array($0.serialized().utf8) }, end: json.end)
    }

    private mutating func words(_ words: [[UInt8]], end: StateID) throws(ConstraintError) -> StateID {
        let start = try json.builder.state()
        var children: [StateID: [UInt8: StateID]] = [:]
        for word in words {
            var place = start
            for (index, byte) in word.enumerated() {
                if let next = children[place]?[byte] {
                    place = next
                } else {
                    // No word of JSON is the beginning of another, but for numbers.
                    let next = try json.builder.state()
                    json.builder.add(byte...byte, from: place, to: next)
                    children[place, default: [:]][byte] = next
                    place = next
                }
                if index == word.count - 1 { json.builder.epsilon(place, end) }
            }
        }
        return start
    }

    // MARK: - Objects

    private mutating func object(_ object: JSON.Object, at pointer: String) throws(ConstraintError) -> StateID {
        var required: [String] = []
        if let list = object["required"] {
            guard let names = list.arrayValue else {
                throw .malformed(at: "\(pointer)/required", reason: "this is a list of names, not \(list.kind)")
            }
            for name in names {
                guard let name = name.stringValue else {
                    throw .malformed(at: "\(pointer)/required", reason: "a name is a string, not \(name.kind)")
                }
                required.append(name)
            }
        }
        if let given = object["properties"], given.objectValue == nil {
            throw .malformed(at: "\(pointer)/properties", reason: "this is an object of schemas, not \(given.kind)")
        }
        let listed = object["properties"]?.objectValue ?? [:]
        let rest = object["additionalProperties"]
        // Without a word on others, a schema that names properties means these. Naming what must not be there is none.
        let additional = rest ?? .bool(listed.entries.allSatisfy { $0.value == false } && required.isEmpty)
        var members: [(name: String, start: StateID, isRequired: Bool)] = []
        let names = Set(required.map { Array($0.utf8) })
        for (name, schema) in listed.entries {
            let place = "\(pointer)/properties/\(Self.escaped(name))"
            members.append((name, try value(schema, at: place), names.contains(Array(name.utf8))))
        }
        var seen = JSON.Object()
        for name in required where !listed.has(name) && !seen.has(name) {
            seen[name] = .null
            members.append((name, try value(rest ?? true, at: "\(pointer)/additionalProperties"), true))
        }
        var others: StateID?
        if additional != .bool(false) { others = try value(additional, at: "\(pointer)/additionalProperties") }
        if object.has("minProperties") || object.has("maxProperties") {
            let limits = try self.limits(object, "minProperties", "maxProperties", at: pointer)
            let certain = members.count { $0.isRequired }
            if members.isEmpty, let others, limits.low <= 1 { return try map(to: others, limits) }
            guard Int(limits.low) <= certain, others == nil, members.count <= Int(limits.high) else {
                let keyword = Int(limits.low) > certain ? "minProperties" : "maxProperties"
                throw .unsupported(
                    keyword: keyword, at: "\(pointer)/\(keyword)",
                    advice: "name what is «required», and set «additionalProperties» to false")
            }
        }
        return try self.object(members, others: others)
    }

    /// An object of any names, so many at most. That two names differ can't be seen to, so one at least is all that can
    /// be asked for.
    private mutating func map(to content: StateID, _ limits: Grammar.Limits) throws(ConstraintError) -> StateID {
        let start = try json.builder.state()
        guard limits.low <= limits.high else { return start }
        let first = try json.builder.state()
        let left = Grammar.Limits(
            low: max(0, limits.low - 1), high: limits.high == .max ? .max : max(0, limits.high - 1))
        json.builder.add("{", from: start, to: first, .set, limits: left)
        if limits.low == 0 { json.builder.add("}", from: first, to: json.end) }
        guard limits.high > 0 else { return start }
        let (name, colon) = (try json.builder.state(), try json.builder.state())
        let (value, after) = (try json.builder.state(), try json.builder.state())
        json.builder.epsilon(first, name)
        json.builder.call(json.string, from: name, back: colon)
        json.builder.add(":", from: colon, to: try json.spaced(value))
        json.builder.call(content, from: value, back: after)
        json.builder.add(",", from: after, to: try json.spaced(name), .take)
        json.builder.add("}", from: after, to: json.end, .close)
        return start
    }

    private mutating func object(
        _ members: [(name: String, start: StateID, isRequired: Bool)], others: StateID?
    ) throws(ConstraintError) -> StateID {
        guard members.count <= 1_000 else { throw .tooLarge("an object has more than 1000 properties") }
        if members.isEmpty, others == json.value { return json.object }
        let end = json.end
        let start = try json.builder.state()
        // Before any member, after a comma, and after a member: each with the members from one on still to come.
        var first: [StateID] = []
        var comma: [StateID] = []
        var after: [StateID] = []
        for _ in 0...members.count {
            first.append(try json.builder.state())
            comma.append(try json.builder.state())
            after.append(try json.builder.state())
        }
        json.builder.add("{", from: start, to: first[0])
        if !members.contains(where: \.isRequired) { json.builder.add("}", from: first[0], to: end) }
        let lastRequired = members.lastIndex(where: \.isRequired) ?? -1
        for (index, member) in members.enumerated() {
            let key = try json.builder.state()
            json.builder.epsilon(first[index], key)
            json.builder.epsilon(comma[index], key)
            if !member.isRequired {
                json.builder.epsilon(first[index], first[index + 1])
                json.builder.epsilon(comma[index], comma[index + 1])
            }
            let content = try json.builder.state()
            json.builder.call(member.start, from: content, back: after[index + 1])
            let spelling = Array(JSON.string(member.name).serialized().utf8) + [UInt8(ascii: ":")]
            try json.builder.literal(spelling, from: key, to: try json.spaced(content))
        }
        for index in 1...max(1, members.count) where index < after.count {
            if index > lastRequired { json.builder.add("}", from: after[index], to: end) }
            if index < members.count || others != nil {
                json.builder.add(",", from: after[index], to: try json.spaced(comma[index]))
            }
        }
        guard let others else { return start }
        let last = members.count
        // With no member that is listed, the first of the others comes after the brace.
        if last == 0 {
            json.builder.add("}", from: after[0], to: end)
            json.builder.add(",", from: after[0], to: try json.spaced(comma[0]))
        }
        let name = try otherName(than: members.map(\.name))
        let colon = try json.builder.state()
        let content = try json.builder.state()
        for place in [first[last], comma[last]] { json.builder.call(name, from: place, back: colon) }
        json.builder.add(":", from: colon, to: try json.spaced(content))
        json.builder.call(others, from: content, back: after[last])
        return start
    }

    /// A name that is none of some. It has no escapes, so that it can't be one of them in another spelling.
    mutating func otherName(than names: [String]) throws(ConstraintError) -> StateID {
        if names.isEmpty { return json.string }
        guard names.allSatisfy({ $0.utf8.count <= 512 }) else {
            throw .tooLarge("a property's name of more than 512 bytes")
        }
        // Characters that differ from all names' lead to where any may follow.
        let node = NameNode()
        for name in names { node.add(Array(name.unicodeScalars.map(\.value))[...]) }
        let plain = ScalarSet([0...0x1F, 0x22...0x22, 0x5C...0x5C]).inverted
        var states: [CharacterAutomaton.State] = [.init(next: [(plain, 0)], accepts: true)]
        let start = node.append(to: &states, plain)
        return try json.string(CharacterAutomaton(states, start: start))
    }

    // MARK: - Arrays

    private mutating func array(_ object: JSON.Object, at pointer: String) throws(ConstraintError) -> StateID {
        let limits = try self.limits(object, "minItems", "maxItems", at: pointer)
        guard limits.low <= limits.high else { return try json.builder.state() }
        var prefix: [StateID] = []
        if let list = object["prefixItems"] {
            for (index, schema) in try Self.schemas(list, at: "\(pointer)/prefixItems").enumerated() {
                prefix.append(try value(schema, at: "\(pointer)/prefixItems/\(index)"))
            }
        }
        if Int(limits.high) < prefix.count { prefix.removeLast(prefix.count - Int(limits.high)) }
        let rest: StateID? =
            if let items = object["items"] {
                try value(items, at: "\(pointer)/items")
            } else {
                // As with properties: a list of elements means these, unless there have to be more.
                prefix.isEmpty || Int(limits.low) > prefix.count ? json.value : nil
            }
        if prefix.isEmpty, rest == json.value, limits == .none { return json.array }
        return try array(prefix, rest: Int(limits.high) > prefix.count ? rest : nil, limits)
    }

    private mutating func array(
        _ prefix: [StateID], rest: StateID?, _ limits: Grammar.Limits
    ) throws(ConstraintError) -> StateID {
        let start = try json.builder.state()
        let first = try json.builder.state()
        /// The first of the others is counted before it is there.
        let done = Int32(prefix.count + 1)
        let left = Grammar.Limits(
            low: max(0, limits.low - done), high: limits.high == .max ? .max : max(0, limits.high - done))
        json.builder.add("[", from: start, to: first, prefix.isEmpty ? .set : .keep, limits: left)
        if limits.low == 0 { json.builder.add("]", from: first, to: json.end) }
        /// Where an element begins.
        var place = first
        for (index, element) in prefix.enumerated() {
            let after = try json.builder.state()
            json.builder.call(element, from: place, back: after)
            if index + 1 >= Int(limits.low) { json.builder.add("]", from: after, to: json.end) }
            guard index + 1 < prefix.count || rest != nil else { break }
            place = try json.builder.state()
            let last = index + 1 == prefix.count
            json.builder.add(",", from: after, to: try json.spaced(place), last ? .set : .keep, limits: left)
        }
        guard let rest else { return start }
        let item = try json.builder.state()
        let after = try json.builder.state()
        json.builder.epsilon(place, item)
        json.builder.call(rest, from: item, back: after)
        json.builder.add(",", from: after, to: try json.spaced(item), .take)
        json.builder.add("]", from: after, to: json.end, .close)
        return start
    }

    /// A least and a most number of something.
    private func limits(
        _ object: JSON.Object, _ least: String, _ most: String, at pointer: String
    ) throws(ConstraintError) -> Grammar.Limits {
        func count(_ key: String) throws(ConstraintError) -> Int32? {
            guard let value = object[key] else { return nil }
            guard let number = value.intValue, number >= 0 else {
                throw .malformed(at: "\(pointer)/\(key)", reason: "this is a whole number from 0 on, not \(value)")
            }
            return Int32(clamping: number)
        }
        return Grammar.Limits(low: try count(least) ?? 0, high: try count(most) ?? .max)
    }

    // MARK: - Strings

    private mutating func string(_ object: JSON.Object, at pointer: String) throws(ConstraintError) -> StateID {
        let limits = try self.limits(object, "minLength", "maxLength", at: pointer)
        guard limits.low <= limits.high else { return try json.builder.state() }
        var pattern: (text: String, place: String)?
        if let given = object["pattern"] {
            guard let text = given.stringValue else {
                throw .malformed(at: "\(pointer)/pattern", reason: "a pattern is a string, not \(given.kind)")
            }
            pattern = (text, "\(pointer)/pattern")
        }
        if let given = object["format"] {
            guard let name = given.stringValue, let text = StringFormat.patterns[name] else {
                throw .unsupported(
                    keyword: "format", at: "\(pointer)/format",
                    advice: "\(given) is none of \(StringFormat.patterns.keys.sorted().joined(separator: ", "))")
            }
            guard pattern == nil else { throw .notMergeable(keyword: "pattern", at: "\(pointer)/format") }
            pattern = (text, "\(pointer)/format")
        }
        guard let pattern else { return try json.string(limits) }
        guard pattern.text.utf8.count <= 4096 else { throw .tooLarge("a pattern of more than 4096 bytes") }
        let node: PatternNode
        do throws(PatternParser.Failure) { node = try PatternParser.parse(pattern.text) } catch {
            throw .malformed(at: pattern.place, reason: "«\(pattern.text)», character \(error.place): \(error.reason)")
        }
        var automaton = try CharacterAutomaton(node)
        try automaton.restrict(limits)
        return try json.string(automaton)
    }

    // MARK: - Numbers

    private mutating func number(
        _ object: JSON.Object, isInteger: Bool, at pointer: String
    ) throws(ConstraintError) -> StateID {
        var range = NumberRange(isInteger: isInteger)
        for (key, isLow, isExclusive) in [
            ("minimum", true, false), ("exclusiveMinimum", true, true), ("maximum", false, false),
            ("exclusiveMaximum", false, true),
        ] {
            guard let given = object[key] else { continue }
            guard let value = Decimal(given) else {
                throw .malformed(at: "\(pointer)/\(key)", reason: "a limit is a number, not \(given)")
            }
            let bound = Bound(value: value, isExclusive: isExclusive)
            if isLow {
                range.low = range.low.map { $0.value < value || $0.value == value && isExclusive ? bound : $0 } ?? bound
            } else {
                range.high =
                    range.high.map { value < $0.value || $0.value == value && isExclusive ? bound : $0 } ?? bound
            }
        }
        if let given = object["multipleOf"] {
            guard let factor = given.intValue, (1...1_000_000).contains(factor) else {
                throw .unsupported(
                    keyword: "multipleOf", at: "\(pointer)/multipleOf",
                    advice: "it has to be a whole number from 1 to 1000000, not \(given)")
            }
            // Numbers with a fraction are no multiples of whole ones.
            range.isInteger = true
            range.multipleOf = factor
        }
        if !range.isInteger, range.low == nil, range.high == nil { return json.number }
        return try range.add(to: &json.builder)
    }
}
