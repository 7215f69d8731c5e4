/// Runs a `RegexProgram` over one text by backtracking, within a number of steps.
struct RegexMatcher {
    private let operations: UnsafeBufferPointer<RegexProgram.Operation>
    private let sets: UnsafeBufferPointer<CharacterSet>
    private let text: UnsafeBufferPointer<UInt8>
    private let dialect: RegexDialect
    private var registers: [Int]
    private var stack: [Choice] = []
    /// Steps that are left for the whole text. Patterns that tokenizers use need a few for each byte.
    private(set) var steps: Int

    /// Something to go back to.
    private struct Choice {
        enum Kind {
            case resume
            /// A greedy run that can give characters back down to `low`.
            case giveBack(low: Int)
            /// A lazy run that can take more.
            case takeMore(set: Int, left: Int)
            case restore(register: Int)
        }
        var kind: Kind
        var operation: Int
        var place: Int
    }

    init(
        operations: UnsafeBufferPointer<RegexProgram.Operation>, sets: UnsafeBufferPointer<CharacterSet>,
        registers: Int, text: UnsafeBufferPointer<UInt8>, dialect: RegexDialect
    ) {
        self.operations = operations
        self.sets = sets
        self.text = text
        self.dialect = dialect
        self.registers = [Int](repeating: -1, count: registers)
        steps = 1_000_000 + text.count.multipliedReportingOverflow(by: 1000).partialValue
    }

    /// Where the match ends that begins at `start`; nil for none, or when the steps are used up.
    mutating func match(at start: Int) -> Int? {
        stack.removeAll(keepingCapacity: true)
        return run(0, start)
    }

    private mutating func run(_ first: Int, _ start: Int) -> Int? {
        let bottom = stack.count
        var operation = first
        var place = start
        while true {
            steps -= 1
            guard steps > 0, stack.count < 1 << 24 else {
                stack.removeLast(stack.count - bottom)
                return nil
            }
            var failed = false
            switch operations[operation] {
            case .done:
                stack.removeLast(stack.count - bottom)
                return place
            case .set(let set):
                if place < text.count {
                    let scalar = UTF8Scalar.at(place, in: text)
                    if sets[set].contains(scalar.value) {
                        place += scalar.length
                        operation += 1
                        continue
                    }
                }
                failed = true
            case .run(let set, let low, let high, let greed):
                failed = !takeRun(set, low, high, greed, &place, operation + 1)
                operation += 1
            case .split(let into, let out):
                stack.append(Choice(kind: .resume, operation: out, place: place))
                operation = into
            case .jump(let target): operation = target
            case .assert(let assertion):
                failed = !holds(assertion, place)
                operation += 1
            case .look(let ahead, let negated, let low, let high, let next):
                let found = ahead ? run(operation + 1, place) != nil : behind(operation + 1, place, low, high)
                failed = found == negated
                operation = next
            case .atomic(let next):
                if let end = run(operation + 1, place) {
                    place = end
                    operation = next
                } else {
                    failed = true
                }
            case .mark(let register):
                stack.append(
                    Choice(kind: .restore(register: register), operation: operation, place: registers[register]))
                registers[register] = place
                operation += 1
            case .leaveIfStill(let register, let exit):
                operation = registers[register] == place ? exit : operation + 1
            }
            if failed {
                guard let (next, back) = backtrack(to: bottom) else { return nil }
                operation = next
                place = back
            }
        }
    }

    /// Takes a run of characters; false where there are too few.
    private mutating func takeRun(
        _ index: Int, _ low: Int, _ high: Int, _ greed: RegexNode.Greed, _ place: inout Int, _ next: Int
    ) -> Bool {
        var count = 0
        var lowest = place
        let limit = greed == .lazy ? low : high
        while count < limit, place < text.count {
            let scalar = UTF8Scalar.at(place, in: text)
            guard sets[index].contains(scalar.value) else { break }
            place += scalar.length
            count += 1
            if count == low { lowest = place }
        }
        steps -= count / 8
        guard count >= low else { return false }
        switch greed {
        case .possessive: break
        case .greedy:
            if place > lowest {
                stack.append(Choice(kind: .giveBack(low: lowest), operation: next, place: place))
            }
        case .lazy:
            if high > low {
                stack.append(
                    Choice(kind: .takeMore(set: index, left: high - low), operation: next, place: place))
            }
        }
        return true
    }

    /// The last choice that is left above `bottom`: where to go on, or nil when there is none.
    private mutating func backtrack(to bottom: Int) -> (operation: Int, place: Int)? {
        while stack.count > bottom {
            let top = stack.count - 1
            let choice = stack[top]
            switch choice.kind {
            case .resume:
                stack.removeLast()
                return (choice.operation, choice.place)
            case .giveBack(let low):
                let place = UTF8Scalar.start(before: choice.place, in: text)
                if place > low { stack[top].place = place } else { stack.removeLast() }
                return (choice.operation, max(place, low))
            case .takeMore(let set, let left):
                stack.removeLast()
                guard left > 0, choice.place < text.count else { continue }
                let scalar = UTF8Scalar.at(choice.place, in: text)
                guard sets[set].contains(scalar.value) else { continue }
                let place = choice.place + scalar.length
                let rest = left == Int.max ? left : left - 1
                stack.append(
                    Choice(kind: .takeMore(set: set, left: rest), operation: choice.operation, place: place))
                return (choice.operation, place)
            case .restore(let register):
                registers[register] = choice.place
                stack.removeLast()
            }
        }
        return nil
    }

    /// Whether the body matches some stretch that ends at `place`.
    private mutating func behind(_ body: Int, _ place: Int, _ low: Int, _ high: Int) -> Bool {
        var start = place
        var length = 0
        while true {
            if length >= low {
                // A body that could end elsewhere has another way to end here only with other lengths of its parts:
                // bodies that tokenizers use have one.
                if run(body, start) == place { return true }
            }
            guard length < high, start > 0 else { return false }
            start = UTF8Scalar.start(before: start, in: text)
            length += 1
        }
    }

    private func holds(_ assertion: RegexNode.Assertion, _ place: Int) -> Bool {
        switch assertion {
        case .textStart: return place == 0
        case .textEnd: return place == text.count
        case .textEndOrNewline: return place == text.count || (place == text.count - 1 && text[place] == 0x0A)
        case .lineStart: return place == 0 || (text[place - 1] == 0x0A && (place < text.count || dialect == .rust))
        case .lineEnd: return place == text.count || text[place] == 0x0A
        case .wordBoundary: return isWord(before: place) != isWord(after: place)
        case .notWordBoundary: return isWord(before: place) == isWord(after: place)
        }
    }

    private func isWord(before place: Int) -> Bool { UTF8Scalar.before(place, in: text).map(isWord) ?? false }
    private func isWord(after place: Int) -> Bool {
        place < text.count && isWord(UTF8Scalar.at(place, in: text).value)
    }

    private func isWord(_ scalar: UInt32) -> Bool {
        switch dialect {
        case .rust: return UnicodeTables.isWord(scalar)
        case .llamaCpp:
            return (scalar | 0x20 >= 0x61 && scalar | 0x20 <= 0x7A) || (scalar >= 0x30 && scalar <= 0x39)
                || scalar == 0x5F
        case .oniguruma:
            if scalar == 0x200C || scalar == 0x200D { return false }
            if scalar == 0xB2 || scalar == 0xB3 || scalar == 0xB9 || (scalar >= 0xBC && scalar <= 0xBE) { return true }
            return UnicodeTables.isWord(scalar)
        }
    }
}
