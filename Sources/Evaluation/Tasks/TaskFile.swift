import ApusModelFiles

/// Reads tasks from JSON lines: a row is one object, blank lines are passed over.
public struct TaskFile {
    /// Wrong rows that an error lists.
    private static let listed = 20

    /// The tasks of all files read so far, in order.
    public private(set) var tasks: [EvaluationTask] = []
    private var places: [String: TaskPlace] = [:]
    private var wrongRows: [WrongTask] = []
    private var moreWrongRows = 0

    public init() {}

    /// Reads the tasks of files, which together form one list.
    ///
    /// - Throws: ``TaskError`` with all that is wrong, by file and line; `FileError` for what can't be read.
    public static func tasks(in paths: [String]) throws -> [EvaluationTask] {
        var reader = TaskFile()
        for path in paths { try FileMapping(path: path).withBytes { try reader.read($0, file: path) } }
        return try reader.finish()
    }

    /// Takes up a file's rows; what is wrong with them is thrown by ``finish()``.
    ///
    /// - Throws: ``TaskError/noTasks(file:)``.
    public mutating func read(_ bytes: UnsafeRawBufferPointer, file: String) throws(TaskError) {
        var line = 0
        var start = 0
        var rows = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            line += 1
            if bytes[start..<end].contains(where: { $0 > 0x20 }) {
                rows += 1
                take(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), at: TaskPlace(file: file, line: line))
            }
            start = end + 1
        }
        guard rows > 0 else { throw .noTasks(file: file) }
    }

    /// All tasks.
    ///
    /// - Throws: ``TaskError/wrongRows(_:more:)``.
    public func finish() throws(TaskError) -> [EvaluationTask] {
        guard wrongRows.isEmpty else { throw .wrongRows(wrongRows, more: moreWrongRows) }
        return tasks
    }

    private mutating func take(_ row: UnsafeRawBufferPointer, at place: TaskPlace) {
        do throws(TaskProblem) {
            let task = try EvaluationTask(Self.object(row), at: place)
            if let first = places[task.id] { throw .sameID(task.id, first: first) }
            places[task.id] = place
            tasks.append(task)
        } catch {
            if wrongRows.count < Self.listed {
                wrongRows.append(WrongTask(place: place, problem: error))
            } else {
                moreWrongRows += 1
            }
        }
    }

    private static func object(_ row: UnsafeRawBufferPointer) throws(TaskProblem) -> JSON.Object {
        let value: JSON
        do throws(JSONError) {
            value = try JSON(parsing: row, maximumDepth: 64, maximumValues: 1 << 20)
        } catch {
            // The row's line is said with the row; within it, the column counts.
            throw .notJSON("column \(error.column): " + (error.description.split(separator: ": ").last ?? ""))
        }
        guard let object = value.objectValue else { throw .notObject(found: value.kind) }
        return object
    }
}
