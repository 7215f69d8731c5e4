import ApusModelFiles

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The log of a run, `log.jsonl`: an event a line, in the file as soon as it happened.
///
/// A run that is killed may leave half a line at the end. Whoever goes on from a checkpoint drops that, and all rows that
/// come after the checkpoint: the steps are done once more, with the same losses.
public final class TrainingLog {
    public let path: String
    /// Seconds of training in the rows that were kept; a resumed run counts on from here.
    public private(set) var secondsBefore = 0.0
    private let descriptor: Int32

    /// Begins a log, or goes on with one.
    ///
    /// - Parameter step: the step of the checkpoint that the run goes on from; nil to begin anew, which empties a log
    ///   that is there.
    /// - Throws: ``FileError``.
    public init(path: String, resumingFrom step: Int? = nil) throws(FileError) {
        self.path = path
        var kept = false
        if let step, access(path, F_OK) == 0 {
            secondsBefore = try Self.keepRows(of: path, upTo: step)
            kept = true
        }
        let mode = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (kept ? 0 : O_TRUNC)
        descriptor = open(path, mode, 0o666)
        guard descriptor >= 0 else {
            throw errno == EISDIR ? .isDirectory(path: path) : .system(path: path, operation: "open", code: errno)
        }
    }

    deinit { close(descriptor) }

    /// Adds a row, which the file has when this returns. With a checkpoint the rows so far are on the disk too.
    ///
    /// - Throws: ``FileError/system(path:operation:code:)``, as where the disk is full.
    public func append(_ event: RunEvent) throws(FileError) {
        let row = Array((event.json.serialized() + "\n").utf8)
        var start = 0
        while start < row.count {
            let written = row.withUnsafeBytes { bytes in
                write(descriptor, bytes.baseAddress.map { $0 + start }, bytes.count - start)
            }
            if written > 0 {
                start += written
            } else if errno != EINTR {
                throw .system(path: path, operation: "write", code: errno)
            }
        }
        // Pipes and the like cannot be synchronised, and need not be.
        if event.kind == .checkpoint, fsync(descriptor) != 0, errno != EINVAL, errno != EROFS {
            throw .system(path: path, operation: "write", code: errno)
        }
    }

    /// Reads a log, also one that somebody is writing or that was torn.
    ///
    /// - Throws: ``FileError``.
    public static func history(path: String) throws(FileError) -> RunHistory {
        var history = RunHistory()
        try rows(of: path) { (event, _) throws(FileError) in
            if let event { history.add(event) } else { history.damagedRows += 1 }
        }
        return history
    }

    // Rows ------------------------------------------------------------------------------------------------------------

    /// Writes the file anew with the rows up to a step.
    /// - Returns: the seconds of the last one.
    private static func keepRows(of path: String, upTo step: Int) throws(FileError) -> Double {
        var seconds = 0.0
        let output = try OutputFile(path: path)
        try rows(of: path) { (event, line) throws(FileError) in
            guard let event, event.stepAfterwards <= step else { return }
            seconds = max(seconds, event.seconds)
            try output.write(line)
            try output.write([UInt8(ascii: "\n")])
        }
        try output.finish()
        return seconds
    }

    /// Calls `body` with every line and its event; nil where there is none in it, as in half a line.
    private static func rows(
        of path: String, _ body: (RunEvent?, UnsafeRawBufferPointer) throws(FileError) -> Void
    ) throws(FileError) {
        let file = try FileMapping(path: path)
        try file.withBytes { (bytes) throws(FileError) in
            var rest = bytes[...]
            while !rest.isEmpty {
                let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
                let line = UnsafeRawBufferPointer(rebasing: rest[..<end])
                if !line.isEmpty { try body((try? JSON(parsing: line)).flatMap(RunEvent.init), line) }
                rest = rest[min(end + 1, rest.endIndex)...]
            }
        }
    }
}
