/// Why a list of merges and a vocabulary do not belong together.
public struct BPEError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The place in the list of merges.
    public var merge: Int
    public var left: [UInt8]
    public var right: [UInt8]
    /// What the vocabulary lacks.
    public var missing: [UInt8]

    public var description: String {
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes.prefix(100), as: UTF8.self) }
        return
            "merge \(merge) («\(text(left)) \(text(right))») needs the token «\(text(missing))», which is not in the "
            + "vocabulary; use merges and vocabulary of one model"
    }
}

/// Makes a `BPE` from a vocabulary and merges, from a vocabulary whose ids are ranks, or from one with scores.
public struct BPEBuilder {
    private let vocabulary: Vocabulary
    private let options: BPE.Options
    private var table: MergeTable
    private var metaspaceIsInside = false
    private var rank: UInt32 = 0
    private var joined: [UInt8] = []
    private let lastMergeCounts: Bool

    /// - Parameters:
    ///   - mergeCount: how many merges will come, as a hint.
    ///   - lastMergeCounts: of equal merges the last one's place counts (tokenizers), not the first one's (llama.cpp).
    public init(_ vocabulary: Vocabulary, options: BPE.Options, mergeCount: Int, lastMergeCounts: Bool = true) {
        self.vocabulary = vocabulary
        self.options = options
        self.lastMergeCounts = lastMergeCounts
        table = MergeTable(capacity: mergeCount)
    }

    /// Adds the next merge.
    public mutating func add(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) throws(BPEError) {
        guard let leftID = vocabulary.id(of: left) else { throw error(left, right, Array(left)) }
        guard let rightID = vocabulary.id(of: right) else { throw error(left, right, Array(right)) }
        joined.removeAll(keepingCapacity: true)
        joined.append(contentsOf: left)
        joined.append(contentsOf: right.dropFirst(options.continuingPrefix.count))
        guard let merged = joined.withUnsafeBufferPointer({ vocabulary.id(of: $0) }) else {
            throw error(left, right, joined)
        }
        note(joined)
        table.insert(leftID, rightID, rank: rank, merged: merged, replaces: lastMergeCounts)
        rank += 1
    }

    public mutating func add(_ left: [UInt8], _ right: [UInt8]) throws(BPEError) {
        // Typed throws do not pass through the closures of `withUnsafeBufferPointer`.
        var failure: BPEError?
        left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                do throws(BPEError) { try add(left, right) } catch { failure = error }
            }
        }
        if let failure { throw failure }
    }

    public consuming func build() -> BPE {
        BPE(
            vocabulary: vocabulary, merges: table, options: options, bareSymbols: [:],
            metaspaceIsInside: metaspaceIsInside)
    }

    private func error(
        _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>, _ missing: [UInt8]
    ) -> BPEError {
        BPEError(merge: Int(rank), left: Array(left), right: Array(right), missing: missing)
    }

    /// Notes a token in which a metaspace follows another character: then words can't be cut there.
    private mutating func note(_ token: [UInt8]) {
        guard !metaspaceIsInside, !options.alphabet.isBytes, token.count > 3 else { return }
        metaspaceIsInside = BPEBuilder.hasMetaspaceInside(token)
    }

    private static func hasMetaspaceInside(_ token: [UInt8]) -> Bool {
        var place = 1
        while place + 3 <= token.count {
            if token[place] == 0xE2, token[place + 1] == 0x96, token[place + 2] == 0x81 {
                let follows = place >= 3 && token[(place - 3)..<place].elementsEqual(BPE.metaspace)
                if !follows { return true }
                place += 3
            } else {
                place += 1
            }
        }
        return false
    }

    // MARK: Vocabularies without merges

    /// tiktoken: two neighbours merge when what they spell together is a token, lower ids first.
    public static func ranked(_ vocabulary: Vocabulary) -> BPE {
        var options = BPE.Options()
        options.alphabet = .bytes
        options.ignoresMerges = true
        var table = MergeTable(capacity: vocabulary.count * 4)
        for id in 0..<TokenID(truncatingIfNeeded: vocabulary.size) {
            vocabulary.withSpelling(of: id) { token in
                guard token.count > 1 else { return }
                for cut in 1..<token.count {
                    guard let left = vocabulary.id(of: UnsafeBufferPointer(rebasing: token[..<cut])),
                        let right = vocabulary.id(of: UnsafeBufferPointer(rebasing: token[cut...]))
                    else { continue }
                    table.insert(left, right, rank: UInt32(bitPattern: id), merged: id, replaces: true)
                }
            }
        }
        return BPE(vocabulary: vocabulary, merges: table, options: options, bareSymbols: [:], metaspaceIsInside: true)
    }

    /// SentencePiece's BPE as llama.cpp runs it: two neighbours merge when what they spell together is a token, the
    /// highest score first, of equal ones the leftmost. Characters that are no tokens take part all the same.
    ///
    /// - Parameter scores: by id, none of them NaN; ids past the end have the score 0.
    public static func scored(_ vocabulary: Vocabulary, scores: [Float], options: BPE.Options) -> BPE {
        let count = vocabulary.size
        func score(_ id: Int) -> Float { id < scores.count ? scores[id] : 0 }
        // Equal scores are equal ranks: the leftmost pair goes first.
        let order = (0..<count).sorted { score($0) > score($1) }
        var ranks = [UInt32](repeating: 0, count: count)
        var rank: UInt32 = 0
        for (index, id) in order.enumerated() {
            if index > 0, score(id) != score(order[index - 1]) { rank += 1 }
            ranks[id] = rank
        }
        var table = MergeTable(capacity: count * 4)
        var bare: [[UInt8]: TokenID] = [:]
        var metaspaceIsInside = false
        func symbol(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> TokenID? {
            let part = UnsafeBufferPointer(rebasing: bytes)
            if let id = vocabulary.id(of: part) { return id }
            guard let first = part.first else { return nil }
            let length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            guard part.count == length else { return nil }
            let new = TokenID(truncatingIfNeeded: count + bare.count)
            let known = bare[Array(part), default: new]
            bare[Array(part)] = known
            return known
        }
        for id in 0..<count {
            vocabulary.withSpelling(of: TokenID(truncatingIfNeeded: id)) { token in
                guard token.count > 1, token.count < 1024 else { return }
                if !metaspaceIsInside { metaspaceIsInside = hasMetaspaceInside(Array(token)) }
                for cut in 1..<token.count where token[cut] & 0xC0 != 0x80 {
                    guard let left = symbol(token[..<cut]), let right = symbol(token[cut...]) else { continue }
                    // Of tokens that are spelled alike the last one counts.
                    table.insert(
                        left, right, rank: ranks[id], merged: TokenID(truncatingIfNeeded: id), replaces: true)
                }
            }
        }
        return BPE(
            vocabulary: vocabulary, merges: table, options: options, bareSymbols: bare,
            metaspaceIsInside: metaspaceIsInside)
    }
}
