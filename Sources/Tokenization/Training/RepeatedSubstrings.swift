/// Substrings of a set of words that occur more than once and could not be made longer without losing an occurrence:
/// the inner nodes of the suffix tree of all words, each ended by a zero character.
enum RepeatedSubstrings {
    struct Found {
        /// Where one occurrence begins in `text`.
        var start: Int
        var length: Int
        var count: Int
    }

    /// `text` holds words that are each followed by 0. Only substrings of 2 to `longest` characters without a 0.
    static func find(in text: [UInt32], longest: Int) -> [Found] {
        guard longest >= 2, text.count > 1 else { return [] }
        var order = (0..<text.count).map(Int32.init).filter { text[Int($0)] != 0 }
        // Beyond this many characters no difference matters.
        let depth = longest + 1
        text.withUnsafeBufferPointer { text in
            order.withUnsafeMutableBufferPointer { order in
                sort(order, text, depth)
            }
        }
        return intervals(order, text, depth, longest)
    }

    /// The character `depth` places after a suffix's start; 0 ends a suffix.
    @inline(__always)
    private static func character(_ text: UnsafeBufferPointer<UInt32>, _ suffix: Int32, _ depth: Int) -> UInt32 {
        let index = Int(suffix) + depth
        return index < text.count ? text[index] : 0
    }

    /// Three-way radix quicksort (Bentley and Sedgewick 1997) by the first `depth` characters.
    private static func sort(
        _ order: UnsafeMutableBufferPointer<Int32>, _ text: UnsafeBufferPointer<UInt32>, _ depth: Int
    ) {
        var stack: [(low: Int, high: Int, depth: Int)] = [(0, order.count, 0)]
        while let (low, high, at) = stack.popLast() {
            guard high - low > 1, at < depth else { continue }
            let pivot = character(text, order[low + (high - low) / 2], at)
            var less = low
            var index = low
            var greater = high
            while index < greater {
                let value = character(text, order[index], at)
                if value < pivot {
                    order.swapAt(less, index)
                    less += 1
                    index += 1
                } else if value > pivot {
                    greater -= 1
                    order.swapAt(index, greater)
                } else {
                    index += 1
                }
            }
            stack.append((low, less, at))
            stack.append((greater, high, at))
            if pivot != 0 { stack.append((less, greater, at + 1)) }
        }
    }

    private static func intervals(_ order: [Int32], _ text: [UInt32], _ depth: Int, _ longest: Int) -> [Found] {
        text.withUnsafeBufferPointer { text in
            var found: [Found] = []
            var stack: [(left: Int, depth: Int)] = []
            for right in 1...max(1, order.count) {
                var shared = 0
                if right < order.count {
                    while shared < depth {
                        let value = character(text, order[right - 1], shared)
                        guard value == character(text, order[right], shared) else { break }
                        shared += 1
                        if value == 0 { break }
                    }
                }
                var left = right - 1
                while let top = stack.last, top.depth > shared {
                    stack.removeLast()
                    left = top.left
                    let start = Int(order[top.left])
                    let endsWord = top.depth > 0 && character(text, order[top.left], top.depth - 1) == 0
                    if top.depth >= 2, top.depth <= longest, !endsWord {
                        found.append(Found(start: start, length: top.depth, count: right - top.left))
                    }
                }
                if shared > 0, (stack.last?.depth ?? 0) < shared { stack.append((left, shared)) }
            }
            return found
        }
    }
}
