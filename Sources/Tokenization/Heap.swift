/// What a `Heap` holds: knows which of two comes out first.
protocol HeapElement {
    static func precedes(_ a: Self, _ b: Self) -> Bool
}

/// A binary heap.
struct Heap<Element: HeapElement> {
    private var elements: [Element] = []

    var isEmpty: Bool { elements.isEmpty }
    var count: Int { elements.count }

    init() {}

    /// Makes a heap of elements in any order, in linear time.
    init(_ elements: [Element]) {
        self.elements = elements
        for index in stride(from: elements.count / 2 - 1, through: 0, by: -1) { sink(index) }
    }

    mutating func push(_ element: Element) {
        elements.append(element)
        elements.withUnsafeMutableBufferPointer { heap in
            var index = heap.count - 1
            while index > 0 {
                let parent = (index - 1) / 2
                guard Element.precedes(element, heap[parent]) else { break }
                heap[index] = heap[parent]
                index = parent
            }
            heap[index] = element
        }
    }

    mutating func pop() -> Element? {
        guard let first = elements.first, let last = elements.popLast() else { return nil }
        if !elements.isEmpty {
            elements[0] = last
            sink(0)
        }
        return first
    }

    private mutating func sink(_ start: Int) {
        elements.withUnsafeMutableBufferPointer { heap in
            var index = start
            let element = heap[index]
            while true {
                var child = 2 * index + 1
                guard child < heap.count else { break }
                if child + 1 < heap.count, Element.precedes(heap[child + 1], heap[child]) { child += 1 }
                guard Element.precedes(heap[child], element) else { break }
                heap[index] = heap[child]
                index = child
            }
            heap[index] = element
        }
    }
}
