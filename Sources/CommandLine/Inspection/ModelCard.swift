/// The card that Hugging Face repositories have as their README.
enum ModelCard {
    /// The licence from the card's head, `license: NAME` between two lines of dashes.
    static func licence(inFolder path: String) -> String? {
        guard let bytes = try? InputFile.read(path + "/README.md") else { return nil }
        let lines = String(decoding: bytes.prefix(1 << 16), as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        guard lines.first == "---" else { return nil }
        let head = lines.dropFirst().prefix { $0 != "---" }
        guard let line = head.first(where: { $0.hasPrefix("license:") }) else { return nil }
        return String(line.dropFirst("license:".count).drop { $0 == " " })
    }
}
