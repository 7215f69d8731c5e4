/// A set of byte strings with a number each, walked one byte at a time: a double array in which the child of a node
/// along byte `b` lies at `base ^ b`.
///
/// One step is one memory access, however large the vocabulary, which is what Viterbi and longest-match search need.
struct ByteTrie: Sendable {
    struct Unit: Sendable {
        /// Children lie at `base ^ byte`; -1 for a node without children.
        var base: Int32
        /// The node this one is a child of; -1 while the place is free.
        var parent: Int32
        /// The number of the string that ends here, or -1.
        var value: Int32
    }

    static let root: Int32 = 0

    let units: [Unit]

    /// Builds the trie of `keys`; of equal keys the last one's value counts. Empty keys are left out.
    init(_ keys: [[UInt8]], values: [Int32]) {
        var order = Array(0..<min(keys.count, values.count))
        order.removeAll { keys[$0].isEmpty }
        order.sort { ByteTrie.precedes(keys[$0], keys[$1]) || (keys[$0] == keys[$1] && $0 < $1) }
        var builder = Builder()
        builder.build(keys, values, order)
        units = builder.units
    }

    static func precedes(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                let shared = min(a.count, b.count)
                for i in 0..<shared where a[i] != b[i] { return a[i] < b[i] }
                return a.count < b.count
            }
        }
    }

    /// The number of exactly these bytes, or nil.
    func value(of bytes: some Collection<UInt8>) -> Int32? {
        guard let node = node(after: bytes, from: ByteTrie.root) else { return nil }
        let value = units[Int(node)].value
        return value >= 0 ? value : nil
    }

    /// The node that is reached from `start` along `bytes`, or nil where no key goes on like that.
    func node(after bytes: some Collection<UInt8>, from start: Int32) -> Int32? {
        units.withUnsafeBufferPointer { units in
            var node = start
            for byte in bytes {
                guard let next = ByteTrie.step(units, node, byte) else { return nil }
                node = next
            }
            return node
        }
    }

    /// The child of `node` along `byte`, or nil. `node` must be one of this trie's.
    @inline(__always)
    static func step(_ units: UnsafeBufferPointer<Unit>, _ node: Int32, _ byte: UInt8) -> Int32? {
        let base = units[Int(node)].base
        guard base >= 0 else { return nil }
        let child = base ^ Int32(byte)
        return units[Int(child)].parent == node ? child : nil
    }
}

extension ByteTrie {
    /// Lays nodes into the double array, block of 256 by block, looking for room in the youngest blocks only, so that
    /// building stays linear.
    private struct Builder {
        var units: [Unit]
        /// Blocks that may have room.
        var open: [Int] = [0]
        /// How many places of each block are taken.
        var used: [Int] = [1]

        init() {
            units = [Unit](repeating: Unit(base: -1, parent: -1, value: -1), count: 256)
            units[0].parent = .max  // the root is taken, and nobody's child
        }

        struct Stretch {
            var node: Int32
            var depth: Int
            var low: Int
            var high: Int
        }

        mutating func build(_ keys: [[UInt8]], _ values: [Int32], _ order: [Int]) {
            guard !order.isEmpty else { return }
            var stack = [Stretch(node: 0, depth: 0, low: 0, high: order.count)]
            var labels: [UInt8] = []
            var starts: [Int] = []
            while let stretch = stack.popLast() {
                labels.removeAll(keepingCapacity: true)
                starts.removeAll(keepingCapacity: true)
                for i in stretch.low..<stretch.high {
                    let index = order[i]
                    if keys[index].count == stretch.depth {
                        units[Int(stretch.node)].value = values[index]
                    } else if labels.last != keys[index][stretch.depth] {
                        labels.append(keys[index][stretch.depth])
                        starts.append(i)
                    }
                }
                guard !labels.isEmpty else { continue }
                let base = place(labels)
                units[Int(stretch.node)].base = base
                for (k, label) in labels.enumerated() {
                    let child = base ^ Int32(label)
                    units[Int(child)].parent = stretch.node
                    used[Int(child) >> 8] += 1
                    let high = k + 1 < starts.count ? starts[k + 1] : stretch.high
                    stack.append(Stretch(node: child, depth: stretch.depth + 1, low: starts[k], high: high))
                }
            }
        }

        /// A base from which all labels fall on free places.
        mutating func place(_ labels: [UInt8]) -> Int32 {
            open.removeAll { used[$0] > 250 }
            if open.count > 16 { open.removeFirst(open.count - 16) }
            for block in open where 256 - used[block] >= labels.count {
                let start = block << 8
                search: for offset in 0..<256 {
                    for label in labels where units[start + (offset ^ Int(label))].parent >= 0 { continue search }
                    return Int32(start + offset)
                }
            }
            let block = used.count
            units.append(contentsOf: repeatElement(Unit(base: -1, parent: -1, value: -1), count: 256))
            used.append(0)
            open.append(block)
            return Int32(block << 8)
        }
    }
}
