import Foundation
import Glibc

/// A folder that is there as long as the value is held.
final class TemporaryFolder: Sendable {
    let path: String

    struct CannotMake: Error {}

    init() throws {
        var template = Array("/tmp/apus-test-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw CannotMake() }
        path = String(cString: made)
    }

    /// Writes a file into the folder and gives its path.
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = path + "/" + name
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw CannotMake() }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw CannotMake() }
        return file
    }

    func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
