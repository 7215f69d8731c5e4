/// A character of a text in bytes: its value, or 0x110000 plus the byte where that is no UTF-8.
@inline(__always)
func character(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> (value: UInt32, length: Int) {
    let length = characterLength(bytes, index)
    let first = UInt32(bytes[index])
    switch length {
    case 2: return ((first & 0x1F) << 6 | UInt32(bytes[index + 1] & 0x3F), 2)
    case 3:
        return (
            (first & 0x0F) << 12 | UInt32(bytes[index + 1] & 0x3F) << 6 | UInt32(bytes[index + 2] & 0x3F), 3
        )
    case 4:
        let high = (first & 0x07) << 18 | UInt32(bytes[index + 1] & 0x3F) << 12
        return (high | UInt32(bytes[index + 2] & 0x3F) << 6 | UInt32(bytes[index + 3] & 0x3F), 4)
    default: return (first < 0x80 ? first : 0x11_0000 + first, 1)
    }
}

extension [UInt8] {
    /// Adds a character of `character(_:_:)` as bytes.
    @inline(__always)
    mutating func append(character value: UInt32) {
        if value < 0x80 {
            append(UInt8(value))
        } else if value < 0x800 {
            append(UInt8(0xC0 | value >> 6))
            append(UInt8(0x80 | value & 0x3F))
        } else if value < 0x1_0000 {
            append(UInt8(0xE0 | value >> 12))
            append(UInt8(0x80 | value >> 6 & 0x3F))
            append(UInt8(0x80 | value & 0x3F))
        } else if value < 0x11_0000 {
            append(UInt8(0xF0 | value >> 18))
            append(UInt8(0x80 | value >> 12 & 0x3F))
            append(UInt8(0x80 | value >> 6 & 0x3F))
            append(UInt8(0x80 | value & 0x3F))
        } else {
            append(UInt8(truncatingIfNeeded: value))
        }
    }
}
