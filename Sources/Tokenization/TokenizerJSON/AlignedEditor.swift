/// Writes a changed text from left to right while the old one is read, keeping each new byte aligned with the original,
/// by the rules of the tokenizers package: a replaced character stands for the old one, an inserted character for what
/// the one before it stands for.
struct AlignedEditor {
    private let old: AlignedText
    private(set) var position = 0
    private var last: Range<Int32>
    private var bytes: [UInt8] = []
    private var sources: [Range<Int32>] = []

    init(_ old: AlignedText) {
        self.old = old
        last = old.start(of: 0)..<old.start(of: 0)
        bytes.reserveCapacity(old.bytes.count + 8)
        sources.reserveCapacity(old.bytes.count + 8)
    }

    /// Reads `count` bytes of the old text: what they stand for is what insertions then stand for.
    mutating func skip(_ count: Int) {
        guard count > 0 else { return }
        last = old.source(of: position).lowerBound..<old.source(of: position + count - 1).upperBound
        position += count
    }

    /// Reads one character of `count` bytes and writes `value` for it.
    mutating func replace(_ count: Int, with value: UInt32) {
        skip(count)
        write(value, last)
    }

    /// Writes `value`: inserted where `change` is 1, otherwise in place of the next old character, after which `-change`
    /// further ones are passed over.
    mutating func write(_ value: UInt32, change: Int) {
        if change > 0 { return insert(value) }
        replace(nextLength, with: value)
        for _ in 0..<(-change) { skip(nextLength) }
    }

    /// The length of the old character that comes next; 0 at the end.
    private var nextLength: Int {
        guard position < old.bytes.count else { return 0 }
        return old.bytes.withUnsafeBufferPointer { characterLength($0, position) }
    }

    /// Reads `count` bytes and writes them as they are, character by character.
    mutating func copy(_ count: Int) {
        let end = position + count
        old.bytes.withUnsafeBufferPointer { old in
            while position < end {
                let length = min(characterLength(old, position), end - position)
                skip(length)
                for k in position - length..<position {
                    bytes.append(old[k])
                    sources.append(last)
                }
            }
        }
    }

    /// Writes a character that stands for what the last one that was read stands for.
    mutating func insert(_ value: UInt32) { write(value, last) }

    mutating func insert(_ text: some Collection<UInt8>) {
        for byte in text {
            bytes.append(byte)
            sources.append(last)
        }
    }

    private mutating func write(_ value: UInt32, _ source: Range<Int32>) {
        let before = bytes.count
        bytes.append(character: value)
        for _ in before..<bytes.count { sources.append(source) }
    }

    func finish() -> AlignedText { AlignedText(bytes: bytes, sources: sources, origin: Int(old.start(of: 0))) }
}

extension AlignedText {
    /// Calls `body` with every character, its place and its length.
    func forEachCharacter(_ body: (_ value: UInt32, _ index: Int, _ length: Int) -> Void) {
        bytes.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                let (value, length) = character(bytes, index)
                body(value, index, length)
                index += length
            }
        }
    }

    var isASCII: Bool { bytes.allSatisfy { $0 < 0x80 } }

    /// Replaces each character by what `map` gives; nil keeps it, an empty array removes it. A removed character's
    /// original counts for nothing, as in the tokenizers package's `filter`.
    mutating func mapCharacters(_ map: (UInt32) -> [UInt32]?) {
        var editor: AlignedEditor?
        forEachCharacter { value, index, length in
            guard let new = map(value) else {
                editor?.copy(length)
                return
            }
            if editor == nil {
                editor = AlignedEditor(self)
                editor?.copy(index)
            }
            guard let first = new.first else {
                editor?.skip(length)
                return
            }
            editor?.replace(length, with: first)
            for value in new.dropFirst() { editor?.insert(value) }
        }
        if let editor { self = editor.finish() }
    }

    /// Puts `text` before the first character, whose original it then shares. An empty text stays empty.
    mutating func prepend(_ text: [UInt8]) {
        guard !bytes.isEmpty, !text.isEmpty else { return }
        var editor = AlignedEditor(self)
        let (first, length) = bytes.withUnsafeBufferPointer { character($0, 0) }
        editor.skip(length)
        editor.insert(text)
        editor.insert(first)
        editor.copy(bytes.count - length)
        self = editor.finish()
    }
}
