/// A recursive descent over the bytes of a text; the depth limit bounds the stack. It makes whole values, or lets its
/// user take objects and arrays member by member where the shape is known and a tree would only cost memory.
struct JSONReader {
    struct Failure: Error {
        var problem: JSONError.Problem
        var offset: Int

        func located(in text: UnsafeBufferPointer<UInt8>, source: String?) -> JSONError {
            var line = 1
            var column = 1
            for byte in text.prefix(offset) {
                if byte == UInt8(ascii: "\n") {
                    line += 1
                    column = 1
                } else if byte & 0xc0 != 0x80 {
                    column += 1
                }
            }
            return JSONError(problem: problem, source: source, line: line, column: column, offset: offset)
        }
    }

    let text: UnsafeBufferPointer<UInt8>
    let maximumDepth: Int
    let longestString: Int
    let allowsNonFinite: Bool
    /// Values that may still be made.
    var remainingValues: Int
    var position = 0

    init(text: UnsafeBufferPointer<UInt8>, limits: JSON.Limits, allowsNonFinite: Bool) {
        self.text = text
        // A level takes a few hundred bytes of stack; threads may have half a megabyte.
        maximumDepth = max(0, min(limits.depth, 1024))
        longestString = limits.string
        remainingValues = limits.values
        self.allowsNonFinite = allowsNonFinite
    }

    /// Reads one value with `body` and nothing but white space around it.
    static func read<Value>(
        _ bytes: UnsafeRawBufferPointer, limits: JSON.Limits = JSON.Limits(), allowsNonFinite: Bool = false,
        source: String?,
        _ body: (inout JSONReader) throws(Failure) -> Value
    ) throws(JSONError) -> Value {
        let text = bytes.bindMemory(to: UInt8.self)
        var reader = JSONReader(text: text, limits: limits, allowsNonFinite: allowsNonFinite)
        do {
            return try reader.whole(body)
        } catch {
            throw error.located(in: text, source: source)
        }
    }

    private mutating func whole<Value>(
        _ body: (inout JSONReader) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        // `Object` counts its members in 32 bits.
        guard text.count < Int(UInt32.max) else { throw Failure(problem: .tooLarge, offset: 0) }
        if text.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
        skipSpace()
        let value = try body(&self)
        skipSpace()
        if position < text.count { throw fail(.textAfterValue) }
        return value
    }

    func fail(_ problem: JSONError.Problem, at offset: Int? = nil) -> Failure {
        let offset = offset ?? position
        return Failure(problem: offset >= text.count ? .unexpectedEnd : problem, offset: min(offset, text.count))
    }

    private mutating func skipSpace() {
        while position < text.count {
            switch text[position] {
            case 0x20, 0x0a, 0x0d, 0x09: position += 1
            default: return
            }
        }
    }

