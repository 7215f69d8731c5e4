import ApusModelFiles
import ApusTokenization

/// Turns one unit of a corpus into tokens. What is wrong with it is told by offsets within the unit.
struct CorpusUnitWork: Sendable {
    let tokenizer: Tokenizer
    let encoder: RowEncoder?
    private let inspection: TextInspection

    init(tokenizer: Tokenizer, encoder: RowEncoder?) {
        self.tokenizer = tokenizer
        self.encoder = encoder
        inspection = TextInspection(tokenizer)
    }

    enum Fault: Sendable {
        case invalidUTF8(Int)
        case nulByte(Int)
        case jsonArray
        case tokens(TokenizationError, at: Int)
    }

    /// A document, or the part of one that lies in this unit.
    struct Piece: Sendable {
        /// Where its tokens end among the unit's.
        var end: Int
        var endsDocument: Bool
        /// It has all its special tokens.
        var isComplete = false
    }

    /// Whether all lines with text are the same, and how many those are.
    enum Lines: Sendable, Equatable {
        case none
        case same(Fingerprint, count: Int)
        case different

        mutating func merge(_ other: Lines) {
            switch (self, other) {
            case (_, .none): break
            case (.none, _): self = other
            case (.same(let a, let before), .same(let b, let more)) where a == b: self = .same(a, count: before + more)
            default: self = .different
            }
        }
    }

    struct Result: Sendable {
        var tokens: [TokenID] = []
        var pieces: [Piece] = []
        var lineBreaks = 0
        var lines = Lines.none
        var warnings: [TextInspection.Finding] = []
        var wrongRows: [(offset: Int, problem: RowProblem)] = []
        var fault: Fault?
    }

    func result(of unit: TextUnit, separator: [UInt8]) -> Result {
        unit.withBytes { bytes in
            var result = Result()
            if let offset = TextEncoding.firstInvalid(bytes) {
                result.fault = .invalidUTF8(offset)
            } else if let offset = TextEncoding.firstNUL(bytes) {
                result.fault = .nulByte(offset)
            }
            guard result.fault == nil else { return result }
            result.lineBreaks = ByteScan.count(of: 0x0A, in: bytes)
            result.lines = Self.lines(bytes)
            if unit.kind == .rows {
                rows(bytes, isFirst: unit.range.lowerBound < 4, &result)
            } else {
                result.warnings = inspection.findings(in: bytes).filter {
                    // A control token that separates documents is meant.
                    $0.kind != .controlToken || !Array($0.detail.utf8).elementsEqual(separator)
                }
                text(bytes, unit, separator, &result)
            }
            return result
        }
    }

    private func text(_ bytes: UnsafeRawBufferPointer, _ unit: TextUnit, _ separator: [UInt8], _ result: inout Result) {
        var start = 0
        var continues = unit.continues
        while start <= bytes.count {
            let found = ByteScan.first(separator, in: bytes, from: start, to: bytes.count)
            let end = found ?? bytes.count
            let ends = found != nil || !unit.isOpen
            let isCut = !separator.isEmpty
            let range = ByteScan.trimmed(bytes, start..<end, start: isCut && !continues, end: isCut && ends)
            if ByteScan.isBlank(bytes, range), !continues {
                // What follows the last separator is no document.
                if ends, found != nil || separator.isEmpty {
                    result.warnings.append(.init(kind: .emptyDocument, offset: start))
                }
                // Blanks before the text of a document that goes on in the next unit are dropped.
            } else {
                let text = bytes[range]
                do throws(TokenizationError) {
                    result.tokens +=
                        continues
                        ? try tokenizer.encodeContinuation(text, after: ["\n"])
                        : try tokenizer.encode(UnsafeRawBufferPointer(rebasing: text))
                } catch {
                    result.fault = .tokens(error, at: range.lowerBound)
                    return
                }
                result.pieces.append(Piece(end: result.tokens.count, endsDocument: ends))
            }
            guard let found else { break }
            start = found + separator.count
            continues = false
        }
    }

