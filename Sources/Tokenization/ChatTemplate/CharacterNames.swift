/// Characters by their Unicode names, for `\N{BULLET}` in string literals of templates.
///
/// There is no table: names are looked for among all characters, which takes up to a tenth of a second, so a template
/// may use only a few that lie far behind.
struct CharacterNames: Sendable {
    /// Different names that one template may use.
    static let most = 8
    private var known: [String: Unicode.Scalar] = [:]

    /// - Throws: for a name that no character has. Aliases of control characters ("LINE FEED") are not known.
    mutating func scalar(named bytes: ArraySlice<UInt8>) throws(JinjaFault) -> Unicode.Scalar {
        let name = String(decoding: bytes, as: UTF8.self).uppercased()
        if let scalar = known[name] { return scalar }
        guard known.count < Self.most else {
            throw JinjaFault(.limit, "more than \(Self.most) different characters by name (\\N{…})")
        }
        // No character that has a name lies outside of these.
        for range in [UInt32(0x20)...0x323AF, 0xE0001...0xE01EF] {
            for value in range {
                guard let scalar = Unicode.Scalar(value) else { continue }
                let own = scalar.properties
                if own.name == name || own.nameAlias == name {
                    known[name] = scalar
                    return scalar
                }
            }
        }
        throw JinjaFault(.syntax, "unknown Unicode character name \(name) in \\N{…}")
    }
}
