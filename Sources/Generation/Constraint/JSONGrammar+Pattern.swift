extension JSONGrammar {
    /// A string whose characters an automaton takes. A character that JSON has to escape is written by its shortest
    /// escape, any other as itself.
    mutating func string(_ automaton: CharacterAutomaton) throws(ConstraintError) -> StateID {
        let start = try builder.state()
        guard !automaton.isEmpty else { return start }
        var places: [StateID] = []
        for _ in automaton.states { places.append(try builder.state()) }
        builder.add("\"", from: start, to: places[0])
        var steps = ByteSteps()
        for (index, state) in automaton.states.enumerated() {
            if state.accepts { builder.add("\"", from: places[index], to: end) }
            var items: [ByteSteps.Item] = []
            for edge in state.next {
                for bytes in Self.spellings(edge.set) { items.append(.init(bytes: bytes, target: places[edge.target])) }
            }
            try steps.add(items[...], from: places[index], to: &builder)
        }
        return start
    }

    /// The ranges of bytes that write a set's characters in a string.
    private static func spellings(_ set: ScalarSet) -> [[ClosedRange<UInt8>]] {
        var result: [[ClosedRange<UInt8>]] = []
        func escape(_ bytes: [UInt8]) { result.append(bytes.map { $0...$0 }) }
        for scalar in UInt32(0)..<0x20 where set.contains(scalar) {
            if let letter = letters[scalar] {
                escape([0x5C, letter])
            } else {
                escape(
                    Array("\\u00".utf8) + [0x30 + UInt8(scalar >> 4), Array("0123456789abcdef".utf8)[Int(scalar & 15)]])
            }
        }
        for scalar in [UInt32(0x22), 0x5C] where set.contains(scalar) { escape([0x5C, UInt8(scalar)]) }
        for range in set.ranges {
            for plain: ClosedRange<UInt32> in [
                0x20...0x21, 0x23...0x5B, 0x5D...0x7F, 0x80...0x7FF, 0x800...0xD7FF, 0xE000...0xFFFF,
                0x10000...0x10FFFF,
            ] where plain.overlaps(range) {
                UTF8Ranges.append(range.clamped(to: plain), to: &result)
            }
        }
        return result
    }

    private static let letters: [UInt32: UInt8] = [0x08: 0x62, 0x09: 0x74, 0x0A: 0x6E, 0x0C: 0x66, 0x0D: 0x72]
}

/// Ranges of scalars as sequences of ranges of bytes.
enum UTF8Ranges {
    /// - Parameter range: scalars that are all written with as many bytes.
    static func append(_ range: ClosedRange<UInt32>, to result: inout [[ClosedRange<UInt8>]]) {
        let (low, high) = (bytes(range.lowerBound), bytes(range.upperBound))
        // Cut where the bytes behind the first that differs don't run through all their values.
        for tail in 1..<max(1, low.count) {
            let mask = UInt32(1) << UInt32(6 * tail) - 1
            guard range.lowerBound & ~mask != range.upperBound & ~mask else { continue }
            if range.lowerBound & mask != 0 {
                append(range.lowerBound...(range.lowerBound | mask), to: &result)
                append((range.lowerBound | mask) + 1...range.upperBound, to: &result)
                return
            }
            if range.upperBound & mask != mask {
                append(range.lowerBound...(range.upperBound & ~mask) - 1, to: &result)
                append(range.upperBound & ~mask...range.upperBound, to: &result)
                return
            }
        }
        result.append(zip(low, high).map { $0...$1 })
    }

    private static func bytes(_ scalar: UInt32) -> [UInt8] {
        Unicode.Scalar(scalar).map { Array(UTF8.encode($0) ?? UTF8.encodedReplacementCharacter) } ?? []
    }
}

/// Turns sequences of ranges of bytes into states with one transition for each byte, sharing what is equal.
struct ByteSteps {
    struct Item: Hashable {
        var bytes: [ClosedRange<UInt8>]
        var target: GrammarBuilder.StateID
    }

    private var known: [[Item]: GrammarBuilder.StateID] = [:]

    /// Adds transitions for items, of which no two take the same bytes.
    mutating func add(
        _ items: ArraySlice<Item>, from: GrammarBuilder.StateID, to builder: inout GrammarBuilder
    ) throws(ConstraintError) {
        var borders: Set<Int> = []
        for item in items {
            guard let first = item.bytes.first else { continue }
            borders.insert(Int(first.lowerBound))
            borders.insert(Int(first.upperBound) + 1)
        }
        var pending: (bytes: ClosedRange<UInt8>, target: GrammarBuilder.StateID)?
        let sorted = borders.sorted()
        for (low, next) in zip(sorted, sorted.dropFirst()) {
            let here = UInt8(truncatingIfNeeded: low)
            var rest: [Item] = []
            var direct: GrammarBuilder.StateID?
            for item in items where item.bytes.first?.contains(here) ?? false {
                if item.bytes.count == 1 {
                    direct = item.target
                } else {
                    rest.append(Item(bytes: Array(item.bytes.dropFirst()), target: item.target))
                }
            }
            if direct == nil, !rest.isEmpty { direct = try state(rest, &builder) }
            guard let target = direct else { continue }
            let bytes = here...UInt8(truncatingIfNeeded: next - 1)
            if let last = pending, last.target == target, Int(last.bytes.upperBound) + 1 == low {
                pending = (last.bytes.lowerBound...bytes.upperBound, target)
            } else {
                if let pending { builder.add(pending.bytes, from: from, to: pending.target) }
                pending = (bytes, target)
            }
        }
        if let pending { builder.add(pending.bytes, from: from, to: pending.target) }
    }

    private mutating func state(
        _ items: [Item], _ builder: inout GrammarBuilder
    ) throws(ConstraintError) -> GrammarBuilder.StateID {
        if let state = known[items] { return state }
        let state = try builder.state()
        known[items] = state
        try add(items[...], from: state, to: &builder)
        return state
    }
}
