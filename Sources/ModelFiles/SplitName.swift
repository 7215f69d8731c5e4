/// The name of one part of a model in several files: `PREFIX-00001-of-00003.gguf`, `model-00001-of-00002.safetensors`.
public struct SplitName: Sendable, Equatable {
    public var prefix: String
    /// Counted from 1.
    public var part: Int
    public var parts: Int
    /// Without the point.
    public var suffix: String

    /// More parts than any model has; each is a file that is open while a model is written or read.
    static let mostWritten = 500

    public init(prefix: String, part: Int = 1, parts: Int, suffix: String) {
        self.prefix = prefix
        self.part = part
        self.parts = parts
        self.suffix = suffix
    }

    /// Takes a name, or a path, apart. Nil for one that is not of this form.
    public init?(_ name: String) {
        guard let point = name.lastIndex(of: ".") else { return nil }
        let fields = name[..<point].split(separator: "-", omittingEmptySubsequences: false)
        guard fields.count >= 4, fields[fields.count - 2] == "of" else { return nil }
        let (first, last) = (fields[fields.count - 3], fields[fields.count - 1])
        guard first.utf8.count == 5, last.utf8.count == 5, first.utf8.allSatisfy({ (48...57).contains($0) }),
            last.utf8.allSatisfy({ (48...57).contains($0) }), let part = Int(first), let parts = Int(last),
            part >= 1, part <= parts
        else { return nil }
        prefix = fields.dropLast(3).joined(separator: "-")
        self.part = part
        self.parts = parts
        suffix = String(name[name.index(after: point)...])
    }

    public func name(ofPart part: Int) -> String {
        "\(prefix)-\(Self.digits(part))-of-\(Self.digits(parts)).\(suffix)"
    }

    private static func digits(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 5 - text.count)) + text
    }

    /// What is the same in all parts of one model.
    public var key: String { "\(prefix)-\(parts).\(suffix)" }

    /// The first part that these names lack for a whole model, if any name is of this form.
    public static func missingPart(among names: [String]) -> String? {
        var sets: [String: (example: SplitName, parts: Set<Int>)] = [:]
        for name in names {
            guard let split = SplitName(name) else { continue }
            sets[split.key, default: (split, [])].parts.insert(split.part)
        }
        return sets.sorted { $0.key < $1.key }.lazy.compactMap { $0.value.example.firstMissing(in: $0.value.parts) }
            .first
    }

    /// The name of the first part whose number is not among these, without counting up to what a name claims.
    public func firstMissing(in numbers: Set<Int>) -> String? {
        guard numbers.count < parts else { return nil }
        return (1...numbers.count + 1).first { !numbers.contains($0) }.map { name(ofPart: $0) }
    }
}
