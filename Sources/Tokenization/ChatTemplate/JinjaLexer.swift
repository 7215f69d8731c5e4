/// Cuts a template into tokens as jinja2's lexer does with `trim_blocks` and `lstrip_blocks`, one at a time.
struct JinjaLexer {
    /// The source with `\n` as the only end of line and one such end at the very end removed.
    private let source: [UInt8]
    private var position = 0
    private(set) var line = 1
    /// Whether the last match ended with a newline (or nothing came before).
    private var lineStarting = true
    private var state = State.data
    /// The closing brackets that are due, innermost last.
    private var balance: [JinjaToken.Kind] = []
    /// A tag's beginning that follows the data just returned.
    private var pending: JinjaToken?
    private var characterNames = CharacterNames()

    private enum State { case data, block, variable }

    init(_ text: String) {
        var text = text
        source = text.withUTF8 { bytes in
            var result: [UInt8] = []
            result.reserveCapacity(bytes.count)
            var index = 0
            while index < bytes.count {
                if bytes[index] == UInt8(ascii: "\r") {
                    result.append(UInt8(ascii: "\n"))
                    if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\n") { index += 1 }
                } else {
                    result.append(bytes[index])
                }
                index += 1
            }
            if result.last == UInt8(ascii: "\n") { result.removeLast() }
            return result
        }
    }

    mutating func next() throws(JinjaFault) -> JinjaToken {
        if let token = pending {
            pending = nil
            return token
        }
        switch state {
        case .data: return try nextData()
        case .block, .variable: return try nextInTag()
        }
    }

    // MARK: Text between tags

    private mutating func nextData() throws(JinjaFault) -> JinjaToken {
        while true {
            guard position < source.count else { return JinjaToken(kind: .end, line: line) }
            guard let tag = findTag(from: position) else {
                let data = Array(source[position...])
                let token = JinjaToken(kind: .data, bytes: data, line: line)
                advance(to: source.count)
                return token
            }
            let start = position
            var end = tag
            let sign = tag + 2 < source.count ? source[tag + 2] : 0
            let isVariable = source[tag + 1] == UInt8(ascii: "{")
            let rawEnd = source[tag + 1] == UInt8(ascii: "%") ? matchRawBegin(at: tag) : nil
            strip(&end, start: start, sign: sign, isVariable: isVariable && rawEnd == nil)
            let data = JinjaToken(kind: .data, bytes: Array(source[start..<end]), line: line)
            let signLength = sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") ? 1 : 0
            if let rawEnd {
                advance(to: rawEnd)
                let raw = try takeRaw()
                guard let raw else { return data.bytes.isEmpty ? JinjaToken(kind: .end, line: line) : data }
                if data.bytes.isEmpty && raw.bytes.isEmpty { continue }
                if data.bytes.isEmpty { return raw }
                if !raw.bytes.isEmpty { pending = raw }
                return data
            }
            advance(to: tag + 2 + signLength)
            switch source[tag + 1] {
            case UInt8(ascii: "#"):
                try skipComment()
                if data.bytes.isEmpty { continue }
                return data
            case UInt8(ascii: "%"):
                state = .block
                pending = JinjaToken(kind: .blockBegin, line: line)
            default:
                state = .variable
                pending = JinjaToken(kind: .variableBegin, line: line)
            }
            if data.bytes.isEmpty { return try next() }
            return data
        }
    }

    private func findTag(from start: Int) -> Int? {
        source.withUnsafeBufferPointer { bytes in
            var index = start
            while index + 1 < bytes.count {
                if bytes[index] == UInt8(ascii: "{") {
                    switch bytes[index + 1] {
                    case UInt8(ascii: "%"), UInt8(ascii: "{"), UInt8(ascii: "#"): return index
                    default: break
                    }
                }
                index += 1
            }
            return nil
        }
    }

    /// Takes white space off the end of the text before a tag: all of it with `-`; with neither sign what stands
    /// between the beginning of the line and a block or comment.
    private func strip(_ end: inout Int, start: Int, sign: UInt8, isVariable: Bool) {
        if sign == UInt8(ascii: "-") {
            end = startOfTrailingSpace(start, end)
        } else if sign != UInt8(ascii: "+"), !isVariable {
            let space = startOfTrailingSpace(start, end)
            if let newline = source[start..<end].lastIndex(of: UInt8(ascii: "\n")) {
                if space <= newline + 1 { end = newline + 1 }
            } else if lineStarting, space == start {
                end = start
            }
        }
    }

    private func startOfTrailingSpace(_ start: Int, _ end: Int) -> Int {
        var end = end
        while end > start {
            var first = end - 1
            while first > start, source[first] & 0xC0 == 0x80 { first -= 1 }
            var offset = first
            if !PythonUnicode.isSpace(JinjaText.next(source, &offset)) { break }
            end = first
        }
        return end
    }

