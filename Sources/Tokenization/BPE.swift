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
        /// Stands for symbols that the vocabulary lacks; nil leaves them out.
        public var unknown: TokenID?
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
    public func id(of token: some Collection<UInt8>) -> TokenID? { vocabulary.id(of: token) }
    public func spelling(of id: TokenID) -> [UInt8]? { vocabulary.spelling(of: id) }

    public func tokenize(_ word: UnsafeBufferPointer<UInt8>, into pieces: inout [Piece]) {
        let workspace = take()
        defer { give(workspace) }
        forEachStretch(of: word) { range in
            split(UnsafeBufferPointer(rebasing: word[range]), workspace)
            for index in 0..<workspace.ids.count {
                let start = Int(workspace.starts[index])
                let end = index + 1 < workspace.ids.count ? Int(workspace.starts[index + 1]) : range.count
                pieces.append(
                    Piece(id: workspace.ids[index], range: range.lowerBound + start..<range.lowerBound + end))
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

    /// Pairs looked at to tokenize a word: what its time grows with.
    func steps(of word: [UInt8]) -> Int {
        let workspace = BPEWorkspace()
        word.withUnsafeBufferPointer { word in
            forEachStretch(of: word) { split(UnsafeBufferPointer(rebasing: word[$0]), workspace) }
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
            split(UnsafeBufferPointer(rebasing: text[start..<end]), workspace)
            ids.append(contentsOf: workspace.ids)
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
        split(UnsafeBufferPointer(rebasing: text[start..<end]), workspace)
        ids.append(contentsOf: workspace.ids)
        let found = workspace.ids
        guard (1...5).contains(found.count) else { return }
        func at(_ index: Int) -> TokenID { index < found.count ? found[index] : 0 }
        slot.pointee = BPEWorkspace.CachedWord(
            low: low, high: high, count: Int32(truncatingIfNeeded: found.count),
            ids: (found[0], at(1), at(2), at(3), at(4)))
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

    /// Leaves the tokens of a word in the workspace.
    private func split(_ word: UnsafeBufferPointer<UInt8>, _ workspace: BPEWorkspace) {
        workspace.ids.removeAll(keepingCapacity: true)
        workspace.starts.removeAll(keepingCapacity: true)
        if options.ignoresMerges, let whole = wholeToken(word) {
            workspace.ids.append(whole)
            workspace.starts.append(0)
            return
        }
        if options.alphabet.isBytes {
            for place in 0..<word.count { add(byteTokens[Int(word[place])], place, workspace) }
        } else {
            addCharacters(word, workspace)
        }
        merges.slots.withUnsafeBufferPointer { workspace.merge($0) }
        guard !bareSymbols.isEmpty else { return }
        spellOutBareSymbols(word, workspace)
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
    private func add(_ id: TokenID, _ place: Int, _ workspace: BPEWorkspace) {
        var id = id
        if id < 0 {
            guard let unknown = options.unknown else { return }
            if options.fusesUnknown, workspace.ids.last == unknown { return }
            id = unknown
        }
        workspace.ids.append(id)
        workspace.starts.append(Int32(truncatingIfNeeded: place))
    }

    @inline(__always)
    private func symbolLength(_ word: UnsafeBufferPointer<UInt8>, _ place: Int) -> Int {
        guard options.alphabet == .looseCharacters else { return UTF8Scalar.at(place, in: word).length }
        let byte = word[place]
        let length = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        return min(length, word.count - place)
    }

    private func addCharacters(_ word: UnsafeBufferPointer<UInt8>, _ workspace: BPEWorkspace) {
        var place = 0
        while place < word.count {
            let length = symbolLength(word, place)
            let symbol = UnsafeBufferPointer(rebasing: word[place..<place + length])
            let isLast = place + length == word.count
            if let id = symbolToken(symbol, isFirst: place == 0, isLast: isLast) {
                add(id, place, workspace)
            } else if options.byteFallback, symbol.allSatisfy({ byteTokens[Int($0)] >= 0 }) {
                for offset in 0..<length { add(byteTokens[Int(word[place + offset])], place + offset, workspace) }
            } else {
                add(-1, place, workspace)
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
    private func spellOutBareSymbols(_ word: UnsafeBufferPointer<UInt8>, _ workspace: BPEWorkspace) {
        let size = TokenID(truncatingIfNeeded: vocabulary.size)
        guard workspace.ids.contains(where: { $0 >= size }) else { return }
        let ids = workspace.ids
        let starts = workspace.starts
        workspace.ids.removeAll(keepingCapacity: true)
        workspace.starts.removeAll(keepingCapacity: true)
        for (index, id) in ids.enumerated() {
            let start = Int(starts[index])
            let end = index + 1 < ids.count ? Int(starts[index + 1]) : word.count
            if id < size {
                add(id, start, workspace)
            } else if options.byteFallback, word[start..<end].allSatisfy({ byteTokens[Int($0)] >= 0 }) {
                for place in start..<end { add(byteTokens[Int(word[place])], place, workspace) }
            } else {
                add(-1, start, workspace)
            }
        }
    }
}
