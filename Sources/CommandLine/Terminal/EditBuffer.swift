/// A text with a cursor between two of its characters.
///
/// Kept as what lies before and after the cursor, so that letters which arrive scalar by scalar (accents, parts of emoji)
/// join their neighbours as Unicode says.
struct EditBuffer: Equatable, Sendable {
    private(set) var before = ""
    private(set) var after = ""

    var text: String { before + after }
    var isEmpty: Bool { before.isEmpty && after.isEmpty }

    init() {}

    /// A text with the cursor at its end.
    init(_ text: String) { before = text }

    mutating func insert(_ scalar: Unicode.Scalar) { before.unicodeScalars.append(scalar) }
    mutating func insert(_ text: String) { before += text }

    mutating func deleteBefore() -> Bool {
        guard !before.isEmpty else { return false }
        before.removeLast()
        return true
    }

    mutating func deleteAfter() -> Bool {
        guard !after.isEmpty else { return false }
        after.removeFirst()
        return true
    }

    mutating func moveLeft() -> Bool {
        guard let character = before.popLast() else { return false }
        after.insert(character, at: after.startIndex)
        return true
    }

    mutating func moveRight() -> Bool {
        guard !after.isEmpty else { return false }
        before.append(after.removeFirst())
        return true
    }

    /// To the beginning of the line that the cursor is in.
    mutating func moveToLineStart() {
        let start = lineStart
        after = before[start...] + after
        before = String(before[..<start])
    }

    /// To the end of the line that the cursor is in.
    mutating func moveToLineEnd() {
        let end = after.firstIndex(of: "\n") ?? after.endIndex
        before += after[..<end]
        after = String(after[end...])
    }

    /// One line up or down, to the same column where there is one; false when there is no such line.
    mutating func moveLine(by step: Int) -> Bool {
        let column = CharacterWidth.columns(before[lineStart...])
        var moved = self
        if step < 0 {
            moved.moveToLineStart()
            guard moved.moveLeft() else { return false }
            moved.moveToLineStart()
        } else {
            moved.moveToLineEnd()
            guard moved.moveRight() else { return false }
        }
        var width = 0
        while let next = moved.after.first, next != "\n" {
            width += CharacterWidth.columns(next)
            if width > column { break }
            _ = moved.moveRight()
        }
        self = moved
        return true
    }

    mutating func moveWordLeft() {
        while let last = before.last, !Self.isWord(last) { _ = moveLeft() }
        while let last = before.last, Self.isWord(last) { _ = moveLeft() }
    }

    mutating func moveWordRight() {
        while let next = after.first, !Self.isWord(next) { _ = moveRight() }
        while let next = after.first, Self.isWord(next) { _ = moveRight() }
    }

    private var lineStart: String.Index {
        before.lastIndex(of: "\n").map { before.index(after: $0) } ?? before.startIndex
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    /// Cuts from the cursor to the line's end, or the newline itself when the cursor is there. Gives what was cut.
    mutating func killToLineEnd() -> String {
        var end = after.firstIndex(of: "\n") ?? after.endIndex
        if end == after.startIndex, end < after.endIndex { end = after.index(after: end) }
        defer { after = String(after[end...]) }
        return String(after[..<end])
    }

    mutating func killToLineStart() -> String {
        var start = lineStart
        if start == before.endIndex, start > before.startIndex { start = before.index(before: start) }
        defer { before = String(before[..<start]) }
        return String(before[start...])
    }

    /// Cuts the word before the cursor as shells do: spaces, then everything up to the next space.
    mutating func killWordBefore() -> String {
        var rest = before[...]
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        while let last = rest.last, !last.isWhitespace { rest.removeLast() }
        defer { before = String(rest) }
        return String(before[rest.endIndex...])
    }

    mutating func killWordAfter() -> String {
        let rest = after.drop { !Self.isWord($0) }.drop { Self.isWord($0) }
        defer { after = String(rest) }
        return String(after[..<rest.startIndex])
    }

    /// Changes the two characters around the cursor (the last two at a line's end).
    mutating func transpose() -> Bool {
        if after.isEmpty || after.first == "\n" {
            guard before.count >= 2, moveLeft() else { return false }
        }
        guard let left = before.popLast() else { return false }
        guard let right = after.first, left != "\n" else {
            before.append(left)
            return false
        }
        after.removeFirst()
        before.append(right)
        before.append(left)
        return true
    }
}
