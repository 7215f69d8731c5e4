import ApusModelFiles
import ApusTokenization

/// Turns a corpus into tokens, on all threads, and writes them as a ``PackedCorpus``.
///
/// Each document begins with BOS where the model asks for one and ends with the end token where there is one. Memory
/// does not grow with the corpus but for 24 bytes a document.
public struct CorpusPacker: Sendable {
    private let tokenizer: Tokenizer
    private let encoder: RowEncoder?
    private let work: CorpusUnitWork

    /// - Parameter rowEncoder: for rows other than `{"text"}`: conversations and completions as a model is to see them.
    public init(tokenizer: Tokenizer, rowEncoder: RowEncoder? = nil) {
        self.tokenizer = tokenizer
        encoder = rowEncoder
        work = CorpusUnitWork(tokenizer: tokenizer, encoder: rowEncoder)
    }

    /// Packs a corpus into a file and opens it.
    ///
    /// - Parameters:
    ///   - path: of the file to write; it appears when it is whole.
    ///   - progress: called with bytes done and bytes in all.
    /// - Throws: ``DataError``, `FileError`, `CancellationError`. Nothing is left of the file then.
    public func pack(
        _ corpus: Corpus, to path: String, progress: ((Int, Int) -> Void)? = nil
    ) throws -> (corpus: PackedCorpus, report: DataReport) {
        if let packed = corpus.packedFile {
            let opened = try PackedCorpus(path: packed, tokenizer: tokenizer)
            return (opened, opened.report())
        }
        let fingerprint = tokenizer.fingerprint
        var state = State(
            corpus: corpus, tokenizer: tokenizer,
            writer: try PackedCorpusWriter(
                path: path, tokenizer: fingerprint, vocabulary: tokenizer.vocabularySize))
        for path in corpus.skipped { state.report.add(DataWarning(.skippedFile, DataPlace(file: path, line: 1))) }
        for file in corpus.files where file.bytes == 0 {
            state.report.add(DataWarning(.emptyDocument, DataPlace(file: file.path, line: 1)))
        }
        let total = corpus.bytes
        var done = 0
        var units = TextUnits(corpus)
        let separator = corpus.documentSeparator.map { Array($0.utf8) } ?? []
        let work = work
        try OrderedWork.run(&units) {
            work.result(of: $0, separator: separator)
        } consume: { unit, result in
            try state.take(unit, result)
            done += unit.range.count
            progress?(min(done, total), total)
        }
        let report = try state.finish()
        return (try PackedCorpus(path: path, tokenizer: fingerprint), report)
    }

    /// What is known while units come in.
    private struct State {
        let corpus: Corpus
        let before: [TokenID]
        let after: [TokenID]
        var writer: PackedCorpusWriter
        var report = DataReport()
        var lengths: [Int32] = []
        private var lineFile = -1
        private var line = 1
        private var documentStart = 0
        private var isWithinDocument = false
        private var lines = CorpusUnitWork.Lines.none
        private var wrongRows: [WrongRow] = []
        private var moreWrongRows = 0

        init(corpus: Corpus, tokenizer: Tokenizer, writer: PackedCorpusWriter) {
            self.corpus = corpus
            self.writer = writer
            before = tokenizer.addsBOS ? tokenizer.bos.map { [$0] } ?? [] : []
            after = tokenizer.eos.map { [$0] } ?? []
        }

        mutating func take(_ unit: TextUnit, _ result: CorpusUnitWork.Result) throws {
            if unit.file != lineFile { (lineFile, line) = (unit.file, 1) }
            let path = corpus.files[unit.file].path
            func place(_ offset: Int) -> DataPlace {
                let before = unit.withBytes { bytes in
                    ByteScan.count(of: 0x0A, in: UnsafeRawBufferPointer(rebasing: bytes.prefix(offset)))
                }
                return DataPlace(file: path, line: line + before)
            }
            switch result.fault {
            case .invalidUTF8(let offset):
                throw DataError.invalidUTF8(place(offset), offset: unit.range.lowerBound + offset)
            case .nulByte(let offset): throw DataError.nulByte(place(offset), offset: unit.range.lowerBound + offset)
            case .jsonArray: throw DataError.jsonArray(path: path)
            case .tokens(let error, let offset):
                throw DataError.tokens(place(offset), error.moved(by: unit.range.lowerBound + offset))
            case nil: break
            }
            for (offset, problem) in result.wrongRows {
                if wrongRows.count < DataReport.listed {
                    wrongRows.append(WrongRow(place: place(offset), problem: problem))
                } else {
                    moreWrongRows += 1
                }
            }
            for warning in result.warnings {
                report.add(DataWarning(warning.kind, place(warning.offset), warning.detail))
            }
            line += result.lineBreaks
            lines.merge(result.lines)
            guard wrongRows.isEmpty else { return }
            try write(result)
        }

        private mutating func write(_ result: CorpusUnitWork.Result) throws {
            var start = 0
            for piece in result.pieces {
                let ids = result.tokens[start..<piece.end]
                start = piece.end
                if !ids.isEmpty {
                    if !isWithinDocument {
                        documentStart = writer.tokens
                        if !piece.isComplete { try writer.add(before[...]) }
                    }
                    isWithinDocument = true
                    try writer.add(ids)
                }
                guard piece.endsDocument, isWithinDocument else { continue }
                if !piece.isComplete { try writer.add(after[...]) }
                writer.endDocument()
                lengths.append(Int32(clamping: writer.tokens - documentStart))
                isWithinDocument = false
            }
        }

        mutating func finish() throws -> DataReport {
            guard wrongRows.isEmpty else { throw DataError.wrongRows(wrongRows, more: moreWrongRows) }
            let first = corpus.files.first?.path ?? ""
            guard writer.documents > 0 else { throw DataError.emptyCorpus(path: first) }
            if writer.documents > 1, writer.distinctDocuments == 1 {
                throw DataError.allDuplicates(count: writer.documents)
            }
            if case .same(_, let count) = lines, count > 1 { throw DataError.allDuplicates(count: count) }
            try writer.finish()
            report.files = corpus.files.count
            report.rows = writer.documents
            report.tokens = writer.tokens
            report.learnedTokens = writer.tokens
            report.duplicates = writer.documents - writer.distinctDocuments
            report.lengths = DataReport.Lengths(lengths.lazy.map { Int($0) })
            return report
        }
    }
}
