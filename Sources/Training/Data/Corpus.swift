import ApusModelFiles

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The files of a corpus, in order.
///
/// A text file is one document, or several where a separator is given; a line of a JSONL file is one; a packed file is a
/// whole corpus by itself. Nothing is read but names and first bytes, so a corpus may be of any size.
public struct Corpus: Sendable {
    public enum Kind: Sendable, Equatable {
        /// UTF-8.
        case text
        /// JSON objects, one a line.
        case rows
        /// Tokens, see ``PackedCorpus``.
        case packed
    }

    public struct File: Sendable, Equatable {
        public var path: String
        public var kind: Kind
        public var bytes: Int
    }

    public let files: [File]
    /// Files of folders that hold no text.
    public let skipped: [String]
    /// What stands between two documents of a text file.
    public let documentSeparator: String?

    /// Bytes of all files.
    public var bytes: Int { files.reduce(0) { $0 + $1.bytes } }

    /// The packed file, where the corpus is one.
    public var packedFile: String? { files.first { $0.kind == .packed }?.path }

    /// Finds the files of a corpus.
    ///
    /// - Parameters:
    ///   - paths: files and folders. Folders are searched to the bottom, names sorted by bytes; hidden files, folders that
    ///     are links, and files that do not begin like text are passed over.
    ///   - documentSeparator: a text such as `<|endoftext|>` that stands between the documents of a text file; white
    ///     space around it is dropped.
    /// - Throws: ``DataError`` for what is missing or no text, `FileError`.
    public init(paths: [String], documentSeparator: String? = nil) throws {
        try self.init(paths: paths, documentSeparator: documentSeparator, rowsOnly: false)
    }

    /// - Parameter rowsOnly: takes only files of rows out of folders.
    init(paths: [String], documentSeparator: String? = nil, rowsOnly: Bool) throws {
        if documentSeparator?.isEmpty == true {
            throw DataError.setting(name: "the document separator", value: "empty", allowed: "a text")
        }
        self.documentSeparator = documentSeparator
        var files: [File] = []
        var skipped: [String] = []
        for path in paths {
            if FileMapping.isFolder(path) {
                let before = files.count
                try Self.search(path, depth: 0, rowsOnly, &files, &skipped)
                if files.count == before { throw DataError.noText(path: path) }
            } else {
                let mapping = try FileMapping(path: path)
                let kind = try mapping.withBytes { try Self.kind(of: $0, path: path, isGiven: true) }
                files.append(File(path: path, kind: kind ?? .text, bytes: mapping.count))
            }
        }
        guard !files.isEmpty else { throw DataError.noText(path: paths.first ?? "the corpus") }
        if files.count > 1, let packed = files.first(where: { $0.kind == .packed }) {
            throw DataError.packedAmongOthers(path: packed.path)
        }
        self.files = files
        self.skipped = skipped
    }

    private static func search(
        _ folder: String, depth: Int, _ rowsOnly: Bool, _ files: inout [File], _ skipped: inout [String]
    ) throws {
        guard depth < 64 else { throw DataError.unreadable(path: folder, reason: "folders nest deeper than 64") }
        guard let stream = opendir(folder) else {
            throw DataError.unreadable(path: folder, reason: "can't open: \(String(cString: strerror(errno)))")
        }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(Array(name.utf8)) }
        }
        closedir(stream)
        names.sort { $0.lexicographicallyPrecedes($1) }
        for name in names {
            let path = (folder.hasSuffix("/") ? folder : folder + "/") + String(decoding: name, as: UTF8.self)
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                try search(path, depth: depth + 1, rowsOnly, &files, &skipped)
            } else if FileMapping.isFile(path) {
                let mapping = try FileMapping(path: path)
                let kind = try mapping.withBytes { try Self.kind(of: $0, path: path, isGiven: false) }
                // A packed file in a folder of texts is made from them.
                if let kind, kind == .rows || kind == .text && !rowsOnly {
                    files.append(File(path: path, kind: kind, bytes: mapping.count))
                } else {
                    skipped.append(path)
                }
            } else {
                skipped.append(path)
            }
        }
    }

    private static let textEndings: Set<String> = ["txt", "text", "md", "markdown", "rst", "tex"]
    private static let rowEndings: Set<String> = ["jsonl", "ndjson"]

    /// - Parameter isGiven: the file was named itself, so that it must be text. Nil for a file that is none.
    private static func kind(of bytes: UnsafeRawBufferPointer, path: String, isGiven: Bool) throws -> Kind? {
        if bytes.starts(with: PackedCorpus.magic) { return .packed }
        let ending = path.split(separator: "/").last?.split(separator: ".").dropFirst().last?.lowercased() ?? ""
        let isKnown = isGiven || textEndings.contains(ending) || rowEndings.contains(ending)
        if let name = TextEncoding.foreign(bytes) {
            if isKnown { throw DataError.otherEncoding(path: path, name: name) }
            return nil
        }
        if rowEndings.contains(ending) { return .rows }
        return isKnown || TextEncoding.looksLikeText(bytes) ? .text : nil
    }
}
