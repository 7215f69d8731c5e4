/// GPT-2's printable characters for the 256 byte values: printable Latin-1 characters stand for themselves, the others
/// are moved past U+0100 in order.
enum ByteAlphabet {
    /// The character of each byte.
    static let characters: [UInt32] = {
        var result: [UInt32] = []
        var next: UInt32 = 256
        for byte in UInt32(0)..<256 {
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: result.append(byte)
            default:
                result.append(next)
                next += 1
            }
        }
        return result
    }()

    /// The byte of each character below U+0180, or -1.
    private static let bytes: [Int16] = {
        var result = [Int16](repeating: -1, count: 0x180)
        for (byte, value) in characters.enumerated() { result[Int(value)] = Int16(byte) }
        return result
    }()

    static func byte(of character: UInt32) -> UInt8? {
        guard character < 0x180, bytes[Int(character)] >= 0 else { return nil }
        return UInt8(bytes[Int(character)])
    }

    /// A token's spelling in this alphabet as the bytes it stands for; nil where a character is not of the alphabet.
    static func bytes(of spelling: some Collection<UInt8>) -> [UInt8]? {
        let spelling = Array(spelling)
        return spelling.withUnsafeBufferPointer { spelling in
            var result: [UInt8] = []
            var index = 0
            while index < spelling.count {
                let (value, length) = character(spelling, index)
                guard let byte = byte(of: value) else { return nil }
                result.append(byte)
                index += length
            }
            return result
        }
    }

    /// Bytes in this alphabet.
    static func spelling(of bytes: some Collection<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        for byte in bytes { result.append(character: characters[Int(byte)]) }
        return result
    }
}
