/// A way from some place of a word to its end, while the best ways are looked for.
struct Hypothesis {
    /// The score of this way and of the best beginning that fits before it.
    var total: Double
    /// The score of this way alone.
    var score: Double
    var position: Int32
    /// The edge this way begins with; -1 at the word's end and for a way that is whole.
    var edge: Int32
    /// The way this one was made longer from, among those that were taken out.
    var next: Int32
}

/// A heap of hypotheses with four children a node, the highest total first.
///
/// Pieces of a word are often equally likely to the last bit, and the alternative that is found decides what is pruned.
/// So those with equal totals must come out as in the tokenizers package: a new one rises above its equals, and of equal
/// children the first moves up.
struct HypothesisHeap {
    private var elements: [Hypothesis] = []
    private static let arity = 4

    var count: Int { elements.count }

    mutating func removeAll() { elements.removeAll(keepingCapacity: true) }

    mutating func push(_ element: Hypothesis) {
        elements.append(element)
        elements.withUnsafeMutableBufferPointer { HypothesisHeap.rise($0, element, from: $0.count - 1) }
    }

    mutating func pop() -> Hypothesis? {
        guard let last = elements.popLast() else { return nil }
        guard let first = elements.first else { return last }
        elements.withUnsafeMutableBufferPointer { heap in
            // The hole goes all the way down, and the last element rises from there.
            var hole = 0
            while HypothesisHeap.arity * hole + 1 < heap.count {
                let child = HypothesisHeap.arity * hole + 1
                var best = child
                for sibling in child..<min(child + HypothesisHeap.arity, heap.count)
                where heap[best].total < heap[sibling].total {
                    best = sibling
                }
                heap[hole] = heap[best]
                hole = best
            }
            HypothesisHeap.rise(heap, last, from: hole)
        }
        return first
    }

    private static func rise(_ heap: UnsafeMutableBufferPointer<Hypothesis>, _ element: Hypothesis, from start: Int) {
        var hole = start
        while hole > 0 {
            let parent = (hole - 1) / arity
            if element.total < heap[parent].total { break }
            heap[hole] = heap[parent]
            hole = parent
        }
        heap[hole] = element
    }
}