    mutating func value(depth: Int) throws(Failure) -> JSON {
        guard position < text.count else { throw fail(.unexpectedEnd) }
        guard remainingValues > 0 else { throw fail(.tooLarge) }
        remainingValues -= 1
        switch text[position] {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "N"): return try nonFinite("NaN", .nan)
        case UInt8(ascii: "I"): return try nonFinite("Infinity", .infinity)
        case UInt8(ascii: "-") where position + 1 < text.count && text[position + 1] == UInt8(ascii: "I"):
            return try nonFinite("-Infinity", -.infinity)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw fail(.unexpected(byte: text[position]))
        }
    }

    private mutating func literal(_ name: StaticString, _ value: JSON) throws(Failure) -> JSON {
        for index in 0..<name.utf8CodeUnitCount {
            guard position + index < text.count, text[position + index] == name.utf8Start[index] else {
                throw fail(.expected("\(name)"), at: position + index)
            }
        }
        position += name.utf8CodeUnitCount
        return value
    }

    private mutating func nonFinite(_ name: StaticString, _ value: Double) throws(Failure) -> JSON {
        let start = position
        let value = try literal(name, .number(value))
        if !allowsNonFinite { throw fail(.nonFinite("\(name)"), at: start) }
        return value
    }

    private mutating func array(depth: Int) throws(Failure) -> JSON {
        var elements: [JSON] = []
        try self.elements(depth: depth) { (reader) throws(Failure) in
            elements.append(try reader.value(depth: depth + 1))
        }
        return .array(elements)
    }

    private mutating func object(depth: Int) throws(Failure) -> JSON {
        var object = JSON.Object()
        try members(depth: depth) { (reader, key) throws(Failure) in
            object.appendParsed(key, try reader.value(depth: depth + 1))
        }
        return .object(object)
    }

    /// Reads an array; `element` reads each element.
    @inline(__always)
    mutating func elements(
        depth: Int, _ element: (inout JSONReader) throws(Failure) -> Void
    ) throws(Failure) {
        guard take(UInt8(ascii: "[")) else { throw fail(.expected("an array")) }
        if depth >= maximumDepth { throw fail(.tooDeep(limit: maximumDepth), at: position - 1) }
        skipSpace()
        if take(UInt8(ascii: "]")) { return }
        while true {
            try element(&self)
            skipSpace()
            if take(UInt8(ascii: "]")) { return }
            guard take(UInt8(ascii: ",")) else { throw fail(.expected("',' or ']'")) }
            skipSpace()
        }
    }

    /// Reads an object; `member` reads the value of each key.
    @inline(__always)
    mutating func members(
        depth: Int, _ member: (inout JSONReader, String) throws(Failure) -> Void
    ) throws(Failure) {
        guard take(UInt8(ascii: "{")) else { throw fail(.expected("an object")) }
        if depth >= maximumDepth { throw fail(.tooDeep(limit: maximumDepth), at: position - 1) }
        skipSpace()
        if take(UInt8(ascii: "}")) { return }
        while true {
            let key = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw fail(.expected("':'")) }
            skipSpace()
            try member(&self, key)
            skipSpace()
            if take(UInt8(ascii: "}")) { return }
            guard take(UInt8(ascii: ",")) else { throw fail(.expected("',' or '}'")) }
            skipSpace()
        }
    }

    /// Passes over a value without keeping it.
    mutating func skip(depth: Int) throws(Failure) {
        guard position < text.count else { throw fail(.unexpectedEnd) }
        switch text[position] {
        case UInt8(ascii: "{"):
            try members(depth: depth) { (reader, _) throws(Failure) in try reader.skip(depth: depth + 1) }
        case UInt8(ascii: "["):
            try elements(depth: depth) { (reader) throws(Failure) in try reader.skip(depth: depth + 1) }
        default: _ = try value(depth: depth)
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < text.count, text[position] == byte else { return false }
        position += 1
        return true
    }

    // MARK: Strings

    mutating func string() throws(Failure) -> String {
        guard position < text.count, text[position] == UInt8(ascii: "\"") else {
            throw fail(.expected("a string in double quotes"))
        }
        let start = position + 1
        var at = start
        var seen: UInt8 = 0
        while at < text.count {
            let byte = text[at]
            seen |= byte
            if byte == UInt8(ascii: "\"") {
                position = at + 1
                guard at - start <= longestString else { throw fail(.tooLarge, at: start) }
                let bytes = UnsafeBufferPointer(rebasing: text[start..<at])
                return seen < 0x80 ? String(decoding: bytes, as: UTF8.self) : try validated(bytes, at: start)
            }
            if byte == UInt8(ascii: "\\") { return try stringWithEscapes(start: start, firstEscape: at) }
            if byte < 0x20 { throw fail(.controlCharacter(byte), at: at) }
            at += 1
        }
        throw fail(.unexpectedEnd, at: at)
    }

    private func validated(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int) throws(Failure) -> String {
        guard let string = String(validating: bytes, as: UTF8.self) else { throw fail(.invalidUTF8, at: offset) }
        return string
    }

    private mutating func stringWithEscapes(start: Int, firstEscape: Int) throws(Failure) -> String {
        var bytes = [UInt8](text[start..<firstEscape])
        position = firstEscape
        while position < text.count, bytes.count <= longestString {
            let byte = text[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let string = String(validating: bytes, as: UTF8.self) else {
                    throw fail(.invalidUTF8, at: start)
                }
                return string
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &bytes)
            case 0..<0x20:
                throw fail(.controlCharacter(byte))
            default:
                bytes.append(byte)
                position += 1
            }
        }
        throw fail(.tooLarge)
    }

    private mutating func escape(into bytes: inout [UInt8]) throws(Failure) {
        guard position < text.count else { throw fail(.unexpectedEnd) }
        let byte = text[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0c)
        case UInt8(ascii: "n"): bytes.append(0x0a)
        case UInt8(ascii: "r"): bytes.append(0x0d)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"):
            let start = position - 2
            var code = try fourHexDigits()
            if (0xd800..<0xdc00).contains(code) {
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw fail(.loneSurrogate, at: start) }
                let low = try fourHexDigits()
                guard (0xdc00..<0xe000).contains(low) else { throw fail(.loneSurrogate, at: start) }
                code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = UnicodeScalar(code) else { throw fail(.loneSurrogate, at: start) }
            bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default: throw fail(.badEscape, at: position - 1)
        }
    }

    private mutating func fourHexDigits() throws(Failure) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard position < text.count, let digit = Character(UnicodeScalar(text[position])).hexDigitValue,
                text[position] < 0x80
            else { throw fail(.badEscape) }
            code = code << 4 | UInt32(truncatingIfNeeded: digit)
            position += 1
        }
        return code
    }

    // MARK: Numbers

    private mutating func digits() -> Range<Int> {
        let start = position
        while position < text.count, text[position] &- UInt8(ascii: "0") <= 9 { position += 1 }
        return start..<position
    }

    private mutating func number() throws(Failure) -> JSON {
        let start = position
        let isNegative = take(UInt8(ascii: "-"))
        let whole = digits()
        guard !whole.isEmpty else { throw fail(.badNumber) }
        if whole.count > 1, text[whole.lowerBound] == UInt8(ascii: "0") { throw fail(.badNumber, at: start) }
        var fraction = position..<position
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            fraction = digits()
            guard !fraction.isEmpty else { throw fail(.badNumber) }
        }
        var exponent = 0
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            let minus = take(UInt8(ascii: "-"))
            if !minus { _ = take(UInt8(ascii: "+")) }
            let range = digits()
            guard !range.isEmpty else { throw fail(.badNumber) }
            for byte in text[range] where exponent < 100_000 { exponent = exponent * 10 + Int(byte & 0x0f) }
            if minus { exponent = -exponent }
        }
        if isInteger, let value = integer(whole, isNegative: isNegative) { return .integer(value) }
        if let value = exactDouble(whole, fraction, exponent) { return .number(isNegative ? -value : value) }
        let spelling = String(decoding: text[start..<position], as: UTF8.self)
        guard let value = Double(spelling) else { throw fail(.badNumber, at: start) }
        return .number(value)
    }

    private func integer(_ range: Range<Int>, isNegative: Bool) -> Int? {
        var value = 0
        for byte in text[range] {
            let digit = Int(byte & 0x0f)
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow2) =
                isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            if overflow || overflow2 { return nil }
            value = sum
        }
        return value
    }

    /// Where digits fit 53 bits and the power of ten is exact, one multiplication or division rounds rightly
    /// (Clinger 1990).
    private func exactDouble(_ whole: Range<Int>, _ fraction: Range<Int>, _ exponent: Int) -> Double? {
        guard whole.count + fraction.count <= 15 else { return nil }
        var mantissa = 0
        for byte in text[whole] { mantissa = mantissa * 10 + Int(byte & 0x0f) }
        for byte in text[fraction] { mantissa = mantissa * 10 + Int(byte & 0x0f) }
        let power = exponent - fraction.count
        guard abs(power) < Self.powersOfTen.count else { return nil }
        let scale = Self.powersOfTen[abs(power)]
        return power < 0 ? Double(mantissa) / scale : Double(mantissa) * scale
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
