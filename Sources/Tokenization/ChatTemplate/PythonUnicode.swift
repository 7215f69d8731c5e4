/// Python's classes of characters and its changes of case, by code point.
enum PythonUnicode {
    /// `str.isspace`, which is also what `strip`, `split` and `\s` use.
    static func isSpace(_ c: UInt32) -> Bool {
        switch c {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// The ends of lines that `splitlines` knows.
    static func isLineBreak(_ c: UInt32) -> Bool {
        switch c {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    static func properties(_ c: UInt32) -> Unicode.Scalar.Properties? { Unicode.Scalar(c)?.properties }

    static func category(_ c: UInt32) -> Unicode.GeneralCategory { properties(c)?.generalCategory ?? .surrogate }

    static func isAlpha(_ c: UInt32) -> Bool {
        if c < 0x80 { return c | 0x20 >= 0x61 && c | 0x20 <= 0x7A }
        return switch category(c) {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    static func isDecimal(_ c: UInt32) -> Bool {
        if c < 0x80 { return c >= 0x30 && c <= 0x39 }
        return category(c) == .decimalNumber
    }

    static func isDigit(_ c: UInt32) -> Bool {
        if c < 0x80 { return c >= 0x30 && c <= 0x39 }
        let type = properties(c)?.numericType
        return type == .decimal || type == .digit
    }

    static func isNumeric(_ c: UInt32) -> Bool {
        if c < 0x80 { return c >= 0x30 && c <= 0x39 }
        return properties(c)?.numericType != nil
    }

    /// The value of a decimal digit of any script.
    static func digitValue(_ c: UInt32) -> Int? {
        if c < 0x80 { return c >= 0x30 && c <= 0x39 ? Int(c) - 0x30 : nil }
        guard isDecimal(c), let value = properties(c)?.numericValue else { return nil }
        return Int(exactly: value)
    }

    static func isAlnum(_ c: UInt32) -> Bool { isAlpha(c) || isDecimal(c) || isDigit(c) || isNumeric(c) }

    /// `\w` of Python's regular expressions.
    static func isWord(_ c: UInt32) -> Bool { c == 0x5F || isAlnum(c) }

    static func isLower(_ c: UInt32) -> Bool {
        if c < 0x80 { return c >= 0x61 && c <= 0x7A }
        return properties(c)?.isLowercase ?? false
    }

    static func isUpper(_ c: UInt32) -> Bool {
        if c < 0x80 { return c >= 0x41 && c <= 0x5A }
        return properties(c)?.isUppercase ?? false
    }

    static func isTitle(_ c: UInt32) -> Bool { c >= 0x80 && category(c) == .titlecaseLetter }

    static func isCased(_ c: UInt32) -> Bool { isLower(c) || isUpper(c) || isTitle(c) }

    static func isPrintable(_ c: UInt32) -> Bool {
        if c < 0x7F { return c >= 0x20 }
        return switch category(c) {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            false
        default: true
        }
    }

    static func isIdentifierStart(_ c: UInt32) -> Bool {
        if c < 0x80 { return c == 0x5F || isAlpha(c) }
        return properties(c)?.isXIDStart ?? false
    }

    static func isIdentifierPart(_ c: UInt32) -> Bool {
        if c < 0x80 { return isWord(c) }
        return properties(c)?.isXIDContinue ?? false
    }

    static func isIdentifier(_ codePoints: [UInt32]) -> Bool {
        guard let first = codePoints.first, isIdentifierStart(first) else { return false }
        return codePoints.dropFirst().allSatisfy(isIdentifierPart)
    }

    static func upper(_ c: UInt32, into bytes: inout [UInt8]) {
        if c < 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: c >= 0x61 && c <= 0x7A ? c - 32 : c))
        } else if let properties = properties(c) {
            bytes += Array(properties.uppercaseMapping.utf8)
        } else {
            JinjaText.append(c, to: &bytes)
        }
    }

    static func title(_ c: UInt32, into bytes: inout [UInt8]) {
        if c < 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: c >= 0x61 && c <= 0x7A ? c - 32 : c))
        } else if let properties = properties(c) {
            bytes += Array(properties.titlecaseMapping.utf8)
        } else {
            JinjaText.append(c, to: &bytes)
        }
    }

    /// The lower case of the code point at `position`; a capital sigma depends on its neighbours.
    static func lower(_ codePoints: [UInt32], at position: Int, into bytes: inout [UInt8]) {
        let c = codePoints[position]
        if c < 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: c >= 0x41 && c <= 0x5A ? c + 32 : c))
        } else if c == 0x3A3 {
            JinjaText.append(isFinalSigma(codePoints, position) ? 0x3C2 : 0x3C3, to: &bytes)
        } else if let properties = properties(c) {
            bytes += Array(properties.lowercaseMapping.utf8)
        } else {
            JinjaText.append(c, to: &bytes)
        }
    }

    /// Unicode's Final_Sigma: a cased letter before, none after, skipping what can be ignored.
    private static func isFinalSigma(_ codePoints: [UInt32], _ position: Int) -> Bool {
        func cased(_ c: UInt32) -> Bool { properties(c)?.isCased ?? false }
        func ignorable(_ c: UInt32) -> Bool { properties(c)?.isCaseIgnorable ?? false }
        guard let before = codePoints[..<position].last(where: { !ignorable($0) }), cased(before) else { return false }
        guard let after = codePoints[(position + 1)...].first(where: { !ignorable($0) }) else { return true }
        return !cased(after)
    }

    /// Full case folding. The standard library has no table of it; lower case of upper case is the same but for the
    /// letters named here.
    static func fold(_ c: UInt32, into bytes: inout [UInt8]) {
        switch c {
        case ..<0x80: bytes.append(UInt8(truncatingIfNeeded: c >= 0x41 && c <= 0x5A ? c + 32 : c))
        case 0x130: bytes += Array("i\u{307}".utf8)
        case 0x131: JinjaText.append(c, to: &bytes)
        case 0x13A0...0x13F5: JinjaText.append(c, to: &bytes)
        case 0x13F8...0x13FD: JinjaText.append(c - 8, to: &bytes)
        case 0xAB70...0xABBF: JinjaText.append(c - 0xAB70 + 0x13A0, to: &bytes)
        case 0x1E9E: bytes += Array("ss".utf8)
        default:
            guard let properties = properties(c), properties.changesWhenCaseFolded else {
                JinjaText.append(c, to: &bytes)
                return
            }
            for scalar in properties.uppercaseMapping.unicodeScalars {
                bytes += Array(scalar.properties.lowercaseMapping.utf8)
            }
        }
    }
}
