import Synchronization

/// Byte pair encoding (Sennrich et al. 2016): a word begins as single symbols, and the pair of neighbours that comes
/// first in the list of merges is joined until none is in the list.
///
/// Words of up to 15 bytes are remembered (32,768 of them for each call at work at the same time); long words are merged
/// through a heap, so that the cost grows with their length and its logarithm only.
public final class BPE: TokenModel {
    /// What the symbols are with which a word begins.
    public enum Alphabet: Sendable {
        /// The characters of the word.
        case characters
        /// Characters by their first byte alone, valid or not: llama.cpp's SentencePiece.
        case looseCharacters
        /// Bytes; the vocabulary spells them in GPT-2's printable characters.
        case byteLevel
        /// Bytes; the vocabulary has them as they are (tiktoken).
        case bytes

        var isBytes: Bool { self == .byteLevel || self == .bytes }
    }

    public struct Options: Sendable {
        public var alphabet: Alphabet = .byteLevel
        /// Stands for symbols that the vocabulary lacks. Without one they are left out, as in the tokenizers package
        /// and llama.cpp, but for a `missingUnknown`.
        public var unknown: TokenID?
        /// The name of an unknown token that the vocabulary lacks: symbols that it would stand for are an error.
        public var missingUnknown: [UInt8]?
        /// Unknown symbols beside each other become one token.
        public var fusesUnknown = false
        /// Unknown characters become tokens `<0x00>` to `<0xFF>`, where all that are needed exist.
        public var byteFallback = false
        /// A word that is a token as a whole is that token, whatever the merges say.
        public var ignoresMerges = false
        /// Put before all symbols of a word but the first, and after the last, to look them up.
        public var continuingPrefix: [UInt8] = []
        public var endOfWordSuffix: [UInt8] = []

        public init() {}
    }

    public let vocabulary: Vocabulary
    public let options: Options
    private let merges: MergeTable
    /// The token of each byte value: symbols of bytes, or byte fallback; -1 for none.
    private let byteTokens: [TokenID]
    /// Symbols that are no tokens but merge into tokens (SentencePiece), by spelling, numbered past the vocabulary.
    private let bareSymbols: [[UInt8]: TokenID]
    /// A metaspace "▁" after another character begins a stretch that no merge joins with what is before it.
    private let cutsAtMetaspace: Bool
    /// The merges of bytes, by `first << 8 | second`: words begin with them, and most words never need others.
    private let bytePairs: [MergeTable.Slot]
    /// No token is longer.
    private let longestToken: Int
    /// What stands for symbols that the vocabulary lacks.
    private let substitute: TokenID?
    private let pool = Mutex<[BPEWorkspace]>([])

    init(
        vocabulary: Vocabulary, merges: MergeTable, options: Options, bareSymbols: [[UInt8]: TokenID],
        metaspaceIsInside: Bool
    ) {
        self.vocabulary = vocabulary
        self.merges = merges
        self.options = options
        self.bareSymbols = bareSymbols
        var byteTokens = [TokenID](repeating: -1, count: 256)
        for byte in 0..<256 {
            let spelling: [UInt8]
            switch options.alphabet {
            case .bytes: spelling = [UInt8(byte)]
            case .byteLevel: spelling = ByteAlphabet.spelling(of: [UInt8(byte)])
            case .characters, .looseCharacters: spelling = BPE.fallbackSpelling(UInt8(byte))
            }
            byteTokens[byte] = vocabulary.id(of: spelling) ?? -1
        }
        self.byteTokens = byteTokens
        var bytePairs: [MergeTable.Slot] = []
        if options.alphabet.isBytes {
            bytePairs = [MergeTable.Slot](repeating: MergeTable.Slot(), count: 1 << 16)
            merges.slots.withUnsafeBufferPointer { slots in
                for first in 0..<256 where byteTokens[first] >= 0 {
                    for second in 0..<256 where byteTokens[second] >= 0 {
                        let found = MergeTable.find(byteTokens[first], byteTokens[second], in: slots)
                        bytePairs[first << 8 | second].rank = found.rank
                        bytePairs[first << 8 | second].merged = found.merged
                    }
                }
            }
        }
        self.bytePairs = bytePairs
        longestToken = vocabulary.longest
        substitute = options.unknown ?? options.missingUnknown.map { _ in Piece.noToken }
        cutsAtMetaspace =
            !options.alphabet.isBytes && !metaspaceIsInside && !options.ignoresMerges
            && options.continuingPrefix.isEmpty && options.endOfWordSuffix.isEmpty
            && vocabulary.id(of: BPE.metaspace) != nil
    }