    private func skipSpace(_ start: Int) -> Int {
        var offset = start
        while offset < source.count {
            var after = offset
            if !PythonUnicode.isSpace(JinjaText.next(source, &after)) { break }
            offset = after
        }
        return offset
    }

    private func has(_ text: StaticString, at offset: Int) -> Bool {
        guard offset + text.utf8CodeUnitCount <= source.count else { return false }
        for index in 0..<text.utf8CodeUnitCount where source[offset + index] != text.utf8Start[index] { return false }
        return true
    }

    private mutating func advance(to end: Int) {
        guard end > position else { return }
        for byte in source[position..<end] where byte == UInt8(ascii: "\n") { line += 1 }
        lineStarting = source[end - 1] == UInt8(ascii: "\n")
        position = end
    }

    /// The end of `{% raw %}` at a tag, if it is one.
    private func matchRawBegin(at tag: Int) -> Int? {
        var offset = tag + 2
        if offset < source.count, source[offset] == UInt8(ascii: "-") || source[offset] == UInt8(ascii: "+") {
            offset += 1
        }
        offset = skipSpace(offset)
        guard has("raw", at: offset) else { return nil }
        offset = skipSpace(offset + 3)
        if has("-%}", at: offset) { return skipSpace(offset + 3) }
        return has("%}", at: offset) ? offset + 2 : nil
    }

    /// The text up to and without `{% endraw %}`; nil where the template ends right after `{% raw %}`, which jinja2
    /// accepts.
    private mutating func takeRaw() throws(JinjaFault) -> JinjaToken? {
        if position >= source.count { return nil }
        let start = position
        var tag = start
        while tag + 1 < source.count {
            defer { tag += 1 }
            guard source[tag] == UInt8(ascii: "{"), source[tag + 1] == UInt8(ascii: "%") else { continue }
            var offset = tag + 2
            let sign = offset < source.count ? source[offset] : 0
            if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { offset += 1 }
            offset = skipSpace(offset)
            guard has("endraw", at: offset) else { continue }
            guard let after = matchBlockEnd(at: skipSpace(offset + 6)) else { continue }
            var end = tag
            strip(&end, start: start, sign: sign, isVariable: false)
            let token = JinjaToken(kind: .data, bytes: Array(source[start..<end]), line: line)
            advance(to: after)
            return token
        }
        throw JinjaFault(.syntax, "Missing end of raw directive")
    }

    /// The end of `%}`, `-%}` or `+%}` with the white space that goes with it.
    private func matchBlockEnd(at offset: Int) -> Int? {
        if has("+%}", at: offset) { return offset + 3 }
        if has("-%}", at: offset) { return skipSpace(offset + 3) }
        if has("%}", at: offset) { return has("\n", at: offset + 2) ? offset + 3 : offset + 2 }
        return nil
    }

    private mutating func skipComment() throws(JinjaFault) {
        // A template that ends right after the opening is accepted by jinja2.
        if position >= source.count { return }
        var index = position
        while index < source.count {
            var end: Int?
            switch source[index] {
            case UInt8(ascii: "+") where has("+#}", at: index): end = index + 3
            case UInt8(ascii: "-") where has("-#}", at: index): end = skipSpace(index + 3)
            case UInt8(ascii: "#") where has("#}", at: index):
                end = has("\n", at: index + 2) ? index + 3 : index + 2
            default: break
            }
            if let end {
                advance(to: end)
                return
            }
            index += 1
        }
        throw JinjaFault(.syntax, "Missing end of comment tag")
    }

    // MARK: Inside tags

    private mutating func nextInTag() throws(JinjaFault) -> JinjaToken {
        while position < source.count {
            if balance.isEmpty {
                if state == .block, let end = matchBlockEnd(at: position) { return endTag(.blockEnd, end) }
                if state == .variable {
                    if has("-}}", at: position) { return endTag(.variableEnd, skipSpace(position + 3)) }
                    if has("}}", at: position) { return endTag(.variableEnd, position + 2) }
                }
            }
            let afterSpace = skipSpace(position)
            if afterSpace > position {
                advance(to: afterSpace)
                continue
            }
            return try lexeme()
        }
        return JinjaToken(kind: .end, line: line)
    }

    private mutating func endTag(_ kind: JinjaToken.Kind, _ end: Int) -> JinjaToken {
        let token = JinjaToken(kind: kind, line: line)
        advance(to: end)
        state = .data
        return token
    }

