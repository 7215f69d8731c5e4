import Crypto

@testable import ApusModelStore

/// A repository as the hub's interface shows it: commit, tree in pages, files with ranges.
struct FakeHub: Sendable {
    struct File: Sendable {
        var path: String
        var content: [UInt8]
        /// In Git LFS: listed with its SHA-256; otherwise with git's name of the blob.
        var isLarge: Bool
    }

    typealias Request = LoopbackPeer.Request
    typealias Reply = LoopbackPeer.Reply

    var repository = "org/model"
    var commit = "0123456789abcdef0123456789abcdef01234567"
    var files: [File] = []
    var pageSize = 1000

    init(_ files: [File] = []) { self.files = files }

    static func small(_ path: String, _ text: String = "{}") -> File {
        File(path: path, content: Array(text.utf8), isLarge: false)
    }

    static func large(_ path: String, bytes: Int = 3000, seed: UInt8 = 0) -> File {
        File(path: path, content: content(bytes, seed: seed, isGGUF: path.hasSuffix(".gguf")), isLarge: true)
    }

    static func content(_ count: Int, seed: UInt8 = 0, isGGUF: Bool = true) -> [UInt8] {
        var bytes = isGGUF ? Array("GGUF".utf8) : []
        var state = UInt32(seed) &+ 1
        while bytes.count < count {
            state = state &* 1_664_525 &+ 1_013_904_223
            bytes.append(UInt8(truncatingIfNeeded: state >> 24))
        }
        return bytes
    }

    static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static func gitBlob(_ bytes: [UInt8]) -> String {
        Insecure.SHA1.hash(data: Array("blob \(bytes.count)\0".utf8) + bytes)
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    func bytes(_ path: String) -> [UInt8] { files.first { $0.path == path }?.content ?? [] }

    var information: String { "{\"id\": \"\(repository)\", \"sha\": \"\(commit)\", \"siblings\": []}" }

    func treeEntry(_ file: File) -> String {
        let pointer = file.isLarge ? Array("version https://git-lfs".utf8) : file.content
        var text = "{\"type\": \"file\", \"path\": \"\(file.path)\", \"size\": \(file.content.count), "
        text += "\"oid\": \"\(Self.gitBlob(pointer))\""
        if file.isLarge {
            text += ", \"lfs\": {\"oid\": \"\(Self.sha256(file.content))\", \"size\": \(file.content.count), "
            text += "\"pointerSize\": 130}"
        }
        return text + "}"
    }

    func reply(to request: Request) -> Reply {
        let tree = "/api/models/\(repository)/tree/\(commit)"
        let resolve = "/\(repository)/resolve/\(commit)/"
        if request.path.hasPrefix("/api/models/\(repository)/revision/") { return Reply(json: information) }
        if request.path == tree {
            let page = request.target.split(separator: "cursor=").dropFirst().first.flatMap { Int($0) } ?? 0
            let entries = files.dropFirst(page * pageSize).prefix(pageSize).map(treeEntry)
            var headers: [(String, String)] = []
            if (page + 1) * pageSize < files.count {
                headers.append(("Link", "<https://hub.invalid\(tree)?recursive=true&cursor=\(page + 1)>; rel=\"next\""))
            }
            let folder = "{\"type\": \"directory\", \"path\": \"folder\", \"oid\": \"1\", \"size\": 0}"
            return Reply(json: "[" + ([folder] + entries).joined(separator: ", ") + "]", headers)
        }
        if request.path.hasPrefix(resolve) {
            let path = String(request.path.dropFirst(resolve.count))
            guard let file = files.first(where: { $0.path == path }) else {
                return Reply(404, [("X-Error-Code", "EntryNotFound")])
            }
            return self.file(file.content, request)
        }
        return Reply(404, [("X-Error-Code", "RepoNotFound")])
    }

    /// A file with its range, if one is asked for and its tag is still the same.
    func file(_ content: [UInt8], _ request: Request) -> Reply {
        let tag = "\"\(Self.sha256(content))\""
        let headers = [("X-Repo-Commit", commit), ("ETag", tag)]
        guard let range = request.header("Range"), range.hasPrefix("bytes="),
            let start = Int(range.dropFirst("bytes=".count).dropLast()),
            request.header("If-Range").map({ $0 == tag }) ?? true
        else { return Reply(200, headers, body: content) }
        guard start < content.count else { return Reply(416, headers) }
        return Reply(
            206, headers + [("Content-Range", "bytes \(start)-\(content.count - 1)/\(content.count)")],
            body: Array(content[start...]))
    }
}
