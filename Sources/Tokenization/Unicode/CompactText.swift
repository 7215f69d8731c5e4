/// Reads the forms in which make_unicode_data.py writes its tables.
enum CompactText {
    static func bytes(_ text: StaticString) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }

    static func split(_ text: StaticString, _ separator: Unicode.Scalar) -> [ArraySlice<UInt8>] {
        Array(bytes(text)).split(separator: UInt8(ascii: separator))
    }

    /// Members from the lengths of stretches outside, inside, outside, … in base 36.
    static func ranges(_ text: StaticString) -> [ClosedRange<UInt32>] { ranges(Array(bytes(text))[...]) }

    static func ranges(_ text: ArraySlice<UInt8>) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var place: UInt32 = 0
        for (index, word) in text.split(separator: UInt8(ascii: " ")).enumerated() {
            let length = number(word, base: 36)
            if index % 2 == 1, length > 0 { result.append(place...place + length - 1) }
            place += length
        }
        return result
    }

    /// Runs of categories: a letter (A to Z, then a to d) and a decimal count that is left out when it is 1.
    static func forEachRun(_ text: StaticString, _ body: (Int, Range<Int>) -> Void) {
        var place = 0
        var category = -1
        var count = 0
        func end() {
            guard category >= 0 else { return }
            let length = count == 0 ? 1 : count
            body(category, place..<place + length)
            place += length
            count = 0
        }
        for byte in bytes(text) {
            if byte <= UInt8(ascii: "9") {
                count = count * 10 + Int(byte - UInt8(ascii: "0"))
            } else {
                end()
                category = byte < 0x60 ? Int(byte) - 0x41 : Int(byte) - 0x61 + 26
            }
        }
        end()
    }

    /// Characters at equal distances mapped with equal differences: `start,count,step,difference;…` in decimal.
    static func stretched(_ text: StaticString) -> [UInt32: UInt32] {
        var result: [UInt32: UInt32] = [:]
        for entry in split(text, ";") {
            let parts = entry.split(separator: UInt8(ascii: ",")).map { part -> Int in
                let negative = part.first == UInt8(ascii: "-")
                let value = Int(number(negative ? part.dropFirst() : part, base: 10))
                return negative ? -value : value
            }
            guard parts.count == 4 else { continue }
            for index in 0..<parts[1] {
                let scalar = parts[0] + index * parts[2]
                result[UInt32(truncatingIfNeeded: scalar)] = UInt32(truncatingIfNeeded: scalar + parts[3])
            }
        }
        return result
    }

    /// Characters and what they map to: `distance:a b c;…` in base 36.
    static func mapping(_ text: StaticString) -> [UInt32: [UInt32]] {
        var result: [UInt32: [UInt32]] = [:]
        var place: UInt32 = 0
        for entry in split(text, ";") {
            guard let colon = entry.firstIndex(of: UInt8(ascii: ":")) else { continue }
            place += number(entry[..<colon], base: 36)
            result[place] = entry[(colon + 1)...].split(separator: UInt8(ascii: " ")).map { number($0, base: 36) }
        }
        return result
    }

    static func number(_ digits: ArraySlice<UInt8>, base: UInt32) -> UInt32 {
        var value: UInt32 = 0
        for digit in digits {
            value = value &* base &+ UInt32(digit < 0x60 ? digit &- 0x30 : digit &- 0x61 &+ 10)
        }
        return value
    }
}
