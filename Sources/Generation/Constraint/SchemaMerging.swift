import ApusModelFiles

/// Several schemas that apply to one value, as one.
extension SchemaCompiler {
    /// The alternatives of a schema, each without references, `allOf`, `anyOf` and `oneOf`.
    ///
    /// - Parameter within: the places of references that are being followed.
    mutating func flattened(
        _ schema: JSON, at pointer: String, within: [String] = []
    ) throws(ConstraintError) -> [JSON.Object] {
        try step(20)
        guard within.count <= 200 else { throw .tooLarge("more than 200 references that lead to each other") }
        switch schema {
        case .bool(true): return [[:]]
        case .bool(false): return []
        case .object(let object):
            try Self.checkKeywords(object, at: pointer)
            var own = JSON.Object()
            for (key, value) in object.entries where !Self.annotations.contains(key) { own[key] = value }
            for key in ["$ref", "allOf", "anyOf", "oneOf"] + Self.reworded { own[key] = nil }
            var result = [own]
            if let reference = object["$ref"] {
                let (target, place) = try resolve(reference, at: "\(pointer)/$ref")
                guard !within.contains(place) else {
                    throw .reference(
                        "#" + place, at: "\(pointer)/$ref",
                        reason: "comes back to itself before it says anything about a value")
                }
                result = try crossed(result, try flattened(target, at: place, within: within + [place]), at: pointer)
            }
            if let all = object["allOf"] {
                for (index, part) in try Self.schemas(all, at: "\(pointer)/allOf").enumerated() {
                    let place = "\(pointer)/allOf/\(index)"
                    result = try crossed(result, try flattened(part, at: place, within: within), at: place)
                }
            }
            for key in ["anyOf", "oneOf"] {
                guard let any = object[key] else { continue }
                var branches: [JSON.Object] = []
                for (index, branch) in try Self.schemas(any, at: "\(pointer)/\(key)").enumerated() {
                    branches += try flattened(branch, at: "\(pointer)/\(key)/\(index)", within: within)
                    guard branches.count <= Self.mostAlternatives else { throw Self.tooManyAlternatives }
                }
                result = try crossed(result, branches, at: "\(pointer)/\(key)")
            }
            for alternatives in try conditions(object, at: pointer, within: within) {
                result = try crossed(result, alternatives, at: pointer)
            }
            return result
        default: throw .malformed(at: pointer, reason: "a schema is an object, true or false, not \(schema.kind)")
        }
    }

    static let tooManyAlternatives = ConstraintError.tooLarge(
        "«anyOf» within «allOf» and the like come to more than \(mostAlternatives) alternatives")

    mutating func crossed(
        _ a: [JSON.Object], _ b: [JSON.Object], at pointer: String
    ) throws(ConstraintError) -> [JSON.Object] {
        guard a.count * b.count <= Self.mostAlternatives else { throw Self.tooManyAlternatives }
        var result: [JSON.Object] = []
        for x in a {
            for y in b {
                if let merged = try merged(x, y, at: pointer) { result.append(merged) }
            }
        }
        return result
    }

    /// What fits both; nil where nothing can.
    mutating func merged(
        _ a: JSON.Object, _ b: JSON.Object, at pointer: String
    ) throws(ConstraintError) -> JSON.Object? {
        try step(10 + Self.size(a) + Self.size(b))
        if a.isEmpty { return b }
        if b.isEmpty { return a }
        var result = a
        try mergeProperties(a, b, into: &result, at: pointer)
        for (key, value) in b.entries {
            guard let own = a[key] else {
                if key != "properties", key != "additionalProperties" { result[key] = value }
                continue
            }
            switch key {
            case "properties", "additionalProperties": break
            case "type":
                var types: [String] = []
                let others = try Self.types(value, at: pointer)
                for type in try Self.types(own, at: pointer) {
                    for other in others { if let common = Self.common(type, other) { types.append(common) } }
                }
                guard !types.isEmpty else { return nil }
                result[key] = .array(types.map { .string($0) })
            case "enum", "const":
                guard key == "enum" else {
                    if own != value { return nil }
                    continue
                }
                try step((own.arrayValue?.count ?? 0) * (value.arrayValue?.count ?? 0) / 16)
                let both = (own.arrayValue ?? []).filter { (value.arrayValue ?? []).contains($0) }
                guard !both.isEmpty else { return nil }
                result[key] = .array(both)
            case "not":
                // Only what values are left out is still there.
                result[key] = ["enum": .array(Self.excluded(a) + Self.excluded(b))]
            case "required": result[key] = .array((own.arrayValue ?? []) + (value.arrayValue ?? []))
            case "items":
                guard !a.has("prefixItems"), !b.has("prefixItems") else {
                    throw .notMergeable(keyword: "prefixItems", at: pointer)
                }
                result[key] = ["allOf": [own, value]]
            case "minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum":
                result[key] = try larger(own, value, pointer)
            case "maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum":
                result[key] = try larger(own, value, pointer) == own ? value : own
            default:
                guard own == value else { throw .notMergeable(keyword: key, at: pointer) }
            }
        }
        if a.has("prefixItems") != b.has("prefixItems"), a.has("items") || b.has("items"), a["items"] != b["items"] {
            throw .notMergeable(keyword: "prefixItems", at: pointer)
        }
        return result
    }

    /// How much there is to be looked at.
    private static func size(_ object: JSON.Object) -> Int {
        object.entries.reduce(0) { $0 + 1 + ($1.value.arrayValue?.count ?? $1.value.objectValue?.count ?? 0) }
    }

    private func larger(_ a: JSON, _ b: JSON, _ pointer: String) throws(ConstraintError) -> JSON {
        guard let x = Decimal(a), let y = Decimal(b) else {
            throw .malformed(at: pointer, reason: "a limit is a number")
        }
        return x < y ? b : a
    }

    private static func common(_ a: String, _ b: String) -> String? {
        if a == b { return a }
        return [a, b].contains("integer") && [a, b].contains("number") ? "integer" : nil
    }

    /// A property that one of the schemas doesn't name is what that one's additional properties are.
    private func mergeProperties(
        _ a: JSON.Object, _ b: JSON.Object, into result: inout JSON.Object, at pointer: String
    ) throws(ConstraintError) {
        guard
            a.has("properties") || b.has("properties") || a.has("additionalProperties") || b.has("additionalProperties")
        else { return }
        let (own, other) = (a["properties"]?.objectValue ?? [:], b["properties"]?.objectValue ?? [:])
        let (ownRest, otherRest) = (a["additionalProperties"], b["additionalProperties"])
        var properties = JSON.Object()
        for name in own.keys + other.keys where !properties.has(name) {
            let parts = [own[name] ?? ownRest, other[name] ?? otherRest].compactMap { $0 }
            properties[name] = parts.count == 1 ? parts[0] : ["allOf": .array(parts)]
        }
        if !properties.isEmpty { result["properties"] = .object(properties) }
        let rests = [ownRest, otherRest].compactMap { $0 }
        if let first = rests.first {
            result["additionalProperties"] = rests.count == 1 || first == rests.last ? first : ["allOf": .array(rests)]
        }
    }
}
