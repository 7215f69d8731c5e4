import ApusModelFiles

/// What data hold, for somebody who is about to train on them.
public struct DataReport: Sendable, Equatable {
    /// Lengths of documents or rows.
    public struct Lengths: Sendable, Equatable {
        public var shortest = 0
        public var median = 0
        /// Of 20, 19 are no longer.
        public var percentile95 = 0
        public var longest = 0
        public var histogram: [Bar] = []

        /// How many lengths lie in a range of powers of two.
        public struct Bar: Sendable, Equatable {
            public var range: ClosedRange<Int>
            public var count: Int
        }

        public init(_ lengths: some Sequence<Int>) {
            let sorted = lengths.sorted()
            guard let first = sorted.first, let last = sorted.last else { return }
            shortest = first
            longest = last
            median = sorted[(sorted.count - 1) / 2]
            percentile95 = sorted[min(sorted.count - 1, (sorted.count * 19 + 19) / 20 - 1)]
            func power(_ length: Int) -> Int { length < 2 ? 0 : Int.bitWidth - 1 - length.leadingZeroBitCount }
            var counts = [Int](repeating: 0, count: power(last) + 1)
            for length in sorted { counts[power(length)] += 1 }
            histogram = (power(first)...power(last)).map { bits in
                Bar(range: (bits == 0 ? 0 : 1 << bits)...((2 << bits) - 1), count: counts[bits])
            }
        }
    }

    /// What the rows are; nil for a corpus of documents.
    public var kind: RowKind?
    public var files = 0
    /// Documents or rows that are learned from.
    public var rows = 0
    public var tokens = 0
    /// Tokens whose prediction is learned.
    public var learnedTokens = 0
    /// In tokens, of each sequence.
    public var lengths = Lengths(EmptyCollection())
    /// Rows that repeat one before them.
    public var duplicates = 0
    /// How often each kind of warning was met.
    public private(set) var counts: [DataWarning.Kind: Int] = [:]
    /// The first warnings of each kind, in the order of the data.
    public private(set) var warnings: [DataWarning] = []

    /// So many of each kind are listed.
    public static let listed = 20

    public init() {}

    public mutating func add(_ warning: DataWarning) {
        let count = (counts[warning.kind] ?? 0) + 1
        counts[warning.kind] = count
        if count <= Self.listed { warnings.append(warning) }
    }

    /// The report as JSON.
    public var json: JSON {
        let histogram = lengths.histogram.map { bar -> JSON in
            [
                "from": .integer(bar.range.lowerBound), "to": .integer(bar.range.upperBound),
                "count": .integer(bar.count),
            ]
        }
        let listed = warnings.map { warning -> JSON in
            [
                "kind": .string(warning.kind.rawValue), "file": .string(warning.place.file),
                "line": .integer(warning.place.line), "detail": .string(warning.detail),
            ]
        }
        let counts = DataWarning.Kind.allCases.compactMap { kind in
            self.counts[kind].map { (kind.rawValue, JSON.integer($0)) }
        }
        return [
            "kind": .string(kind?.rawValue ?? "documents"), "files": .integer(files), "rows": .integer(rows),
            "tokens": .integer(tokens), "learned_tokens": .integer(learnedTokens), "duplicates": .integer(duplicates),
            "lengths": [
                "min": .integer(lengths.shortest), "median": .integer(lengths.median),
                "p95": .integer(lengths.percentile95), "max": .integer(lengths.longest),
                "histogram": .array(histogram),
            ],
            "warning_counts": .object(JSON.Object(counts)), "warnings": .array(listed),
        ]
    }
}

extension DataReport {
    /// A report that was written by ``json``; nil where it was not.
    public init?(_ json: JSON) {
        func count(_ key: String, of object: JSON? = nil) -> Int? {
            (object ?? json)[key]?.intValue.flatMap { $0 >= 0 ? $0 : nil }
        }
        guard let kind = json["kind"]?.stringValue, let files = count("files"), let rows = count("rows"),
            let tokens = count("tokens"), let learned = count("learned_tokens"), let duplicates = count("duplicates"),
            let spread = json["lengths"], let shortest = count("min", of: spread),
            let longest = count("max", of: spread),
            let median = count("median", of: spread), let percentile95 = count("p95", of: spread)
        else { return nil }
        self.init()
        self.kind = RowKind(rawValue: kind)
        (self.files, self.rows, self.tokens) = (files, rows, tokens)
        (learnedTokens, self.duplicates) = (learned, duplicates)
        (lengths.shortest, lengths.longest, lengths.median, lengths.percentile95) =
            (shortest, longest, median, percentile95)
        lengths.histogram = (spread["histogram"]?.arrayValue ?? []).compactMap { bar in
            guard let from = count("from", of: bar), let to = count("to", of: bar), from <= to,
                let number = count("count", of: bar)
            else { return nil }
            return Lengths.Bar(range: from...to, count: number)
        }
        for (name, number) in json["warning_counts"]?.objectValue?.entries ?? [] {
            if let kind = DataWarning.Kind(rawValue: name), let number = number.intValue, number > 0 {
                counts[kind] = number
            }
        }
        warnings = (json["warnings"]?.arrayValue ?? []).compactMap { row in
            guard let kind = row["kind"]?.stringValue.flatMap(DataWarning.Kind.init(rawValue:)),
                let file = row["file"]?.stringValue, let line = row["line"]?.intValue
            else { return nil }
            return DataWarning(kind, DataPlace(file: file, line: line), row["detail"]?.stringValue ?? "")
        }
    }
}
