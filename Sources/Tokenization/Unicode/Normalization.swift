/// What the normalisation forms need to know, unpacked once. Characters newer than the tables of the tokenizers package
/// have no decomposition there, and so none here.
struct NormalizationData: Sendable {
    static let shared = NormalizationData()

    let canonical: [UInt32: [UInt32]]
    let compatible: [UInt32: [UInt32]]
    let classes: [UInt32: UInt8]
    /// Compositions by `first << 21 | second`.
    let pairs: [UInt64: UInt32]

    private init() {
        canonical = CompactText.mapping(UnicodeData.canonical)
        compatible = CompactText.mapping(UnicodeData.compatible)
        var classes: [UInt32: UInt8] = [:]
        for entry in CompactText.split(UnicodeData.combiningClasses, ";") {
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let value = UInt8(truncatingIfNeeded: CompactText.number(entry[..<equals], base: 10))
            for range in CompactText.ranges(entry[(equals + 1)...]) { for scalar in range { classes[scalar] = value } }
        }
        self.classes = classes
        var excluded = Set<UInt32>()
        for range in CompactText.ranges(UnicodeData.excluded) { excluded.formUnion(range) }
        var pairs: [UInt64: UInt32] = [:]
        for (scalar, parts) in canonical where parts.count == 2 && !excluded.contains(scalar) {
            pairs[UInt64(parts[0]) << 21 | UInt64(parts[1])] = scalar
        }
        self.pairs = pairs
    }
}

/// A Unicode normalisation form (UAX #15).
public enum NormalizationForm: Sendable {
    case nfc, nfd, nfkc, nfkd

    fileprivate var isCompatible: Bool { self == .nfkc || self == .nfkd }
    fileprivate var composes: Bool { self == .nfc || self == .nfkc }

    /// Whether the text certainly is in this form already. Quick, and no for some texts that are.
    public func leavesUnchanged(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        if UTF8Scalar.isASCII(text) { return true }
        var mask = UnicodeTables.Flags.joins
        if !composes { mask |= UnicodeTables.Flags.canonical }
        if isCompatible { mask |= UnicodeTables.Flags.compatible }
        var place = 0
        while place < text.count {
            let scalar = UTF8Scalar.at(place, in: text)
            if scalar.value >= 0xA0 {
                var flags = UnicodeTables.flags(scalar.value)
                if composes, flags & UnicodeTables.Flags.canonical != 0, !isPrimary(scalar.value) { return false }
                if composes { flags &= ~UnicodeTables.Flags.canonical }
                if flags & mask != 0 { return false }
            }
            place += scalar.length
        }
        return true
    }

    /// Whether a character with a decomposition is what that decomposition composes to.
    private func isPrimary(_ scalar: UInt32) -> Bool {
        if scalar >= 0xAC00, scalar <= 0xD7A3 { return true }
        guard let parts = NormalizationData.shared.canonical[scalar], parts.count == 2 else { return false }
        return NormalizationData.shared.pairs[UInt64(parts[0]) << 21 | UInt64(parts[1])] == scalar
    }
}

extension AlignedText {
    /// Brings the text into a normalisation form. A composed character stands for all that it was composed of, each
    /// part of a decomposed one for the whole. Bytes that are not UTF-8 stay.
    public mutating func normalize(to form: NormalizationForm) {
        if bytes.withUnsafeBufferPointer(form.leavesUnchanged) { return }
        var state = NormalizationPass(form)
        let old = self
        bytes.withUnsafeBufferPointer { text in
            var place = 0
            while place < text.count {
                let scalar = UTF8Scalar.at(place, in: text)
                let source = old.source(of: place..<place + scalar.length)
                let range = Int32(truncatingIfNeeded: source.lowerBound)..<Int32(truncatingIfNeeded: source.upperBound)
                if scalar.length == 1, scalar.value == 0xFFFD {
                    state.addRaw(text[place], range)
                } else {
                    state.add(scalar.value, range)
                }
                place += scalar.length
            }
        }
        state.finish()
        bytes = state.bytes
        sources = state.sources
    }
}

/// One run of a normalisation over a text.
private struct NormalizationPass {
    private let form: NormalizationForm
    private let data = NormalizationData.shared
    private var buffer: [(scalar: UInt32, combining: UInt8, source: Range<Int32>)] = []
    private(set) var bytes: [UInt8] = []
    private(set) var sources: [Range<Int32>] = []

