import ApusModelFiles
import Testing

@testable import ApusTokenization
@testable import ApusTraining

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What `Fixtures/make_chat_rows.py` wrote, and files that live as long as a test.
enum DataFixture {
    static let json: JSON = {
        let folder = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        guard let mapping = try? FileMapping(path: folder + "/Fixtures/chat_rows.json"),
            let json = try? mapping.withBytes({ try JSON(parsing: $0) })
        else { return .null }
        return json
    }()

    /// The tokenizer of the fixtures: byte-level BPE with the control tokens of several families.
    static func tokenizer(bos: String? = nil, eos: String? = "</s>", addsBOS: Bool = false) throws -> Tokenizer {
        let bytes = Array((json["tokenizer"] ?? .null).serialized().utf8)
        var parts = try bytes.withUnsafeBufferPointer { try TokenizerJSON.parts(parsing: $0) }
        let plain = Tokenizer(parts)
        parts.special.bos = bos.flatMap { plain.id(of: Array($0.utf8)) }
        parts.special.eos = eos.flatMap { plain.id(of: Array($0.utf8)) }
        parts.special.endOfGeneration = parts.special.eos.map { [$0] } ?? []
        if addsBOS, let bos = parts.special.bos {
            parts.special.addsBOS = true
            parts.postProcessor = JSONPostProcessor(
                kind: .template(
                    single: [.special([bos]), .first], pair: [.special([bos]), .first, .special([bos]), .second]))
        }
        return Tokenizer(parts)
    }
}

/// A folder of files, removed with the object.
final class DataFolder {
    let path: String

    init() {
        var random = SystemRandomNumberGenerator()
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        path = "\(base)/apus-data-\(String(random.next(), radix: 36))"
        mkdir(path, 0o777)
    }

    deinit { Self.remove(path) }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) -> String {
        let file = path + "/" + name
        var folder = path
        for part in name.split(separator: "/").dropLast() {
            folder += "/\(part)"
            mkdir(folder, 0o777)
        }
        guard let stream = fopen(file, "wb") else { return file }
        fwrite(bytes, 1, bytes.count, stream)
        fclose(stream)
        return file
    }

    @discardableResult
    func write(_ name: String, _ text: String) -> String { write(name, Array(text.utf8)) }

    func read(_ path: String) throws -> [UInt8] {
        try FileMapping(path: path).withBytes { Array($0) }
    }

    static func remove(_ path: String) {
        if let stream = opendir(path) {
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { remove(path + "/" + name) }
            }
            closedir(stream)
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}

/// The error that a block throws, if it is one of data.
func dataError(_ body: () throws -> Void) -> DataError? {
    do {
        try body()
        return nil
    } catch {
        return error as? DataError
    }
}
