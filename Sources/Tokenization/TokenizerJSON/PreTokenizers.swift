/// The pre-tokenisers of the tokenizers package.
indirect enum JSONPreTokenizer: PreTokenizer {
    case bert
    case byteLevel(addPrefixSpace: Bool, pattern: TokenizerRegex?)
    case delimiter(UInt32)
    case metaspace(replacement: [UInt8], prepend: Prepend, split: Bool)
    case whitespace
    case whitespaceSplit
    case split(TokenPattern, Behavior, invert: Bool)
    case punctuation(Behavior)
    case digits(individual: Bool)
    case scripts
    case fixedLength(Int)
    case sequence([JSONPreTokenizer])

    /// When a metaspace is put before a word that has none.
    enum Prepend: String, Sendable {
        case first
        case never
        case always
    }

    /// What becomes of the text that a pattern finds.
    enum Behavior: String, Sendable {
        case removed = "Removed"
        case isolated = "Isolated"
        case mergedWithPrevious = "MergedWithPrevious"
        case mergedWithNext = "MergedWithNext"
        case contiguous = "Contiguous"
    }

    /// A stretch of a word, and whether the pattern found it.
    struct Span {
        var range: Range<Int>
        var isMatch: Bool
    }

    func split(_ words: [AlignedText]) -> [AlignedText] {
        var result: [AlignedText] = []
        switch self {
        case .sequence(let steps): return steps.reduce(words) { $1.split($0) }
        case .bert:
            let parts = JSONPreTokenizer.whitespaceSplit.split(words)
            return JSONPreTokenizer.punctuation(.isolated).split(parts)
        case .byteLevel(let addPrefixSpace, let pattern):
            for var word in words {
                if addPrefixSpace, word.bytes.first != 0x20 { word.prepend([0x20]) }
                if let pattern {
                    cut(word, pattern, .isolated, into: &result)
                } else if !word.bytes.isEmpty {
                    result.append(word)
                }
            }
            for index in result.indices { result[index].spellBytes() }
        case .metaspace(let replacement, let prepend, let split):
            for var word in words {
                word.replace(.text([0x20]), by: replacement)
                if prepend != .never, !word.bytes.starts(with: replacement),
                    prepend == .always || word.start(of: 0) == 0
                {
                    word.prepend(replacement)
                }
                if split {
                    let spans = JSONPreTokenizer.spans(word, .text(replacement))
                    append(word, JSONPreTokenizer.ranges(spans, .mergedWithNext), to: &result)
                } else if !word.bytes.isEmpty {
                    result.append(word)
                }
            }
        case .split(let pattern, let behavior, let invert):
            for word in words {
                var spans = JSONPreTokenizer.spans(word, pattern)
                if invert { for index in spans.indices { spans[index].isMatch.toggle() } }
                append(word, JSONPreTokenizer.ranges(spans, behavior), to: &result)
            }
        case .whitespace:
            for word in words { append(word, JSONPreTokenizer.wordsAndSymbols(word), to: &result) }
        case .whitespaceSplit: cutAll(words, .removed, &result) { UnicodeTables.isWhiteSpace($0) }
        case .delimiter(let value): cutAll(words, .removed, &result) { $0 == value }
        case .punctuation(let behavior): cutAll(words, behavior, &result) { UnicodeTables.isBERTPunctuation($0) }
        case .digits(let individual):
            cutAll(words, individual ? .isolated : .contiguous, &result) { UnicodeTables.isNumeric($0) }
        case .scripts: for word in words { append(word, JSONPreTokenizer.scriptRuns(word), to: &result) }
        case .fixedLength(let length):
            for word in words { append(word, JSONPreTokenizer.chunks(word, length), to: &result) }
        }
        return result
    }

    private func append(_ word: AlignedText, _ ranges: [Range<Int>], to result: inout [AlignedText]) {
        for range in ranges where !range.isEmpty {
            result.append(range.count == word.bytes.count ? word : word.slice(range))
        }
    }

    private func cut(
        _ word: AlignedText, _ regex: TokenizerRegex, _ behavior: Behavior, into result: inout [AlignedText]
    ) {
        append(word, JSONPreTokenizer.ranges(JSONPreTokenizer.spans(word, .regex(regex)), behavior), to: &result)
    }

    private func cutAll(
        _ words: [AlignedText], _ behavior: Behavior, _ result: inout [AlignedText], _ isMatch: (UInt32) -> Bool
    ) {
        for word in words {
            var spans: [Span] = []
            var start = 0
            word.forEachCharacter { value, index, length in
                guard isMatch(value) else { return }
                if start < index { spans.append(Span(range: start..<index, isMatch: false)) }
                spans.append(Span(range: index..<index + length, isMatch: true))
                start = index + length
            }
            if start < word.bytes.count { spans.append(Span(range: start..<word.bytes.count, isMatch: false)) }
            append(word, JSONPreTokenizer.ranges(spans, behavior), to: &result)
        }
    }

    /// The whole word as stretches that match and stretches between.
    private static func spans(_ word: AlignedText, _ pattern: TokenPattern) -> [Span] {
        guard !word.bytes.isEmpty else { return [] }
        var spans: [Span] = []
        var end = 0
        for match in word.bytes.withUnsafeBufferPointer({ pattern.matches($0) }) {
            if end != match.lowerBound { spans.append(Span(range: end..<match.lowerBound, isMatch: false)) }
            spans.append(Span(range: match, isMatch: true))
            end = match.upperBound
        }
        if end != word.bytes.count { spans.append(Span(range: end..<word.bytes.count, isMatch: false)) }
        return spans
    }

    static func ranges(_ spans: [Span], _ behavior: Behavior) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var previous = false
        switch behavior {
        case .isolated: return spans.map(\.range)
        case .removed: return spans.filter { !$0.isMatch }.map(\.range)
        case .contiguous, .mergedWithPrevious:
            for span in spans {
                let joins = behavior == .contiguous ? span.isMatch == previous : span.isMatch && !previous
                if joins, let last = result.indices.last {
                    result[last] = result[last].lowerBound..<span.range.upperBound
                } else {
                    result.append(span.range)
                }
                previous = span.isMatch
            }
        case .mergedWithNext:
            for span in spans.reversed() {
                if span.isMatch, !previous, let last = result.indices.last {
                    result[last] = span.range.lowerBound..<result[last].upperBound
                } else {
                    result.append(span.range)
                }
                previous = span.isMatch
            }
            result.reverse()
        }
        return result
    }

    /// `\w+|[^\w\s]+`
    private static func wordsAndSymbols(_ word: AlignedText) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var previous = 0
        word.forEachCharacter { value, index, length in
            let kind =
                UnicodeTables.isWord(value) ? 1 : UnicodeTables.isWhiteSpace(value) ? 0 : 2
            if kind > 0 {
                if kind == previous, let last = result.indices.last {
                    result[last] = result[last].lowerBound..<index + length
                } else {
                    result.append(index..<index + length)
                }
            }
            previous = kind
        }
        return result
    }

    /// Runs of one script, as the package cuts them: what precedes the first character that has a script is lost.
    private static func scriptRuns(_ word: AlignedText) -> [Range<Int>] {
        var starts: [Int] = []
        var last: UInt32?
        word.forEachCharacter { value, index, _ in
            let script = ScriptTable.script(of: value)
            guard script != 0 else { return }
            if last != script { starts.append(index) }
            last = script
        }
        return starts.indices.map { starts[$0]..<($0 + 1 < starts.count ? starts[$0 + 1] : word.bytes.count) }
    }

    private static func chunks(_ word: AlignedText, _ length: Int) -> [Range<Int>] {
        var starts: [Int] = []
        var count = 0
        word.forEachCharacter { _, index, _ in
            if count % length == 0 { starts.append(index) }
            count += 1
        }
        return starts.indices.map { starts[$0]..<($0 + 1 < starts.count ? starts[$0 + 1] : word.bytes.count) }
    }
}
