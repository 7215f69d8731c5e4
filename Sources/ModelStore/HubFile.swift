/// A file of a repository on a hub, as the hub lists it.
public struct HubFile: Sendable, Hashable {
    /// Relative to the repository, with `/` between folders.
    public var path: String
    public var bytes: Int
    public var checksum: Checksum

    public init(path: String, bytes: Int, checksum: Checksum) {
        self.path = path
        self.bytes = bytes
        self.checksum = checksum
    }

    var name: String { FileSystem.lastComponent(of: path) }

    /// Why a path may not be written below a folder, or nil if it may. A hub can list any name that it likes.
    static func problem(withPath path: String) -> String? {
        if path.isEmpty { return "is empty" }
        if path.utf8.contains(0) { return "has a zero byte" }
        if path.utf8.contains(where: { $0 < 32 || $0 == 127 }) { return "has a control character" }
        if path.hasPrefix("/") { return "is absolute" }
        if path.utf8.contains(UInt8(ascii: "\\")) { return "has a backslash" }
        if path.utf8.count > 1024 { return "is longer than 1024 bytes" }
        let components = path.split(separator: "/", omittingEmptySubsequences: false)
        if components.count > 16 { return "is more than 16 folders deep" }
        for component in components {
            if component.isEmpty { return "has an empty part" }
            if component == "." || component == ".." { return "leaves its folder with \"\(component)\"" }
            if component.utf8.count > 240 { return "has a part longer than 240 bytes" }
        }
        if components[0] == Substring(StoreRecord.fileName) { return "is the name of the store's own record" }
        return nil
    }
}
