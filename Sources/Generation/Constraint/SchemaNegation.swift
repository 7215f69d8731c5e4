import ApusModelFiles

/// `not`, `if` with `then` and `else`, and `dependentRequired`, as alternatives that grammars know.
///
/// Alternatives may come to less than the schema allows, never to more. What can't be turned round is refused by name.
extension SchemaCompiler {
    /// The keywords that are put into other words before a schema is compiled.
    static let reworded: Set<String> = ["not", "if", "then", "else", "dependentRequired"]

    /// What fits the conditions of a schema.
    mutating func conditions(
        _ object: JSON.Object, at pointer: String, within: [String]
    ) throws(ConstraintError) -> [[JSON.Object]] {
        var result: [[JSON.Object]] = []
        if let negated = object["not"] {
            result.append(try self.negated(negated, at: "\(pointer)/not", within: within))
        }
        if let condition = object["if"], object.has("then") || object.has("else") {
            let yes = try crossed(
                try flattened(condition, at: "\(pointer)/if", within: within),
                try flattened(object["then"] ?? true, at: "\(pointer)/then", within: within), at: pointer)
            let no = try crossed(
                try negated(condition, at: "\(pointer)/if", within: within),
                try flattened(object["else"] ?? true, at: "\(pointer)/else", within: within), at: pointer)
            result.append(yes + no)
        }
        if let given = object["dependentRequired"] {
            let place = "\(pointer)/dependentRequired"
            guard let lists = given.objectValue else {
                throw .malformed(at: place, reason: "this is an object of lists of names, not \(given.kind)")
            }
            for (name, list) in lists.entries {
                guard let names = list.arrayValue, names.allSatisfy({ $0.stringValue != nil }) else {
                    throw .malformed(at: place, reason: "these are lists of names, not \(list.kind)")
                }
                result.append([["properties": [name: false]], ["required": .array([.string(name)] + names)]])
            }
        }
        return result
    }

    /// The alternatives of what does not fit a schema: some one of its keywords is not met.
    ///
    /// - Throws: `ConstraintError.unsupported` for keywords whose opposite is no schema.
    private mutating func negated(
        _ schema: JSON, at pointer: String, within: [String]
    ) throws(ConstraintError) -> [JSON.Object] {
        try step(20)
        guard within.count <= 200 else { throw .tooLarge("more than 200 schemas within each other's «not»") }
        // Counts how deep this goes: no place in a schema is called so.
        let within = within + ["not"]
        switch schema {
        case .bool(true): return []
        case .bool(false): return [[:]]
        case .object(let object):
            try Self.checkKeywords(object, at: pointer)
            var result: [JSON.Object] = []
            for (key, value) in object.entries where !Self.annotations.contains(key) {
                result += try opposite(of: key, value, at: pointer, within: within)
                guard result.count <= Self.mostAlternatives else { throw Self.tooManyAlternatives }
            }
            return result
        default: throw .malformed(at: pointer, reason: "a schema is an object, true or false, not \(schema.kind)")
        }
    }

    private mutating func opposite(
        of key: String, _ value: JSON, at pointer: String, within: [String]
    ) throws(ConstraintError) -> [JSON.Object] {
        let place = "\(pointer)/\(Self.escaped(key))"
        switch key {
        case "not": return try flattened(value, at: place, within: within)
        case "$ref":
            let (target, found) = try resolve(value, at: place)
            return try negated(target, at: found, within: within)
        case "allOf":
            var result: [JSON.Object] = []
            for part in try Self.schemas(value, at: place) { result += try negated(part, at: place, within: within) }
            return result
        case "anyOf":
            var result: [JSON.Object] = [[:]]
            for part in try Self.schemas(value, at: place) {
                result = try crossed(result, try negated(part, at: place, within: within), at: place)
            }
            return result
        case "type":
            let types = try Self.types(value, at: pointer)
            let others = Self.allTypes.filter { type in
                !types.contains(type) && !(type == "integer" && types.contains("number"))
                    && !(type == "number" && types.contains("integer"))
            }
            return others.isEmpty ? [] : [["type": .array(others.map { .string($0) })]]
        case "const": return [["not": ["enum": [value]]]]
        case "enum": return [["not": ["enum": value]]]
        case "required":
            guard let names = value.arrayValue?.compactMap(\.stringValue) else {
                throw .malformed(at: place, reason: "this is a list of names, not \(value.kind)")
            }
            return names.map { ["type": "object", "properties": [$0: false]] }
        case "properties":
            guard let properties = value.objectValue else {
                throw .malformed(at: place, reason: "this is an object of schemas, not \(value.kind)")
            }
            return properties.entries.map {
                ["type": "object", "required": [.string($0.key)], "properties": [$0.key: ["not": $0.value]]]
            }
        case "minimum": return [["type": "number", "exclusiveMaximum": value]]
        case "maximum": return [["type": "number", "exclusiveMinimum": value]]
        case "exclusiveMinimum": return [["type": "number", "maximum": value]]
        case "exclusiveMaximum": return [["type": "number", "minimum": value]]
        case "minLength", "minItems":
            guard let count = value.intValue, count > 0 else { return [] }
            let isLength = key == "minLength"
            return [["type": isLength ? "string" : "array", isLength ? "maxLength" : "maxItems": .integer(count - 1)]]
        case "maxLength", "maxItems":
            guard let count = value.intValue, count >= 0, count < .max else { return [] }
            let isLength = key == "maxLength"
            return [["type": isLength ? "string" : "array", isLength ? "minLength" : "minItems": .integer(count + 1)]]
        default:
            throw .unsupported(
                keyword: key, at: place, advice: "its opposite can't be enforced; say what is allowed instead of «not»")
        }
    }

    // MARK: - Values that are not allowed

    /// The values that a flattened schema leaves out.
    static func excluded(_ object: JSON.Object) -> [JSON] { object["not"]?["enum"]?.arrayValue ?? [] }

    /// A schema of one type but for some values of that type.
    mutating func start(
        _ type: String, _ object: JSON.Object, except values: [JSON], at pointer: String
    ) throws(ConstraintError) -> StateID {
        var object = object
        object["not"] = nil
        let excluded = values.filter { Self.fits($0, type) }
        guard !excluded.isEmpty else { return try start(type, object, at: pointer) }
        switch type {
        case "boolean": return try self.values([.bool(true), .bool(false)].filter { !excluded.contains($0) })
        case "null": return try json.builder.state()
        case "string" where !["minLength", "maxLength", "pattern", "format"].contains(where: object.has):
            return try otherName(than: excluded.compactMap(\.stringValue))
        case "number", "integer":
            let numbers = excluded.sorted { a, b in
                guard let x = Decimal(a), let y = Decimal(b) else { return false }
                return x < y
            }
            var starts: [StateID] = []
            for index in 0...numbers.count {
                var gap = JSON.Object()
                if index > 0 { gap["exclusiveMinimum"] = numbers[index - 1] }
                if index < numbers.count { gap["exclusiveMaximum"] = numbers[index] }
                guard let part = try merged(object, gap, at: pointer) else { continue }
                starts.append(try start(type, part, at: pointer))
            }
            return try json.builder.either(starts)
        default:
            throw .unsupported(
                keyword: "not", at: "\(pointer)/not",
                advice: "values can be left out of «enum», and from strings and numbers; say what is allowed instead")
        }
    }
}
