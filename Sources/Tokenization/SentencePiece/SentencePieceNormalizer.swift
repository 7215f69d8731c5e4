/// Prepares text as SentencePiece does: the precompiled map, white space, the dummy prefix; user-defined pieces pass
/// unchanged.
///
/// A byte's source reaches to the source of the next byte that was kept, so that removed spaces belong to the piece
/// before them, as in sentencepiece's own offsets.
public struct SentencePieceNormalizer: Normalizer {
    private let map: PrecompiledMap?
    private let userDefined: ByteTrie?
    private let addDummyPrefix: Bool
    private let removeExtraWhitespaces: Bool
    private let treatWhitespaceAsSuffix: Bool
    private let space: [UInt8]

    public init(
        _ spec: SentencePieceModel.Normalization, userDefined: [[UInt8]] = [], treatWhitespaceAsSuffix: Bool = false
    ) throws(SentencePieceError) {
        map = spec.precompiledMap.isEmpty ? nil : try PrecompiledMap(spec.precompiledMap)
        self.userDefined =
            userDefined.isEmpty ? nil : ByteTrie(userDefined, values: userDefined.indices.map(Int32.init))
        addDummyPrefix = spec.addDummyPrefix
        removeExtraWhitespaces = spec.removeExtraWhitespaces
        self.treatWhitespaceAsSuffix = treatWhitespaceAsSuffix
        space = spec.escapeWhitespaces ? [0xE2, 0x96, 0x81] : [0x20]
    }

    public func normalize(_ text: inout AlignedText) {
        guard !text.bytes.isEmpty else { return }
        var output = Output(reserving: text.bytes.count + text.bytes.count / 4 + 8)
        text.bytes.withUnsafeBufferPointer { input in
            var consumed = 0
            func origin(_ index: Int) -> Int32 { text.start(of: index) }
            if removeExtraWhitespaces {
                while consumed < input.count {
                    let step = prefix(input, consumed)
                    guard case .copy = step.kind, step.length == 1, input[consumed] == 0x20 else {
                        if case .replace(let range) = step.kind, let map, map.replacement(range).elementsEqual([0x20]) {
                            consumed += step.length
                            continue
                        }
                        break
                    }
                    consumed += 1
                }
            }
            guard consumed < input.count else { return }
            if !treatWhitespaceAsSuffix, addDummyPrefix { output.append(space[...], at: origin(consumed)) }
            var afterSpace = removeExtraWhitespaces
            while consumed < input.count {
                let step = prefix(input, consumed)
                switch step.kind {
                case .copy:
                    let part = UnsafeBufferPointer(rebasing: input[consumed..<consumed + step.length])
                    write(part, at: origin(consumed), &afterSpace, &output)
                case .replace(let range):
                    if let map { write(map.replacement(range), at: origin(consumed), &afterSpace, &output) }
                case .invalid:
                    write([0xEF, 0xBF, 0xBD], at: origin(consumed), &afterSpace, &output)
                }
                consumed += step.length
                if !removeExtraWhitespaces { afterSpace = false }
            }
            var end = text.end
            if removeExtraWhitespaces {
                while output.bytes.count >= space.count, output.bytes.suffix(space.count).elementsEqual(space) {
                    end = output.starts[output.bytes.count - space.count]
                    output.bytes.removeLast(space.count)
                    output.starts.removeLast(space.count)
                }
            }
            if treatWhitespaceAsSuffix, addDummyPrefix { output.append(space[...], at: end) }
            output.end = end
        }
        text = output.text
    }

    private enum Kind {
        case copy
        case replace(Range<Int>)
        case invalid
    }

    /// What the text at `index` begins with, and what becomes of it.
    private func prefix(_ input: UnsafeBufferPointer<UInt8>, _ index: Int) -> (kind: Kind, length: Int) {
        if let userDefined {
            let length = SentencePieceNormalizer.longestMatch(userDefined, input, index)
            if length > 0 { return (.copy, length) }
        }
        if let map, let match = map.match(input, index..<input.count) {
            return (.replace(match.replacement), match.length)
        }
        let length = characterLength(input, index)
        return (length == 1 && input[index] >= 0x80 ? .invalid : .copy, length)
    }

    static func longestMatch(_ trie: ByteTrie, _ input: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        trie.units.withUnsafeBufferPointer { units in
            var node = ByteTrie.root
            var index = start
            var longest = 0
            while index < input.count, let next = ByteTrie.step(units, node, input[index]) {
                node = next
                index += 1
                if units[Int(node)].value >= 0 { longest = index - start }
            }
            return longest
        }
    }

    private func write(
        _ part: some Collection<UInt8>, at origin: Int32, _ afterSpace: inout Bool, _ output: inout Output
    ) {
        var skipping = afterSpace
        var isEmpty = true
        var last: UInt8 = 0
        for byte in part {
            if skipping, byte == 0x20 { continue }
            skipping = false
            isEmpty = false
            last = byte
            if byte == 0x20 {
                output.append(space[...], at: origin)
            } else {
                output.bytes.append(byte)
                output.starts.append(origin)
            }
        }
        if !isEmpty { afterSpace = last == 0x20 }
    }

    private struct Output {
        var bytes: [UInt8] = []
        var starts: [Int32] = []
        var end: Int32 = 0

        init(reserving count: Int) {
            bytes.reserveCapacity(count)
            starts.reserveCapacity(count)
        }

        mutating func append(_ part: ArraySlice<UInt8>, at origin: Int32) {
            bytes.append(contentsOf: part)
            for _ in part { starts.append(origin) }
        }

        var text: AlignedText {
            var sources = [Range<Int32>](repeating: 0..<0, count: starts.count)
            var next = end
            var index = starts.count - 1
            while index >= 0 {
                let start = starts[index]
                var first = index
                while first > 0, starts[first - 1] == start { first -= 1 }
                for k in first...index { sources[k] = start..<max(start, next) }
                next = start
                index = first - 1
            }
            return AlignedText(bytes: bytes, sources: sources)
        }
    }
}
