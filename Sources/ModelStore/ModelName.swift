import ApusModelFiles
import Crypto

/// Names of entries of the store and the folders that they stand for.
enum ModelName {
    /// Checks a name that a user gives to a model: one to three parts divided by `/`, of letters, digits, `.`, `_`,
    /// `-` and `+`, none beginning with a point.
    static func validate(_ name: String) throws(ModelStoreError) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count > 3 { throw .badName(name: name, reason: "it has more than three parts") }
        for part in parts {
            if part.isEmpty { throw .badName(name: name, reason: "a part of it is empty") }
            if part.hasPrefix(".") { throw .badName(name: name, reason: "a part of it begins with a point") }
            if part.utf8.count > 128 { throw .badName(name: name, reason: "a part of it is longer than 128 bytes") }
            guard part.utf8.allSatisfy({ HubReference.isLetterOrDigit($0) || "._-+".utf8.contains($0) }) else {
                throw .badName(name: name, reason: "only letters, digits, \".\", \"_\", \"-\" and \"+\" are allowed")
            }
        }
    }

    /// The folder of an entry, relative to the store: `ORG/REPO`, with `@REVISION` and `:FILE` as part of the last
    /// folder's name, where `/` becomes `%2F`.
    static func folder(of name: String) -> String {
        guard let mark = name.firstIndex(where: { $0 == "@" || $0 == ":" }) else { return name }
        var tail: [UInt8] = []
        for byte in name[mark...].utf8 {
            switch byte {
            case UInt8(ascii: "/"): tail += Array("%2F".utf8)
            case UInt8(ascii: "%"): tail += Array("%25".utf8)
            default: tail.append(byte)
            }
        }
        let head = String(name[..<mark])
        if tail.count > 140 { return head + ":" + shortHash(of: name) }
        return head + String(decoding: tail, as: UTF8.self)
    }

    /// A single file name that stands for a model's name, for locks and unfinished pulls.
    static func key(of name: String) -> String {
        let plain = folder(of: name).utf8.map { $0 == UInt8(ascii: "/") ? UInt8(ascii: "!") : $0 }
        let text = String(decoding: plain, as: UTF8.self)
        return text.utf8.count <= 200 ? text : shortHash(of: name)
    }

    private static func shortHash(of name: String) -> String {
        SHA256.hash(data: Array(name.utf8)).prefix(16).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    /// Whether a stored name answers to what a user typed, though it is not the same: the repository alone, or
    /// a quantisation in place of a file.
    static func answers(_ model: StoredModel, to name: String) -> Bool {
        guard let wanted = try? HubReference(name), let have = try? HubReference(model.name) else { return false }
        guard wanted.repository == have.repository else { return false }
        if let revision = wanted.revision {
            let commit = model.origin.flatMap { try? HubReference($0) }?.revision ?? have.revision ?? ""
            guard revision == have.revision || (revision.utf8.count >= 7 && commit.hasPrefix(revision)) else {
                return false
            }
        }
        guard let file = wanted.file else { return true }
        guard let stored = have.file else { return false }
        return file == stored || Quantisation.isNamed(file, in: stored) || isPart(file, of: stored)
    }

    private static func isPart(_ file: String, of stored: String) -> Bool {
        guard let a = SplitName(file), let b = SplitName(stored) else { return false }
        return a.prefix == b.prefix && a.parts == b.parts && a.suffix == b.suffix
    }
}
