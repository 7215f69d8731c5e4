/// The normalisers of the tokenizers package.
indirect enum JSONNormalizer: Normalizer {
    case bert(BertSteps)
    case strip(left: Bool, right: Bool)
    case stripAccents
    case form(NormalizationForm)
    case lowercase
    case nmt
    case precompiled(PrecompiledMap)
    case replace(TokenPattern, [UInt8])
    case prepend([UInt8])
    case byteLevel
    case sequence([JSONNormalizer])

    struct BertSteps: Sendable {
        var cleanText: Bool
        var handleChineseCharacters: Bool
        var stripAccents: Bool
        var lowercase: Bool
    }

    func normalize(_ text: inout AlignedText) {
        guard !text.bytes.isEmpty else { return }
        switch self {
        case .bert(let steps): JSONNormalizer.bert(steps, &text)
        case .strip(let left, let right): text.strip(left: left, right: right)
        case .stripAccents:
            if !text.isASCII { text.mapCharacters { UnicodeTables.isCombiningMark($0) ? [] : nil } }
        case .form(let form): text.normalize(to: form)
        case .lowercase: text.lowercase()
        case .nmt: text.mapCharacters(JSONNormalizer.nmt)
        case .precompiled(let map): text.apply(map)
        case .replace(let pattern, let content): text.replace(pattern, by: content)
        case .prepend(let prefix): text.prepend(prefix)
        case .byteLevel: text.spellBytes()
        case .sequence(let steps): for step in steps { step.normalize(&text) }
        }
    }

    private static func bert(_ steps: BertSteps, _ text: inout AlignedText) {
        if steps.cleanText {
            text.mapCharacters { value in
                switch value {
                case 0x09, 0x0A, 0x0D: [0x20]
                case 0x20...0x7E: nil
                case 0, 0xFFFD: []
                case let other where UnicodeTables.isBERTControl(other): []
                case let other where UnicodeTables.isWhiteSpace(other): [0x20]
                default: nil
                }
            }
        }
        let isASCII = text.isASCII
        if steps.handleChineseCharacters, !isASCII { text.spaceChineseCharacters() }
        if steps.stripAccents, !isASCII {
            text.normalize(to: .nfd)
            text.mapCharacters { UnicodeTables.isBERTMark($0) ? [] : nil }
        }
        if steps.lowercase { text.lowercase() }
    }

    private static func nmt(_ value: UInt32) -> [UInt32]? {
        switch value {
        case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: []
        case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD: [0x20]
        default: nil
        }
    }
}

extension AlignedText {
    mutating func strip(left: Bool, right: Bool) {
        var start = 0
        var end = 0
        var seen = false
        forEachCharacter { value, index, length in
            if UnicodeTables.isWhiteSpace(value) {
                if !seen { start = index + length }
            } else {
                seen = true
                end = index + length
            }
        }
        let low = left ? start : 0
        let high = right ? max(end, low) : bytes.count
        if low > 0 || high < bytes.count { self = slice(min(low, high)..<high) }
    }

    mutating func lowercase() {
        var hasOthers = false
        for index in bytes.indices {
            let byte = bytes[index]
            if byte >= 0x41, byte <= 0x5A { bytes[index] = byte + 0x20 }
            if byte >= 0x80 { hasOthers = true }
        }
        guard hasOthers else { return }
        mapCharacters { value in
            let (first, second) = UnicodeTables.lowerCase(value)
            if let second { return [first, second] }
            return first == value ? nil : [first]
        }
    }

    /// Puts a space on both sides of each ideograph.
    mutating func spaceChineseCharacters() {
        var editor = AlignedEditor(self)
        forEachCharacter { value, _, length in
            switch value {
            case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
                0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
                editor.replace(length, with: 0x20)
                editor.insert(value)
                editor.insert(0x20)
            default: editor.copy(length)
            }
        }
        self = editor.finish()
    }

    mutating func replace(_ pattern: TokenPattern, by content: [UInt8]) {
        let matches = bytes.withUnsafeBufferPointer { pattern.matches($0) }
        guard !matches.isEmpty else { return }
        var editor = AlignedEditor(self)
        for match in matches {
            editor.copy(match.lowerBound - editor.position)
            // What replaces a match stands for its last character.
            var last = match.lowerBound
            bytes.withUnsafeBufferPointer { bytes in
                var index = match.lowerBound
                while index < match.upperBound {
                    last = index
                    index += characterLength(bytes, index)
                }
            }
            editor.skip(last - editor.position)
            editor.skip(match.upperBound - editor.position)
            editor.insert(content)
        }
        editor.copy(bytes.count - editor.position)
        self = editor.finish()
    }

    /// Writes each byte as a character of GPT-2's alphabet.
    mutating func spellBytes() {
        var editor = AlignedEditor(self)
        bytes.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                let length = characterLength(bytes, index)
                editor.skip(length)
                for k in index..<index + length { editor.insert(ByteAlphabet.characters[Int(bytes[k])]) }
                index += length
            }
        }
        self = editor.finish()
    }

    /// Applies SentencePiece's map the way the tokenizers package does, by grapheme clusters: a cluster of up to five
    /// bytes that begins with a rule is replaced whole by the shortest such rule, otherwise character by character.
    mutating func apply(_ map: PrecompiledMap) {
        var editor = AlignedEditor(self)
        var changed = false
        bytes.withUnsafeBufferPointer { bytes in
            func characters(_ range: Range<Int>) -> [Int] {
                var lengths: [Int] = []
                var index = range.lowerBound
                while index < range.upperBound {
                    lengths.append(characterLength(bytes, index))
                    index += lengths[lengths.count - 1]
                }
                return lengths
            }
            func substitute(_ old: [Int], _ new: ArraySlice<UInt8>) {
                changed = true
                editor.write(new, over: old)
            }
            GraphemeClusters.forEach(in: bytes) { range in
                if range.count < 6, let match = map.match(bytes, range, shortest: true) {
                    return substitute(characters(range), map.replacement(match.replacement))
                }
                var index = range.lowerBound
                while index < range.upperBound {
                    let length = characterLength(bytes, index)
                    if let match = map.match(bytes, index..<index + length, shortest: true) {
                        substitute([length], map.replacement(match.replacement))
                    } else {
                        editor.copy(length)
                    }
                    index += length
                }
            }
        }
        if changed { self = editor.finish() }
    }
}

extension AlignedEditor {
    /// Replaces characters (given by their lengths) one for one; what is left over of the old ones goes with the last
    /// new one, what is left over of the new ones stands for the last old one.
    mutating func write(_ new: ArraySlice<UInt8>, over old: [Int]) {
        var values: [UInt32] = []
        Array(new).withUnsafeBufferPointer { new in
            var index = 0
            while index < new.count {
                let (value, length) = character(new, index)
                values.append(value)
                index += length
            }
        }
        for (index, value) in values.enumerated() {
            if index < old.count {
                replace(old[index], with: value)
            } else {
                insert(value)
            }
        }
        if old.count > values.count { skip(old[values.count...].reduce(0, +)) }
    }
}