    private func rows(_ bytes: UnsafeRawBufferPointer, isFirst: Bool, _ result: inout Result) {
        var isFirst = isFirst
        RowLines.forEach(in: bytes) { line, offset in
            if isFirst, line.first == UInt8(ascii: "[") { result.fault = .jsonArray }
            isFirst = false
            guard result.fault == nil else { return }
            do throws(RowProblem) {
                let row = try RowLines.object(line)
                let kind = try RowKind(row)
                guard kind != .text, let encoder else { return try text(of: row, offset, &result) }
                let encoded = try encoder.encode(row, as: kind)
                for warning in encoded.warnings {
                    result.warnings.append(.init(kind: warning.kind, offset: offset, detail: warning.detail))
                }
                // Of a preference, the better answer.
                guard let example = encoded.sequences.first else { return }
                result.tokens += example.tokens
                result.pieces.append(Piece(end: result.tokens.count, endsDocument: true, isComplete: true))
            } catch {
                result.wrongRows.append((offset, error))
            }
        }
    }

    private func text(of row: JSON.Object, _ offset: Int, _ result: inout Result) throws(RowProblem) {
        guard let value = row["text"] else { throw .missingKey("text", kind: .text) }
        guard let text = value.stringValue else {
            throw .wrongType(key: "text", expected: "a string", found: value.kind)
        }
        if text.allSatisfy(\.isWhitespace) {
            result.warnings.append(.init(kind: .emptyDocument, offset: offset))
            return
        }
        for finding in inspection.findings(in: text) where finding.kind != .carriageReturns {
            result.warnings.append(.init(kind: finding.kind, offset: offset, detail: finding.detail))
        }
        do throws(TokenizationError) {
            result.tokens += try tokenizer.encode(text)
        } catch { throw .tokens(error) }
        result.pieces.append(Piece(end: result.tokens.count, endsDocument: true))
    }

    /// Stops at the first line that is another than the first.
    private static func lines(_ bytes: UnsafeRawBufferPointer) -> Lines {
        var first: Range<Int>?
        var count = 0
        var start = 0
        while start < bytes.count {
            let end = ByteScan.first(0x0A, in: bytes, from: start) ?? bytes.count
            let line = ByteScan.trimmed(bytes, start..<end, start: true, end: true)
            start = end + 1
            if line.isEmpty { continue }
            count += 1
            guard let known = first else {
                first = line
                continue
            }
            if line.count != known.count || !bytes[line].elementsEqual(bytes[known]) { return .different }
        }
        guard let first else { return .none }
        var fingerprint = Fingerprinter()
        fingerprint.update(UnsafeRawBufferPointer(rebasing: bytes[first]))
        return .same(fingerprint.finish(), count: count)
    }
}

/// The lines of a stretch of JSONL.
enum RowLines {
    static let mostBytes = 64 << 20

    /// Calls `body` with each line that is not blank, without its break, and where it begins.
    static func forEach(in bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, Int) -> Void) {
        var start = 0
        while start < bytes.count {
            let end = ByteScan.first(0x0A, in: bytes, from: start) ?? bytes.count
            let line = ByteScan.trimmed(bytes, start..<end, start: true, end: true)
            if !line.isEmpty { body(UnsafeRawBufferPointer(rebasing: bytes[line]), start) }
            start = end + 1
        }
    }

    static func object(_ line: UnsafeRawBufferPointer) throws(RowProblem) -> JSON.Object {
        guard line.count <= mostBytes else { throw .tooLong(bytes: line.count, limit: mostBytes) }
        if let offset = TextEncoding.firstInvalid(line) { throw .invalidUTF8(offset: offset) }
        if let offset = TextEncoding.firstNUL(line) { throw .nulByte(offset: offset) }
        let value: JSON
        do {
            value = try JSON(parsing: line, maximumDepth: 64, maximumValues: 1 << 20)
        } catch {
            var error = error
            error.source = nil
            // The line's number is said with the row; within it, the column counts.
            throw .notJSON(
                "column \(error.column): " + (error.description.split(separator: ": ").last.map(String.init) ?? ""))
        }
        guard let object = value.objectValue else { throw .notObject(found: value.kind) }
        return object
    }
}
