import ApusModelFiles

/// What a model is called, whose it is and how it is meant to be sampled: the keys `general.*` of GGUF, and the card and
/// `generation_config.json` of a folder.
enum GeneralMetadata {
    /// Keys of a card, of GGUF, and whether they are lists.
    private static let keys: [(card: String, gguf: String, isList: Bool)] = [
        ("author", "general.author", false), ("license", "general.license", false),
        ("license_name", "general.license.name", false), ("license_link", "general.license.link", false),
        ("language", "general.languages", true), ("tags", "general.tags", true),
    ]

    /// What a folder says of itself.
    ///
    /// - Parameter licence: stands before the card's.
    static func gguf(_ folder: HuggingFaceFolder, name: String, licence: String?) -> [(key: String, value: GGUFValue)] {
        let card = folder.card
        var result: [(key: String, value: GGUFValue)] = [
            ("general.type", .string("model")), ("general.name", .string(name)),
        ]
        for (key, target, isList) in keys {
            var values = card[list: key]
            if key == "license" {
                if let said = licence ?? values.first ?? folder.config["license"]?.stringValue { values = [said] }
            } else if key.hasPrefix("license"), licence != nil {
                values = []
            }
            guard let first = values.first else { continue }
            result.append((target, isList ? .array(GGUFArray(values)) : .string(first)))
        }
        let bases = card[list: "base_model"]
        if !bases.isEmpty { result.append(("general.base_model.count", .uint32(UInt32(clamping: bases.count)))) }
        for (number, base) in bases.enumerated() {
            let parts = base.split(separator: "/", maxSplits: 1)
            if parts.count == 2 {
                result.append(("general.base_model.\(number).organization", .string(String(parts[0]))))
            }
            result.append(("general.base_model.\(number).name", .string(String(parts.last ?? ""))))
        }
        result += RecommendedSampling(generationConfig: folder.generationConfig).metadata
        return result
    }

    /// The card that says what a file says.
    static func card(_ metadata: GGUFMetadata) throws -> ModelCard {
        var fields: [(key: String, values: [String])] = []
        for (key, source, isList) in keys {
            if isList {
                guard metadata.has(source) else { continue }
                fields.append((key, try metadata.requireStrings(source).map { String(decoding: $0, as: UTF8.self) }))
            } else if let value = try metadata.string(source) {
                fields.append((key, [value]))
            }
        }
        let count = min(try metadata.integer("general.base_model.count") ?? 0, 64)
        let bases = try (0..<max(0, count)).compactMap { number in
            let key = "general.base_model.\(number)"
            guard let name = try metadata.string("\(key).name") else { return nil as String? }
            return try metadata.string("\(key).organization").map { "\($0)/\(name)" } ?? name
        }
        fields.append(("base_model", bases))
        return ModelCard(fields: fields)
    }
}
