#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the bytes of a file tell of its encoding.
enum TextEncoding {
    /// The name of an encoding other than UTF-8 that a mark at the beginning tells.
    static func foreign(_ bytes: UnsafeRawBufferPointer) -> String? {
        if bytes.starts(with: [0xFF, 0xFE, 0, 0]) { return "UTF-32" }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
        return nil
    }

    /// Bytes of the mark that some editors put before UTF-8.
    static func markLength(_ bytes: UnsafeRawBufferPointer) -> Int { bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }

    /// Whether the first bytes are UTF-8 without control characters that texts do not have.
    static func looksLikeText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let head = UnsafeRawBufferPointer(rebasing: bytes.prefix(4096))
        if head.isEmpty { return false }
        let controls = head.contains { $0 < 0x20 && !(0x09...0x0D).contains($0) && $0 != 0x1B }
        guard !controls else { return false }
        // A character may be cut at the end of the head.
        guard let bad = firstInvalid(head) else { return true }
        return bytes.count > head.count && bad + 4 > head.count
    }

    /// The offset of the first byte that is no part of a character of UTF-8; nil where all are.
    static func firstInvalid(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var place = 0
        while place < bytes.count {
            if place + 8 <= bytes.count,
                bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                place += 8
                continue
            }
            let length = characterLength(bytes, at: place)
            if length == 0 { return place }
            place += length
        }
        return nil
    }

    /// Bytes of the character at a place, 0 where there is none (Unicode 16, table 3-7).
    private static func characterLength(_ bytes: UnsafeRawBufferPointer, at place: Int) -> Int {
        let first = bytes[place]
        if first < 0x80 { return 1 }
        func trails(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
            place + offset < bytes.count && range.contains(bytes[place + offset])
        }
        switch first {
        case 0xC2...0xDF: return trails(1) ? 2 : 0
        case 0xE0: return trails(1, 0xA0...0xBF) && trails(2) ? 3 : 0
        case 0xED: return trails(1, 0x80...0x9F) && trails(2) ? 3 : 0
        case 0xE1...0xEF: return trails(1) && trails(2) ? 3 : 0
        case 0xF0: return trails(1, 0x90...0xBF) && trails(2) && trails(3) ? 4 : 0
        case 0xF1...0xF3: return trails(1) && trails(2) && trails(3) ? 4 : 0
        case 0xF4: return trails(1, 0x80...0x8F) && trails(2) && trails(3) ? 4 : 0
        default: return 0
        }
    }

    /// The offset of the first NUL.
    static func firstNUL(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress, let found = memchr(base, 0, bytes.count) else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
