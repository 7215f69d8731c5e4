import ApusModelFiles
import Foundation

/// A validator of values by schemas, for the keywords that the tests use: written for itself, over values and not texts.
struct SchemaValidator {
    let root: JSON

    func fits(_ value: JSON, _ schema: JSON? = nil) -> Bool {
        let schema = schema ?? root
        if let simple = schema.boolValue { return simple }
        guard let object = schema.objectValue else { return false }
        return object.entries.allSatisfy { fits(value, $0.key, $0.value, object) }
    }

    private func fits(_ value: JSON, _ key: String, _ content: JSON, _ schema: JSON.Object) -> Bool {
        switch key {
        case "$ref":
            var target = root
            for part in (content.stringValue ?? "").split(separator: "/").dropFirst() {
                target = target[String(part)] ?? .bool(false)
            }
            return fits(value, target)
        case "allOf": return (content.arrayValue ?? []).allSatisfy { fits(value, $0) }
        case "anyOf", "oneOf": return (content.arrayValue ?? []).contains { fits(value, $0) }
        case "type": return (content.arrayValue ?? [content]).contains { isOf(value, $0.stringValue ?? "") }
        case "enum": return (content.arrayValue ?? []).contains { same($0, value) }
        case "const": return same(content, value)
        case "properties":
            guard let members = value.objectValue else { return true }
            return (content.objectValue ?? [:]).entries.allSatisfy { name, part in
                members[name].map { fits($0, part) } ?? true
            }
        case "required":
            guard let members = value.objectValue else { return true }
            return (content.arrayValue ?? []).allSatisfy { members.has($0.stringValue ?? "") }
        case "additionalProperties":
            guard let members = value.objectValue else { return true }
            let named = schema["properties"]?.objectValue ?? [:]
            return members.entries.allSatisfy { named.has($0.key) || fits($0.value, content) }
        case "items":
            guard let elements = value.arrayValue else { return true }
            return elements.dropFirst(schema["prefixItems"]?.arrayValue?.count ?? 0).allSatisfy { fits($0, content) }
        case "prefixItems":
            guard let elements = value.arrayValue else { return true }
            return zip(elements, content.arrayValue ?? []).allSatisfy { fits($0, $1) }
        case "minItems": return value.arrayValue.map { $0.count >= content.intValue ?? 0 } ?? true
        case "maxItems": return value.arrayValue.map { $0.count <= content.intValue ?? 0 } ?? true
        case "minLength": return value.stringValue.map { $0.unicodeScalars.count >= content.intValue ?? 0 } ?? true
        case "maxLength": return value.stringValue.map { $0.unicodeScalars.count <= content.intValue ?? 0 } ?? true
        case "pattern":
            guard let text = value.stringValue, let pattern = content.stringValue else { return true }
            return text.range(of: pattern, options: .regularExpression) != nil
        case "minimum": return value.doubleValue.map { $0 >= content.doubleValue ?? 0 } ?? true
        case "maximum": return value.doubleValue.map { $0 <= content.doubleValue ?? 0 } ?? true
        case "exclusiveMinimum": return value.doubleValue.map { $0 > content.doubleValue ?? 0 } ?? true
        case "exclusiveMaximum": return value.doubleValue.map { $0 < content.doubleValue ?? 0 } ?? true
        case "multipleOf":
            guard let number = value.doubleValue else { return true }
            return number.truncatingRemainder(dividingBy: content.doubleValue ?? 1) == 0
        default: return true
        }
    }

    private func isOf(_ value: JSON, _ type: String) -> Bool {
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

    private func same(_ a: JSON, _ b: JSON) -> Bool {
        if let x = a.doubleValue, let y = b.doubleValue { return x == y }
        return a == b
    }
}

/// Schemas that come out of a seed.
struct RandomSchemas {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func below(_ count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(count))
    }

    private static let names = ["a", "ab", "name", "é", "x y", "q\"", "list", "日"]
    private static let patterns = [
        "^[a-z]{1,5}$", "^\\d+-\\d+$", "^[a-c]*ab", "^(yes|no|é+)$", "^[^x]{2,4}$", "^\\w+( \\w+)*$",
    ]

    mutating func schema(depth: Int = 3) -> JSON {
        switch below(depth == 0 ? 7 : 12) {
        case 0: return ["type": "boolean"]
        case 1: return ["type": .array([["string", "null", "integer"][below(3)], "boolean"])]
        case 2:
            let low = below(400) - 200
            let high = low + below(300)
            switch below(4) {
            case 0: return ["type": "integer", "minimum": .integer(low), "maximum": .integer(high)]
            case 1: return ["type": "integer", "minimum": .integer(low), "multipleOf": .integer(1 + below(12))]
            case 2:
                return ["type": "number", "minimum": .number(Double(low) / 8), "maximum": .number(Double(high) / 8)]
            default:
                return [
                    "type": "number", "exclusiveMinimum": .number(Double(low) / 10),
                    "exclusiveMaximum": .number(Double(high + 1) / 10),
                ]
            }
        case 3:
            let low = below(4)
            return ["type": "string", "minLength": .integer(low), "maxLength": .integer(low + below(20))]
        case 4: return ["type": "string", "pattern": .string(Self.patterns[below(Self.patterns.count)])]
        case 5:
            return ["enum": .array([1, "a", "abc", nil, 2.5, "日本", ["x"]].prefix(1 + below(7)).map { $0 ?? .null })]
        case 6: return ["type": .string(["string", "number", "integer"][below(3)])]
        case 7: return ["anyOf": .array((0..<1 + below(3)).map { _ in schema(depth: depth - 1) })]
        case 8:
            let low = below(3)
            return [
                "type": "array", "items": schema(depth: depth - 1), "minItems": .integer(low),
                "maxItems": .integer(low + below(4)),
            ]
        case 9:
            return [
                "type": "array", "prefixItems": .array((0..<1 + below(3)).map { _ in schema(depth: depth - 1) }),
                "items": below(2) == 0 ? false : schema(depth: 0),
            ]
        default:
            var properties = JSON.Object()
            var required: [JSON] = []
            for _ in 0..<1 + below(4) {
                let name = Self.names[below(Self.names.count)]
                properties[name] = schema(depth: depth - 1)
                if below(2) == 0 { required.append(.string(name)) }
            }
            var object: JSON.Object = [
                "type": "object", "properties": .object(properties), "required": .array(required),
            ]
            switch below(3) {
            case 0: object["additionalProperties"] = false
            case 1: object["additionalProperties"] = schema(depth: 0)
            default: break
            }
            return .object(object)
        }
    }
}
