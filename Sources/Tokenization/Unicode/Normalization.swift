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
    /// Brings the text into a normalisation form. Bytes that are not UTF-8 stay.
    ///
    /// What the new characters stand for follows the tokenizers package: the first of a decomposition and what is
    /// composed take the place of one old character each, and stand for it; other parts of a decomposition stand for
    /// what the character before them stands for; old characters that were joined to the one before them are passed over.
    public mutating func normalize(to form: NormalizationForm) {
        if bytes.withUnsafeBufferPointer(form.leavesUnchanged) { return }
        var pass = NormalizationPass(form, self)
        bytes.withUnsafeBufferPointer { text in
            var place = 0
            while place < text.count {
                let scalar = UTF8Scalar.at(place, in: text)
                if scalar.length == 1, scalar.value == 0xFFFD {
                    pass.addRaw()
                } else {
                    pass.add(scalar.value)
                }
                place += scalar.length
            }
        }
        pass.finish()
        self = pass.editor.finish()
    }
}

/// One run of a normalisation over a text.
private struct NormalizationPass {
    private struct Entry {
        var scalar: UInt32
        var combining: UInt8
        /// 1 for a character that was inserted; otherwise minus the number of old characters that vanish after the one
        /// whose place this takes.
        var change: Int
    }

    private let form: NormalizationForm
    private let data = NormalizationData.shared
    private var buffer: [Entry] = []
    private(set) var editor: AlignedEditor

    init(_ form: NormalizationForm, _ text: AlignedText) {
        self.form = form
        editor = AlignedEditor(text)
    }

    /// Copies a byte that is not UTF-8.
    mutating func addRaw() {
        finish()
        editor.copy(1)
    }

    mutating func add(_ scalar: UInt32) {
        var change = 0
        if scalar < 0x80 {
            // No ASCII character changes, or joins one before it.
            finish()
            buffer.append(Entry(scalar: scalar, combining: 0, change: 0))
            return
        }
        decompose(scalar, &change, depth: 0)
    }

    private mutating func decompose(_ scalar: UInt32, _ change: inout Int, depth: Int) {
        if scalar >= 0xAC00, scalar <= 0xD7A3 {
            let index = scalar - 0xAC00
            push(0x1100 + index / 588, &change)
            push(0x1161 + index % 588 / 28, &change)
            if index % 28 != 0 { push(0x11A7 + index % 28, &change) }
            return
        }
        let flags = UnicodeTables.flags(scalar)
        var parts: [UInt32]?
        if flags & UnicodeTables.Flags.canonical != 0 { parts = data.canonical[scalar] }
        if parts == nil, form.isCompatible, flags & UnicodeTables.Flags.compatible != 0 {
            parts = data.compatible[scalar]
        }
        guard let parts, depth < 16 else {
            push(scalar, &change)
            return
        }
        for part in parts { decompose(part, &change, depth: depth + 1) }
    }

    private mutating func push(_ scalar: UInt32, _ change: inout Int) {
        let joins = UnicodeTables.flags(scalar) & UnicodeTables.Flags.joins != 0
        let combining = joins ? data.classes[scalar] ?? 0 : 0
        if !joins { finish() }
        buffer.append(Entry(scalar: scalar, combining: combining, change: change))
        change = 1
    }

    /// Writes out what is buffered: a starter and all that may be put in order after it or joined with it.
    mutating func finish() {
        guard !buffer.isEmpty else { return }
        if buffer.count > 1 {
            order()
            if form.composes { compose() }
        }
        for entry in buffer { editor.write(entry.scalar, change: entry.change) }
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
        var result: [Entry] = []
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
                result[starter].change += entry.change - 1
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
