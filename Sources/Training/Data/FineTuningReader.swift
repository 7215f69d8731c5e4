import ApusModelFiles
import ApusTokenization

/// Collects rows as they come, and what is to be said about them.
struct FineTuningReader {
    let corpus: Corpus
    private var store = RowStore()
    private var report = DataReport()
    private var lengths: [Int] = []
    private var kind: (kind: RowKind, place: DataPlace)?
    private var wrongRows: [WrongRow] = []
    private var moreWrongRows = 0
    private var file = -1
    private var line = 1
    private var keysSaid: Set<String> = []
    /// The line of each row by its fingerprint, and the first answer to each prompt.
    private var seen: [Fingerprint: DataPlace] = [:]
    private var answers: [UInt64: UInt64] = [:]
    private var rowsRead = 0

    init(corpus: Corpus) {
        self.corpus = corpus
        store.files = corpus.files.map(\.path)
        for path in corpus.skipped { report.add(DataWarning(.skippedFile, DataPlace(file: path, line: 1))) }
    }

    struct Work: Sendable {
        struct Row: Sendable {
            /// In lines from the unit's first.
            var line: Int
            var kind: RowKind?
            var result: Result<EncodedRow, RowProblem>
        }
        var rows: [Row] = []
        var lineBreaks = 0
        var isArray = false
    }

    static func work(_ unit: TextUnit, _ encoder: RowEncoder) -> Work {
        unit.withBytes { bytes in
            var work = Work()
            var line = 0
            var counted = 0
            var isFirst = unit.range.lowerBound < 4
            RowLines.forEach(in: bytes) { text, offset in
                line += ByteScan.count(of: 0x0A, in: UnsafeRawBufferPointer(rebasing: bytes[counted..<offset]))
                counted = offset
                if isFirst, text.first == UInt8(ascii: "[") { work.isArray = true }
                isFirst = false
                var kind: RowKind?
                do throws(RowProblem) {
                    let row = try RowLines.object(text)
                    let found = try RowKind(row)
                    kind = found
                    work.rows.append(
                        .init(line: line, kind: kind, result: .success(try encoder.encode(row, as: found))))
                } catch {
                    work.rows.append(.init(line: line, kind: kind, result: .failure(error)))
                }
            }
            work.lineBreaks = ByteScan.count(of: 0x0A, in: bytes)
            return work
        }
    }

    mutating func take(_ unit: TextUnit, _ work: Work) throws(DataError) {
        if unit.file != file { (file, line) = (unit.file, 1) }
        let path = corpus.files[unit.file].path
        if work.isArray { throw .jsonArray(path: path) }
        for row in work.rows { take(row, DataPlace(file: path, line: line + row.line)) }
        line += work.lineBreaks
    }

    private mutating func take(_ row: Work.Row, _ place: DataPlace) {
        rowsRead += 1
        if let found = row.kind {
            if kind == nil { kind = (found, place) }
            if let kind, kind.kind != found {
                return note(.otherKind(found, first: kind.kind, firstPlace: kind.place), place)
            }
        }
        switch row.result {
        case .failure(let problem): note(problem, place)
        case .success(let encoded): add(encoded, place)
        }
    }

    private mutating func note(_ problem: RowProblem, _ place: DataPlace) {
        if wrongRows.count < DataReport.listed {
            wrongRows.append(WrongRow(place: place, problem: problem))
        } else {
            moreWrongRows += 1
        }
    }

    private mutating func add(_ row: EncodedRow, _ place: DataPlace) {
        for warning in row.warnings {
            // A key that all rows have is said once.
            if warning.kind == .unusedKeys, !keysSaid.insert(warning.detail).inserted { continue }
            report.add(DataWarning(warning.kind, place, warning.detail))
        }
        guard let first = row.sequences.first, wrongRows.isEmpty else { return }
        let prompt = Self.fingerprint([first.prompt])
        let whole = Self.fingerprint(row.sequences.map { $0.tokens[...] })
        if let known = seen[whole] {
            report.duplicates += 1
            report.add(DataWarning(.duplicate, place, "\(known)"))
        } else {
            seen[whole] = place
            let answer = Self.fingerprint([first.tokens[first.prompt.count...]]).low
            if let other = answers[prompt.low], other != answer {
                report.add(DataWarning(.otherAnswer, place))
            }
            if answers[prompt.low] == nil { answers[prompt.low] = answer }
        }
        for example in row.sequences {
            store.append(example)
            lengths.append(example.tokens.count)
            report.tokens += example.tokens.count
            report.learnedTokens += example.learnedTokens
        }
        store.places.append(
            .init(file: Int32(clamping: file), line: Int32(clamping: place.line), prompt: prompt.low))
    }

    private static func fingerprint(_ parts: [ArraySlice<TokenID>]) -> Fingerprint {
        var result = Fingerprinter()
        for part in parts {
            result.update(UInt64(part.count))
            part.withUnsafeBytes { result.update($0) }
        }
        return result.finish()
    }

    mutating func finish() throws(DataError) -> FineTuningData {
        guard wrongRows.isEmpty else { throw .wrongRows(wrongRows, more: moreWrongRows) }
        guard let kind, !store.places.isEmpty else { throw .noRows(path: corpus.files.first?.path ?? "") }
        if store.places.count > 1, seen.count == 1 { throw .allDuplicates(count: store.places.count) }
        var content = Fingerprinter()
        store.tokens.withUnsafeBytes { content.update($0) }
        store.learned.withUnsafeBytes { content.update($0) }
        for end in store.ends { content.update(UInt64(end)) }
        store.content = content.finish()
        report.kind = kind.kind
        report.files = corpus.files.count
        report.rows = store.places.count
        report.lengths = DataReport.Lengths(lengths)
        return FineTuningData(
            kind: kind.kind, report: report, store: store, rows: (0..<Int32(clamping: store.places.count)).map { $0 })
    }
}
