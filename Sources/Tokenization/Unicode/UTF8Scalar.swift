/// One character of UTF-8, read from bytes that may be anything.
struct UTF8Scalar {
    /// Its code point; U+FFFD for a byte that is no part of a valid character.
    var value: UInt32
    /// How many bytes it takes, 1 for such a byte.
    var length: Int

    /// The character that begins at `place`, which must be inside `text`.
    @inline(__always)
    static func at(_ place: Int, in text: UnsafeBufferPointer<UInt8>) -> UTF8Scalar {
        let first = UInt32(text[place])
        if first < 0x80 { return UTF8Scalar(value: first, length: 1) }
        return multibyte(place, first, text)
    }

    private static func multibyte(_ place: Int, _ first: UInt32, _ text: UnsafeBufferPointer<UInt8>) -> UTF8Scalar {
        let invalid = UTF8Scalar(value: 0xFFFD, length: 1)
        let left = text.count - place
        @inline(__always) func trail(_ offset: Int) -> UInt32? {
            let byte = UInt32(text[place + offset])
            return byte & 0xC0 == 0x80 ? byte & 0x3F : nil
        }
        if first < 0xE0 {
            guard first >= 0xC2, left >= 2, let a = trail(1) else { return invalid }
            return UTF8Scalar(value: (first & 0x1F) << 6 | a, length: 2)
        }
        if first < 0xF0 {
            guard left >= 3, let a = trail(1), let b = trail(2) else { return invalid }
            let value = (first & 0x0F) << 12 | a << 6 | b
            return value >= 0x800 && value & 0xF800 != 0xD800 ? UTF8Scalar(value: value, length: 3) : invalid
        }
        guard first < 0xF5, left >= 4, let a = trail(1), let b = trail(2), let c = trail(3) else { return invalid }
        let value = (first & 0x07) << 18 | a << 12 | b << 6 | c
        return value >= 0x10000 && value < 0x110000 ? UTF8Scalar(value: value, length: 4) : invalid
    }

    /// The code point of the character that ends at `end`, or nil at the text's beginning.
    static func before(_ end: Int, in text: UnsafeBufferPointer<UInt8>) -> UInt32? {
        guard end > 0 else { return nil }
        return at(start(before: end, in: text), in: text).value
    }

    /// Where the character begins that ends at `end`, which must be above 0.
    static func start(before end: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
        var place = end - 1
        guard text[place] & 0xC0 == 0x80 else { return place }
        let lowest = max(0, end - 4)
        while place > lowest, text[place] & 0xC0 == 0x80 { place -= 1 }
        return place + at(place, in: text).length == end ? place : end - 1
    }

    static func isValid(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var place = 0
        while place < text.count {
            // Eight ASCII bytes at a time.
            if place + 8 <= text.count,
                UnsafeRawPointer(text.baseAddress! + place).loadUnaligned(as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                place += 8
                continue
            }
            let scalar = at(place, in: text)
            if scalar.value == 0xFFFD, scalar.length == 1 { return false }
            place += scalar.length
        }
        return true
    }

    static func isASCII(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var place = 0
        while place + 8 <= text.count {
            let eight = UnsafeRawPointer(text.baseAddress! + place).loadUnaligned(as: UInt64.self)
            if eight & 0x8080_8080_8080_8080 != 0 { return false }
            place += 8
        }
        while place < text.count {
            if text[place] >= 0x80 { return false }
            place += 1
        }
        return true
    }

    /// How many bytes of `text` come before a last character that has only begun. Bytes that can't become a character
    /// whatever follows count as complete.
    static func completePrefix(of text: [UInt8]) -> Int {
        var place = text.count - 1
        let lowest = max(0, text.count - 3)
        while place >= lowest, text[place] & 0xC0 == 0x80 { place -= 1 }
        guard place >= lowest, place >= 0, text[place] >= 0xC2, text[place] < 0xF5 else { return text.count }
        let first = text[place]
        let needed = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard text.count - place < needed else { return text.count }
        if text.count - place > 1 {
            let second = text[place + 1]
            let low: UInt8 = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80
            let high: UInt8 = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF
            guard second >= low, second <= high else { return text.count }
        }
        return place
    }

