import Glibc
import Testing

@testable import ApusCommandLine

@Suite("History of lines")
struct LineHistoryTests {
    @Test("An entry comes back as it was", arguments: ["plain", "two\nlines", "back\\slash", "\\n", "a\\\n\r\\", "猫"])
    func escaping(entry: String) {
        let line = LineHistory.escape(entry)
        #expect(!line.contains("\n"))
        #expect(LineHistory.unescape(line) == entry)
    }

    @Test("Entries are kept in a file that only its owner reads")
    func file() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/deep/er/history"
        var history = LineHistory(path: path)
        for entry in ["one", "two\nlines", "two\nlines", "  ", "three"] { history.append(entry) }
        #expect(LineHistory(path: path).entries == ["one", "two\nlines", "three"])
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test("A long history is cut to its newest entries")
    func long() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/history"
        var history = LineHistory(path: path)
        for number in 0...(2 * LineHistory.limit) { history.append("entry \(number)") }
        let read = LineHistory(path: path)
        #expect(read.entries.count == LineHistory.limit)
        #expect(read.entries.last == "entry \(2 * LineHistory.limit)")
        #expect(LineHistory(path: path).entries == read.entries)
    }

    @Test("Without a home there is a history that is not kept")
    func homeless() {
        #expect(Environment([:]).stateFolder == nil)
        #expect(Environment(["HOME": "/home/a"]).stateFolder == "/home/a/.local/state/apus")
        #expect(Environment(["HOME": "/home/a", "XDG_STATE_HOME": "/s"]).stateFolder == "/s/apus")
        #expect(
            Environment(["HOME": "/home/a", "XDG_STATE_HOME": "relative"]).stateFolder == "/home/a/.local/state/apus")
        var history = LineHistory(path: nil)
        history.append("a")
        #expect(history.entries == ["a"])
    }
}
