#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Finds bytes in bytes in linear time.
enum ByteSearch {
    /// The offset of the first `needle` that lies within `from..<to`.
    static func first(_ needle: [UInt8], in bytes: [UInt8], from: Int, to: Int) -> Int? {
        if from > to || to - from < needle.count { return nil }
        if needle.isEmpty { return from }
        return bytes.withUnsafeBufferPointer { haystack in
            needle.withUnsafeBufferPointer { part in search(part, in: haystack, from, to) }
        }
    }

    /// The method of Knuth, Morris and Pratt, skipping quickly to first bytes.
    private static func search(
        _ needle: UnsafeBufferPointer<UInt8>, in bytes: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int
    ) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        func next(_ position: Int) -> Int? {
            guard position < to, let found = memchr(base + position, Int32(needle[0]), to - position) else {
                return nil
            }
            return UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
        if needle.count == 1 { return next(from) }
        let fallback = borders(needle)
        var position = from
        var matched = 0
        while true {
            if matched == 0 {
                guard let start = next(position) else { return nil }
                position = start + 1
                matched = 1
            }
            if position >= to { return nil }
            if bytes[position] == needle[matched] {
                position += 1
                matched += 1
                if matched == needle.count { return position - matched }
            } else {
                matched = fallback[matched - 1]
            }
        }
    }

    /// For each prefix the length of its longest border.
    private static func borders(_ needle: UnsafeBufferPointer<UInt8>) -> [Int] {
        var borders = [Int](repeating: 0, count: needle.count)
        var length = 0
        for index in 1..<needle.count {
            while length > 0, needle[index] != needle[length] { length = borders[length - 1] }
            if needle[index] == needle[length] { length += 1 }
            borders[index] = length
        }
        return borders
    }

    /// The offset of the last `needle` that lies within `from..<to`.
    static func last(_ needle: [UInt8], in bytes: [UInt8], from: Int, to: Int) -> Int? {
        if from > to || to - from < needle.count { return nil }
        if needle.isEmpty { return to }
        // Searching the mirror image keeps the time linear for any needle.
        let mirrored = Array(bytes[from..<to].reversed())
        guard let found = first(Array(needle.reversed()), in: mirrored, from: 0, to: mirrored.count) else { return nil }
        return to - found - needle.count
    }
}
