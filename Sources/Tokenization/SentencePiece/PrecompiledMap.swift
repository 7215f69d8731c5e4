/// SentencePiece's precompiled normalisation map: a double-array trie (Darts-clone) from what is replaced to offsets in
/// a blob of replacements, each ended by a zero byte.
///
/// The file is not trusted: every step of the trie and every replacement is checked against the bounds.
public struct PrecompiledMap: Sendable {
    /// No real rule writes more for a character; without a limit a file could make short texts huge.
    private static let longestReplacement = 1024

    private let units: [UInt32]
    /// The replacements; a zero byte is put at the end, so that the last one ends as well.
    private let blob: [UInt8]

    /// `bytes`: the trie's length in bytes (32 bits, little-endian), the trie, the replacements.
    public init(_ bytes: [UInt8]) throws(SentencePieceError) {
        guard bytes.count > 4 else { throw SentencePieceError.badMap(reason: "shorter than its header") }
        let length = (0..<4).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
        guard length < bytes.count - 4, length % 4 == 0, length >= 4 else {
            throw SentencePieceError.badMap(reason: "a trie of \(length) bytes in \(bytes.count) bytes")
        }
        var units: [UInt32] = []
        units.reserveCapacity(length / 4)
        for start in stride(from: 4, to: 4 + length, by: 4) {
            units.append((0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) })
        }
        self.units = units
        blob = Array(bytes[(4 + length)...]) + [0]
    }

    /// The rule for the longest (or shortest) prefix of `text` from `start` on that has one.
    func match(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, shortest: Bool = false
    ) -> (length: Int, replacement: Range<Int>)? {
        units.withUnsafeBufferPointer { units in
            var found: (length: Int, value: Int)?
            var position = PrecompiledMap.offset(units[0])
            for index in range {
                let byte = UInt32(text[index])
                position ^= Int(byte)
                guard position < units.count else { break }
                let unit = units[position]
                guard unit & 0x8000_00FF == byte else { break }
                position ^= PrecompiledMap.offset(unit)
                if unit >> 8 & 1 == 1 {
                    guard position < units.count else { break }
                    found = (index + 1 - range.lowerBound, Int(units[position] & 0x7FFF_FFFF))
                    if shortest { break }
                }
            }
            guard let found, found.value < blob.count else { return nil }
            var end = found.value
            while blob[end] != 0, end - found.value <= PrecompiledMap.longestReplacement { end += 1 }
            guard end - found.value <= PrecompiledMap.longestReplacement else { return nil }
            return (found.length, found.value..<end)
        }
    }

    func replacement(_ range: Range<Int>) -> ArraySlice<UInt8> { blob[range] }

    private static func offset(_ unit: UInt32) -> Int {
        Int((unit >> 10) << ((unit & (1 << 9)) >> 6))
    }
}