    /// Appends a code point in UTF-8. Surrogates are written like others: llama.cpp keeps them.
    @inline(__always)
    static func append(_ value: UInt32, to bytes: inout [UInt8]) {
        if value < 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value))
        } else if value < 0x800 {
            bytes.append(UInt8(truncatingIfNeeded: 0xC0 | value >> 6))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | value & 0x3F))
        } else if value < 0x10000 {
            bytes.append(UInt8(truncatingIfNeeded: 0xE0 | value >> 12))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | value >> 6 & 0x3F))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | value & 0x3F))
        } else {
            bytes.append(UInt8(truncatingIfNeeded: 0xF0 | value >> 18 & 0x07))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | value >> 12 & 0x3F))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | value >> 6 & 0x3F))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | value & 0x3F))
        }
    }
}

extension AlignedText {
    /// Puts U+FFFD in the place of what is not UTF-8.
    ///
    /// - Parameter longest: one for each longest beginning of a character, as Rust and Python do; otherwise llama.cpp's
    ///   way: one for each byte, while overlong forms become the character that they spell and surrogates stay.
    mutating func replaceInvalidUTF8(longest: Bool) {
        if bytes.withUnsafeBufferPointer(UTF8Scalar.isValid) { return }
        var result: [UInt8] = []
        var ranges: [Range<Int32>] = []
        result.reserveCapacity(bytes.count)
        ranges.reserveCapacity(bytes.count)
        let old = self
        bytes.withUnsafeBufferPointer { text in
            var place = 0
            while place < text.count {
                let scalar = UTF8Scalar.at(place, in: text)
                let before = result.count
                var length = scalar.length
                if scalar.length == 1, scalar.value == 0xFFFD {
                    if longest {
                        length = AlignedText.brokenLength(text, place)
                        UTF8Scalar.append(0xFFFD, to: &result)
                    } else if let loose = AlignedText.looseScalar(text, place) {
                        length = loose.length
                        UTF8Scalar.append(loose.value, to: &result)
                    } else {
                        UTF8Scalar.append(0xFFFD, to: &result)
                    }
                } else {
                    result.append(contentsOf: text[place..<place + length])
                }
                if length == result.count - before {
                    for offset in place..<place + length {
                        let source = old.source(of: offset..<offset + 1)
                        ranges.append(
                            Int32(truncatingIfNeeded: source.lowerBound)..<Int32(truncatingIfNeeded: source.upperBound))
                    }
                } else {
                    let source = old.source(of: place..<place + length)
                    let range =
                        Int32(truncatingIfNeeded: source.lowerBound)..<Int32(truncatingIfNeeded: source.upperBound)
                    ranges.append(contentsOf: repeatElement(range, count: result.count - before))
                }
                place += length
            }
        }
        bytes = result
        sources = ranges
    }

    /// The length of the longest beginning of a character at `place`, at least 1.
    private static func brokenLength(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) -> Int {
        let first = text[place]
        guard first >= 0xC2, first < 0xF5 else { return 1 }
        let needed = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        var length = 1
        while length < needed, place + length < text.count {
            let byte = text[place + length]
            var low: UInt8 = 0x80
            var high: UInt8 = 0xBF
            if length == 1 {
                if first == 0xE0 { low = 0xA0 }
                if first == 0xF0 { low = 0x90 }
                if first == 0xED { high = 0x9F }
                if first == 0xF4 { high = 0x8F }
            }
            guard byte >= low, byte <= high else { break }
            length += 1
        }
        return length
    }

    /// What llama.cpp reads from an overlong form or a surrogate.
    private static func looseScalar(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) -> UTF8Scalar? {
        let first = UInt32(text[place])
        guard first >= 0xC0, first < 0xF8 else { return nil }
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard place + length <= text.count else { return nil }
        var value = first & (length == 2 ? 0x1F : length == 3 ? 0x0F : 0x07)
        for offset in 1..<length {
            let byte = UInt32(text[place + offset])
            guard byte & 0xC0 == 0x80 else { return nil }
            value = value << 6 | byte & 0x3F
        }
        return value < 0x110000 ? UTF8Scalar(value: value, length: length) : nil
    }
}
