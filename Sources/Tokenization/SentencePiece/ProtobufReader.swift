/// Reads the wire format of Protocol Buffers (https://protobuf.dev/programming-guides/encoding/) within given bounds.
///
/// Every length is checked against what is left before anything is touched, so a file can neither make it read past
/// its end nor allocate more than the file's own size.
struct ProtobufReader {
    enum WireType: UInt8, Sendable {
        case varint = 0
        case fixed64 = 1
        case bytes = 2
        case fixed32 = 5
    }

    let buffer: UnsafeBufferPointer<UInt8>
    private(set) var offset: Int
    let end: Int

    init(_ buffer: UnsafeBufferPointer<UInt8>) {
        self.init(buffer, 0..<buffer.count)
    }

    /// `range` must lie within `buffer`.
    init(_ buffer: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        self.buffer = buffer
        offset = range.lowerBound
        end = min(range.upperBound, buffer.count)
    }

    var isAtEnd: Bool { offset >= end }

    /// The next field's number and how it is stored.
    mutating func tag() throws(SentencePieceError) -> (field: UInt64, type: WireType) {
        let start = offset
        let tag = try varint()
        guard let type = WireType(rawValue: UInt8(tag & 7)), tag >> 3 > 0 else {
            throw SentencePieceError.badField(field: Int(clamping: tag >> 3), offset: start)
        }
        return (tag >> 3, type)
    }

    mutating func varint() throws(SentencePieceError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard offset < end else { throw SentencePieceError.truncated(offset: offset) }
            let byte = buffer[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
            if shift >= 64 { throw SentencePieceError.badNumber(offset: start) }
        }
    }

    mutating func fixed32() throws(SentencePieceError) -> UInt32 {
        guard end - offset >= 4 else { throw SentencePieceError.truncated(offset: offset) }
        var value: UInt32 = 0
        for k in 0..<4 { value |= UInt32(buffer[offset + k]) << UInt32(8 * k) }
        offset += 4
        return value
    }

    /// Where the bytes of a string, of bytes or of an embedded message lie.
    mutating func bytes() throws(SentencePieceError) -> Range<Int> {
        let start = offset
        let length = try varint()
        guard length <= UInt64(end - offset) else {
            throw SentencePieceError.badLength(length: length, left: end - offset, offset: start)
        }
        let range = offset..<offset + Int(length)
        offset = range.upperBound
        return range
    }

    mutating func skip(_ type: WireType) throws(SentencePieceError) {
        switch type {
        case .varint: _ = try varint()
        case .bytes: _ = try bytes()
        case .fixed32: _ = try fixed32()
        case .fixed64:
            guard end - offset >= 8 else { throw SentencePieceError.truncated(offset: offset) }
            offset += 8
        }
    }

    func expect(_ type: WireType, _ expected: WireType, _ field: String) throws(SentencePieceError) {
        guard type == expected else { throw SentencePieceError.wrongType(field: field, offset: offset) }
    }
}
