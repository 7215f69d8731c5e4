import ApusModelFiles

/// Files that tests read.
enum Fixture {
    private static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }

    /// A folder of the package.
    static func folder(_ path: String) -> String { "\(root)/\(path)" }

    /// A file of this target's fixtures.
    static func bytes(_ name: String) throws -> [UInt8] { try file("\(root)/Tests/TrainingTests/Fixtures/\(name)") }

    static func json(_ path: String) throws -> JSON { try JSON(parsing: file(path)) }

    private static func file(_ path: String) throws -> [UInt8] {
        try FileMapping(path: path).withBytes { Array($0) }
    }
}