    init(_ form: NormalizationForm) { self.form = form }

    mutating func addRaw(_ byte: UInt8, _ source: Range<Int32>) {
        finish()
        bytes.append(byte)
        sources.append(source)
    }

    mutating func add(_ scalar: UInt32, _ source: Range<Int32>) {
        if scalar < 0x80 {
            // No ASCII character changes, or joins one before it.
            finish()
            buffer.append((scalar, 0, source))
            return
        }
        decompose(scalar, source, depth: 0)
    }

    private mutating func decompose(_ scalar: UInt32, _ source: Range<Int32>, depth: Int) {
        if scalar >= 0xAC00, scalar <= 0xD7A3 {
            let index = scalar - 0xAC00
            push(0x1100 + index / 588, source)
            push(0x1161 + index % 588 / 28, source)
            if index % 28 != 0 { push(0x11A7 + index % 28, source) }
            return
        }
        let flags = UnicodeTables.flags(scalar)
        var parts: [UInt32]?
        if flags & UnicodeTables.Flags.canonical != 0 { parts = data.canonical[scalar] }
        if parts == nil, form.isCompatible, flags & UnicodeTables.Flags.compatible != 0 {
            parts = data.compatible[scalar]
        }
        guard let parts, depth < 16 else {
            push(scalar, source)
            return
        }
        for part in parts { decompose(part, source, depth: depth + 1) }
    }

    private mutating func push(_ scalar: UInt32, _ source: Range<Int32>) {
        let joins = UnicodeTables.flags(scalar) & UnicodeTables.Flags.joins != 0
        let combining = joins ? data.classes[scalar] ?? 0 : 0
        if !joins { finish() }
        buffer.append((scalar, combining, source))
    }

    /// Writes out what is buffered: a starter and all that may be put in order after it or joined with it.
    mutating func finish() {
        guard !buffer.isEmpty else { return }
        if buffer.count > 1 {
            order()
            if form.composes { compose() }
        }
        for entry in buffer {
            let before = bytes.count
            UTF8Scalar.append(entry.scalar, to: &bytes)
            sources.append(contentsOf: repeatElement(entry.source, count: bytes.count - before))
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Canonical ordering: each run of combining characters is sorted by class, equal ones staying as they are.
    private mutating func order() {
        var start = 0
        while start < buffer.count {
            guard buffer[start].combining != 0 else {
                start += 1
                continue
            }
            var end = start
            while end < buffer.count, buffer[end].combining != 0 { end += 1 }
            let run = buffer[start..<end].enumerated().sorted {
                $0.element.combining != $1.element.combining
                    ? $0.element.combining < $1.element.combining : $0.offset < $1.offset
            }
            for (offset, entry) in run.enumerated() { buffer[start + offset] = entry.element }
            start = end
        }
    }

    /// Canonical composition.
    private mutating func compose() {
        var result: [(scalar: UInt32, combining: UInt8, source: Range<Int32>)] = []
        result.reserveCapacity(buffer.count)
        var starter = -1
        var lastClass = 0
        for entry in buffer {
            let combining = Int(entry.combining)
            let adjacent = starter >= 0 && starter == result.count - 1
            if starter >= 0, adjacent || (lastClass < combining && lastClass != 0),
                let joined = composed(result[starter].scalar, entry.scalar)
            {
                result[starter].scalar = joined
                let source = result[starter].source
                result[starter].source =
                    min(source.lowerBound, entry.source.lowerBound)..<max(source.upperBound, entry.source.upperBound)
                continue
            }
            if combining == 0 { starter = result.count }
            lastClass = combining
            result.append(entry)
        }
        buffer = result
    }

    private func composed(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if first >= 0x1100, first < 0x1113, second >= 0x1161, second < 0x1176 {
            return 0xAC00 + ((first - 0x1100) * 21 + (second - 0x1161)) * 28
        }
        if first >= 0xAC00, first <= 0xD7A3, (first - 0xAC00) % 28 == 0, second > 0x11A7, second < 0x11C3 {
            return first + second - 0x11A7
        }
        return data.pairs[UInt64(first) << 21 | UInt64(second)]
    }
}
