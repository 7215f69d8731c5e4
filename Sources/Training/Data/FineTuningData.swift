import ApusModelFiles
import ApusTensors
import ApusTokenization

/// Rows to fine-tune on, as tokens, and a report on them.
///
/// Tokens are kept in memory: 5 bytes a token. A row holds one sequence, or two where it is a preference: the better
/// answer, then the worse one.
public struct FineTuningData: Sendable {
    public let kind: RowKind
    public let report: DataReport
    /// Of all tokens and what is learned of them: the same rows read again have the same.
    public var content: Fingerprint { store.content }
    let store: RowStore
    /// The rows of `store` that belong here.
    let rows: [Int32]

    public var count: Int { rows.count }
    public var sequencesPerRow: Int { kind == .preference ? 2 : 1 }

    /// Tokens whose prediction is learned, in all rows.
    public var learnedTokens: Int { (0..<count).reduce(0) { $0 + learnedTokens(of: $1) } }

    /// Reads rows of JSONL files (or of those in folders), all of one kind.
    ///
    /// - Parameter progress: called with bytes done and bytes in all.
    /// - Throws: ``DataError/wrongRows(_:more:)`` with file and line of each wrong row, other cases of ``DataError``,
    ///   `FileError`.
    public init(paths: [String], encoder: RowEncoder, progress: ((Int, Int) -> Void)? = nil) throws {
        let corpus = try Corpus(paths: paths, rowsOnly: true)
        if let packed = corpus.packedFile { throw DataError.noRows(path: packed) }
        var reader = FineTuningReader(corpus: corpus)
        var units = TextUnits(corpus, asRows: true)
        var done = 0
        try OrderedWork.run(&units) {
            FineTuningReader.work($0, encoder)
        } consume: { unit, result in
            try reader.take(unit, result)
            done += unit.range.count
            progress?(min(done, corpus.bytes), corpus.bytes)
        }
        self = try reader.finish()
    }

    init(kind: RowKind, report: DataReport, store: RowStore, rows: [Int32]) {
        self.kind = kind
        self.report = report
        self.store = store
        self.rows = rows
    }

    /// The sequences of a row.
    public subscript(row: Int) -> [TrainingExample] {
        sequences(of: row).map { store.example($0) }
    }

    /// Where a row is from.
    public func place(of row: Int) -> DataPlace { store.places[Int(rows[row])].place(store.files) }

    /// What the model is asked in a row.
    public func prompt(of row: Int) -> [TokenID] { Array(self[row].first?.prompt ?? []) }

    /// Tokens of all rows.
    public var tokens: Int { (0..<count).reduce(0) { $0 + tokens(of: $1) } }

    /// A row's number in the files, which is the same in every part of a split.
    func number(of row: Int) -> Int { Int(rows[row]) }

    /// Tokens of a row's sequences.
    public func tokens(of row: Int) -> Int { sequences(of: row).reduce(0) { $0 + store.range($1).count } }

    func learnedTokens(of row: Int) -> Int {
        sequences(of: row).reduce(0) { $0 + store.example($1).learnedTokens }
    }

    func sequences(of row: Int) -> Range<Int> {
        let first = Int(rows[row]) * sequencesPerRow
        return first..<first + sequencesPerRow
    }

    /// Rows to train on and rows that are held out; rows with equal prompts stay together.
    ///
    /// - Parameters:
    ///   - share: of the rows, from 0 (none are held out) up to 0.5; more than 0 holds out at least one.
    /// - Throws: ``DataError/tooFewRows(count:)``, ``DataError/setting(name:value:allowed:)``.
    public func split(
        heldOutShare share: Double, seed: UInt64
    ) throws(DataError) -> (training: FineTuningData, heldOut: FineTuningData) {
        guard share >= 0, share <= 0.5 else {
            throw .setting(name: "the held-out share", value: "\(share)", allowed: "from 0 to 0.5")
        }
        func part(_ rows: [Int32]) -> FineTuningData {
            FineTuningData(kind: kind, report: report, store: store, rows: rows)
        }
        guard share > 0 else { return (self, part([])) }
        var groups: [UInt64: [Int32]] = [:]
        for row in rows { groups[store.places[Int(row)].prompt, default: []].append(row) }
        guard groups.count > 1 else { throw .tooFewRows(count: groups.count) }
        var order = groups.keys.sorted()
        var generator = SplitMix64(seed: seed)
        order = generator.permutation(of: order.count).map { order[Int($0)] }
        let target = max(1, Int((Double(count) * share).rounded()))
        var heldOut: Set<Int32> = []
        for (index, key) in order.enumerated() where heldOut.count < target && index < order.count - 1 {
            let group = groups[key] ?? []
            // A prompt that many rows share is learned rather than held out.
            if heldOut.isEmpty || heldOut.count + group.count <= target + target / 2 { heldOut.formUnion(group) }
        }
        guard heldOut.count < count else { throw .tooFewRows(count: groups.count) }
        return (part(rows.filter { !heldOut.contains($0) }), part(rows.filter(heldOut.contains)))
    }
}

/// Tokens of many sequences, one after another.
struct RowStore: Sendable {
    var tokens: [TokenID] = []
    var learned: [Bool] = []
    /// Where each sequence ends.
    var ends: [Int] = []
    var places: [Place] = []
    var files: [String] = []
    var content = Fingerprint(high: 0, low: 0)

    struct Place: Sendable {
        var file: Int32
        var line: Int32
        /// Equal for equal prompts.
        var prompt: UInt64

        func place(_ files: [String]) -> DataPlace { DataPlace(file: files[Int(file)], line: Int(line)) }
    }

    func range(_ sequence: Int) -> Range<Int> { (sequence == 0 ? 0 : ends[sequence - 1])..<ends[sequence] }

    func example(_ sequence: Int) -> TrainingExample {
        let range = range(sequence)
        return TrainingExample(tokens: Array(tokens[range]), learned: Array(learned[range]))
    }

    mutating func append(_ example: TrainingExample) {
        tokens += example.tokens
        learned += example.learned
        ends.append(tokens.count)
    }
}