    static let metaspace: [UInt8] = [0xE2, 0x96, 0x81]

    /// "<0x0A>"
    static func fallbackSpelling(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return Array("<0x".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)], UInt8(ascii: ">")]
    }

    // MARK: TokenModel

    public var vocabularySize: Int { vocabulary.size }
    public var unknownTokenGap: UnknownTokenGap? {
        options.unknown == nil ? options.missingUnknown.map { .absent($0) } : nil
    }
    public func id(of token: some Collection<UInt8>) -> TokenID? { vocabulary.id(of: token) }
    public func spelling(of id: TokenID) -> [UInt8]? { vocabulary.spelling(of: id) }

    public func tokenize(_ word: UnsafeBufferPointer<UInt8>, into pieces: inout [Piece]) {
        let workspace = take()
        defer { give(workspace) }
        forEachStretch(of: word) { range in
            let symbols = split(UnsafeBufferPointer(rebasing: word[range]), workspace)
            for index in 0..<symbols.count {
                let start = Int(symbols.starts[index])
                let end = index + 1 < symbols.count ? Int(symbols.starts[index + 1]) : range.count
                pieces.append(
                    Piece(id: symbols.ids[index], range: range.lowerBound + start..<range.lowerBound + end))
            }
        }
    }

    public func tokenize(
        _ text: UnsafeBufferPointer<UInt8>, from start: Int, ends: [Int], into ids: inout [TokenID]
    ) {
        let workspace = take()
        defer { give(workspace) }
        var start = start
        for end in ends {
            guard end > start, end <= text.count else { continue }
            if options.alphabet.isBytes {
                append(text, start, end, workspace, &ids)
            } else {
                let word = UnsafeBufferPointer(rebasing: text[start..<end])
                forEachStretch(of: word) {
                    append(word, $0.lowerBound, $0.upperBound, workspace, &ids)
                }
            }
            start = end
        }
    }

    /// Pairs that came out of the heap to tokenize a long word: what its time grows with.
    func steps(of word: [UInt8]) -> Int {
        let workspace = BPEWorkspace()
        word.withUnsafeBufferPointer { word in
            forEachStretch(of: word) { _ = split(UnsafeBufferPointer(rebasing: word[$0]), workspace) }
        }
        return workspace.steps
    }

    private func take() -> BPEWorkspace { pool.withLock { $0.popLast() } ?? BPEWorkspace() }
    private func give(_ workspace: BPEWorkspace) {
        pool.withLock { if $0.count < 16 { $0.append(workspace) } }
    }

    // MARK: Words

    /// Parts of a word that merges never join.
    private func forEachStretch(of word: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
        guard cutsAtMetaspace, word.count > 3 else {
            if !word.isEmpty { body(0..<word.count) }
            return
        }
        var start = 0
        var place = 0
        var afterMetaspace = true
        while place < word.count {
            let length = symbolLength(word, place)
            let isMetaspace =
                length == 3 && word[place] == 0xE2 && word[place + 1] == 0x96 && word[place + 2] == 0x81
            if isMetaspace, !afterMetaspace {
                body(start..<place)
                start = place
            }
            afterMetaspace = isMetaspace
            place += length
        }
        body(start..<word.count)
    }

    /// Appends the ids of `text[start..<end]`, remembered or found.
    @inline(__always)
    private func append(
        _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, _ workspace: BPEWorkspace, _ ids: inout [TokenID]
    ) {
        let length = end - start
        guard length <= 15 else {
            let symbols = split(UnsafeBufferPointer(rebasing: text[start..<end]), workspace)
            for index in 0..<symbols.count { ids.append(symbols.ids[index]) }
            return
        }
        let (low, high) = BPE.cacheKey(text, start, length)
        var mixed = (low ^ (high &* 0xC2B2_AE3D_27D4_EB4F)) &* 0x9E37_79B9_7F4A_7C15
        mixed ^= mixed >> 32
        let slot = workspace.cache + Int(truncatingIfNeeded: mixed) & (BPEWorkspace.cachedWords - 1)
        if slot.pointee.low == low, slot.pointee.high == high {
            let known = slot.pointee.ids
            ids.append(known.0)
            switch slot.pointee.count {
            case 1: break
            case 2: ids.append(known.1)
            case 3:
                ids.append(known.1)
                ids.append(known.2)
            case 4:
                ids.append(known.1)
                ids.append(known.2)
                ids.append(known.3)
            default:
                ids.append(known.1)
                ids.append(known.2)
                ids.append(known.3)
                ids.append(known.4)
            }
            return
        }
        let found = split(UnsafeBufferPointer(rebasing: text[start..<end]), workspace)
        for index in 0..<found.count { ids.append(found.ids[index]) }
        guard (1...5).contains(found.count) else { return }
        func at(_ index: Int) -> TokenID { index < found.count ? found.ids[index] : 0 }
        slot.pointee = BPEWorkspace.CachedWord(
            low: low, high: high, count: Int32(truncatingIfNeeded: found.count),
            ids: (at(0), at(1), at(2), at(3), at(4)))
    }

    /// Up to 15 bytes and their number in two words.
    @inline(__always)
    private static func cacheKey(
        _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ length: Int
    ) -> (low: UInt64, high: UInt64) {
        var low: UInt64 = 0
        var high: UInt64 = 0
        if start + 16 <= text.count, let base = text.baseAddress {
            let raw = UnsafeRawPointer(base + start)
            low = UInt64(littleEndian: raw.loadUnaligned(as: UInt64.self))
            if length < 8 {
                low &= (1 << UInt64(8 * length)) - 1
            } else {
                high = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                high &= (1 << UInt64(8 * (length - 8))) - 1
            }
        } else {
            for index in 0..<length {
                let byte = UInt64(text[start + index])
                if index < 8 { low |= byte << UInt64(8 * index) } else { high |= byte << UInt64(8 * (index - 8)) }
            }
        }
        return (low, high | UInt64(length) << 56)
    }

    /// The tokens of a word, valid until the next one's.
    private func split(_ word: UnsafeBufferPointer<UInt8>, _ workspace: BPEWorkspace) -> BPESymbols {
        var symbols = workspace.symbols(for: word.count)
        if options.ignoresMerges, word.count <= longestToken, let whole = wholeToken(word) {
            symbols.append(whole, at: 0)
            return symbols
        }
        let steps = merges.slots.withUnsafeBufferPointer { slots in
            if options.alphabet.isBytes {
                addBytes(word, slots, &symbols)
            } else {
                addCharacters(word, &symbols)
                symbols.rateAll(slots)
            }
            return symbols.merge(slots)
        }
        if steps > 0 { workspace.steps += steps }
        if !bareSymbols.isEmpty { spellOutBareSymbols(word, &symbols) }
        return symbols
    }

    private func addBytes(
        _ word: UnsafeBufferPointer<UInt8>, _ slots: UnsafeBufferPointer<MergeTable.Slot>, _ symbols: inout BPESymbols
    ) {
        byteTokens.withUnsafeBufferPointer { tokens in
            bytePairs.withUnsafeBufferPointer { pairs in
                var isWhole = true
                var place = 0
                while place < word.count {
                    let id = tokens[Int(word[place])]
                    if id < 0 { isWhole = false }
                    if place + 1 < word.count, isWhole {
                        let pair = pairs[Int(word[place]) << 8 | Int(word[place + 1])]
                        symbols.ranks[place] = pair.rank
                        symbols.merged[place] = pair.merged
                    }
                    add(id, place, &symbols)
                    place += 1
                }
                if !isWhole { symbols.rateAll(slots) }
            }
        }
    }

    private func wholeToken(_ word: UnsafeBufferPointer<UInt8>) -> TokenID? {
        guard options.alphabet == .byteLevel else { return vocabulary.id(of: word) }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: word.count * 2) { spelled in
            var count = 0
            for byte in word {
                let character = ByteAlphabet.characters[Int(byte)]
                if character < 0x80 {
                    spelled[count] = UInt8(truncatingIfNeeded: character)
                    count += 1
                } else {
                    spelled[count] = UInt8(truncatingIfNeeded: 0xC0 | character >> 6)
                    spelled[count + 1] = UInt8(truncatingIfNeeded: 0x80 | character & 0x3F)
                    count += 2
                }
            }
            return vocabulary.id(of: UnsafeBufferPointer(rebasing: UnsafeBufferPointer(spelled)[..<count]))
        }
    }

    /// Adds a symbol, or the unknown token for one that is -1.
    @inline(__always)
    private func add(_ id: TokenID, _ place: Int, _ symbols: inout BPESymbols) {
        var id = id
        if id < 0 {
            guard let substitute else { return }
            if options.fusesUnknown, symbols.count > 0, symbols.ids[symbols.count - 1] == substitute { return }
            id = substitute
        }
        symbols.append(id, at: place)
    }

    @inline(__always)
    private func symbolLength(_ word: UnsafeBufferPointer<UInt8>, _ place: Int) -> Int {
        guard options.alphabet == .looseCharacters else { return UTF8Scalar.at(place, in: word).length }
        let byte = word[place]
        let length = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        return min(length, word.count - place)
    }

    private func addCharacters(_ word: UnsafeBufferPointer<UInt8>, _ symbols: inout BPESymbols) {
        var place = 0
        while place < word.count {
            let length = symbolLength(word, place)
            let symbol = UnsafeBufferPointer(rebasing: word[place..<place + length])
            let isLast = place + length == word.count
            if let id = symbolToken(symbol, isFirst: place == 0, isLast: isLast) {
                add(id, place, &symbols)
            } else if options.byteFallback, symbol.allSatisfy({ byteTokens[Int($0)] >= 0 }) {
                for offset in 0..<length { add(byteTokens[Int(word[place + offset])], place + offset, &symbols) }
            } else {
                add(-1, place, &symbols)
            }
            place += length
        }
    }

    private func symbolToken(_ symbol: UnsafeBufferPointer<UInt8>, isFirst: Bool, isLast: Bool) -> TokenID? {
        let prefix = isFirst ? [] : options.continuingPrefix
        let suffix = isLast ? options.endOfWordSuffix : []
        if prefix.isEmpty, suffix.isEmpty {
            return vocabulary.id(of: symbol) ?? (bareSymbols.isEmpty ? nil : bareSymbols[Array(symbol)])
        }
        return vocabulary.id(of: prefix + symbol + suffix)
    }

    /// Symbols without a token that did not merge become bytes, or unknown.
    private func spellOutBareSymbols(_ word: UnsafeBufferPointer<UInt8>, _ symbols: inout BPESymbols) {
        let size = TokenID(truncatingIfNeeded: vocabulary.size)
        guard (0..<symbols.count).contains(where: { symbols.ids[$0] >= size }) else { return }
        let ids = (0..<symbols.count).map { symbols.ids[$0] }
        let starts = (0..<symbols.count).map { Int(symbols.starts[$0]) }
        // There is room: a symbol has no more bytes than the word.
        symbols.count = 0
        for (index, id) in ids.enumerated() {
            let start = starts[index]
            let end = index + 1 < ids.count ? starts[index + 1] : word.count
            if id < size {
                add(id, start, &symbols)
            } else if options.byteFallback, word[start..<end].allSatisfy({ byteTokens[Int($0)] >= 0 }) {
                for place in start..<end { add(byteTokens[Int(word[place])], place, &symbols) }
            } else {
                add(-1, start, &symbols)
            }
        }
    }
}
