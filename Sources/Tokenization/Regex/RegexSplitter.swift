/// Cuts text by regular expressions, one after another: each cuts every word that those before it have made, and what
/// it does not match is a word of its own (the `Isolated` behaviour).
public struct RegexSplitter: WordSplitter {
    private let steps: [Step]

    /// One cut.
    public enum Step: Sendable {
        case regex(TokenizerRegex)
        /// Runs of digits in groups of three from the right, the rest whole.
        case digitGroups
    }

    public init(_ steps: [Step]) { self.steps = steps }
    public init(_ regexes: [TokenizerRegex]) { steps = regexes.map { .regex($0) } }

    public func cut(_ text: UnsafeBufferPointer<UInt8>, from start: Int, limit: Int, ends: inout [Int]) {
        guard let first = steps.first else {
            if start < text.count { ends.append(text.count) }
            return
        }
        if steps.count == 1, case .regex(let regex) = first, let scanner = regex.scanner {
            scanner.cut(text, from: start, limit: limit, ends: &ends)
            return
        }
        var place = start
        let before = ends.count
        RegexSplitter.forEachSpan(first, text, from: start) { end in
            refine(text, place..<end, step: 1, &ends)
            place = end
            return ends.count - before < limit
        }
    }

    /// Cuts one word by the steps from `step` on.
    private func refine(_ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, step: Int, _ ends: inout [Int]) {
        guard !word.isEmpty else { return }
        guard step < steps.count else {
            ends.append(word.upperBound)
            return
        }
        let part = UnsafeBufferPointer(rebasing: text[word])
        var place = word.lowerBound
        RegexSplitter.forEachSpan(steps[step], part, from: 0) { end in
            refine(text, place..<word.lowerBound + end, step: step + 1, &ends)
            place = word.lowerBound + end
            return true
        }
    }

    /// Calls `body` with the ends of matches and of the stretches between them, the text's end last.
    private static func forEachSpan(
        _ step: Step, _ text: UnsafeBufferPointer<UInt8>, from start: Int, _ body: (Int) -> Bool
    ) {
        var place = start
        var goesOn = true
        func emit(_ end: Int) -> Bool {
            guard end > place else { return true }
            place = end
            goesOn = body(end)
            return goesOn
        }
        switch step {
        case .regex(let regex):
            regex.forEachMatch(in: text, from: start) { emit($0.lowerBound) && emit($0.upperBound) }
        case .digitGroups:
            forEachDigitRun(in: text, from: start) { starts in
                let lead = starts.count % 3
                // As llama.cpp has it: what comes before the digits goes with the first group.
                for index in stride(from: lead == 0 ? 3 : lead, to: starts.count, by: 3) where !emit(starts[index]) {
                    return false
                }
                return emit(endOfLast(text, starts))
            }
        }
        if goesOn, place < text.count { _ = emit(text.count) }
    }

    private static func endOfLast(_ text: UnsafeBufferPointer<UInt8>, _ starts: [Int]) -> Int {
        guard let last = starts.last else { return 0 }
        return last + UTF8Scalar.at(last, in: text).length
    }

    /// Calls `body` with the places of the digits of each run of numbers.
    private static func forEachDigitRun(
        in text: UnsafeBufferPointer<UInt8>, from start: Int, _ body: ([Int]) -> Bool
    ) {
        let numbers = RegexParser.categories("N")
        var place = start
        var run: [Int] = []
        while place < text.count {
            let scalar = UTF8Scalar.at(place, in: text)
            let flags = UnicodeTables.flags(scalar.value)
            if flags & UnicodeTables.Flags.later == 0, numbers >> (flags & UnicodeTables.Flags.category) & 1 != 0 {
                run.append(place)
            } else if !run.isEmpty {
                guard body(run) else { return }
                run.removeAll(keepingCapacity: true)
            }
            place += scalar.length
        }
        if !run.isEmpty { _ = body(run) }
    }
}