    private mutating func lexeme() throws(JinjaFault) -> JinjaToken {
        let byte = source[position]
        if byte >= 0x30, byte <= 0x39 {
            if let token = try number() { return token }
        }
        if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
            if let token = try string(byte) { return token }
        }
        var offset = position
        while offset < source.count {
            var after = offset
            let c = JinjaText.next(source, &after)
            if !PythonUnicode.isWord(c) && !(c >= 0x80 && PythonUnicode.isIdentifierPart(c)) { break }
            offset = after
        }
        if offset > position {
            let bytes = Array(source[position..<offset])
            if !PythonUnicode.isIdentifier(JinjaText.codePoints(bytes)) {
                throw JinjaFault(.syntax, "Invalid character in identifier")
            }
            let token = JinjaToken(kind: .name, name: String(decoding: bytes, as: UTF8.self), line: line)
            advance(to: offset)
            return token
        }
        guard let (kind, length) = JinjaToken.Kind.ofOperator(source, at: position) else {
            var after = position
            let c = JinjaText.next(source, &after)
            let character = Unicode.Scalar(c).map { String(Character($0)) } ?? "?"
            throw JinjaFault(.syntax, "unexpected char '\(character)' at \(position)")
        }
        switch kind {
        case .leftParen: balance.append(.rightParen)
        case .leftBracket: balance.append(.rightBracket)
        case .leftBrace: balance.append(.rightBrace)
        case .rightParen, .rightBracket, .rightBrace:
            guard let expected = balance.popLast() else {
                throw JinjaFault(.syntax, "unexpected '\(kind.spelling)'")
            }
            if expected != kind {
                throw JinjaFault(.syntax, "unexpected '\(kind.spelling)', expected '\(expected.spelling)'")
            }
        default: break
        }
        if balance.count > 10_000 {
            throw JinjaFault(.limit, "brackets nest deeper than the allowed \(JinjaLimits.expressionNesting)")
        }
        let token = JinjaToken(kind: kind, line: line)
        advance(to: position + length)
        return token
    }

    /// `(\d+_)*\d+`: digits with single underscores between them. The end, or nil.
    private func digits(_ start: Int, _ isDigit: (UInt8) -> Bool = { $0 >= 0x30 && $0 <= 0x39 }) -> Int? {
        var offset = start
        guard offset < source.count, isDigit(source[offset]) else { return nil }
        while offset < source.count {
            if isDigit(source[offset]) {
                offset += 1
            } else if source[offset] == UInt8(ascii: "_"), offset + 1 < source.count, isDigit(source[offset + 1]) {
                offset += 2
            } else {
                break
            }
        }
        return offset
    }

    private mutating func number() throws(JinjaFault) -> JinjaToken? {
        let start = position
        if start == 0 || source[start - 1] != UInt8(ascii: "."), let end = floatEnd(start) {
            let text = String(decoding: source[start..<end].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
            let token = JinjaToken(kind: .float, float: Double(text) ?? .infinity, line: line)
            advance(to: end)
            return token
        }
        let second = start + 1 < source.count ? source[start + 1] | 0x20 : 0
        var radix = 10
        var first = start
        var end = start + 1
        func hex(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x66 }
        func withOptionalUnderscore(_ isDigit: (UInt8) -> Bool) -> Int? {
            let from = start + 2 < source.count && source[start + 2] == UInt8(ascii: "_") ? start + 3 : start + 2
            return digits(from, isDigit)
        }
        if source[start] == 0x30 {
            if second == UInt8(ascii: "b"), let found = withOptionalUnderscore({ $0 == 0x30 || $0 == 0x31 }) {
                (radix, first, end) = (2, start + 2, found)
            } else if second == UInt8(ascii: "o"), let found = withOptionalUnderscore({ $0 >= 0x30 && $0 <= 0x37 }) {
                (radix, first, end) = (8, start + 2, found)
            } else if second == UInt8(ascii: "x"), let found = withOptionalUnderscore(hex) {
                (radix, first, end) = (16, start + 2, found)
            } else {
                end = digits(start) { $0 == 0x30 } ?? end
            }
        } else {
            end = digits(start) ?? end
        }
        let text = String(decoding: source[first..<end].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        guard let value = Int(text, radix: radix) else {
            throw JinjaFault(.limit, "the integer \(text.prefix(40)) does not fit 64 bits")
        }
        let token = JinjaToken(kind: .integer, integer: value, line: line)
        advance(to: end)
        return token
    }

    private func floatEnd(_ start: Int) -> Int? {
        guard let whole = digits(start) else { return nil }
        func exponent(_ offset: Int) -> Int? {
            guard offset < source.count, source[offset] | 0x20 == UInt8(ascii: "e") else { return nil }
            var from = offset + 1
            if from < source.count, source[from] == UInt8(ascii: "+") || source[from] == UInt8(ascii: "-") { from += 1 }
            return digits(from)
        }
        if whole < source.count, source[whole] == UInt8(ascii: "."), let fraction = digits(whole + 1) {
            return exponent(fraction) ?? fraction
        }
        return exponent(whole)
    }

    private mutating func string(_ quote: UInt8) throws(JinjaFault) -> JinjaToken? {
        var offset = position + 1
        while offset < source.count, source[offset] != quote {
            offset += source[offset] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard offset < source.count else { return nil }
        let bytes = try PythonEscapes.decode(source[(position + 1)..<offset], &characterNames)
        let token = JinjaToken(kind: .string, bytes: bytes, line: line)
        advance(to: offset + 1)
        return token
    }
}
