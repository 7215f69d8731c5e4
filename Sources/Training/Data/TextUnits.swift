import ApusModelFiles
import ApusTensors
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A stretch of a file that one thread handles by itself: whole lines of rows, or about a megabyte of text.
struct TextUnit: Sendable {
    var mapping: FileMapping
    /// The number of the file in its corpus.
    var file: Int
    var range: Range<Int>
    var kind: Corpus.Kind
    /// Whether it begins, and ends, within a document.
    var continues: Bool
    var isOpen: Bool

    /// Calls `body` with the unit's bytes.
    func withBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
        try mapping.withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
}

/// Cuts the files of a corpus into units, in order; maps one file after the other.
struct TextUnits {
    private let files: [Corpus.File]
    private let separator: [UInt8]
    private var file = -1
    private var mapping: FileMapping?
    private var place = 0
    private var isWithinDocument = false
    static let textBytes = 1 << 20
    static let rowBytes = 1 << 18

    /// - Parameter asRows: reads every file as rows, whatever its name.
    init(_ corpus: Corpus, asRows: Bool = false) {
        files = corpus.files.map { asRows ? Corpus.File(path: $0.path, kind: .rows, bytes: $0.bytes) : $0 }
        separator = corpus.documentSeparator.map { Array($0.utf8) } ?? []
    }

    mutating func next() throws -> TextUnit? {
        while true {
            if let mapping, place < mapping.count { return unit(mapping) }
            guard file + 1 < files.count else { return nil }
            file += 1
            let opened = try FileMapping(path: files[file].path)
            place = opened.withBytes { TextEncoding.markLength($0) }
            isWithinDocument = false
            mapping = opened
        }
    }

    private mutating func unit(_ mapping: FileMapping) -> TextUnit {
        let kind = files[file].kind
        let start = place
        let end = mapping.withBytes { bytes in
            kind == .rows ? Self.lineEnd(bytes, from: start + Self.rowBytes) : cut(bytes, start)
        }
        place = end.place
        let continues = isWithinDocument
        isWithinDocument = end.isOpen
        return TextUnit(
            mapping: mapping, file: file, range: start..<end.place, kind: kind, continues: continues, isOpen: end.isOpen
        )
    }

    private typealias End = (place: Int, isOpen: Bool)

    private static func lineEnd(_ bytes: UnsafeRawBufferPointer, from place: Int) -> End {
        (ByteScan.first(0x0A, in: bytes, from: place).map { $0 + 1 } ?? bytes.count, false)
    }

    /// Where a unit of text ends: with a separator if one is near, otherwise where a line does.
    private func cut(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> End {
        let soonest = start + Self.textBytes
        let latest = start + 4 * Self.textBytes
        guard soonest + Self.textBytes / 4 < bytes.count else { return (bytes.count, false) }
        let end = min(latest, bytes.count - 1)
        if !separator.isEmpty, let found = ByteScan.first(separator, in: bytes, from: soonest, to: end) {
            return (found + separator.count, false)
        }
        // Words are cut as in the whole text where a single line break stands between visible characters.
        var place = soonest
        while let found = ByteScan.first(0x0A, in: bytes, from: place), found < end {
            let next = bytes[found + 1]
            if bytes[found - 1] > 0x20, next > 0x20, next != UInt8(ascii: "/") { return open(found + 1, bytes) }
            place = found + 1
        }
        if let space = ByteScan.first(0x20, in: bytes, from: soonest), space < end { return open(space, bytes) }
        var last = end
        while last > soonest, bytes[last] & 0xC0 == 0x80 { last -= 1 }
        return open(last, bytes)
    }

    /// A cut that would part a separator moves behind it.
    private func open(_ place: Int, _ bytes: UnsafeRawBufferPointer) -> End {
        guard separator.count > 1 else { return (place, true) }
        let first = max(0, place - separator.count + 1)
        if let found = ByteScan.first(separator, in: bytes, from: first, to: min(bytes.count, place + separator.count)),
            found < place
        {
            return (found + separator.count, false)
        }
        return (place, true)
    }
}

/// Handles units on all threads and hands the results over in their order. Holds a few units' results at a time.
enum OrderedWork {
    static func run<Result: Sendable>(
        _ units: inout TextUnits, _ work: @Sendable (TextUnit) -> Result,
        consume: (TextUnit, Result) throws -> Void
    ) throws {
        let most = 4 * WorkerPool.shared.threads
        while true {
            var batch: [TextUnit] = []
            while batch.count < most, let unit = try units.next() { batch.append(unit) }
            if batch.isEmpty { return }
            let results = Mutex([Result?](repeating: nil, count: batch.count))
            let given = batch
            WorkerPool.shared.run(tasks: given.count) { index in
                let result = work(given[index])
                results.withLock { $0[index] = result }
            }
            let done = results.withLock { $0 }
            for (unit, result) in zip(given, done) {
                guard let result else { continue }
                try consume(unit, result)
                unit.mapping.withBytes { bytes in
                    unit.mapping.letGo(of: UnsafeRawBufferPointer(rebasing: bytes[unit.range]))
                }
            }
            try Task.checkCancellation()
        }
    }
}

/// Looks for bytes.
enum ByteScan {
    static func first(_ byte: UInt8, in bytes: UnsafeRawBufferPointer, from place: Int) -> Int? {
        guard place < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + place, Int32(byte), bytes.count - place)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// The offset of the first `needle` that begins within `from..<to`; it may end behind.
    static func first(_ needle: [UInt8], in bytes: UnsafeRawBufferPointer, from: Int, to: Int) -> Int? {
        guard let head = needle.first else { return nil }
        var place = from
        while let found = first(head, in: bytes, from: place), found < to {
            if found + needle.count <= bytes.count,
                bytes[found..<found + needle.count].elementsEqual(needle)
            {
                return found
            }
            place = found + 1
        }
        return nil
    }

    static func count(of byte: UInt8, in bytes: UnsafeRawBufferPointer) -> Int {
        var count = 0
        for value in bytes where value == byte { count += 1 }
        return count
    }

    /// A text without white space of ASCII at its ends.
    static func trimmed(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, start: Bool, end: Bool) -> Range<Int> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        var (low, high) = (range.lowerBound, range.upperBound)
        if start { while low < high, isSpace(bytes[low]) { low += 1 } }
        if end { while high > low, isSpace(bytes[high - 1]) { high -= 1 } }
        return low..<high
    }

    static func isBlank(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        trimmed(bytes, range, start: true, end: false).isEmpty
    }
}
