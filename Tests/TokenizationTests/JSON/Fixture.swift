import ApusModelFiles

@testable import ApusTokenization

/// Files beside the tests, and how their numbers are compared.
enum Fixture {
    static func path(_ name: String, _ file: String = #filePath) -> String {
        file.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
            + "/Fixtures/\(name)"
    }

    static func bytes(_ name: String) throws -> [UInt8] { try FileMapping(path: path(name)).withBytes { Array($0) } }
    static func json(_ name: String) throws -> JSON { try JSON(parsing: try bytes(name)) }

    static func ids(_ value: JSON?) -> [TokenID] {
        (value?.arrayValue ?? []).compactMap { $0.intValue.map { TokenID(truncatingIfNeeded: $0) } }
    }

    /// Ranges of bytes as the package's ranges of characters: half a character counts as the whole.
    static func characterOffsets(_ pieces: [Piece], _ text: String) -> [Int] {
        let bytes = Array(text.utf8)
        var before = [0]
        for byte in bytes { before.append((before.last ?? 0) + (byte & 0xC0 == 0x80 ? 0 : 1)) }
        func place(_ offset: Int, up: Bool) -> Int {
            guard offset < bytes.count else { return before[bytes.count] }
            return before[offset] - (bytes[offset] & 0xC0 == 0x80 && !up ? 1 : 0)
        }
        return pieces.flatMap { [place($0.range.lowerBound, up: false), place($0.range.upperBound, up: true)] }
    }
}
