/// What people see as one character: extended grapheme clusters (Unicode Standard Annex 29).
enum GraphemeClusters {
    /// Calls `body` with the range of each cluster; bytes that are not UTF-8 are clusters of their own.
    static func forEach(in bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
        var index = 0
        while index < bytes.count {
            // Between two ASCII characters there is a boundary, but for CR LF.
            if bytes[index] < 0x80, index + 1 == bytes.count || bytes[index + 1] < 0x80 {
                let isPair = bytes[index] == 0x0D && index + 1 < bytes.count && bytes[index + 1] == 0x0A
                let end = index + (isPair ? 2 : 1)
                body(index..<end)
                index = end
                continue
            }
            // The stretch of valid UTF-8 up to the next such place, for the standard library.
            var end = index
            while end < bytes.count {
                let length = characterLength(bytes, end)
                if length == 1, bytes[end] >= 0x80 { break }
                if end > index, bytes[end] < 0x80, end + 1 == bytes.count || bytes[end + 1] < 0x80, bytes[end] != 0x0A {
                    break
                }
                end += length
            }
            if end == index {
                body(index..<index + 1)
                index += 1
                continue
            }
            let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[index..<end]), as: UTF8.self)
            for cluster in text {
                let length = cluster.utf8.count
                body(index..<index + length)
                index += length
            }
            index = max(index, end)
        }
    }
}
