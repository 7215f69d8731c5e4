import ApusModelFiles

/// What the store keeps beside a model's files: how the model is called, where it came from, and how large each file
/// must be.
struct StoreRecord: Equatable {
    static let fileName = ".apus.json"

    struct File: Equatable {
        var path: String
        var bytes: Int
        var checksum: String?
    }

    var name: String
    var kind: ModelKind
    /// The file to open, relative to the entry; nil for a folder.
    var main: String?
    var files: [File] = []
    var origin: String?
    /// The hub that it came from.
    var endpoint: String?
    /// Seconds since 1970.
    var date: Int
    /// Where the model lies if it is not in the entry's own folder.
    var location: String?

    var json: JSON {
        var object = JSON.Object()
        object["name"] = .string(name)
        object["kind"] = .string(kind.rawValue)
        if let main { object["main"] = .string(main) }
        if let origin { object["origin"] = .string(origin) }
        if let endpoint { object["endpoint"] = .string(endpoint) }
        object["date"] = .integer(date)
        if let location { object["location"] = .string(location) }
        object["files"] = .array(
            files.map { file in
                var entry = JSON.Object()
                entry["path"] = .string(file.path)
                entry["bytes"] = .integer(file.bytes)
                if let checksum = file.checksum { entry["checksum"] = .string(checksum) }
                return .object(entry)
            })
        return .object(object)
    }

    init(
        name: String, kind: ModelKind, main: String? = nil, files: [File] = [], origin: String? = nil,
        endpoint: String? = nil, date: Int, location: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.main = main
        self.files = files
        self.origin = origin
        self.endpoint = endpoint
        self.date = date
        self.location = location
    }

    /// Nil for what is no record of ours.
    init?(_ json: JSON) {
        guard let name = json["name"]?.stringValue, !name.isEmpty,
            let kind = json["kind"]?.stringValue.flatMap(ModelKind.init(rawValue:))
        else { return nil }
        self.name = name
        self.kind = kind
        main = json["main"]?.stringValue
        origin = json["origin"]?.stringValue
        endpoint = json["endpoint"]?.stringValue
        date = json["date"]?.intValue ?? 0
        location = json["location"]?.stringValue
        for entry in json["files"]?.arrayValue ?? [] {
            guard let path = entry["path"]?.stringValue, HubFile.problem(withPath: path) == nil,
                let bytes = entry["bytes"]?.intValue, bytes >= 0
            else { return nil }
            files.append(File(path: path, bytes: bytes, checksum: entry["checksum"]?.stringValue))
        }
        if let main, HubFile.problem(withPath: main) != nil { return nil }
    }

    /// The record in an entry's folder: nil if there is none, an error's text if it can't be read.
    static func read(in folder: String) -> Result<StoreRecord, Unreadable>? {
        let path = folder + "/" + fileName
        guard FileSystem.status(path)?.isFile == true else { return nil }
        do {
            let bytes = try FileSystem.read(path)
            guard let record = StoreRecord(try JSON(parsing: bytes, source: path)) else {
                return .failure(Unreadable(reason: "\(fileName) is not a record of the store"))
            }
            return .success(record)
        } catch {
            return .failure(Unreadable(reason: "\(fileName) can't be read: \(error)"))
        }
    }

    struct Unreadable: Error { var reason: String }

    func write(in folder: String) throws(StoreFileError) {
        try FileSystem.write(Array((json.serialized(pretty: true) + "\n").utf8), to: folder + "/" + Self.fileName)
    }
}
