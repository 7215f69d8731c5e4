import Glibc

@testable import ApusTensors

/// A folder that stands for `/`, with files as Linux shows them. It is removed with its last use.
final class FakeSystem {
    let root: String
    var files: SystemFiles { SystemFiles(root: root) }
    /// Folders before what lies in them.
    private var made: [String] = []

    init(_ files: [String: String]) {
        var template = Array("/tmp/apus-system-XXXXXX".utf8CString)
        root = mkdtemp(&template).map { String(cString: $0) } ?? "/nowhere"
        for (path, text) in files {
            var folder = root
            for part in path.split(separator: "/").dropLast() {
                folder += "/" + part
                if mkdir(folder, 0o755) == 0 { made.append(folder) }
            }
            guard let file = fopen(root + path, "w") else { continue }
            made.append(root + path)
            fputs(text, file)
            fclose(file)
        }
    }

    deinit {
        for path in made.reversed() { remove(path) }
        rmdir(root)
    }
}
