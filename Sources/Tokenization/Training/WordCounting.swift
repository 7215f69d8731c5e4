import ApusModelFiles
import Dispatch
import Synchronization

/// Counts the words of text files, cut as a tokenizer would cut them: line by line, each with its line break, as the
/// tokenizers package reads files.
struct WordCounting: Sendable {
    let normalizer: (any Normalizer)?
    let preTokenizer: (any PreTokenizer)?
    /// Words are counted as bytes and then spelled in GPT-2's alphabet.
    let spellsBytes: Bool
    let threads: Int

    /// - Parameter progress: called with bytes done and bytes in all, from any thread, one call at a time.
    func count(_ files: [String], progress: (@Sendable (Int, Int) -> Void)?) throws(FileError) -> WordCounts {
        var mappings: [FileMapping] = []
        for file in files { mappings.append(try FileMapping(path: file)) }
        let total = mappings.reduce(0) { $0 + $1.count }
        let stretches = Mutex(mappings.flatMap(WordCounting.stretches))
        let result = Mutex(WordCounts())
        let done = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: max(1, threads)) { _ in
            var counts = WordCounts()
            while let stretch = stretches.withLock({ $0.popLast() }) {
                let text = UnsafeBufferPointer(
                    rebasing: stretch.mapping.bytes.bindMemory(to: UInt8.self)[stretch.range])
                count(text, into: &counts)
                guard let progress else { continue }
                done.withLock {
                    $0 += stretch.range.count
                    progress($0, total)
                }
            }
            let part = counts
            result.withLock { $0.merge(part) }
        }
        let counts = result.withLock { $0 }
        guard spellsBytes else { return counts }
        var spelled = WordCounts()
        counts.visit { spelled.add(ByteAlphabet.spelling(of: $0), count: $1) }
        return spelled
    }

    /// Counts the words of a text in memory.
    func count(_ text: UnsafeBufferPointer<UInt8>) -> WordCounts {
        var counts = WordCounts()
        count(text, into: &counts)
        guard spellsBytes else { return counts }
        var spelled = WordCounts()
        counts.visit { spelled.add(ByteAlphabet.spelling(of: $0), count: $1) }
        return spelled
    }

    private struct Stretch: Sendable {
        var mapping: FileMapping
        var range: Range<Int>
    }

    /// About a megabyte each, ending with a line.
    private static func stretches(_ mapping: FileMapping) -> [Stretch] {
        var result: [Stretch] = []
        var start = 0
        while start < mapping.count {
            var end = min(mapping.count, start + 1 << 20)
            while end < mapping.count, mapping.bytes[end - 1] != 0x0A { end += 1 }
            result.append(Stretch(mapping: mapping, range: start..<end))
            start = end
        }
        return result
    }

    private func count(_ text: UnsafeBufferPointer<UInt8>, into counts: inout WordCounts) {
        let splitter = normalizer == nil ? preTokenizer as? any WordSplitter : nil
        var ends: [Int] = []
        var start = 0
        while start < text.count {
            var end = start
            while end < text.count, text[end] != 0x0A { end += 1 }
            end = min(text.count, end + 1)
            let line = UnsafeBufferPointer(rebasing: text[start..<end])
            start = end
            if let splitter {
                ends.removeAll(keepingCapacity: true)
                splitter.cut(line, from: 0, limit: .max, ends: &ends)
                var begin = 0
                for end in ends {
                    counts.add(UnsafeBufferPointer(rebasing: line[begin..<end]))
                    begin = end
                }
                continue
            }
            var aligned = AlignedText(bytes: Array(line))
            normalizer?.normalize(&aligned)
            let words = preTokenizer?.split([aligned]) ?? [aligned]
            for word in words { counts.add(word.bytes) }
        }
    }
}
