import ApusModelFiles
import Testing

@testable import ApusTraining

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("The log of a training run")
struct TrainingLogTests {
    /// A path of its own, removed with the test.
    private final class LogFile {
        let path: String

        init() {
            var template = Array("/tmp/apus-log-XXXXXX".utf8CString)
            let folder = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
            path = folder + "/log.jsonl"
        }

        deinit {
            unlink(path)
            rmdir(String(path.dropLast("/log.jsonl".count)))
        }

        func append(_ text: String) {
            let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT, 0o644)
            _ = text.withCString { write(descriptor, $0, strlen($0)) }
            close(descriptor)
        }

        var rows: [String] {
            guard let file = try? FileMapping(path: path) else { return [] }
            let text = file.withBytes { String(decoding: $0, as: UTF8.self) }
            return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
    }

    private func step(_ step: Int) -> RunEvent {
        let kind = RunEvent.Kind.step(loss: 4 / Double(step), rate: 0.001, gradientNorm: 0.5, tokens: step * 100)
        return RunEvent(kind, step: step, seconds: Double(step) * 0.5)
    }

    @Test("An event a line is in the file as soon as it was added")
    func rows() throws {
        let file = LogFile()
        let log = try TrainingLog(path: file.path)
        try log.append(step(2))
        #expect(
            file.rows == [
                #"{"event":"step","step":2,"loss":2.0,"rate":0.001,"gradient_norm":0.5,"tokens":200,"seconds":1.0}"#,
                "",
            ])
        try log.append(RunEvent(.checkpoint, step: 2, seconds: 1.25))
        #expect(file.rows[1] == #"{"event":"checkpoint","step":2,"seconds":1.25}"#)
    }

    @Test(
        "Each kind of event is read back as it was",
        arguments: [
            RunEvent.Kind.step(loss: 3.25, rate: 1e-4, gradientNorm: 0.125, tokens: 768),
            .heldOut(loss: 3, isBest: true),
            .heldOut(loss: 3, isBest: false), .checkpoint, .rolledBack(to: 3), .stoppedEarly(best: 5),
            .sample(prompt: "", text: "line\nbreak \"quoted\" \u{202E}</script> e\u{301} \u{0}"),
        ])
    func roundTrip(kind: RunEvent.Kind) throws {
        let event = RunEvent(kind, step: 7, seconds: 1.5)
        let text = event.json.serialized()
        #expect(!text.contains("\n"))
        #expect(RunEvent(try JSON(parsing: text)) == event)
    }

    @Test(
        "What is no row of a log is none",
        arguments: [
            "{}", "[]", "3", #"{"event":"step","step":1,"seconds":1}"#, #"{"event":"dance","step":1,"seconds":1}"#,
            #"{"event":"checkpoint","step":-1,"seconds":1}"#, #"{"event":"checkpoint","step":1,"seconds":-1}"#,
            #"{"event":"rolled_back","step":3,"to":9,"seconds":1}"#,
            #"{"event":"step","step":1,"loss":null,"rate":1,"gradient_norm":1,"tokens":1,"seconds":1}"#,
        ])
    func noRow(text: String) throws {
        #expect(RunEvent(try JSON(parsing: text)) == nil)
    }

    @Test("A run that goes on from a checkpoint drops the rows after it and counts time on")
    func resume() throws {
        let file = LogFile()
        let first = try TrainingLog(path: file.path)
        for number in 1...5 { try first.append(step(number)) }
        try first.append(RunEvent(.sample(prompt: "a", text: "b"), step: 5, seconds: 2.75))
        let second = try TrainingLog(path: file.path, resumingFrom: 3)
        #expect(second.secondsBefore == 1.5)
        try second.append(step(4))
        #expect(file.rows.count == 5)
        let history = try TrainingLog.history(path: file.path)
        #expect(history.step == 4)
        #expect(history.samples.isEmpty)
        #expect(history.loss.points.map(\.step) == [1, 2, 3, 4])
    }

    @Test(
        "Half a row at the end, as a killed run leaves it, is dropped",
        arguments: [#"{"event":"step","st"#, "{", "\u{0}\u{0}\u{0}", #"{"event":"step","step":4,"loss":1.0}"#])
    func torn(rest: String) throws {
        let file = LogFile()
        let first = try TrainingLog(path: file.path)
        for number in 1...3 { try first.append(step(number)) }
        if rest.utf8.contains(0) {
            let descriptor = open(file.path, O_WRONLY | O_APPEND)
            _ = [0, 0, 0].withUnsafeBytes { write(descriptor, $0.baseAddress, 3) }
            close(descriptor)
        } else {
            file.append(rest)
        }
        #expect(try TrainingLog.history(path: file.path).damagedRows == 1)
        let second = try TrainingLog(path: file.path, resumingFrom: 3)
        try second.append(step(4))
        let history = try TrainingLog.history(path: file.path)
        #expect(history.damagedRows == 0)
        #expect(history.loss.points.map(\.step) == [1, 2, 3, 4])
    }

    @Test("A whole last row without its newline is kept")
    func missingNewline() throws {
        let file = LogFile()
        file.append(step(1).json.serialized())
        let log = try TrainingLog(path: file.path, resumingFrom: 1)
        try log.append(step(2))
        #expect(try TrainingLog.history(path: file.path).loss.points.map(\.step) == [1, 2])
    }

    @Test("A run that begins anew empties an old log, and one that resumes without a log begins one")
    func anew() throws {
        let file = LogFile()
        let first = try TrainingLog(path: file.path, resumingFrom: 7)
        #expect(first.secondsBefore == 0)
        try first.append(step(8))
        let second = try TrainingLog(path: file.path)
        try second.append(step(1))
        #expect(try TrainingLog.history(path: file.path).loss.points.map(\.step) == [1])
    }

    @Test("A roll-back takes the steps after the checkpoint out of the curves")
    func rollBack() throws {
        var history = RunHistory()
        for number in 1...5 { history.add(step(number)) }
        history.add(RunEvent(.heldOut(loss: 9, isBest: false), step: 5, seconds: 3))
        history.add(RunEvent(.rolledBack(to: 3), step: 6, seconds: 3))
        #expect(history.step == 3)
        #expect(history.heldOut.isEmpty)
        history.add(RunEvent(.step(loss: 1, rate: 0.0005, gradientNorm: 1, tokens: 400), step: 4, seconds: 4))
        #expect(history.loss.points.map(\.step) == [1, 2, 3, 4])
        #expect(history.rollBacks == [.init(from: 6, to: 3)])
        #expect(history.tokens == 400)
    }

    @Test("Speed counts the time of steps alone, not that of measurements")
    func speed() {
        var history = RunHistory()
        for number in 1...4 { history.add(step(number)) }
        history.add(RunEvent(.heldOut(loss: 1, isBest: true), step: 4, seconds: 100))
        history.add(RunEvent(.step(loss: 1, rate: 1, gradientNorm: 1, tokens: 500), step: 5, seconds: 100.5))
        #expect(history.tokensPerSecond == 200)
        #expect(history.seconds == 100.5)
    }

    @Test("A log where a folder is, or in a folder that is not there, is a clear error")
    func badPlaces() throws {
        #expect(throws: FileError.self) { try TrainingLog(path: "/tmp") }
        #expect(throws: FileError.self) { try TrainingLog(path: "/tmp", resumingFrom: 1) }
        #expect(throws: FileError.self) { try TrainingLog(path: "/nowhere/at/all/log.jsonl") }
        #expect(throws: FileError.self) { try TrainingLog.history(path: "/nowhere/log.jsonl") }
    }

    @Test("A full disk is a clear error")
    func fullDisk() throws {
        let log = try TrainingLog(path: "/dev/full")
        #expect(throws: FileError.system(path: "/dev/full", operation: "write", code: ENOSPC)) {
            try log.append(step(1))
        }
    }

    @Test("A series of a million steps stays small and keeps its mean")
    func series() {
        var series = LossSeries()
        for step in 1...1_000_000 { series.add(step: step, value: Double(step % 10)) }
        let points = series.points
        #expect(points.count <= LossSeries.limit)
        #expect(points.count >= LossSeries.limit / 2 - 1)
        #expect(abs(points.reduce(0) { $0 + $1.value } / Double(points.count) - 4.5) < 0.01)
        #expect(points.last?.step == 1_000_000)
        series.drop(after: 500_000)
        #expect((series.points.last?.step ?? 0) <= 500_000)
        series.add(step: 500_001, value: .nan)
        #expect(series.points.allSatisfy { $0.value.isFinite })
    }
}
