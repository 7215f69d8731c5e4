/// A model on a hub: `hf:ORG/REPO[@REVISION][:FILE]`.
///
/// FILE is the path of a file in the repository (for a GGUF in several parts, any of them) or a quantisation such as
/// `Q4_K_M`. The revision may also stand at the end, `hf:ORG/REPO:FILE@REVISION`. Repositories of the hub's early
/// days have no ORG.
public struct HubReference: Sendable, Hashable, CustomStringConvertible {
    /// `ORG/REPO`.
    public var repository: String
    /// A branch, a tag or a commit; nil is the main branch.
    public var revision: String?
    public var file: String?

    /// - Throws: `HubError.badReference`.
    public init(repository: String, revision: String? = nil, file: String? = nil) throws(HubError) {
        self.repository = repository
        self.revision = revision
        self.file = file
        let components = repository.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(components.count), components.allSatisfy({ Self.isNameOnHub($0) }) else {
            throw .badReference(description, reason: "\"\(printable(repository))\" is not the name of a repository")
        }
        if let revision {
            let parts = revision.split(separator: "/", omittingEmptySubsequences: false)
            let isPlain = revision.utf8.allSatisfy { Self.isLetterOrDigit($0) || "._-/+".utf8.contains($0) }
            guard revision.utf8.count <= 255, isPlain,
                parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." })
            else {
                throw .badReference(description, reason: "\"\(printable(revision))\" is not a revision")
            }
        }
        if let file, let problem = HubFile.problem(withPath: file) {
            throw .badReference(description, reason: "the file name \"\(printable(file))\" \(problem)")
        }
    }

    /// Parses `hf:ORG/REPO[@REVISION][:FILE]`; the `hf:` may be left out.
    /// - Throws: `HubError.badReference`.
    public init(_ text: String) throws(HubError) {
        var rest = Substring(text)
        if rest.hasPrefix(Self.scheme) { rest = rest.dropFirst(Self.scheme.count) }
        var file: Substring?
        var revision: Substring?
        if let colon = rest.firstIndex(of: ":") {
            file = rest[rest.index(after: colon)...]
            rest = rest[..<colon]
        }
        if let at = rest.firstIndex(of: "@") {
            revision = rest[rest.index(after: at)...]
            rest = rest[..<at]
        } else if let name = file, let at = name.lastIndex(of: "@") {
            revision = name[name.index(after: at)...]
            file = name[..<at]
        }
        try self.init(repository: String(rest), revision: revision.map(String.init), file: file.map(String.init))
    }

    public static let scheme = "hf:"

    public var description: String {
        Self.scheme + printable(repository) + (revision.map { "@" + printable($0) } ?? "")
            + (file.map { ":" + printable($0) } ?? "")
    }

    /// The rules of the hub for names: letters, digits, `-`, `_`, `.`, at most 96, none of `-` and `.` at an end, no
    /// `--` and no `..`.
    static func isNameOnHub(_ name: Substring) -> Bool {
        let bytes = Array(name.utf8)
        guard let first = bytes.first, let last = bytes.last, bytes.count <= 96 else { return false }
        let ends: [UInt8] = [UInt8(ascii: "-"), UInt8(ascii: ".")]
        guard !ends.contains(first), !ends.contains(last) else { return false }
        guard !name.contains("--"), !name.contains("..") else { return false }
        return bytes.allSatisfy { isLetterOrDigit($0) || "-_.".utf8.contains($0) }
    }

    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}

/// Text from outside made fit for a message: control characters become `?`, and it is cut at 200 characters.
func printable(_ text: String) -> String {
    var result = ""
    for (index, scalar) in text.unicodeScalars.enumerated() {
        if index == 200 { return result + "…" }
        let isControl = scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
        result.unicodeScalars.append(isControl ? "?" : scalar)
    }
    return result
}
