/// A set of byte strings with a value each, for finding them in a text.
struct AddedTokenTrie: Sendable {
    /// Children of a node: a chain of siblings, in the order of insertion.
    private struct Node: Sendable {
        var byte: UInt8
        var value: Int32 = -1
        var child: Int32 = -1
        var sibling: Int32 = -1
    }

    private var nodes: [Node] = [Node(byte: 0)]
    /// The root's children by byte: most bytes of a text begin nothing and are passed over quickly.
    private var first = [Int32](repeating: -1, count: 256)
    /// The children of nodes with many of them, by `node << 8 | byte`.
    private var edges: [UInt64: Int32] = [:]

    /// Adds `bytes`, which must not be empty. Of two equal strings the first keeps its value.
    mutating func insert(_ bytes: [UInt8], value: Int32) {
        var node: Int32 = 0
        for byte in bytes {
            if let next = child(of: node, byte) {
                node = next
            } else {
                let new = Int32(nodes.count)
                nodes.append(Node(byte: byte, sibling: nodes[Int(node)].child))
                nodes[Int(node)].child = new
                if node == 0 { first[Int(byte)] = new } else { edges[UInt64(node) << 8 | UInt64(byte)] = new }
                node = new
            }
        }
        if nodes[Int(node)].value < 0 { nodes[Int(node)].value = value }
    }

    private func child(of node: Int32, _ byte: UInt8) -> Int32? {
        if node == 0 { return first[Int(byte)] < 0 ? nil : first[Int(byte)] }
        let only = nodes[Int(node)].child
        guard only >= 0 else { return nil }
        if nodes[Int(only)].byte == byte { return only }
        guard nodes[Int(only)].sibling >= 0 else { return nil }
        return edges[UInt64(node) << 8 | UInt64(byte)]
    }

    /// The leftmost string that begins at `start` or later, the longest of those that begin there.
    func next(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> (range: Range<Int>, value: Int32)? {
        first.withUnsafeBufferPointer { first in
            var place = start
            while place < text.count {
                guard first[Int(text[place])] >= 0 else {
                    place += 1
                    continue
                }
                if let (length, value) = longest(in: text, at: place) { return (place..<place + length, value) }
                place += 1
            }
            return nil
        }
    }

    /// The longest string that begins exactly at `start`.
    func longest(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> (length: Int, value: Int32)? {
        var best: (Int, Int32)?
        walk(text, start) { length, value in best = (length, value) }
        return best
    }

    /// Calls `body` with start, length and value of every string at every place.
    func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ body: (Int, Int, Int32) -> Void) {
        for place in 0..<text.count where first[Int(text[place])] >= 0 {
            walk(text, place) { length, value in body(place, length, value) }
        }
    }

    private func walk(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ body: (Int, Int32) -> Void) {
        var node: Int32 = 0
        var place = start
        while place < text.count, let next = child(of: node, text[place]) {
            node = next
            place += 1
            if nodes[Int(node)].value >= 0 { body(place - start, nodes[Int(node)].value) }
        }
    }
}
