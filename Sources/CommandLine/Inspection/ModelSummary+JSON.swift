import ApusModelFiles

extension ModelSummary {
    func json(tensors listsTensors: Bool, metadata listsMetadata: Bool, sums: [(file: String, sum: String)]) -> JSON {
        var object: JSON.Object = [
            "path": .string(path), "format": .string(format), "name": name.map { .string($0) } ?? .null,
            "architecture": .string(architecture), "runs": .bool(problem == nil),
            "problem": problem.map { .string($0) } ?? .null, "parameters": .integer(parameters),
            "weight_bytes": .integer(weightBytes), "file_bytes": .integer(fileBytes),
            "files": .array(files.map { .string($0) }),
        ]
        if let configuration {
            object["context"] = .integer(configuration.context)
            object["vocabulary"] = .integer(configuration.vocabulary)
            object["layers"] = .integer(configuration.layers)
            object["width"] = .integer(configuration.width)
            object["heads"] = .integer(configuration.heads)
            object["kv_heads"] = .integer(configuration.kvHeads)
            object["feed_forward"] = .integer(configuration.feedForward)
        }
        if let context, let cacheBytes {
            var cache: JSON.Object = ["context": .integer(context), "bytes": .integer(cacheBytes)]
            if let cacheType { cache["type"] = .string(cacheType.description.lowercased()) }
            if let smallCacheBytes { cache["bytes_q8_0"] = .integer(smallCacheBytes) }
            object["cache"] = .object(cache)
        }
        object["groups"] = .array(
            groups.map { group in
                [
                    "name": .string(group.name), "tensors": .integer(group.tensors),
                    "parameters": .integer(group.elements),
                    "bytes": .integer(group.bytes),
                    "types": .object(JSON.Object(group.types.map { ($0.type, JSON.integer($0.count)) })),
                ]
            })
        object["tokenizer"] = tokenizer.map { .string($0) } ?? .null
        object["template"] = template.map { .string($0) } ?? .null
        object["licence"] = licence.map { .string($0) } ?? .null
        if !sums.isEmpty { object["sha256"] = .object(JSON.Object(sums.map { ($0.file, JSON.string($0.sum)) })) }
        if listsTensors {
            object["tensors"] = .array(
                tensors.map { tensor in
                    [
                        "name": .string(tensor.name), "type": .string(tensor.type),
                        "shape": .array(tensor.shape.map { .integer($0) }), "bytes": .integer(tensor.bytes),
                    ]
                })
        }
        if listsMetadata { object["metadata"] = .object(JSON.Object(metadata.map { ($0.key, $0.value) })) }
        return .object(object)
    }
}

extension JSON {
    /// Arrays longer than this are given by their beginning in a listing.
    private static let longestListing = 32

    /// A value of GGUF metadata; of a long array its first elements and its length.
    init(gguf value: GGUFValue) {
        switch value {
        case .string(let text): self = .string(text.text ?? TokenizedText.quoted(text.bytes))
        case .bool(let flag): self = .bool(flag)
        case .array(let array): self = Self.list(array)
        default:
            self = value.intValue.map { .integer($0) } ?? value.floatValue.map { .number($0) } ?? .string(value.kind)
        }
    }

    private static func list(_ array: GGUFArray) -> JSON {
        let count = min(array.count, longestListing)
        let elements: [JSON]
        if let strings = array.strings {
            elements = (0..<count).map { .string(String(decoding: strings[$0], as: UTF8.self)) }
        } else {
            elements = (0..<count).compactMap { array.number(at: $0) }.map { JSON(gguf: $0) }
        }
        if array.count <= longestListing { return .array(elements) }
        return ["length": .integer(array.count), "first": .array(elements)]
    }
}
