/// Python's `textwrap.wrap` with tabs and white space left as they are.
struct PythonTextWrap {
    let width: Int
    let breaksLongWords: Bool
    let breaksOnHyphens: Bool

    private static func isSpace(_ c: UInt32) -> Bool { c == 0x20 || c >= 0x09 && c <= 0x0D }

    func wrap(_ text: [UInt32]) -> [[UInt32]] {
        var chunks = Array(chunks(text).reversed())
        var lines: [[UInt32]] = []
        while !chunks.isEmpty {
            var line: [[UInt32]] = []
            var length = 0
            if !lines.isEmpty, let last = chunks.last, last.allSatisfy(PythonUnicode.isSpace) { chunks.removeLast() }
            while let chunk = chunks.last, length + chunk.count <= width {
                line.append(chunk)
                length += chunk.count
                chunks.removeLast()
            }
            if let chunk = chunks.last, chunk.count > width {
                if breaksLongWords {
                    let room = width - length
                    let head = breakPoint(chunk, room)
                    line.append(Array(chunk[..<head]))
                    chunks[chunks.count - 1] = Array(chunk[head...])
                } else if line.isEmpty {
                    line.append(chunk)
                    chunks.removeLast()
                }
            }
            if let last = line.last, last.allSatisfy(PythonUnicode.isSpace) { line.removeLast() }
            if !line.isEmpty { lines.append(Array(line.joined())) }
        }
        return lines
    }

    /// Where a word that is too long is cut: after a hyphen within the room, if there is one.
    private func breakPoint(_ chunk: [UInt32], _ room: Int) -> Int {
        if breaksOnHyphens, chunk.count > room, let hyphen = chunk[..<max(room, 0)].lastIndex(of: 0x2D), hyphen > 0,
            chunk[..<hyphen].contains(where: { $0 != 0x2D })
        {
            return hyphen + 1
        }
        return min(max(room, 0), chunk.count)
    }

    /// White space and words, words also cut after hyphens between letters and around dashes.
    private func chunks(_ text: [UInt32]) -> [[UInt32]] {
        var chunks: [[UInt32]] = []
        var index = 0
        while index < text.count {
            let start = index
            let space = Self.isSpace(text[index])
            while index < text.count, Self.isSpace(text[index]) == space { index += 1 }
            let run = Array(text[start..<index])
            if space || !breaksOnHyphens { chunks.append(run) } else { chunks += hyphenated(run) }
        }
        return chunks
    }

    private func hyphenated(_ word: [UInt32]) -> [[UInt32]] {
        func isLetter(_ index: Int) -> Bool {
            word.indices.contains(index) && PythonUnicode.isWord(word[index]) && !PythonUnicode.isDecimal(word[index])
        }
        func isPunctuation(_ index: Int) -> Bool {
            word.indices.contains(index)
                && (PythonUnicode.isWord(word[index])
                    || [0x21, 0x22, 0x27, 0x26, 0x2E, 0x2C, 0x3F].contains(word[index]))
        }
        var pieces: [[UInt32]] = []
        var start = 0
        var index = 0
        while index < word.count {
            guard word[index] == 0x2D else {
                index += 1
                continue
            }
            var end = index
            while end < word.count, word[end] == 0x2D { end += 1 }
            if end - index >= 2 {
                // A dash between words stands alone.
                if isPunctuation(index - 1), end < word.count, PythonUnicode.isWord(word[end]) {
                    if index > start { pieces.append(Array(word[start..<index])) }
                    pieces.append(Array(word[index..<end]))
                    start = end
                }
            } else if isLetter(index - 1), isLetter(index - 2) || index >= 2 && word[index - 2] == 0x2D,
                isLetter(end), isLetter(end + 1) || end + 1 < word.count && word[end + 1] == 0x2D
            {
                pieces.append(Array(word[start..<end]))
                start = end
            }
            index = end
        }
        if start < word.count { pieces.append(Array(word[start...])) }
        return pieces
    }
}
