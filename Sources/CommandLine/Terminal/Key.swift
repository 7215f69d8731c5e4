/// A key, or what a terminal sends in its place.
enum Key: Equatable, Sendable {
    case scalar(Unicode.Scalar)
    case paste(String)
    case enter, newline, tab, backspace, delete
    case left, right, up, down, home, end, wordLeft, wordRight
    case killToEnd, killToStart, killWordBefore, killWordAfter, yank, transpose
    case clearScreen, searchHistory, previousEntry, nextEntry
    case interrupt, endOfInput, suspend, escape
    case unknown
}

/// Turns the bytes that a terminal sends into keys: UTF-8, control characters, escape sequences of xterm and its kin,
/// and bracketed paste.
struct KeyDecoder: Sendable {
    private enum State {
        case ground
        case utf8(bytes: [UInt8], missing: Int)
        case escape
        case sequence([UInt8])
        case singleShift
        case paste([UInt8])
    }
    private var state = State.ground

    private static let pasteEnd = Array("\u{1B}[201~".utf8)

    /// True while a lone escape could still become a sequence: the caller waits a moment, then calls `timeout()`.
    var isWaitingAfterEscape: Bool {
        if case .escape = state { return true }
        return false
    }

    /// No more bytes came after an escape: it was the key itself.
    mutating func timeout() -> Key? {
        guard isWaitingAfterEscape else { return nil }
        state = .ground
        return .escape
    }

    /// Takes one byte; gives a key when one is complete.
    mutating func feed(_ byte: UInt8) -> Key? {
        switch state {
        case .ground:
            return ground(byte)
        case .utf8(var bytes, let missing):
            guard byte & 0xC0 == 0x80 else {
                // The character was broken off: drop it and take this byte as a new beginning.
                state = .ground
                return ground(byte)
            }
            bytes.append(byte)
            if missing > 1 {
                state = .utf8(bytes: bytes, missing: missing - 1)
                return nil
            }
            state = .ground
            return .scalar(String(decoding: bytes, as: UTF8.self).unicodeScalars.first ?? "\u{FFFD}")
        case .escape:
            return afterEscape(byte)
        case .sequence(var bytes):
            bytes.append(byte)
            // Parameter and intermediate bytes lie below 0x40, the final byte from there to 0x7E.
            guard (0x40...0x7E).contains(byte) else {
                state = bytes.count > 32 ? .ground : .sequence(bytes)
                return nil
            }
            state = .ground
            if bytes == Array("200~".utf8) {
                state = .paste([])
                return nil
            }
            return Self.key(ofSequence: bytes)
        case .singleShift:
            state = .ground
            return Self.key(ofSequence: [byte])
        case .paste(var bytes):
            bytes.append(byte)
            guard bytes.suffix(Self.pasteEnd.count).elementsEqual(Self.pasteEnd) else {
                state = .paste(bytes)
                return nil
            }
            state = .ground
            return .paste(Self.cleaned(bytes.dropLast(Self.pasteEnd.count)))
        }
    }

    private mutating func ground(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x1B:
            state = .escape
            return nil
        case 0x00..<0x20, 0x7F: return Self.control[byte] ?? .unknown
        case 0x20..<0x7F: return .scalar(Unicode.Scalar(byte))
        case 0xC2...0xDF: state = .utf8(bytes: [byte], missing: 1)
        case 0xE0...0xEF: state = .utf8(bytes: [byte], missing: 2)
        case 0xF0...0xF4: state = .utf8(bytes: [byte], missing: 3)
        default: return .unknown
        }
        return nil
    }

    private mutating func afterEscape(_ byte: UInt8) -> Key? {
        state = .ground
        switch byte {
        case UInt8(ascii: "["): state = .sequence([])
        case UInt8(ascii: "O"): state = .singleShift
        case 0x1B: state = .escape
        case UInt8(ascii: "b"), UInt8(ascii: "B"): return .wordLeft
        case UInt8(ascii: "f"), UInt8(ascii: "F"): return .wordRight
        case UInt8(ascii: "d"), UInt8(ascii: "D"): return .killWordAfter
        case 0x7F, 0x08: return .killWordBefore
        case 0x0D, 0x0A: return .newline
        case UInt8(ascii: "<"): return .unknown
        default: return .unknown
        }
        return nil
    }

    private static let control: [UInt8: Key] = [
        0x01: .home, 0x02: .left, 0x03: .interrupt, 0x04: .endOfInput, 0x05: .end, 0x06: .right, 0x07: .escape,
        0x08: .backspace, 0x09: .tab, 0x0A: .newline, 0x0B: .killToEnd, 0x0C: .clearScreen, 0x0D: .enter,
        0x0E: .nextEntry, 0x10: .previousEntry, 0x12: .searchHistory, 0x14: .transpose, 0x15: .killToStart,
        0x17: .killWordBefore, 0x19: .yank, 0x1A: .suspend, 0x7F: .backspace,
    ]

    private static func key(ofSequence bytes: [UInt8]) -> Key {
        switch String(decoding: bytes, as: UTF8.self) {
        case "A": .up
        case "B": .down
        case "C": .right
        case "D": .left
        case "H", "1~", "7~": .home
        case "F", "4~", "8~": .end
        case "3~": .delete
        case "1;5C", "1;3C", "5C": .wordRight
        case "1;5D", "1;3D", "5D": .wordLeft
        case "3;5~", "3;3~": .killWordAfter
        case "M", "13;2u", "27;2;13~": .newline
        default: .unknown
        }
    }

    /// Pasted text with line ends as newlines and without other control characters.
    private static func cleaned(_ bytes: ArraySlice<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        var afterReturn = false
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            defer { afterReturn = scalar == "\r" }
            switch scalar {
            case "\r": text.append("\n")
            case "\n": if !afterReturn { text.append("\n") }
            case "\t": text.append("\t")
            default: if scalar.value >= 0x20 && scalar.value != 0x7F { text.append(scalar) }
            }
        }
        return String(text)
    }
}
